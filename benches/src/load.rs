//! How many syncs a second a server takes, ten edits each, with the load on the same machine; on PostgreSQL beside
//! pgbench with one insert of the same size.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::{Duration, Instant};

use ayumi_channel::memory::{Contents, MemoryLog};
use ayumi_channel::signer::Signer;
use ayumi_core::crypto::keys::SecretKeys;
use ayumi_core::crypto::seal::{new_salt, seal};
use ayumi_core::sync::label::Label;
use ayumi_core::sync::reader::Reader;
use ayumi_core::sync::statement::found;
use ayumi_protocol::batch::Batch;
use ayumi_protocol::control::Statement;
use ayumi_protocol::envelope::{CHANGES, Envelope, Header, Tail, VERSION};
use ayumi_protocol::exchange::{
    Caller, Challenge, Piece, Proof, Reply, Request, SESSION_PURPOSE, Token, Wanted, session_bytes,
};
use ayumi_protocol::prefix::{Prefix, extend};
use ayumi_protocol::{Change, EntryId, FieldChange, Hlc, NotebookId, Stamp, author_hash};
use ayumi_server::keys::Keys;
use ayumi_server::log::Log;
use ayumi_server::postgres::{Address, PostgresLog};
use ayumi_server::sqlite::SqliteLog;
use ayumi_tests::postgres::Cluster;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::runtime::Runtime;

use crate::sync::start;
use crate::table::{Outcome, row, shown};

pub(crate) const DEVICES: usize = 64;
const ROUNDS: usize = 150;

fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

/// A device with envelopes made beforehand, so that the server is measured and not the sealing.
pub(crate) struct Device {
    keys: SecretKeys,
    notebook: NotebookId,
    found: Vec<u8>,
    pub(crate) envelopes: Vec<Vec<u8>>,
}

pub(crate) fn device(rounds: usize) -> Outcome<Device> {
    let keys = SecretKeys::generate()?;
    let founding = found(&keys, &Label::founder("母", 2))?;
    let notebook = founding.notebook;
    let mut reader = Reader::new(notebook, keys.clone());
    reader.statement(&founding.to_bytes())?;
    let state = reader.state().ok_or("a chain")?;
    let (mut tail, mut envelopes) = (Tail::default(), Vec::new());
    for round in 0..rounds as u64 {
        let change = |i: u64| Change {
            entry: EntryId::from_slice(&[i as u8 + 1; 16]).unwrap_or_else(|_| notebook.into()),
            notebook,
            kind: "growth".into(),
            stamp: Stamp { hlc: Hlc((now() << 16) + round * 16 + i), device: keys.id().into() },
            fields: [(
                "weight".to_owned(),
                FieldChange { value: (round as f64 / 10.0).into(), replaces: Default::default() },
            )]
            .into(),
            deletes: None,
            history: Vec::new(),
        };
        let changes: Vec<Change> = (0..10).map(change).collect();
        let batch = Batch { seed: [3; 16], former_key: None, peer_heads: Vec::new(), changes };
        let author_hash = author_hash::next(notebook, keys.id(), &tail, &batch.leaves());
        let header = Header {
            version: VERSION,
            kind: CHANGES,
            notebook,
            epoch: 1,
            control: state.head(),
            author: keys.id(),
            sequence: round + 1,
            attempt: 0,
            previous: tail.hash,
            stamp: batch.changes[9].stamp.hlc,
            author_hash,
            salt: new_salt()?,
        };
        let key = reader.key(1).ok_or("a key")?;
        let envelope: Envelope = seal(header, key, &keys, &batch.to_bytes())?;
        tail = envelope.tail();
        envelopes.push(envelope.to_bytes());
    }
    Ok(Device { keys, notebook, found: founding.to_bytes(), envelopes })
}

/// A connection that asks as cheaply as pgbench does: the load must not cost more than what it loads.
pub(crate) struct Line {
    stream: TcpStream,
    came: Vec<u8>,
}

impl Line {
    /// Connects from one of this machine's own addresses.
    pub(crate) async fn from(source: Ipv4Addr, address: &str) -> Outcome<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::from((source, 0)))?;
        let stream = socket.connect(address.parse()?).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, came: Vec::new() })
    }

    /// Sends bytes as they are.
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> Outcome<()> {
        Ok(self.stream.write_all(bytes).await?)
    }

    /// Status and body.
    pub(crate) async fn post(&mut self, body: &[u8]) -> Outcome<(u16, Vec<u8>)> {
        self.post_to("/v1/sync", body).await
    }

    /// As [`Self::post`], to another door.
    pub(crate) async fn post_to(&mut self, path: &str, body: &[u8]) -> Outcome<(u16, Vec<u8>)> {
        let head = format!("POST {path} HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n", body.len());
        self.stream.write_all(&[head.as_bytes(), body].concat()).await?;
        loop {
            if let Some(end) = self.came.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&self.came[..end]).to_ascii_lowercase();
                let status = head.split(' ').nth(1).ok_or("a status")?.parse()?;
                let length = head.split("content-length: ").nth(1).ok_or("a length")?;
                let length: usize = length.split("\r\n").next().ok_or("a length")?.parse()?;
                if self.came.len() >= end + 4 + length {
                    let rest = self.came.split_off(end + 4 + length);
                    let body = self.came.split_off(end + 4);
                    self.came = rest;
                    return Ok((status, body));
                }
            }
            if self.stream.read_buf(&mut self.came).await? == 0 {
                return Err("the server hung up".into());
            }
        }
    }

    async fn ask(&mut self, request: &Request) -> Outcome<Reply> {
        let (status, body) = self.post(&request.to_bytes()).await?;
        if status == 200 { Ok(Reply::from_bytes(&body)?) } else { Err(format!("status {status}").into()) }
    }
}

pub(crate) fn request(device: &Device, proof: Proof, after: u64, prefix: [u8; 16], pieces: Vec<Piece>) -> Request {
    let caller = Caller { notebook: device.notebook, author: device.keys.id(), proof };
    Request {
        caller,
        wanted: Wanted::default(),
        after,
        prefix,
        page_bytes: 1 << 20,
        ticket: None,
        ends: Vec::new(),
        pieces,
    }
}

/// A token, and what names the log up to the founding statement.
pub(crate) async fn begin(line: &mut Line, device: &Device) -> Outcome<(Token, Prefix)> {
    let bare = request(device, Proof::None, 0, [0; 16], Vec::new());
    let challenge = Challenge::from_bytes(&line.post(&bare.to_bytes()).await?.1)?;
    let origin = "http://127.0.0.1:80".to_owned();
    let signed = session_bytes(&challenge, &origin, device.notebook, device.keys.id());
    let (challenge, signature) = (challenge.challenge, device.keys.sign(SESSION_PURPOSE, &signed));
    let pieces = vec![Piece::Statement(device.found.clone())];
    let reply = line.ask(&request(device, Proof::Signed { challenge, origin, signature }, 0, [0; 16], pieces)).await?;
    let taken_at = reply.items.first().ok_or("the founding statement")?.taken_at;
    let found = Statement::from_bytes(&device.found)?.hash();
    Ok((reply.token.ok_or("a token")?, extend(&[0; 16], &found, taken_at)))
}

/// Every device sends its envelopes one after the other; `pause` between them. Syncs a second, and the time of each. As many
/// devices as in a home or two share an address.
pub(crate) fn play(
    runtime: &Runtime,
    address: &str,
    devices: Vec<Device>,
    pause: Duration,
) -> Outcome<(f64, Vec<Duration>)> {
    let mut lines = Vec::new();
    for (number, device) in (0_u8..).zip(&devices) {
        let mut line = runtime.block_on(Line::from(Ipv4Addr::new(127, 0, 1, 1 + number / 16), address))?;
        let begun = runtime.block_on(begin(&mut line, device))?;
        lines.push((line, begun));
    }
    let begun = Instant::now();
    let tasks: Vec<_> = (0..)
        .zip(devices.into_iter().zip(lines))
        .map(|(number, (device, (mut line, (token, mut prefix))))| {
            runtime.spawn(async move {
                // Not all at the same moment, again and again.
                tokio::time::sleep(pause * number / DEVICES as u32).await;
                let mut times = Vec::with_capacity(device.envelopes.len());
                for (after, bytes) in (1..).zip(&device.envelopes) {
                    let request =
                        request(&device, Proof::Token(token), after, prefix, vec![Piece::Envelope(bytes.clone())]);
                    let begun = Instant::now();
                    let reply = line.ask(&request).await.map_err(|error| error.to_string())?;
                    times.push(begun.elapsed());
                    let (true, [item]) = (reply.agrees, reply.items.as_slice()) else {
                        return Err("an answer that does not fit".to_owned());
                    };
                    let tail = Tail::from_frame(bytes).map_err(|error| error.to_string())?;
                    prefix = extend(&prefix, &tail.hash, item.taken_at);
                    tokio::time::sleep(pause).await;
                }
                Ok(times)
            })
        })
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(runtime.block_on(task)??);
    }
    let rate = times.len() as f64 / begun.elapsed().as_secs_f64();
    times.sort_unstable();
    Ok((rate, times))
}

fn server<L: Log>(runtime: &Runtime, name: &str, log: L, bar: &str, floor: Option<f64>) -> Outcome<()> {
    let address = start(runtime, log)?;
    let make = |rounds| (0..DEVICES).map(|_| device(rounds)).collect::<Outcome<Vec<_>>>();
    let (rate, _) = play(runtime, &address, make(ROUNDS)?, Duration::ZERO)?;
    let theirs = floor.map_or_else(String::new, |floor| format!("{floor:.0} commits/s (pgbench)"));
    row(
        &format!("{name}: syncs a second, 10 edits each"),
        &format!("{rate:.0}"),
        &theirs,
        floor.map(|floor| rate / floor),
        bar,
    );
    // About half of that load.
    let pause = Duration::from_secs_f64(2.0 * DEVICES as f64 / rate);
    let (half, times) = play(runtime, &address, make(ROUNDS / 2)?, pause)?;
    let p99 = times[times.len() * 99 / 100];
    row(&format!("{name}: p99 at {half:.0} a second"), &shown(p99), "", None, "≤ 50 ms");
    Ok(())
}

/// What the disk alone takes: 4 kB at the end of a file, and a flush.
fn flushes(folder: &Path) -> Outcome<Vec<Duration>> {
    use std::io::Write;
    let mut file = std::fs::File::create(folder.join("flushes"))?;
    let mut times = Vec::new();
    for _ in 0..2_000 {
        let begun = Instant::now();
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    Ok(times)
}

fn resident_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}

/// As many syncs as a small municipality sends in an hour, each batch by devices and notebooks of its own.
fn memory(runtime: &Runtime, folder: &Path) -> Outcome<()> {
    let address = start(runtime, SqliteLog::open(&folder.join("long.db"), &Keys::given([7; 32]), 1 << 30)?)?;
    let mut after = Vec::new();
    for _ in 0..20 {
        let devices = (0..DEVICES).map(|_| device(ROUNDS)).collect::<Outcome<Vec<_>>>()?;
        play(runtime, &address, devices, Duration::ZERO)?;
        after.push(resident_mb());
    }
    let syncs = DEVICES * ROUNDS;
    let told = |batch: usize| format!("{:.1} MB after {}", after[batch - 1], batch * syncs);
    let all = [2, 5, 10, 15, 20].map(told).join(", ");
    row("SQLite: memory of server and load together", &all, "", Some(after[19] / after[9]), "flat");
    Ok(())
}

pub(crate) fn run() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let flushes = flushes(folder.path())?;
    let (p99, worst) = (flushes[1_980], flushes[1_999]);
    row("the disk: one flush, p99 and worst", "", &format!("{}, {}", shown(p99), shown(worst)), None, "");
    // What HTTP and signatures alone cost on this machine, with a load on the same machine: no store can be faster.
    let signer = Signer::new(&[7; 32], [1; 16])?;
    server(&runtime, "no disk", MemoryLog::new(Contents::default(), signer, 1 << 30), "", None)?;
    let log = SqliteLog::open(&folder.path().join("server.db"), &Keys::given([7; 32]), 1 << 30)?;
    server(&runtime, "SQLite", log, "≥ 2,000", None)?;
    memory(&runtime, folder.path())?;
    let size = device(1)?.envelopes[0].len();
    let cluster = Cluster::start("shared_buffers = 256MB");
    let commits = pgbench(&cluster, folder.path(), size)?;
    let log = runtime.block_on(PostgresLog::open(
        &Address { url: cluster.database(), ..Address::default() },
        &Keys::given([7; 32]),
        1 << 30,
    ))?;
    server(&runtime, "PostgreSQL", log, "≥ 0.60 of pgbench", Some(commits))
}

fn pgbench(cluster: &Cluster, folder: &Path, size: usize) -> Outcome<f64> {
    cluster.database();
    let name = cluster.database();
    let name = name.rsplit('=').next().ok_or("a name")?.to_owned();
    let table = "CREATE TABLE one (n bigserial PRIMARY KEY, body bytea NOT NULL)";
    cluster.program("psql").args(["--quiet", "--dbname", &name, "--command", table]).status()?;
    let script = folder.join("one.sql");
    std::fs::write(&script, format!("INSERT INTO one (body) VALUES (decode(repeat('ab', {size}), 'hex'));\n"))?;
    let clients = DEVICES.to_string();
    let mut bench = cluster.program("pgbench");
    bench.args(["--no-vacuum", "--time=8", "--jobs=2", "--protocol=prepared", "--client", &clients, "--file"]);
    let out = bench.arg(&script).arg(&name).output()?;
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let line = text.lines().find_map(|line| line.strip_prefix("tps = "));
    Ok(line.and_then(|line| line.split_whitespace().next()?.parse().ok()).ok_or(text)?)
}
