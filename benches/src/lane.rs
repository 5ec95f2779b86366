//! A first sync of 10,000 entries that were written in small sittings, by the fast lane, beside the same without it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ayumi_core::app::ports::{Connectivity, Network};
use ayumi_core::app::{Config, Handbook, NewChild};
use ayumi_core::model::notebook::Sex;
use ayumi_core::sync::http::Https;
use ayumi_protocol::control::Role;
use ayumi_server::keys::Keys;
use ayumi_server::sqlite::SqliteLog;
use chrono::NaiveDate;
use tokio::runtime::Builder;

use crate::store::config_on;
use crate::sync::{Proxy, first_sync, records, start, sync, today};
use crate::table::{Outcome, ratio, row, shown};

/// A network that costs by volume, or not.
struct Switched(AtomicBool);

impl Connectivity for Switched {
    fn network(&self) -> Network {
        if self.0.load(Ordering::Relaxed) { Network::Free } else { Network::Metered }
    }
}

/// The same entries in sittings of one or two: 6,250 envelopes. Who comes sees them by a snapshot, or reads the log.
pub(crate) fn run() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let folder = folder.path();
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let server = start(&runtime, SqliteLog::open(&folder.join("server.db"), &Keys::given([7; 32]), 1 << 30)?)?;
    let proxy = Proxy::to(server, Duration::ZERO, 0)?;
    // On a network that costs by volume nobody makes a snapshot.
    let network = Arc::new(Switched(AtomicBool::new(false)));
    let config = config_on(&folder.join("sitting"), today());
    let mother = Handbook::create(&Config { connectivity: Some(network.clone()), ..config }, "母")?;
    let born = NaiveDate::from_ymd_opt(2020, 6, 10).unwrap_or_default();
    let child = NewChild { name: "さくら".into(), sex: Sex::Female, born, ..NewChild::default() };
    let child = mother.notebooks().add_child(&child)?;
    mother.sync().set_server(&proxy.address)?;
    let way = Https::to(&proxy.address, None)?;
    let all = records(child)?;
    let mut rest = all.as_slice();
    for count in [2, 1, 2, 1, 2].into_iter().cycle() {
        let (sitting, later) = rest.split_at(count.min(rest.len()));
        if sitting.is_empty() {
            break;
        }
        mother.entries().add_all(sitting)?;
        sync(&runtime, &mother, &way)?;
        rest = later;
    }
    let measured = |what: &str, name: &str| -> Outcome<(Duration, u64, u64)> {
        let code = runtime.block_on(mother.members().invite(child, Role::Writer, "", &way))?.code;
        proxy.take();
        let (time, kb, questions) = first_sync(folder, name, &code, &proxy.address)?;
        let bytes = proxy.take();
        let told = format!("{bytes} bytes, {questions} questions, memory +{:.1} MB", kb as f64 / 1024.0);
        row(what, &shown(time), &told, None, "");
        Ok((time, bytes, kb))
    };
    let (log_time, log_bytes, log_kb) = measured("first sync in sittings of 1.6, the log alone", "log")?;
    network.0.store(true, Ordering::Relaxed);
    proxy.take();
    let begun = Instant::now();
    sync(&runtime, &mother, &way)?;
    row("make a snapshot of them", &shown(begun.elapsed()), &format!("{} bytes", proxy.take()), None, "");
    let (time, bytes, kb) = measured("first sync in sittings of 1.6, by the fast lane", "fast")?;
    let megabytes = |bytes: u64| format!("{:.3} MB", bytes as f64 / 1e6);
    row(
        "the fast lane beside the log: bytes",
        &megabytes(bytes),
        &megabytes(log_bytes),
        Some(bytes as f64 / log_bytes as f64),
        "≤ 0.5 MB",
    );
    row("the fast lane beside the log: time", &shown(time), &shown(log_time), ratio(time, log_time), "");
    let [ours, theirs] = [kb, log_kb].map(|kb| kb as f64 / 1024.0);
    row(
        "the fast lane beside the log: memory",
        &format!("+{ours:.1} MB"),
        &format!("+{theirs:.1} MB"),
        Some(ours / theirs),
        "+20 MB",
    );
    Ok(())
}
