//! `join`: enter a notebook with a code; go on when six words were compared.

use ayumi_core::app::{Confirmed, Handbook, JoinWords, Locale, Members, NotebookId, texts};
use serde_json::json;

use crate::args::GlobalArgs;
use crate::args::value::notebook_id;
use crate::connection::{connect, wait};
use crate::home;
use crate::output::{Failure, agrees, print};

/// Arguments of `ayumi join`.
#[derive(Debug, clap::Args)]
pub(crate) struct JoinOptions {
    /// As it was given; blanks and dashes do not matter
    #[arg(required_unless_present_any = ["words_match", "nobody_to_ask"], conflicts_with_all = ["words_match", "nobody_to_ask"])]
    pub code: Option<String>,
    /// The municipality's server, if the code does not name it
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
    /// The six words are the same on the phone of somebody who had this notebook before: go on at once
    #[arg(long, value_name = "NOTEBOOK", value_parser = notebook_id, conflicts_with = "nobody_to_ask")]
    pub words_match: Option<NotebookId>,
    /// Nobody is left who could show the words: go on all the same; asks first
    #[arg(long, value_name = "NOTEBOOK", value_parser = notebook_id)]
    pub nobody_to_ask: Option<NotebookId>,
    /// With --nobody-to-ask: do not ask
    #[arg(long, requires = "nobody_to_ask")]
    pub yes: bool,
}

pub(crate) fn run(args: &GlobalArgs, options: &JoinOptions) -> Result<(), Failure> {
    let handbook = home::open(args)?;
    match (&options.code, options.words_match, options.nobody_to_ask) {
        (_, Some(notebook), _) => confirm(args, &handbook, notebook, Confirmed::WordsMatch),
        (_, _, Some(notebook)) => {
            let warning = texts::members("nobody_to_ask", args.locale);
            if !options.yes && !agrees(&format!("{warning} yes: "))? {
                return Err(Failure::Input("nothing was changed".into()));
            }
            confirm(args, &handbook, notebook, Confirmed::NobodyToAsk)
        }
        (Some(code), ..) => join(args, &handbook, code, options.server.as_deref()),
        (None, None, None) => Err(Failure::Input("a code is missing".into())),
    }
}

fn join(args: &GlobalArgs, handbook: &Handbook, code: &str, server: Option<&str>) -> Result<(), Failure> {
    let named = Members::server_of(code)?;
    let server = connect(handbook, server.or(named.as_deref()), None)?;
    let notebook = wait(handbook.members().join(code, &server))??;
    let view = handbook.notebooks().find(notebook)?;
    let role = view.role.map_or("none", |role| role.key());
    let unconfirmed = handbook.members().unconfirmed(notebook)?;
    let mut value = json!({"notebook": notebook, "name": view.name, "role": role, "state": "confirmed"});
    if let Some(waits) = &unconfirmed {
        value["state"] = "waiting".into();
        value["for"] = waits.maker.as_str().into();
        value["words"] = json!(waits.words.hiragana);
    }
    print(args, &value, || {
        let waits = unconfirmed.as_ref().map(|waits| {
            let (told, words) = (waits.told(args.locale), shown(&waits.words, args.locale));
            format!("{told}\n{}\n  {words}\n", texts::members("compare_words", args.locale))
        });
        format!("joined {} as {}\n{notebook}\n{}", view.name, role, waits.unwrap_or_default())
    })
}

fn confirm(args: &GlobalArgs, handbook: &Handbook, notebook: NotebookId, why: Confirmed) -> Result<(), Failure> {
    handbook.members().confirm(notebook, why)?;
    print(args, &json!({"notebook": notebook, "state": "confirmed"}), || {
        format!("{}\n", texts::members("confirmed", args.locale))
    })
}

/// Six words as they are read aloud.
pub(super) fn shown(words: &JoinWords, locale: Locale) -> String {
    match locale {
        Locale::Ja | Locale::JaEasy => words.hiragana.join("・"),
        Locale::En => {
            let pairs = words.hiragana.iter().zip(&words.english);
            pairs.map(|(hiragana, english)| format!("{hiragana} ({english})")).collect::<Vec<_>>().join(", ")
        }
    }
}
