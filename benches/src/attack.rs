//! What honest phones notice while one address attacks the server: their p99 beside the same without, for each attack.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use ayumi_protocol::drawer::DrawerRequest;
use ayumi_protocol::endpoint::Endpoint;
use ayumi_protocol::exchange::{Piece, Proof};
use ayumi_protocol::key::KeyId;
use ayumi_server::http::guard::Rates;
use ayumi_server::keys::Keys;
use ayumi_server::sqlite::SqliteLog;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use crate::load::{DEVICES, Line, begin, device, play, request};
use crate::table::{Outcome, ratio, row, shown};

/// Where the attacker sits.
const HOSTILE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 66);
const SYNC: &str = Endpoint::Sync.path();
/// Syncs of each honest device.
const ROUNDS: usize = 30;
/// Between them: what phones may do, within the server's own rates.
const PAUSE: Duration = Duration::from_millis(330);

type Attack = fn(&Runtime, &str) -> Outcome<Vec<JoinHandle<()>>>;

const ATTACKS: [(&str, Attack); 6] = [
    ("512 bodies that come a byte a second", slow_bodies),
    ("1,100 connections that say nothing", silent_connections),
    ("nonsense, as fast as it goes", nonsense),
    ("notebooks begun, as fast as it goes", foundings),
    ("a whole log asked for again and again", whole_logs),
    ("drawers looked into, as fast as it goes", drawers),
];

/// Runs something at an address until the attack is over, so often side by side, whatever becomes of one connection.
fn again<F>(
    runtime: &Runtime,
    address: &str,
    count: usize,
    one: impl Fn(String, usize) -> F + Send + Sync + 'static,
) -> Vec<JoinHandle<()>>
where
    F: Future<Output = Outcome<()>> + Send,
{
    let one = Arc::new(one);
    let task = |number| {
        let (one, address) = (one.clone(), address.to_owned());
        runtime.spawn(async move {
            loop {
                // Whoever is sent away comes again.
                if one(address.clone(), number).await.is_err() {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        })
    };
    (0..count).map(task).collect()
}

fn slow_bodies(runtime: &Runtime, address: &str) -> Outcome<Vec<JoinHandle<()>>> {
    Ok(again(runtime, address, 512, |address, _| async move {
        let mut line = Line::from(HOSTILE, &address).await?;
        line.send(b"POST /v1/sync HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n").await?;
        loop {
            line.send(b"x").await?;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }))
}

fn silent_connections(runtime: &Runtime, address: &str) -> Outcome<Vec<JoinHandle<()>>> {
    Ok(again(runtime, address, 1_100, |address, _| async move {
        let line = Line::from(HOSTILE, &address).await?;
        tokio::time::sleep(Duration::from_secs(5)).await;
        drop(line);
        Ok(())
    }))
}

/// Sends the same body on and on.
async fn repeated(address: &str, path: &str, body: &[u8]) -> Outcome<()> {
    let mut line = Line::from(HOSTILE, address).await?;
    loop {
        line.post_to(path, body).await?;
    }
}

fn nonsense(runtime: &Runtime, address: &str) -> Outcome<Vec<JoinHandle<()>>> {
    Ok(again(runtime, address, 64, |address, _| async move { repeated(&address, SYNC, &[7; 4096]).await }))
}

fn foundings(runtime: &Runtime, address: &str) -> Outcome<Vec<JoinHandle<()>>> {
    Ok(again(runtime, address, 16, |address, _| async move {
        let mut line = Line::from(HOSTILE, &address).await?;
        let made = device(0).map_err(|error| error.to_string())?;
        begin(&mut line, &made).await.map(drop)
    }))
}

fn whole_logs(runtime: &Runtime, address: &str) -> Outcome<Vec<JoinHandle<()>>> {
    let made = device(200)?;
    let (token, _) = runtime.block_on(async {
        let mut line = Line::from(HOSTILE, address).await?;
        let begun = begin(&mut line, &made).await?;
        for (after, bytes) in (1..).zip(&made.envelopes) {
            let piece = Piece::Envelope(bytes.clone());
            let sent = request(&made, Proof::Token(begun.0), after, [0; 16], vec![piece]);
            // It may be told to wait: the log is then shorter.
            if line.post(&sent.to_bytes()).await?.0 != 200 {
                break;
            }
        }
        Outcome::Ok(begun)
    })?;
    let mut asks = request(&made, Proof::Token(token), 0, [0; 16], Vec::new());
    asks.wanted.mine_too = true;
    let body = asks.to_bytes();
    Ok(again(runtime, address, 32, move |address, _| {
        let body = body.clone();
        async move { repeated(&address, SYNC, &body).await }
    }))
}

fn drawers(runtime: &Runtime, address: &str) -> Outcome<Vec<JoinHandle<()>>> {
    Ok(again(runtime, address, 32, |address, number| async move {
        let look = DrawerRequest::Look(KeyId([number as u8; 16])).to_bytes();
        repeated(&address, Endpoint::Drawer.path(), &look).await
    }))
}

fn p99(runtime: &Runtime, address: &str) -> Outcome<Duration> {
    let devices = (0..DEVICES).map(|_| device(ROUNDS)).collect::<Outcome<Vec<_>>>()?;
    let (_, times) = play(runtime, address, devices, PAUSE)?;
    Ok(times[times.len() * 99 / 100])
}

pub(crate) fn run() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let log = SqliteLog::open(&folder.path().join("attacked.db"), &Keys::given([7; 32]), 1 << 30)?;
    let address = crate::sync::start_with(&runtime, log, Rates::default())?;
    let quiet = p99(&runtime, &address)?;
    row("honest p99, nobody attacks", &shown(quiet), "", None, "");
    for (name, attack) in ATTACKS {
        let tasks = attack(&runtime, &address)?;
        let beside = p99(&runtime, &address)?;
        tasks.iter().for_each(JoinHandle::abort);
        row(&format!("honest p99 beside {name}"), &shown(beside), &shown(quiet), ratio(beside, quiet), "≤ 5");
    }
    Ok(())
}
