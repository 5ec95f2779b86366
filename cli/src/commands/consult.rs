//! `consult`: the guide to red flags.

use ayumi_core::app::FlagView;
use clap::Subcommand;
use serde_json::{Value, json};

use crate::args::GlobalArgs;
use crate::home;
use crate::output::{Failure, print};

#[derive(Debug, Subcommand)]
pub(crate) enum ConsultCommand {
    /// When not to wait: signs that you can see, and what to do. Works without a network, and notes nothing
    #[command(after_help = "Examples:\n  ayumi consult guide\n  ayumi consult guide night_illness")]
    Guide {
        /// Only those of a topic: development, pregnancy, pregnancy_hidden, mind, violence, loss, night_illness, poison, foreign,
        /// general
        topic: Option<String>,
    },
}

pub(crate) fn run(args: &GlobalArgs, command: &ConsultCommand) -> Result<(), Failure> {
    let ConsultCommand::Guide { topic } = command;
    let guide = home::open(args)?.guide();
    let flags = guide.flags(topic.as_deref())?;
    let row = |flag: &FlagView| {
        json!({
            "flag": flag.flag, "ask": flag.ask, "act": flag.act, "do": flag.steps, "dont": flag.dont, "tell": flag.tell,
        })
    };
    print(args, &flags.iter().map(row).collect::<Value>(), || {
        let line = |flag: &FlagView| {
            let steps: String = flag.steps.iter().map(|step| format!("  → {step}\n")).collect();
            let dont: String = flag.dont.iter().map(|step| format!("  ✕ {step}\n")).collect();
            let tell: String = flag.tell.iter().map(|step| format!("  ☎ {step}\n")).collect();
            format!("{}\n{steps}{dont}{tell}", flag.ask)
        };
        let remark = guide.remark();
        let head = if remark.is_empty() { String::new() } else { format!("({remark})\n") };
        format!("{head}{}", flags.iter().map(line).collect::<String>())
    })
}
