//! `notebook close`: off the server, too, and taking that back.

use ayumi_core::app::{Handbook, NotebookId};
use serde_json::json;

use crate::args::GlobalArgs;
use crate::args::value::notebook_id;
use crate::connection::{connect, wait};
use crate::output::{Failure, agrees, print, time};
use crate::words::{said, tell};

#[derive(Debug, clap::Args)]
pub(crate) struct CloseOptions {
    #[arg(value_parser = notebook_id)]
    pub notebook: NotebookId,
    /// Delete it at the server now, if you are the only owner or all owners say so; this cannot be taken back
    #[arg(long)]
    pub now: bool,
    /// Take a closing back, within thirty days
    #[arg(long, conflicts_with_all = ["now", "yes"])]
    pub undo: bool,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

pub(crate) fn run(args: &GlobalArgs, handbook: &Handbook, options: &CloseOptions) -> Result<(), Failure> {
    let notebook = options.notebook;
    let members = handbook.members();
    if options.undo {
        wait(members.undo_close(notebook, &connect(handbook, None, None)?))??;
        return print(args, &json!({"notebook": notebook, "state": "open"}), || {
            format!("{}\n", said(args.locale, "it is open again"))
        });
    }
    let others = members.list(notebook).map(|members| members.len().saturating_sub(1)).unwrap_or_default();
    let end = if options.now {
        "It is deleted there now, and this cannot be taken back."
    } else {
        "After thirty days it is deleted there."
    };
    let blanks = [("end", said(args.locale, end)), ("others", others.to_string())];
    let question = tell(
        args.locale,
        "Close this notebook at the server? {end} {others} others share it; what is on their phones and on this one stays. Type yes: ",
        &blanks.each_ref().map(|(name, text)| (*name, text.as_str())),
    );
    if !options.yes && !agrees(&question)? {
        return Err(Failure::Input("nothing was closed".into()));
    }
    let closed = wait(members.close(notebook, options.now, &connect(handbook, None, None)?))??;
    let (state, until) = (if closed.until.is_some() { "closed" } else { "deleted" }, closed.until.map(time));
    let mut value = json!({"notebook": notebook, "state": state});
    if let Some(until) = &until {
        value["until"] = until.as_str().into();
    }
    print(args, &value, || match until {
        Some(until) => tell(
            args.locale,
            "closed at the server. It stays on this device. Until {until} you can take it back: ayumi notebook close --undo {notebook}",
            &[("until", &until), ("notebook", &notebook.to_string())],
        ),
        None => said(
            args.locale,
            "closed, and deleted at the server. It stays on this device. Backups of the server hold it for some weeks",
        ),
    } + "\n")
}
