//! What a running server tells, and to whom: the program's own flags, with real sockets.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// A server process with flags of its own.
struct Served {
    child: Child,
    said: Vec<String>,
    _folder: TempDir,
}

impl Served {
    /// Reads so many lines of what it says.
    fn start(flags: &[&str], lines: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_ayumi"));
        command.arg("serve").arg("--data").arg(folder.path().join("data")).args(flags);
        let mut child = command.env("AYUMI_LOG", "error").stderr(Stdio::piped()).spawn().unwrap();
        let mut all = BufReader::new(child.stderr.take().unwrap()).lines();
        let said = (0..lines).map(|_| all.next().unwrap().unwrap()).collect();
        std::thread::spawn(move || all.for_each(drop));
        Self { child, said, _folder: folder }
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
    let alone = Served::start(&["--listen", "127.0.0.1:0"], 1);
    assert_eq!(ASKED.map(|path| status(alone.port("serving"), path)), [200, 200, 200, 200]);
    let apart = Served::start(&["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"], 2);
    assert_eq!(ASKED.map(|path| status(apart.port("serving"), path)), [200, 404, 404, 404]);
    assert_eq!(ASKED.map(|path| status(apart.port("metrics"), path)), [404, 200, 200, 200]);
    let open = Served::start(&["--listen", "0.0.0.0:0"], 1);
    assert_eq!(ASKED.map(|path| status(open.port("serving"), path)), [200, 404, 404, 404]);
}
