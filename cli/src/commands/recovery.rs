//! `recovery print`, `recovery status`, `recover`.

use ayumi_core::app::{Https, Locale, Members, Recovering, SheetNotebook, SheetState, SheetView, texts};
use serde_json::{Value, json};
use std::path::PathBuf;

use crate::args::GlobalArgs;
use crate::connection::{connect, wait};
use crate::output::{Failure, print};
use crate::words::{list, said};
use crate::{home, picture};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum RecoveryCommand {
    /// Make a new print for all notebooks that this device owns; prints made before are void
    #[command(after_help = "Example:\n  ayumi recovery print --svg recovery.svg")]
    Print {
        /// A page to print, with the code as text and as a picture
        #[arg(long, value_name = "FILE")]
        svg: Option<PathBuf>,
    },
    /// Whether the print in the paper handbook still counts, notebook by notebook
    #[command(after_help = "Example:\n  ayumi recovery status")]
    Status,
}

/// Arguments of `ayumi recover`.
#[derive(Debug, clap::Args)]
pub(crate) struct RecoverOptions {
    /// As it was printed; blanks and dashes do not matter
    pub code: String,
    /// The municipality's server, if the code does not name it
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
    /// These members stay; everybody else is taken out. Without it or --all the members are listed, and nothing happens
    #[arg(long, value_name = "ID", value_delimiter = ',', conflicts_with = "all")]
    pub keep: Option<Vec<String>>,
    /// Everybody who is listed stays
    #[arg(long)]
    pub all: bool,
    /// The server has another key than the print says, and the municipality says that it changed it: go on
    #[arg(long)]
    pub another_key: bool,
}

pub(crate) fn run(args: &GlobalArgs, command: &RecoveryCommand) -> Result<(), Failure> {
    let handbook = home::open(args)?;
    match command {
        RecoveryCommand::Print { svg } => {
            let server = connect(&handbook, None, None)?;
            let made = wait(handbook.members().print_recovery(&server))??;
            let words = texts::members("sheet_members", args.locale);
            let words =
                words.replace("{on}", &made.on.to_string()).replace("{names}", &list(args.locale, &made.members));
            let ids: Vec<String> = made.notebooks.iter().map(ToString::to_string).collect();
            let below: Vec<String> =
                std::iter::once(texts::members("sheet_ids", args.locale).to_owned()).chain(ids).collect();
            if let Some(path) = svg {
                let server = handbook.sync().server()?.unwrap_or_default();
                let keep = [texts::booklet("print_keep", args.locale), texts::booklet("print_warn", args.locale)];
                picture::write_page(path, &made.code, &[keep[0], keep[1], &server, &words], &below)?;
            }
            let value = json!({"code": made.code, "notebooks": made.notebooks, "on": made.on, "members": made.members});
            print(args, &value, || {
                format!(
                    "{}\nopens {} notebooks on a new device, once. Keep it in the paper handbook; prints made before are \
                     void.\n{words}\n{}\n",
                    made.code,
                    made.notebooks.len(),
                    below.join("\n")
                )
            })
        }
        RecoveryCommand::Status => {
            let sheets = handbook.members().sheets()?;
            let row = |view: &SheetView| json!({"notebook": view.notebook, "sheet": view.sheet.key(), "one_owner": view.one_owner});
            let line = |view: &SheetView| format!("{}  {}\n", view.notebook, told(view, args.locale));
            print(args, &sheets.iter().map(row).collect::<Value>(), || sheets.iter().map(line).collect())
        }
    }
}

/// What to tell a parent of a notebook's sheet.
pub(super) fn told(view: &SheetView, locale: Locale) -> String {
    let sheet = match view.sheet {
        SheetState::Valid => "sheet_valid",
        SheetState::Void => "sheet_void",
        SheetState::None => "sheet_none",
    };
    let alone = view.one_owner && view.sheet != SheetState::Valid;
    let alone = if alone { texts::members("sheet_needed", locale) } else { "" };
    format!("{}{alone}", texts::members(sheet, locale))
}

pub(crate) fn recover(args: &GlobalArgs, options: &RecoverOptions) -> Result<(), Failure> {
    let handbook = home::open(args)?;
    let server = connect(&handbook, options.server.as_deref(), None)?;
    let members = handbook.members();
    if options.keep.is_none() && !options.all {
        return look(args, &members, options, &server);
    }
    let how = Recovering { keep: options.keep.clone(), another_key: options.another_key };
    let recovered = wait(members.recover_as(&options.code, &how, &server))??;
    print(args, &json!({"notebooks": recovered}), || {
        let list: String = recovered.iter().map(|id| format!("{id}\n")).collect();
        let used_up = said(args.locale, "The print is used up; make a new one with: ayumi recovery print");
        format!("{}\n{list}{used_up}\n", said(args.locale, "everything is back:"))
    })
}

/// Shows who is in the notebooks, and changes nothing.
fn look(args: &GlobalArgs, members: &Members, options: &RecoverOptions, server: &Https) -> Result<(), Failure> {
    let shown = wait(members.look_into_sheet(&options.code, options.another_key, server))??;
    let row = |book: &SheetNotebook| {
        let members = book.members.iter();
        let members: Vec<Value> = members.map(|m| json!({"id": m.id, "name": m.name, "role": m.role.key()})).collect();
        json!({"notebook": book.notebook, "members": members})
    };
    print(args, &json!({"state": "look", "notebooks": shown.iter().map(row).collect::<Value>()}), || {
        let book = |book: &SheetNotebook| {
            let members = book.members.iter();
            let members: String = members.map(|m| format!("  {}  {:6}  {}\n", m.id, m.role.key(), m.name)).collect();
            format!("{}\n{members}", book.notebook)
        };
        let books: String = shown.iter().map(book).collect();
        let words = texts::members("sheet_look", args.locale);
        format!("{books}{words}\n{}\n", said(args.locale, "Then: ayumi recover CODE --all, or --keep ID,ID"))
    })?;
    Err(Failure::Silent(1))
}
