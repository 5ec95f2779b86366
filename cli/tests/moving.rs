//! Moving as a person does it at a desktop: one file and a code; two programs and a socket.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::run::{Home, Meeting};
use serde_json::json;

fn child(home: &Home) -> String {
    home.id(&["notebook", "add", "child", "--name", "さくら", "--sex", "female", "--born", "2025-05-03"])
}

#[test]
fn a_file_and_a_code_make_the_same_handbook_elsewhere() {
    let (old, new) = (Home::new(), Home::empty());
    let child = child(&old);
    old.json(&["entry", "add", &child, "growth", "--on", "2025-11-05", "weight=7350g"]);
    let file = old.path("moving.ayumi");
    let packed = old.json(&["pack", &file]);
    let code = packed["code"].as_str().unwrap();
    let refused = new.command(&["unpack", &file, "M-1234"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(!String::from_utf8(refused.stderr).unwrap().contains("1234"), "a code is not repeated");
    assert_eq!(new.json(&["unpack", &file, code])["notebooks"], json!([child]));
    assert_eq!(new.json(&["entry", "list", &child]), old.json(&["entry", "list", &child]));
    assert_eq!(new.command(&["unpack", &file, code]).output().unwrap().status.code(), Some(1), "there is one already");
}

#[test]
fn two_programs_exchange_over_a_socket_and_one_joins_by_it() {
    let (mother, father) = (Home::new(), Home::new());
    let child = child(&mother);
    mother.json(&["entry", "add", &child, "growth", "--on", "2025-11-05", "weight=7.35"]);
    let mut waiting = mother
        .command(&["nearby", "wait", "--listen", "127.0.0.1:0", "--invite", &child])
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(waiting.stderr.take().unwrap()).lines();
    let Meeting { address, meeting, code } = Meeting::shown(&mut lines);
    let report = father.json(&["nearby", "visit", &address, "--code", &meeting, "--join", &code]);
    assert_eq!(report["outcome"], json!("more"), "the mother's phone answers the join when he has gone");
    assert!(waiting.wait().unwrap().success());
    assert_eq!(father.json(&["entry", "list", &child])[0]["fields"]["weight"], json!(7.35));
    let nobody = father.command(&["nearby", "visit", &address, "--code", &meeting]).output().unwrap();
    assert_eq!(nobody.status.code(), Some(1));
}
