//! `member`: invite, list, remove, role, leave.

use ayumi_core::app::{Error, Handbook, LostInNotebook, LostOutcome, MemberView, NotebookId, Role};
use std::path::PathBuf;

use serde_json::json;

use crate::args::GlobalArgs;
use crate::args::value::{notebook_id, role};
use crate::commands::join::shown;
use crate::connection::{connect, wait};
use crate::output::{Failure, print, time, write_file};
use crate::words::{said, tell};
use crate::{home, picture};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum MemberCommand {
    /// Open an invitation: a code that lets one device in, once, within a day
    #[command(after_help = "Example:\n  ayumi member invite NOTEBOOK --role writer --name 父 --svg code.svg")]
    Invite {
        #[arg(value_parser = notebook_id)]
        notebook: NotebookId,
        /// reader reads; writer writes too; owner also says who else does
        #[arg(long, value_parser = role, value_name = "owner|writer|reader")]
        role: Role,
        /// For another device of your own: it counts as you
        #[arg(long)]
        mine: bool,
        /// Whom it is for, for your own list
        #[arg(long, default_value = "")]
        name: String,
        /// Also draw the code
        #[arg(long, value_name = "FILE")]
        svg: Option<PathBuf>,
    },
    /// Members, open invitations, the recovery print
    #[command(after_help = "Example:\n  ayumi member list NOTEBOOK")]
    List {
        #[arg(value_parser = notebook_id)]
        notebook: NotebookId,
    },
    /// Take a member, a lost phone, an invitation or the print out; a new key is made for those who stay
    #[command(after_help = "Example:\n  ayumi member remove NOTEBOOK MEMBER")]
    Remove {
        #[arg(value_parser = notebook_id)]
        notebook: NotebookId,
        /// As in "member list"
        member: String,
        /// Also the person's other devices
        #[arg(long)]
        with_devices: bool,
        /// Also all whom the person let in, and whom those let in
        #[arg(long)]
        with_let_in: bool,
    },
    /// A phone is lost: take it, or a person with all devices, out of every notebook at once
    #[command(after_help = "Examples:\n  ayumi member lost\n  ayumi member lost --person 父")]
    Lost {
        /// A name, or an id as in "member list"; without it, every other device of your own
        #[arg(long, value_name = "P")]
        person: Option<String>,
    },
    /// Change what a member may do
    #[command(after_help = "Example:\n  ayumi member role NOTEBOOK MEMBER --role owner")]
    Role {
        #[arg(value_parser = notebook_id)]
        notebook: NotebookId,
        /// As in "member list"
        member: String,
        #[arg(long, value_parser = role, value_name = "owner|writer|reader")]
        role: Role,
    },
    /// Leave a notebook; what is in it stays on this device
    #[command(after_help = "Example:\n  ayumi member leave NOTEBOOK")]
    Leave {
        #[arg(value_parser = notebook_id)]
        notebook: NotebookId,
    },
}

pub(crate) fn run(args: &GlobalArgs, command: &MemberCommand) -> Result<(), Failure> {
    let handbook = home::open(args)?;
    let members = handbook.members();
    match command {
        MemberCommand::Invite { notebook, role, mine, name, svg } => {
            let server = connect(&handbook, None, None)?;
            let invited = if *mine {
                wait(members.invite_own_device(*notebook, *role, name, &server))??
            } else {
                wait(members.invite(*notebook, *role, name, &server))??
            };
            if let Some(path) = svg {
                write_file(path, picture::of_code(&invited.code)?.as_bytes())?;
            }
            let expires_at = time(invited.expires_at);
            print(args, &json!({"code": invited.code, "expires_at": expires_at}), || {
                let words = tell(args.locale, "lets one device in, once, until {until}", &[("until", &expires_at)]);
                format!("{}\n{words}\n", invited.code)
            })
        }
        MemberCommand::List { notebook } => list(args, &handbook, *notebook),
        MemberCommand::Remove { notebook, member, with_devices, with_let_in } => {
            let also = Also { devices: *with_devices, let_in: *with_let_in };
            remove(args, &handbook, *notebook, member, also)
        }
        MemberCommand::Lost { person } => lost(args, &handbook, person.as_deref()),
        MemberCommand::Role { notebook, member, role } => {
            let server = connect(&handbook, None, None)?;
            wait(members.set_role(*notebook, member, *role, &server))??;
            done(args, "changed")
        }
        MemberCommand::Leave { notebook } => {
            let server = connect(&handbook, None, None)?;
            wait(members.leave(*notebook, &server))??;
            done(args, "left; what was in the notebook stays on this device")
        }
    }
}

/// Who goes with a member.
struct Also {
    devices: bool,
    let_in: bool,
}

fn remove(
    args: &GlobalArgs,
    handbook: &Handbook,
    notebook: NotebookId,
    member: &str,
    also: Also,
) -> Result<(), Failure> {
    let (members, server) = (handbook.members(), connect(handbook, None, None)?);
    let companions = members.companions(notebook, member)?;
    wait(members.remove(notebook, member, &server))??;
    let (mut removed, mut stay) = (vec![member.to_owned()], Vec::new());
    let with = [("same_person", companions.devices, also.devices), ("let_in", companions.let_in, also.let_in)];
    for (why, companions, goes) in with {
        for companion in companions {
            // Who has left meanwhile, or is this very device, is not taken out.
            if goes && !companion.me {
                match wait(members.remove(notebook, &companion.id, &server))? {
                    Ok(()) | Err(Error::NotFound { .. }) => removed.push(companion.id),
                    Err(Error::Senior) => stay.push(("senior", companion)),
                    Err(error) => return Err(error.into()),
                }
            } else {
                stay.push((why, companion));
            }
        }
    }
    let staying: Vec<_> = stay.iter().map(|(why, m)| json!({"id": m.id, "name": m.name, "why": why})).collect();
    print(args, &json!({"done": true, "removed": removed, "staying": staying}), || {
        let line = |(why, member): &(&str, MemberView)| {
            let why = match *why {
                "same_person" => "another device of the same person; takes it out, too: --with-devices",
                "let_in" => "was let in by them; takes them out, too: --with-let-in",
                _ => "has been an owner for longer than you",
            };
            let blanks = [("who", format!("{}  {}", member.id, member.name)), ("why", said(args.locale, why))];
            tell(args.locale, "stays: {who} ({why})", &blanks.each_ref().map(|(name, text)| (*name, text.as_str())))
                + "\n"
        };
        let stay: String = stay.iter().map(line).collect();
        let words = "removed; what was written before stays where it is, what comes now is under a new key";
        format!("{}\n{stay}", said(args.locale, words))
    })
}

fn lost(args: &GlobalArgs, handbook: &Handbook, person: Option<&str>) -> Result<(), Failure> {
    let server = connect(handbook, None, None)?;
    let all = wait(handbook.members().lost(person, &server))??;
    let row = |one: &LostInNotebook| {
        let removed: Vec<_> = one.removed.iter().map(|m| json!({"id": m.id, "name": m.name})).collect();
        json!({"id": one.notebook, "outcome": one.outcome.key(), "removed": removed})
    };
    print(args, &json!({"notebooks": all.iter().map(row).collect::<Vec<_>>()}), || {
        let line = |one: &LostInNotebook| {
            let words = match one.outcome {
                LostOutcome::Removed => {
                    "taken out; every print of this notebook is void, make a new one: ayumi recovery print"
                }
                LostOutcome::NotThere => "no such device is there",
                LostOutcome::SeveralOfThisName => {
                    "several have this name: ayumi member list, then ayumi member lost --person ID"
                }
                LostOutcome::NotAnOwner => "you are no owner there: ask one",
                LostOutcome::Senior => {
                    "they have been an owner for longer: ayumi notebook begin-anew takes you on without them"
                }
                LostOutcome::Offline => "the server was not reached: do it again",
                LostOutcome::Stopped => "has stopped, or you are no member there: ayumi sync says more",
            };
            let out = |m: &MemberView| format!("  {}: {}  {}\n", said(args.locale, "out"), m.id, m.name);
            let removed: String = one.removed.iter().map(out).collect();
            format!("{}: {}\n{removed}", one.notebook, said(args.locale, words))
        };
        all.iter().map(line).collect()
    })?;
    let well = |one: &LostInNotebook| matches!(one.outcome, LostOutcome::Removed | LostOutcome::NotThere);
    if all.iter().all(well) { Ok(()) } else { Err(Failure::Silent(1)) }
}

fn done(args: &GlobalArgs, words: &str) -> Result<(), Failure> {
    print(args, &json!({"done": true}), || format!("{}\n", said(args.locale, words)))
}

fn list(args: &GlobalArgs, handbook: &Handbook, notebook: NotebookId) -> Result<(), Failure> {
    handbook.notebooks().find(notebook)?;
    let members = match handbook.members().list(notebook) {
        // Never synced: this device almember.
        Err(ayumi_core::app::Error::NotFound { .. }) => Vec::new(),
        other => other?,
    };
    let value: Vec<_> = members
        .iter()
        .map(|member| {
            let mut value =
                json!({"id": member.id, "name": member.name, "role": member.role.key(), "what": member.what.key(), "me": member.me,
                       "person": member.person});
            if let Some(by) = &member.let_in_by {
                value["let_in_by"] = by.as_str().into();
            }
            if let Some(end) = member.expires_at {
                value["expires_at"] = time(end).into();
            }
            if let Some(words) = &member.words {
                value["words"] = json!(words.hiragana);
            }
            value
        })
        .collect();
    print(args, &json!(value), || {
        if members.is_empty() {
            return format!("{}\n", said(args.locale, "not synced yet: only this device has it"));
        }
        let line = |member: &MemberView| {
            let me = if member.me { said(args.locale, " (this device)") } else { String::new() };
            let until = member.expires_at.map(|end| tell(args.locale, ", until {until}", &[("until", &time(end))]));
            let until = until.unwrap_or_default();
            let words = member.words.as_ref().map(|words| format!("    {}\n", shown(words, args.locale)));
            let words = words.unwrap_or_default();
            format!(
                "{}  {:10} {:6}  {}{me}{until}\n{words}",
                member.id,
                member.what.key(),
                member.role.key(),
                member.name
            )
        };
        members.iter().map(line).collect()
    })
}
