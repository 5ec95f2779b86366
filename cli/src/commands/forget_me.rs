//! `forget-me`: everything of this carer's off the server and off this device.

use ayumi_core::app::{Handbook, Parting, PartingFrom, texts};
use serde_json::{Value, json};

use crate::args::GlobalArgs;
use crate::connection::{connect, wait};
use crate::home;
use crate::output::{Failure, agrees, hint, print, time};
use crate::words::said;

#[derive(Debug, clap::Args)]
pub(crate) struct ForgetMeOptions {
    /// Leave the server as it is: only this device forgets
    #[arg(long)]
    pub only_here: bool,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

pub(crate) fn run(args: &GlobalArgs, options: &ForgetMeOptions) -> Result<(), Failure> {
    let handbook = home::open(args)?;
    let at_server = !options.only_here && handbook.sync().server()?.is_some();
    let planned: Vec<PartingFrom> = handbook
        .members()
        .partings()?
        .into_iter()
        .map(|from| PartingFrom { parting: if at_server { from.parting } else { Parting::OnlyHere }, ..from })
        .collect();
    if !options.yes {
        let list = if at_server { lines(args, &planned) } else { String::new() };
        hint(&format!("{list}{}", texts::members("forget_me_stays", args.locale)));
        let questions = [
            "Forget everything: all notebooks, words, photos and keys on this device, and what is yours alone at the server? Type yes: ",
            "It cannot be taken back. Type yes once more: ",
        ];
        for question in questions {
            if !agrees(&said(args.locale, question))? {
                return Err(Failure::Input("nothing was forgotten".into()));
            }
        }
    }
    let parted =
        if at_server { wait(handbook.members().forget_me(&connect(&handbook, None, None)?))?? } else { planned };
    let offline = parted.iter().any(|from| from.parting == Parting::Offline);
    if !offline {
        erase(args, handbook)?;
    }
    let value = json!({
        "device": if offline { "kept" } else { "forgotten" },
        "notebooks": parted.iter().map(row).collect::<Vec<_>>(),
    });
    print(args, &value, || {
        let end = match offline {
            true => said(
                args.locale,
                "This device was left as it is. Do it again later, or without the server: ayumi forget-me --only-here",
            ),
            false => texts::members("forget_me_stays", args.locale).to_owned(),
        };
        format!("{}{end}\n", if at_server { lines(args, &parted) } else { String::new() })
    })?;
    if offline { Err(Failure::Silent(1)) } else { Ok(()) }
}

/// Deletes the file and its key.
fn erase(args: &GlobalArgs, handbook: Handbook) -> Result<(), Failure> {
    drop(handbook);
    Handbook::delete(&home::config(args)?)?;
    home::forget_key(args)
}

fn row(from: &PartingFrom) -> Value {
    let mut value = json!({"id": from.notebook, "parting": from.parting.key()});
    if let Some(until) = from.until {
        value["until"] = time(until).into();
    }
    value
}

fn lines(args: &GlobalArgs, all: &[PartingFrom]) -> String {
    let line = |from: &PartingFrom| format!("{}: {}\n", from.notebook, from.parting.told(args.locale));
    all.iter().map(line).collect()
}
