//! The demo's two phones and a municipality's server: both write offline to the same entry, nothing is lost, and the
//! server holds only ciphertext.

use std::path::Path;
use std::sync::Arc;

use ayumi_core::app::sync::{Budget, SyncOutcome, SyncReport};
use ayumi_core::app::{Handbook, Https, ListFilter, Locale, NewEntry, Role};
use ayumi_server::http::guard::Rates;
use ayumi_server::http::serve::{Patience, serve};
use ayumi_server::http::{App, Origins, system_clock};
use ayumi_server::keys::Keys;
use ayumi_server::sqlite::SqliteLog;
use chrono::NaiveDate;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::family::Family;
use crate::args::GlobalArgs;
use crate::connection::wait;
use crate::home;
use crate::output::{Failure, say};

/// What a father notes; it must not be found at the server.
const WORDS: &str = "あおいコップで上手に飲んだ";

/// A municipality's server in this process, on a port of its own.
struct Municipality {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
    address: String,
}

impl Municipality {
    fn start(file: &Path, keys: &Keys) -> Result<Self, Failure> {
        let failed = |_| Failure::Other("the demo's server does not start".into());
        let listener = std::net::TcpListener::bind("127.0.0.1:0").map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let address = format!("http://{}", listener.local_addr().map_err(failed)?);
        let log = SqliteLog::open(file, keys, 1 << 30)
            .map_err(|_| Failure::Other("the demo's server has no store".into()))?;
        let (stop, stopped) = oneshot::channel();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().map_err(failed)?;
        let thread = std::thread::spawn(move || {
            runtime.block_on(async move {
                let Ok(listener) = TcpListener::from_std(listener) else { return };
                let app = Arc::new(App::new(Arc::new(log), system_clock(), Rates::default(), Origins::Loopback));
                serve(listener, app.router(), None, Patience::default(), None, async {
                    let _ = stopped.await;
                })
                .await;
            });
        });
        Ok(Self { stop: Some(stop), thread: Some(thread), address })
    }
}

impl Drop for Municipality {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn sync(handbook: &Handbook, server: &Https) -> Result<SyncReport, Failure> {
    let report = wait(handbook.sync().run(server, Budget::default(), &|_, _| ()))??;
    if report.outcome == SyncOutcome::Done {
        Ok(report)
    } else {
        Err(Failure::Other(format!("the demo's sync ended as {}; please report this", report.outcome.key())))
    }
}

pub(super) fn show(
    args: &GlobalArgs,
    mother: &Handbook,
    family: &Family,
    folder: &Path,
    today: NaiveDate,
) -> Result<Value, Failure> {
    say(args, "6. 家族といっしょに — a municipality's server starts, and the father's phone joins with a code");
    let file = folder.join("server").join("server.db");
    std::fs::create_dir_all(folder.join("server")).map_err(|error| Failure::File("server".into(), error.kind()))?;
    let municipality = Municipality::start(&file, &Keys::in_folder(folder.join("server-keys")))?;
    mother.sync().set_server(&municipality.address)?;
    let bad = |_| Failure::Other("the demo's server has no address".into());
    let server = Https::to(&municipality.address, None).map_err(bad)?;
    let first = sync(mother, &server)?;
    say(
        args,
        &format!(
            "   {} changes sent, sealed: {} KB in {} questions",
            first.pushed,
            first.bytes_up / 1024,
            first.round_trips
        ),
    );
    let twin = family.twins[0];
    let invited = wait(mother.members().invite(twin, Role::Writer, "父", &server))??;
    let father = Handbook::create(&home::config_in(folder.join("phone-of-father"), Some(today), args.locale)?, "父")?;
    father.sync().set_server(&municipality.address)?;
    wait(father.members().join(&invited.code, &server))??;
    let entries = |handbook: &Handbook| {
        handbook
            .entries()
            .list(twin, &ListFilter { limit: 1_000_000, ..ListFilter::default() })
            .map(|entries| entries.len())
    };
    say(args, &format!("   お父さんの電話に {} 件 — entries on the father's phone", entries(&father)?));
    let unconfirmed = father.members().unconfirmed(twin)?;
    let waits =
        unconfirmed.ok_or_else(|| Failure::Other("the demo's join is confirmed by nobody; please report".into()))?;
    say(args, &format!("   {} — {}", waits.told(Locale::Ja), waits.told(Locale::En)));

    say(args, "7. ふたりとも電波のないところで同じ記録を直す — both correct the same entry without a network");
    let on = today.to_string();
    let id = mother.entries().add(&NewEntry::typed(twin, "growth", &on, &[("weight", "8.1")])?)?;
    sync(mother, &server)?;
    sync(&father, &server)?;
    mother.entries().edit(id, &[("weight", "8.15")])?;
    father.entries().edit(id, &[("weight", "8.2"), ("note", WORDS)])?;
    for phone in [mother, &father, mother] {
        sync(phone, &server)?;
    }
    let conflict = mother.entries().conflicts()?.into_iter().find(|conflict| conflict.entry == id);
    let conflict = conflict.ok_or_else(|| Failure::Other("the demo lost a value; please report this".into()))?;
    let values: Vec<String> = conflict.values.iter().map(|value| value.value.to_string()).collect();
    say(args, &format!("   どちらも残っています — both are kept, to be settled by them: {} kg", values.join(" / ")));
    let alike = entries(mother)? == entries(&father)?
        && mother.entries().show(id)?.fields == father.entries().show(id)?.fields
        && values.len() == 2;

    drop(municipality);
    let bytes = std::fs::read(&file).map_err(|error| Failure::File("server".into(), error.kind()))?;
    let readable = bytes.windows(WORDS.len()).any(|window| window == WORDS.as_bytes());
    say(
        args,
        &format!("   市のサーバーには暗号文だけ — {} KB at the server, and none of their words", bytes.len() / 1024),
    );
    if readable || !alike {
        return Err(Failure::Other("the demo's phones differ, or the server can read; please report this".into()));
    }
    Ok(
        json!({"pushed": first.pushed, "both_kept": values, "server_bytes": bytes.len(), "readable_at_server": readable}),
    )
}
