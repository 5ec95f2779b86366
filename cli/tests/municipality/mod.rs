//! Real phones and servers as processes.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

const KEY: &str = "0707070707070707070707070707070707070707070707070707070707070707";

pub(crate) fn ayumi(home: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ayumi"));
    command.env("AYUMI_KEY", KEY).arg("--json").arg("--home").arg(home).args(words);
    command
}

pub(crate) fn value(home: &Path, words: &[&str]) -> Value {
    let out = ayumi(home, words).output().unwrap();
    let words = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{words}");
    serde_json::from_slice(&out.stdout).unwrap()
}

/// A server process.
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) address: String,
}

impl Server {
    pub(crate) fn start(store: &[String]) -> Self {
        Self::started_by(Command::new(env!("CARGO_BIN_EXE_ayumi")), store)
    }

    /// By a command that runs the program with the words that follow.
    pub(crate) fn started_by(mut command: Command, store: &[String]) -> Self {
        command.args(["serve", "--listen", "127.0.0.1:0", "--address-rate", "1000000", "--device-rate", "1000000"]);
        let mut child = command.args(store).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let said = lines.next().unwrap().unwrap();
        let address = said.split("http://").nth(1).unwrap_or_else(|| panic!("{said}")).to_owned();
        // What it says later is read, so that it never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
