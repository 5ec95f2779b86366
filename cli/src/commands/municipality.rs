//! `municipality`: whose feed this device reads.

use ayumi_core::app::{Handbook, Locale, MunicipalityView};
use clap::Subcommand;
use serde_json::{Value, json};

use super::join::shown;
use crate::args::GlobalArgs;
use crate::connection::wait;
use crate::home;
use crate::output::{Failure, agrees, hint, print, time};
use crate::words::{said, tell};

#[derive(Debug, Subcommand)]
pub(crate) enum MunicipalityCommand {
    /// Follow a municipality's notices and desks: shows six words to compare with those that it has printed
    #[command(
        after_help = "Examples:\n  ayumi municipality follow https://ayumi.city.example\n  ayumi municipality follow --words-match"
    )]
    Follow {
        /// Where the municipality's server is
        #[arg(required_unless_present = "words_match", conflicts_with = "words_match")]
        url: Option<String>,
        /// The six words are those that the municipality has printed: go on
        #[arg(long)]
        words_match: bool,
    },
    /// The municipality that is followed, and how fresh what is shown is
    #[command(after_help = "Example:\n  ayumi municipality show")]
    Show,
    /// Say where in the municipality you live, or in which language you read its notices. Both stay on this device
    #[command(
        after_help = "Examples:\n  ayumi municipality choose --area north\n  ayumi municipality choose --language vi\n  ayumi municipality choose --area \"\""
    )]
    Choose {
        /// A part of the municipality, as "municipality show" lists them; empty for none
        #[arg(long, value_name = "AREA", required_unless_present = "language")]
        area: Option<String>,
        /// A language's code, such as vi; empty for that of the words
        #[arg(long, value_name = "CODE")]
        language: Option<String>,
    },
    /// Leave it: everything of it is deleted on this device
    #[command(after_help = "Example:\n  ayumi municipality leave")]
    Leave {
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

pub(crate) fn run(args: &GlobalArgs, command: &MunicipalityCommand) -> Result<(), Failure> {
    let handbook = home::open_reading(args)?;
    match command {
        MunicipalityCommand::Follow { url: Some(url), .. } => {
            let municipality = handbook.municipality();
            let (address, feed) = municipality.connection_to(url)?;
            let met = wait(municipality.meet(&address, &feed))??;
            if met.follows { look(args, &handbook) } else { compare(args, &met) }
        }
        MunicipalityCommand::Follow { url: None, .. } => {
            handbook.municipality().words_match()?;
            look(args, &handbook)
        }
        MunicipalityCommand::Show => show(args, &handbook),
        MunicipalityCommand::Choose { area, language } => {
            let chosen = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
            if let Some(area) = area {
                handbook.municipality().choose_area(chosen(area).as_deref())?;
            }
            if let Some(language) = language {
                handbook.municipality().choose_language(chosen(language).as_deref())?;
            }
            show(args, &handbook)
        }
        MunicipalityCommand::Leave { yes } => {
            let question = said(args.locale, "Delete everything of this municipality on this device? Type yes: ");
            if !yes && !agrees(&question)? {
                return Err(Failure::Input("nothing was changed".into()));
            }
            handbook.municipality().leave()?;
            print(args, &json!({"left": true}), || {
                format!("{}\n", said(args.locale, "left: nothing of it is on this device any more"))
            })
        }
    }
}

/// Takes the first edition, and shows what is known then. A feed that cannot be had now is followed all the same.
fn look(args: &GlobalArgs, handbook: &Handbook) -> Result<(), Failure> {
    let municipality = handbook.municipality();
    match wait(municipality.check(&municipality.connection()?))? {
        Ok(_) => {}
        Err(error) => hint(&format!("ayumi: {}", crate::words::error(args.locale, &error))),
    }
    show(args, handbook)
}

/// Shows the six words of what was met.
fn compare(args: &GlobalArgs, met: &MunicipalityView) -> Result<(), Failure> {
    print(args, &view_json(met), || {
        let words = shown(&met.words, args.locale);
        tell(
            args.locale,
            "{id}\nCompare these six words with those that the municipality has printed:\n{words}\nOnly if they are the same: ayumi municipality follow --words-match\n",
            &[("id", &met.id), ("words", &words)],
        )
    })
}

fn show(args: &GlobalArgs, handbook: &Handbook) -> Result<(), Failure> {
    match handbook.municipality().show()? {
        Some(view) if !view.follows => compare(args, &view),
        Some(view) => print(args, &view_json(&view), || view_text(&view, args.locale)),
        None => print(args, &Value::Null, || {
            format!("{}\n", said(args.locale, "no municipality is followed: ayumi municipality follow URL"))
        }),
    }
}

fn view_json(view: &MunicipalityView) -> Value {
    let mut value = json!({
        "id": view.id,
        "name": view.name,
        "address": view.address,
        "state": if view.follows { "following" } else { "waiting" },
        "words": view.words.hiragana,
        "outcome": view.outcome,
        "never_compared": view.never_compared,
        "sample": view.sample,
        "paused": view.paused,
        "told": view.told,
        "key_ends_at": time(view.key_ends_at),
        "areas": view.areas.iter().map(|area| json!({"id": area.id, "name": area.name})).collect::<Value>(),
        "language": view.language,
    });
    let texts = [("edition", &view.edition), ("reason", &view.reason), ("area", &view.area)];
    for (key, text) in texts.into_iter().filter_map(|(key, text)| Some((key, text.as_ref()?))) {
        value[key] = text.as_str().into();
    }
    let times = [
        ("made_at", view.made_at),
        ("fresh_until", view.fresh_until),
        ("ends_at", view.ends_at),
        ("checked_at", view.checked_at),
    ];
    for (key, at) in times.into_iter().filter_map(|(key, at)| Some((key, at?))) {
        value[key] = time(at).into();
    }
    value
}

fn view_text(view: &MunicipalityView, locale: Locale) -> String {
    let name = if view.name.is_empty() { &view.id } else { &view.name };
    let told: String = view.told.iter().map(|words| format!("  {words}\n")).collect();
    let area = |area: &ayumi_core::app::AreaView| {
        let mark = if view.area.as_deref() == Some(area.id.as_str()) { "*" } else { " " };
        format!("  {mark} {}  {}\n", area.id, area.name)
    };
    let areas: String = view.areas.iter().map(area).collect();
    format!("{name}  {}\n{told}  {}\n{areas}", view.address, shown(&view.words, locale))
}
