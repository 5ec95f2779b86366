//! The journeys of `fixtures/journeys`, as Rust plays them. Kotlin and Swift play the same; the transcripts must be
//! equal.

use std::fmt::Write as _;
use std::path::Path;

use crate::municipality::Server;
use crate::steps::{Phones, journeys};
use serde_json::Value;

/// Runs a future to its end.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// Whether an answer holds what is expected of it.
fn holds(expected: &Value, found: &Value) -> bool {
    match (expected, found) {
        (Value::Object(wanted), Value::Object(there)) => {
            wanted.iter().all(|(key, wanted)| there.get(key).is_some_and(|found| holds(wanted, found)))
        }
        (Value::Array(wanted), Value::Array(there)) => {
            wanted.len() == there.len() && wanted.iter().zip(there).all(|(wanted, found)| holds(wanted, found))
        }
        (Value::Number(wanted), Value::Number(there)) => {
            (wanted.as_f64().unwrap() - there.as_f64().unwrap()).abs() <= 0.005
        }
        _ => expected == found,
    }
}

/// One way to write a value: keys in order, whole numbers as such, others by their bits.
fn canonical(value: &Value, text: &mut String) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(truth) => text.push_str(if *truth { "true" } else { "false" }),
        Value::Number(number) => {
            let number = number.as_f64().unwrap();
            if number.fract() == 0.0 && number.abs() < 1e15 {
                let _ = write!(text, "{number:.0}");
            } else {
                let _ = write!(text, "0x{:016x}", number.to_bits());
            }
        }
        Value::String(words) => {
            let _ = write!(text, "\"{}\"", words.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"));
        }
        Value::Array(items) => {
            text.push('[');
            for (i, item) in items.iter().enumerate() {
                text.push_str(if i > 0 { "," } else { "" });
                canonical(item, text);
            }
            text.push(']');
        }
        Value::Object(fields) => {
            let mut keys: Vec<&String> = fields.keys().collect();
            keys.sort();
            text.push('{');
            for (i, key) in keys.into_iter().enumerate() {
                let _ = write!(text, "{}\"{key}\":", if i > 0 { "," } else { "" });
                canonical(&fields[key], text);
            }
            text.push('}');
        }
    }
}

#[test]
fn every_journey_goes_as_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&["--data".into(), folder.path().join("data").display().to_string()]);
    let out = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/journeys/rust");
    std::fs::create_dir_all(&out).unwrap();
    let address = format!("http://{}", server.address);
    let mut steps = 0;
    for (file, journey) in journeys() {
        let mut phones = Phones::new(journey["today"].as_str().unwrap_or("2026-04-20"), &address);
        let mut transcript = String::new();
        for (i, step) in journey["steps"].as_array().unwrap().iter().enumerate() {
            let told = format!("{file}, step {}: {step}", i + 1);
            let answer = match (phones.play(step), step["fails"].as_str()) {
                (Ok(answer), None) => answer,
                (Err(error), Some(code)) => {
                    assert_eq!(error.code(), code, "{told}");
                    let words = error.words(ayumi_core::texts::Locale::Ja);
                    assert!(step["words"].as_str().is_none_or(|wanted| wanted == words), "{told}: {words}");
                    serde_json::json!({"fails": error.code(), "words": words})
                }
                (Ok(answer), Some(_)) => panic!("{told} went well: {answer}"),
                (Err(error), None) => panic!("{told}: {error}"),
            };
            assert!(step.get("expect").is_none_or(|wanted| holds(wanted, &answer)), "{told}\nanswered {answer}");
            let _ = write!(transcript, "{} {} ", i + 1, step["do"].as_str().unwrap());
            canonical(&answer, &mut transcript);
            transcript.push('\n');
            steps += 1;
        }
        std::fs::write(out.join(format!("{file}.txt")), transcript).unwrap();
    }
    println!("{} journeys, {steps} steps", journeys().len());
}
