//! What a running server tells, and to whom: the program's own flags, with real sockets.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use ayumi_server::http::guard::Rates;
use ayumi_server::http::serve::{Patience, serve};
use ayumi_server::http::{App, Origins, system_clock};
use ayumi_server::keys::Keys;
use ayumi_server::sqlite::SqliteLog;

use crate::municipality::{ayumi, value};

/// A server process with flags of its own.
struct Served {
    child: Child,
    said: Vec<String>,
}

impl Served {
    /// Reads so many lines of what it says.
    fn start(data: &Path, flags: &[&str], lines: usize) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ayumi"));
        command.arg("serve").arg("--data").arg(data).args(flags);
        let mut child = command.env("AYUMI_LOG", "error").stderr(Stdio::piped()).spawn().unwrap();
        let mut all = BufReader::new(child.stderr.take().unwrap()).lines();
        let said = (0..lines).map(|_| all.next().unwrap().unwrap()).collect();
        std::thread::spawn(move || all.for_each(drop));
        Self { child, said }
    }

    /// The port in the line that has these words.
    fn port(&self, words: &str) -> u16 {
        let line = self.said.iter().find(|line| line.contains(words)).unwrap_or_else(|| panic!("{:?}", self.said));
        line.rsplit(':').next().unwrap().parse().unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn status(port: u16, path: &str) -> u16 {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

const ASKED: [&str; 4] = ["/healthz", "/readyz", "/metrics", "/openapi.json"];

#[test]
fn metrics_are_answered_apart_or_to_this_computer_only() {
    let folder = tempfile::tempdir().unwrap();
    let start = |name: &str, flags: &[&str], lines: usize| Served::start(&folder.path().join(name), flags, lines);
    let alone = start("alone", &["--listen", "127.0.0.1:0"], 1);
    assert_eq!(ASKED.map(|path| status(alone.port("serving"), path)), [200, 200, 200, 200]);
    let apart = start("apart", &["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"], 2);
    assert_eq!(ASKED.map(|path| status(apart.port("serving"), path)), [200, 404, 404, 404]);
    assert_eq!(ASKED.map(|path| status(apart.port("metrics"), path)), [404, 200, 200, 200]);
    let open = start("open", &["--listen", "0.0.0.0:0"], 1);
    assert_eq!(ASKED.map(|path| status(open.port("serving"), path)), [200, 404, 404, 404]);
}

/// A server in this process takes something while its clock is an hour ahead.
fn an_hour_ahead(data: &Path, phone: &Path) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let keys = Keys::in_folder(data.with_file_name("data-keys"));
    let log = SqliteLog::open(&data.join("server.db"), &keys, 1 << 30).unwrap();
    let clock = Arc::new(|| system_clock()() + 3_600_000);
    let router = Arc::new(App::new(Arc::new(log), clock, Rates::default(), Origins::Loopback)).router();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let ended = runtime.spawn(serve(listener, router, None, Patience::default(), None, async {
        let _ = stopped.await;
    }));
    value(phone, &["init", "--carer", "母"]);
    value(phone, &["notebook", "add", "child", "--name", "子", "--sex", "female", "--born", "2025-05-03"]);
    assert_eq!(value(phone, &["sync", "--server", &address])["outcome"], "done");
    stop.send(()).unwrap();
    runtime.block_on(ended).unwrap();
}

#[test]
fn a_server_whose_clock_was_set_back_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    an_hour_ahead(&data, &folder.path().join("phone"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_ayumi"));
    let out = command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(&data).output().unwrap();
    let words = String::from_utf8(out.stderr).unwrap();
    assert_eq!(out.status.code(), Some(1), "{words}");
    assert!(words.contains("59 minutes behind") && words.contains("--clock-was-ahead"), "{words}");
    let server = Served::start(&data, &["--listen", "127.0.0.1:0", "--clock-was-ahead"], 1);
    assert_eq!(status(server.port("serving"), "/readyz"), 200);
}

/// The program by itself: its exit code, its answer, its words.
fn plain(words: &[&str]) -> (Option<i32>, String, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_ayumi")).args(words).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (out.status.code(), text(out.stdout), text(out.stderr))
}

#[test]
fn tickets_are_made_beside_a_running_server_and_only_their_hashes_stay() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let at = data.display().to_string();
    let (code, out, words) = plain(&["serve", "tickets", "--count", "3", "--data", &at]);
    assert_eq!((code, out.as_str()), (Some(1), ""), "no store yet: {words}");
    let server = Served::start(&data, &["--listen", "127.0.0.1:0", "--admission", "ticket"], 1);
    let (code, out, words) = plain(&["serve", "tickets", "--count", "3", "--data", &at]);
    assert_eq!(code, Some(0), "{words}");
    let tickets: Vec<&str> = out.lines().collect();
    assert_eq!(tickets.len(), 3);
    assert!(tickets.iter().all(|ticket| ticket.starts_with("T-") && ticket.len() == 40), "{tickets:?}");
    let (_, json, _) = plain(&["--json", "serve", "tickets", "--count", "2", "--data", &at]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["tickets"].as_array().unwrap().len(), 2);
    for file in std::fs::read_dir(&data).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(tickets.iter().all(|ticket| !text.contains(ticket) && !text.contains(&ticket.replace('-', ""))));
    }
    let phone = folder.path().join("phone");
    let address = format!("http://127.0.0.1:{}", server.port("serving"));
    value(&phone, &["init", "--carer", "母"]);
    value(&phone, &["notebook", "add", "child", "--name", "子", "--sex", "female", "--born", "2025-05-03"]);
    let refused = ayumi(&phone, &["sync", "--server", &address]).output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&refused.stdout).unwrap();
    assert_eq!((refused.status.code(), &report["outcome"]), (Some(1), &serde_json::json!("no_ticket")));
    assert_eq!(value(&phone, &["sync", "--ticket", tickets[0]])["outcome"], "done");
}
