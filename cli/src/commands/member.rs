//! `member`, `join`.

use std::path::Path;

use ayumi_core::app::Handbook;
use ayumi_core::model::NotebookId;
use chrono::{TimeZone, Utc};
use serde_json::json;

use super::sync::{wait, way};
use crate::args::{Args, JoinOptions, MemberCommand};
use crate::home;
use crate::output::{Failure, print, write_file};

/// A time for people and scripts.
fn time(millis: u64) -> String {
    let time = i64::try_from(millis).ok().and_then(|millis| Utc.timestamp_millis_opt(millis).single());
    time.unwrap_or_default().to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// A code as a picture.
pub(super) fn picture(code: &str) -> Result<String, Failure> {
    let picture = qrcode::QrCode::with_error_correction_level(code.as_bytes(), qrcode::EcLevel::M);
    let picture = picture.map_err(|_| Failure::Other("the code is too long for a picture".into()))?;
    Ok(picture.render::<qrcode::render::svg::Color<'_>>().min_dimensions(320, 320).build())
}

pub(crate) fn run(args: &Args, command: &MemberCommand) -> Result<(), Failure> {
    let book = home::open(args)?;
    let members = book.members();
    match command {
        MemberCommand::Invite { notebook, role, name, svg } => {
            let way = way(&book, None, None)?;
            let invited = wait(members.invite(*notebook, *role, name, &way))??;
            if let Some(path) = svg {
                write_file(path, picture(&invited.code)?.as_bytes())?;
            }
            let expires_at = time(invited.expires_at);
            print(args, &json!({"code": invited.code, "expires_at": expires_at}), || {
                format!("{}\nlets one device in, once, until {expires_at}\n", invited.code)
            })
        }
        MemberCommand::List { notebook } => list(args, &book, *notebook),
        MemberCommand::Remove { notebook, member } => {
            let way = way(&book, None, None)?;
            wait(members.remove(*notebook, member, &way))??;
            done(args, "removed; what was written before stays where it is, what comes now is under a new key")
        }
        MemberCommand::Role { notebook, member, role } => {
            let way = way(&book, None, None)?;
            wait(members.set_role(*notebook, member, *role, &way))??;
            done(args, "changed")
        }
        MemberCommand::Leave { notebook } => {
            let way = way(&book, None, None)?;
            wait(members.leave(*notebook, &way))??;
            done(args, "left; what was in the notebook stays on this device")
        }
    }
}

fn done(args: &Args, words: &str) -> Result<(), Failure> {
    print(args, &json!({"done": true}), || format!("{words}\n"))
}

fn list(args: &Args, book: &Handbook, notebook: NotebookId) -> Result<(), Failure> {
    book.notebooks().find(notebook)?;
    let found = match book.members().list(notebook) {
        // Never synced: this device alone.
        Err(ayumi_core::app::Error::NotFound { .. }) => Vec::new(),
        other => other?,
    };
    let value: Vec<_> = found
        .iter()
        .map(|one| {
            let mut value =
                json!({"id": one.id, "name": one.name, "role": one.role.key(), "what": one.what.key(), "me": one.me});
            if let (Some(end), Some(object)) = (one.expires_at, value.as_object_mut()) {
                object.insert("expires_at".into(), time(end).into());
            }
            value
        })
        .collect();
    print(args, &json!(value), || {
        if found.is_empty() {
            return "not synced yet: only this device has it\n".into();
        }
        let line = |one: &ayumi_core::app::MemberView| {
            let me = if one.me { " (this device)" } else { "" };
            let until = one.expires_at.map(|end| format!(", until {}", time(end))).unwrap_or_default();
            format!("{}  {:10} {:6}  {}{me}{until}\n", one.id, one.what.key(), one.role.key(), one.name)
        };
        found.iter().map(line).collect()
    })
}

pub(crate) fn join(args: &Args, options: &JoinOptions) -> Result<(), Failure> {
    let book = home::open(args)?;
    let told = Handbook::server_of(&options.code)?;
    let way = way(&book, options.server.as_deref().or(told.as_deref()), None)?;
    let notebook = wait(book.join(&options.code, &way))??;
    let view = book.notebooks().find(notebook)?;
    let role = view.role.map_or("none", |role| role.key());
    print(args, &json!({"notebook": notebook, "name": view.name, "role": role}), || {
        format!("joined {} as {}\n{notebook}\n", view.name, role)
    })
}

/// Writes a page with a code to print.
pub(super) fn write_page(path: &Path, code: &str, lines: &[&str]) -> Result<(), Failure> {
    let picture = picture(code)?;
    // The picture is a document of its own: its head goes, the rest stands in ours.
    let inner = picture.split_once("?>").map_or(picture.as_str(), |(_, rest)| rest);
    let mut text = String::new();
    for (i, line) in lines.iter().enumerate() {
        let y = 420 + i * 26;
        text += &format!("<text x=\"300\" y=\"{y}\" text-anchor=\"middle\" font-size=\"17\">{line}</text>");
    }
    let groups: Vec<&str> = code.split('-').collect();
    for (i, part) in groups.chunks(5).enumerate() {
        let (y, part) = (540 + i * 34, part.join("-"));
        text += &format!(
            "<text x=\"300\" y=\"{y}\" text-anchor=\"middle\" font-size=\"24\" font-family=\"monospace\">{part}</text>"
        );
    }
    let page = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 600 680\" font-family=\"sans-serif\"><rect width=\"600\" height=\"680\" \
         fill=\"#fff\"/><svg x=\"120\" y=\"30\" width=\"360\" height=\"360\" viewBox=\"0 0 360 360\">{inner}</svg>{text}</svg>\n"
    );
    write_file(path, page.as_bytes())
}
