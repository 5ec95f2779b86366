//! Schemathesis asks the running server what its own description promises, with data that fits it and data that does
//! not.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::process::{Outcome, cargo, root};
use crate::tools;

pub(crate) fn run() -> Outcome {
    let python = tools::python("openapi")?;
    cargo(&["build", "--quiet", "--package", "ayumi"])?;
    let folder = root().join("target/openapi");
    // A store of its own; what an earlier run left is gone.
    match std::fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.to_string()),
        _ => {}
    }
    let mut serve = Command::new(root().join("target/debug/ayumi"));
    serve.args(["serve", "--listen", "127.0.0.1:0", "--address-rate", "1000000", "--data"]).arg(&folder);
    let mut server = serve.stderr(Stdio::piped()).spawn().map_err(|error| error.to_string())?;
    let asked = ask(&python, &mut server);
    let lived = server.try_wait().is_ok_and(|ended| ended.is_none());
    let _ = server.kill();
    let _ = server.wait();
    asked?;
    if lived { Ok(()) } else { Err("the server ended by itself".into()) }
}

fn ask(python: &std::path::Path, server: &mut std::process::Child) -> Outcome {
    let words = server.stderr.take().ok_or("no words of the server")?;
    let mut lines = BufReader::new(words).lines();
    let said = lines.next().and_then(Result::ok).ok_or("the server says nothing")?;
    let address = said.split("http://").nth(1).ok_or("no address")?.to_owned();
    // What it says later is read, so that it never waits for a reader.
    std::thread::spawn(move || lines.for_each(drop));
    let program = python.with_file_name("schemathesis");
    let mut command = Command::new(program);
    command.args(["run", &format!("http://{address}/openapi.json"), "--seed", "1", "--max-examples", "200"]);
    // Bodies are binary: no schema can say which strings are messages, so "what fits is accepted" cannot be asked.
    command.args(["--checks", "all", "--exclude-checks", "positive_data_acceptance", "--no-color"]);
    crate::process::run(command.current_dir(root().join("target")))
}
