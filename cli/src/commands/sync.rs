//! `sync`.

use ayumi_core::app::{Locale, NotebookId, texts};
use std::path::PathBuf;

use ayumi_core::app::sync::{Budget, NotebookSync, OddWords, SyncOutcome, SyncReport, SyncState, SyncWhy};
use serde_json::{Value, json};

use crate::args::GlobalArgs;
use crate::args::value::notebook_id;
use crate::connection::{connect, wait};
use crate::home;
use crate::output::{Failure, print, progress, time};
use crate::words::{fill, said, tell};

#[derive(Debug, clap::Args)]
pub(crate) struct SyncOptions {
    /// The municipality's server; remembered. Another one than before gets everything, and nothing is lost
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
    /// A municipality's ticket (T-…); the next notebook that begins at its server uses it
    #[arg(long, value_name = "CODE")]
    pub ticket: Option<String>,
    /// Stop after so many milliseconds; the next sync goes on
    #[arg(long, value_name = "N")]
    pub budget_ms: Option<u64>,
    /// Go on with a notebook that had stopped
    #[arg(long, value_name = "NOTEBOOK", value_parser = notebook_id)]
    pub go_on: Option<NotebookId>,
    /// Trust this certificate too (PEM); remembered nowhere
    #[arg(long, value_name = "FILE", env = "AYUMI_CA")]
    pub ca: Option<PathBuf>,
}

pub(crate) fn run(args: &GlobalArgs, options: &SyncOptions) -> Result<(), Failure> {
    let handbook = home::open(args)?;
    if let Some(notebook) = options.go_on {
        handbook.sync().go_on(notebook)?;
    }
    let server = match connect(&handbook, options.server.as_deref(), options.ca.as_deref()) {
        Err(Failure::Other(words)) if args.json => {
            print(
                args,
                &json!({"outcome": SyncOutcome::NoServer.key(), "message": said(args.locale, &words)}),
                String::new,
            )?;
            return Err(Failure::Silent(1));
        }
        other => other?,
    };
    if let Some(ticket) = &options.ticket {
        handbook.sync().add_ticket(ticket)?;
    }
    let bar = progress(None);
    let progress = |done: u64, all: u64| {
        bar.set_length(all);
        bar.set_position(done);
    };
    let budget = Budget { time_ms: options.budget_ms, background: false };
    let report = wait(handbook.sync().run(&server, budget, &progress))??;
    if matches!(report.outcome, SyncOutcome::Done | SyncOutcome::Removed | SyncOutcome::Gone) {
        wait(handbook.members().extend_recovery(&server))??;
    }
    bar.finish_and_clear();
    let states = handbook.sync().states()?;
    let value = report_json(&report, &states);
    print(args, &value, || {
        let words = said(args.locale, outcome_words(report.outcome));
        let notebooks: String = report.notebooks.iter().map(|notebook| notebook_lines(notebook, args.locale)).collect();
        let odd = odd_lines(&report.odd, args.locale);
        let apart = match report.apart {
            0 => String::new(),
            many => {
                let words =
                    "{many} that came may not stand in their notebook, or are of a newer app: kept, not shown\n";
                tell(args.locale, words, &[("many", &many.to_string())])
            }
        };
        let provisional = states.iter().filter_map(|state| Some(format!("{}\n", state.told(args.locale)?)));
        let provisional: String = provisional.collect();
        let numbers = [
            ("sent", report.pushed),
            ("came", report.pulled),
            ("waiting", report.waiting),
            ("refused", report.refused),
            ("questions", report.round_trips),
            ("up", report.bytes_up),
            ("down", report.bytes_down),
        ];
        let numbers = numbers.map(|(name, number)| (name, number.to_string()));
        let sums = "sent {sent}, came {came}, waiting {waiting}, refused {refused}\n{questions} questions, {up} bytes up, {down} bytes down\n";
        let sums = tell(args.locale, sums, &numbers.each_ref().map(|(name, number)| (*name, number.as_str())));
        format!("{words}\n{notebooks}{provisional}{odd}{apart}{sums}")
    })?;
    match report.outcome {
        SyncOutcome::Done | SyncOutcome::Removed | SyncOutcome::Gone | SyncOutcome::More => Ok(()),
        _ => Err(Failure::Silent(1)),
    }
}

/// A sync in JSON.
fn report_json(report: &SyncReport, states: &[SyncState]) -> Value {
    let stopped = |state: &SyncState| Some(json!({"notebook": state.notebook, "why": state.halted?.key()}));
    let stopped: Vec<_> = states.iter().filter_map(stopped).collect();
    json!({
        "outcome": report.outcome.key(),
        "pushed": report.pushed,
        "pulled": report.pulled,
        "thumbnails_pushed": report.thumbnails_pushed,
        "thumbnails_pulled": report.thumbnails_pulled,
        "photos_pushed": report.photos_pushed,
        "bytes_up": report.bytes_up,
        "bytes_down": report.bytes_down,
        "round_trips": report.round_trips,
        "waiting": report.waiting,
        "refused": report.refused,
        "retry_ms": report.retry_ms,
        "stopped": stopped,
        "notebooks": report.notebooks.iter().map(notebook_json).collect::<Vec<_>>(),
        "odd": report.odd.iter().map(odd_json).collect::<Vec<_>>(),
        "unread": states.iter().map(|state| state.unread).sum::<u64>(),
        "apart": states.iter().map(|state| state.apart).sum::<u64>(),
        "provisional": states.iter().map(|state| state.provisional).sum::<u64>(),
    })
}

/// How a sync ended, in words.
const fn outcome_words(outcome: SyncOutcome) -> &'static str {
    match outcome {
        SyncOutcome::Done => "everything is sent, and everything has come",
        SyncOutcome::Removed => "you were taken out of a notebook; everything else is sent, and has come",
        SyncOutcome::Gone => "a notebook is closed at the server, or gone there; everything else is sent, and has come",
        SyncOutcome::More => "something still waits; the next sync goes on",
        SyncOutcome::Offline => "the server cannot be reached now; your entries wait safely",
        SyncOutcome::NoServer => "no server is known yet",
        SyncOutcome::Full => "the server has no room left for a notebook; your entries wait safely",
        SyncOutcome::NoTicket => {
            "this server takes new notebooks with a ticket of your municipality only; your entries wait safely. Ask for one, then: \
                 ayumi sync --ticket CODE"
        }
        SyncOutcome::Halted => {
            "a notebook has stopped. Nothing of yours is lost. Ask your municipality; then go on with --go-on NOTEBOOK"
        }
        SyncOutcome::Failed => {
            "a notebook's sync failed by a defect of this program; everything else had its turn, and nothing is lost"
        }
        SyncOutcome::Busy => "another sync is running",
    }
}

/// Whose phones wrote words that no honest one writes so.
fn odd_lines(odd: &[OddWords], locale: Locale) -> String {
    odd.iter().flat_map(|odd| odd.told(locale)).map(|words| format!("{words}\n")).collect()
}

fn odd_json(odd: &OddWords) -> Value {
    json!({"notebook": odd.notebook, "member": odd.member, "doubled": odd.doubled, "back_dated": odd.back_dated,
        "two_tongues": odd.two_tongues, "displaced": odd.displaced})
}

fn notebook_json(notebook: &NotebookSync) -> Value {
    let last_heard: Vec<Value> =
        notebook.last_heard.iter().map(|heard| json!({"member": heard.member, "at": heard.at})).collect();
    let mut value = json!({
        "id": notebook.notebook,
        "outcome": notebook.outcome.key(),
        "waiting": notebook.waiting,
        "last_heard": last_heard,
    });
    if !notebook.absent.is_empty() {
        let absent = notebook.absent.iter().map(|absent| json!({"named_by": absent.named_by, "of": absent.of}));
        value["absent"] = absent.collect();
    }
    if let Some(why) = notebook.why {
        value["why"] = why.key().into();
    }
    if let Some(name) = &notebook.waiting_for {
        value["for"] = name.as_str().into();
    }
    if let Some(by) = notebook.removed_by.as_ref().or(notebook.closed_by.as_ref()) {
        value["by"] = by.as_str().into();
    }
    if let Some(at) = notebook.ends_at {
        value["ends_at"] = time(at).into();
    }
    if let Some(at) = notebook.gone_at {
        value[if notebook.why == Some(SyncWhy::Closed) { "until" } else { "since" }] = time(at).into();
    }
    value
}

/// What a carer must know of a notebook.
fn notebook_lines(notebook: &NotebookSync, locale: Locale) -> String {
    let ends = |at: u64| {
        let words = texts::members("sync_ends", locale).replace("{on}", time(at).split('T').next().unwrap_or_default());
        format!("{}: {words}\n", notebook.notebook)
    };
    let ends = notebook.ends_at.map(ends).unwrap_or_default();
    let absent = notebook.absent.iter().map(|absent| format!("{}: {}\n", notebook.notebook, absent.told(locale)));
    let absent: String = absent.collect();
    format!("{}{ends}{absent}", notebook_words(notebook, locale).unwrap_or_default())
}

/// What a carer must know of a notebook that is not done.
fn notebook_words(notebook: &NotebookSync, locale: Locale) -> Option<String> {
    let (id, waiting) = (notebook.notebook.to_string(), notebook.waiting.to_string());
    let owner = said(locale, "an owner");
    let somebody = said(locale, "who invited you");
    let name =
        |name: &Option<String>, else_: &str| name.clone().filter(|name| !name.is_empty()).unwrap_or(else_.to_owned());
    let halt = notebook.halted.map_or_else(String::new, |halt| said(locale, &halt.to_string()));
    let by = name(&notebook.removed_by, &name(&notebook.closed_by, &owner));
    let waiting_for = name(&notebook.waiting_for, &somebody);
    let until = notebook.gone_at.map(time).unwrap_or_default();
    let why = notebook.why?;
    let words = match why {
        SyncWhy::Failed => format!("{}; {{waiting}}", texts::members("sync_failed", locale)),
        _ => said(locale, why_words(why)),
    };
    let blanks = [
        ("id", id.as_str()),
        ("waiting", &waiting),
        ("by", &by),
        ("until", &until),
        ("name", &waiting_for),
        ("halt", &halt),
    ];
    Some(format!("{id}: {}\n", fill(&words, &blanks)))
}

/// Why a notebook is not done, in words.
const fn why_words(why: SyncWhy) -> &'static str {
    match why {
        SyncWhy::NotReached => "not reached; {waiting} wait safely",
        SyncWhy::NoTime => "the time was over; {waiting} wait",
        SyncWhy::Provisional => "another member's phone shows what was written; the log follows; {waiting} wait",
        SyncWhy::NoRoom => "the server has no room left; {waiting} wait safely",
        SyncWhy::NoTicket => {
            "the server takes a new notebook only with a ticket of your municipality; {waiting} wait safely"
        }
        SyncWhy::Stopped => "has stopped: {halt}; {waiting} wait safely",
        SyncWhy::Removed => {
            "you were taken out by {by}. What you had stays readable here; ask an owner to invite you again"
        }
        SyncWhy::Replaced => {
            "another device has taken this one's place under new keys. If you moved to it, all is well, and what you write \
             goes on there. If it was not you, come back with your recovery sheet (ayumi recover CODE), then take it out \
             (ayumi member list {id}, ayumi member remove)"
        }
        SyncWhy::Closed => {
            "closed at this server by {by}. It stays on this device; {waiting} wait. Until {until} an owner can take it back: \
             ayumi notebook close --undo {id}"
        }
        SyncWhy::ClosedForGood => {
            "closed by its owners and deleted at this server. What you have stays readable here; another server may be told it"
        }
        SyncWhy::Forgotten => {
            "this server deleted it, as somebody had asked whoever runs it. What you have stays readable here; another server \
             may be told it"
        }
        SyncWhy::Expired => {
            "this server deleted it, because its time was over or nobody came for long; {waiting} wait safely here. With a \
             ticket of your municipality it begins there again: ayumi sync --ticket CODE"
        }
        SyncWhy::NewerApp => "{waiting} wait until the app is updated",
        SyncWhy::NotTaken => "the server does not take {waiting} changes of others; they stay here",
        SyncWhy::NoKey => "{waiting} wait: this device lacks the present key; an owner must make a new one",
        SyncWhy::NotConfirmed => {
            "waiting for the phone of {name}; {waiting} wait safely and are sent when it has answered"
        }
        // The core's own words.
        SyncWhy::Failed => "",
        SyncWhy::ClockAhead => "{waiting} wait for their time: a phone's clock was ahead",
    }
}

#[cfg(test)]
mod tests {
    use ayumi_core::sync::halt::Halt;

    use super::*;

    /// What a sync says is a table here, so that the test of all sentences does not see it.
    #[test]
    fn every_sentence_of_a_sync_is_translated() {
        let whys = [
            SyncWhy::NotReached,
            SyncWhy::NoTime,
            SyncWhy::Provisional,
            SyncWhy::NoRoom,
            SyncWhy::NoTicket,
            SyncWhy::Stopped,
            SyncWhy::Removed,
            SyncWhy::Replaced,
            SyncWhy::Closed,
            SyncWhy::ClosedForGood,
            SyncWhy::Forgotten,
            SyncWhy::Expired,
            SyncWhy::NewerApp,
            SyncWhy::NotTaken,
            SyncWhy::NoKey,
            SyncWhy::NotConfirmed,
            SyncWhy::ClockAhead,
        ];
        let outcomes = [
            SyncOutcome::Done,
            SyncOutcome::Removed,
            SyncOutcome::Gone,
            SyncOutcome::More,
            SyncOutcome::Offline,
            SyncOutcome::NoServer,
            SyncOutcome::Full,
            SyncOutcome::NoTicket,
            SyncOutcome::Halted,
            SyncOutcome::Failed,
            SyncOutcome::Busy,
        ];
        let halts = Halt::ALL.map(|halt| halt.to_string());
        let all = whys.map(why_words).into_iter().chain(outcomes.map(outcome_words)).map(str::to_owned);
        for english in all.chain(halts) {
            for locale in [Locale::Ja, Locale::JaEasy] {
                assert!(!said(locale, &english).is_ascii(), "{english}");
            }
        }
    }
}
