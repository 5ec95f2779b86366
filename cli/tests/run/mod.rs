//! Runs the program in a scratch folder with a key from the environment.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub(crate) const KEY: &str = "0707070707070707070707070707070707070707070707070707070707070707";

/// A device's folder.
pub(crate) struct Home {
    folder: TempDir,
}

impl Home {
    /// With a handbook in it.
    pub(crate) fn new() -> Self {
        let home = Self::empty();
        home.json(&["init", "--carer", "母"]);
        home
    }

    pub(crate) fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A path in the scratch folder, beside the handbook's own.
    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    pub(crate) fn handbook(&self) -> PathBuf {
        self.folder.path().join("home/handbook.db")
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ayumi"));
        command.args(["--home", &self.path("home"), "--today", "2026-04-20"]).args(args);
        command.env("AYUMI_KEY", KEY).env_remove("AYUMI_HOME").stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Stdout of a command that must succeed.
    pub(crate) fn text(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Its one JSON value.
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let mut all = vec!["--json"];
        all.extend(args);
        serde_json::from_str(&self.text(&all)).unwrap()
    }

    /// The id that it answers with.
    pub(crate) fn id(&self, args: &[&str]) -> String {
        self.json(args)["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn with_input(&self, args: &[&str], input: &str) -> String {
        let mut child = self.command(args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    }

    /// A command that must fail: its exit code and its English words on stderr, nothing on stdout.
    pub(crate) fn fails(&self, args: &[&str], code: i32, words: &str) {
        let output = self.run(&[&["--locale", "en"], args].concat());
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {told}");
        assert!(told.contains(words), "{args:?}: {told}");
        assert!(output.stdout.is_empty(), "{args:?}");
    }
}

/// What a device that waits beside another one shows: where it is, the code of the meeting, and the invitation.
pub(crate) struct Meeting {
    pub(crate) address: String,
    pub(crate) meeting: String,
    pub(crate) code: String,
}

impl Meeting {
    /// Reads it off the lines that the program writes, in whatever language.
    pub(crate) fn shown(lines: &mut impl Iterator<Item = std::io::Result<String>>) -> Self {
        let mut line_with =
            |word: &str| lines.by_ref().map(|line| line.unwrap()).find(|line| line.contains(word)).unwrap();
        let behind = |line: &str, word: &str| {
            let rest = line.split(word).nth(1).unwrap_or_default();
            rest.split([' ', ';']).next().unwrap().to_owned()
        };
        let first = line_with("--code ");
        let port = behind(&first, "127.0.0.1:");
        let (address, meeting) = (format!("127.0.0.1:{port}"), behind(&first, "--code "));
        Self { address, meeting, code: behind(&line_with("--join "), "--join ") }
    }
}
