//! What goes wrong: killed in the middle of a write, wrong key, truncated, flipped bytes, newer, in use. Each time: the
//! message, the exit code, and the file afterwards.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::municipality::Server;
use crate::run::Home;
use serde_json::json;

/// How often the long test kills.
const KILLS: u64 = 200;

/// `kill -9` at random moments during writes (20, or 200 with `cargo xtask test --long`): every write that had
/// returned is there, the doctor finds nothing.
#[test]
fn killed_again_and_again_nothing_that_returned_is_lost() {
    let home = Home::new();
    let child = home.id(&["notebook", "add", "child", "--name", "x", "--sex", "male", "--born", "2024-05-03"]);
    let mut seed = 20_261_122_u64;
    println!("seed {seed}");
    let mut random = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        seed >> 33
    };
    let mut confirmed: Vec<String> = Vec::new();
    let kills = ayumi_play::rounds(KILLS);
    for round in 1..=kills {
        let mut writer = home.command(&["demo-writer", &child]).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(writer.stdout.take().unwrap()).lines();
        let (wanted, micros) = (random() % 12, random() % 3000);
        for _ in 0..wanted {
            confirmed.push(lines.next().unwrap().unwrap());
        }
        // On for some microseconds, while it writes; with no line asked for, that is while it opens.
        let end = Instant::now() + Duration::from_micros(micros);
        while Instant::now() < end {
            std::hint::spin_loop();
        }
        writer.kill().unwrap();
        confirmed.extend(lines.map_while(Result::ok).filter(|line| line.len() == 36));
        writer.wait().unwrap();
        if round % (kills / 4) == 0 {
            let doctor = home.json(&["doctor"]);
            assert_eq!(doctor["healthy"], json!(true), "round {round}: {doctor}");
        }
    }
    let list = home.json(&["entry", "list", &child]);
    let kept: std::collections::BTreeSet<&str> =
        list.as_array().unwrap().iter().map(|e| e["id"].as_str().unwrap()).collect();
    let lost = confirmed.iter().filter(|id| !kept.contains(id.as_str())).count();
    ayumi_play::show(&format!(
        "{} entries confirmed before {kills} of {KILLS} kills (--long plays all), {} in the handbook, {lost} lost",
        confirmed.len(),
        kept.len()
    ));
    assert!(confirmed.len() as u64 > kills * 5 / 2);
    assert_eq!(lost, 0);
}

fn filled() -> (Home, String) {
    let home = Home::new();
    let child = home.id(&["notebook", "add", "child", "--name", "x", "--sex", "male", "--born", "2020-01-01"]);
    let table = home.path("many.csv");
    let rows: String =
        (0..1500).map(|i| format!("2025-01-{:02},{:.2},メモ{i}\n", i % 28 + 1, 8.0 + f64::from(i) / 1000.0)).collect();
    std::fs::write(&table, format!("日付,体重,メモ\n{rows}")).unwrap();
    home.json(&["import", &table, "--notebook", &child]);
    (home, child)
}

#[test]
fn a_wrong_key_is_told_and_the_file_stays() {
    let (home, _) = filled();
    let before = std::fs::read(home.handbook()).unwrap();
    let output =
        home.command(&["--locale", "en", "notebook", "list"]).env("AYUMI_KEY", "08".repeat(32)).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(told, "ayumi: the key does not open this handbook; the file was left as it is\n");
    let output = home.command(&["--locale", "en", "notebook", "list"]).env("AYUMI_KEY", "0707").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("64 hex digits"));
    assert!(std::fs::read(home.handbook()).unwrap() == before);
    assert_eq!(home.json(&["doctor"])["healthy"], json!(true));
}

/// What happens to the bytes of a file.
type Damage<'a> = &'a dyn Fn(&mut Vec<u8>);

#[test]
fn damage_is_found_nothing_is_repaired_unasked_and_what_can_be_read_is_saved() {
    let flip = |bytes: &mut Vec<u8>| {
        for at in [46_000, 60_000, 90_000] {
            bytes[at] ^= 0xff;
        }
    };
    let first_page = |bytes: &mut Vec<u8>| bytes[..2048].fill(0);
    let truncate = |bytes: &mut Vec<u8>| bytes.truncate(bytes.len() / 2 + 100);
    let cases: [(&str, Damage<'_>, usize); 3] =
        [("flipped bytes", &flip, 1350), ("first page gone", &first_page, 1500), ("truncated", &truncate, 300)];
    for (what, damage, at_least) in cases {
        let (home, child) = filled();
        let mut bytes = std::fs::read(home.handbook()).unwrap();
        damage(&mut bytes);
        std::fs::write(home.handbook(), &bytes).unwrap();
        let output = home.command(&["doctor"]).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{what}");
        let told = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(told.contains("doctor --repair"), "{what}: {told}");
        assert!(std::fs::read(home.handbook()).unwrap() == bytes, "{what}: repaired unasked");
        let saved = home.json(&["doctor", "--repair"]);
        assert!(saved["entries"].as_u64().unwrap() as usize >= at_least, "{what}: {saved}");
        let aside = std::path::Path::new(saved["set_aside"].as_str().unwrap()).join("handbook.db");
        assert!(std::fs::read(aside).unwrap() == bytes, "{what}: the damaged file is kept whole");
        assert_eq!(home.json(&["doctor"])["healthy"], json!(true), "{what}");
        let listed = home.json(&["entry", "list", &child]);
        assert!(listed.as_array().unwrap().len() >= at_least, "{what}");
        if saved["facts_lost"] == json!(1) {
            home.json(&["notebook", "edit", &child, "name=x", "born=2020-01-01", "sex=male"]);
        }
        assert_eq!(home.json(&["notebook", "list"])[0]["type"], json!("child"), "{what}");
        assert!(!home.json(&["growth", "show", &child]).as_array().unwrap().is_empty(), "{what}");
        println!("{what}: {} of 1500 entries saved", listed.as_array().unwrap().len());
    }
}

/// Which page they stand on depends on the schema: pages are damaged one by one until it is hit.
#[test]
fn a_notebook_whose_own_facts_are_lost_is_within_reach_and_can_be_told_them_again() {
    let (home, child) = filled();
    let whole = std::fs::read(home.handbook()).unwrap();
    for at in (2048..whole.len()).step_by(2048) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0xff;
        std::fs::write(home.handbook(), &bytes).unwrap();
        if home.json(&["doctor", "--repair"])["facts_lost"] == json!(1) {
            assert!(home.json(&["entry", "list", &child]).as_array().unwrap().len() >= 1000);
            home.json(&["notebook", "edit", &child, "name=x", "born=2020-01-01", "sex=male"]);
            assert_eq!(home.json(&["notebook", "list"])[0]["type"], json!("child"));
            return;
        }
    }
    panic!("no page held the notebook's own facts");
}

#[test]
fn a_second_program_on_the_same_file_is_refused() {
    let (home, child) = filled();
    let mut writer = home.command(&["demo-writer", &child]).stdout(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::new(writer.stdout.as_mut().unwrap()).read_line(&mut first).unwrap();
    home.fails(&["notebook", "list"], 1, "another program has this handbook open");
    writer.kill().unwrap();
    writer.wait().unwrap();
    assert_eq!(home.json(&["entry", "show", first.trim()])["kind"], json!("diary"));
}

/// Real file systems that are full or read-only need a mount; here the same answers from the operating system by
/// other ways.
#[test]
fn a_place_that_cannot_be_written_is_told() {
    let home = Home::empty();
    std::fs::write(home.path("home"), "a file where the folder should be").unwrap();
    let output = home.command(&["init", "--carer", "x"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(!String::from_utf8(output.stderr).unwrap().contains("panicked"));
    assert_eq!(std::fs::read_to_string(home.path("home")).unwrap(), "a file where the folder should be");
}

#[cfg(unix)]
#[test]
fn what_is_written_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &str| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let all_private = |folder: &str| {
        assert_eq!(mode(folder), 0o700, "{folder}");
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path().display().to_string();
            assert_eq!(mode(&path), 0o600, "{path}");
        }
    };
    let home = Home::new();
    let (out, data, backup) = (home.path("out.csv"), home.path("data"), home.path("backup.db"));
    let child = home.json(&["notebook", "add", "child", "--name", "x", "--sex", "male", "--born", "2024-05-03"]);
    home.json(&["export", child["id"].as_str().unwrap(), "--format", "csv", "--out", &out]);
    assert_eq!(mode(&out), 0o600, "an export");
    all_private(&home.path("home"));
    let server = Server::start(&["--data".to_owned(), data.clone()]);
    assert!(home.command(&["serve", "--data", &data, "--backup", &backup]).status().unwrap().success());
    assert_eq!(mode(&backup), 0o600);
    all_private(&data);
    all_private(&home.path("data-keys"));
    drop(server);
}

#[test]
fn a_password_on_the_command_line_is_refused() {
    let home = Home::empty();
    let output = home.command(&["serve", "--database", "host=127.0.0.1 password=geheim"]).output().unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{words}");
    assert!(words.contains("AYUMI_DATABASE_PASSWORD") && !words.contains("geheim"), "{words}");
}

#[cfg(unix)]
#[test]
fn the_key_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::empty();
    let without_key = |args: &[&str]| {
        let mut command = home.command(args);
        // No session bus: no key store can be asked.
        command.env_remove("AYUMI_KEY").env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent").output().unwrap()
    };
    let output = without_key(&["init", "--carer", "x"]);
    assert!(output.status.success());
    let warned = String::from_utf8(output.stderr).unwrap();
    assert!(warned.contains("ご注意") && warned.contains("AYUMI_KEY"), "{warned}");
    let second = home.path("second");
    let output = without_key(&["--locale", "en", "init", "--carer", "x", "--home", &second]);
    assert!(String::from_utf8(output.stderr).unwrap().contains("warning"), "in the language that was chosen");
    // A box is unpacked into a folder that is not there yet, and the key lies in it.
    let packed = without_key(&["pack", &home.path("box")]);
    let code = String::from_utf8(packed.stdout).unwrap().lines().next().unwrap().to_owned();
    let new = home.path("new/home");
    assert!(without_key(&["unpack", &home.path("box"), &code, "--home", &new]).status.success());
    assert!(without_key(&["notebook", "list", "--home", &new]).status.success());
    let key = home.path("home/key");
    assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(without_key(&["notebook", "list"]).status.success());
    std::fs::write(&key, "not a key").unwrap();
    let output = without_key(&["--locale", "en", "notebook", "list"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("the key of the handbook cannot be had"));
}
