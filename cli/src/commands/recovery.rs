//! `recovery print`, `recover`.

use ayumi_core::texts;
use serde_json::json;

use super::member::write_page;
use super::sync::{wait, way};
use crate::args::{Args, JoinOptions, RecoveryCommand};
use crate::home;
use crate::output::{Failure, print};

pub(crate) fn run(args: &Args, command: &RecoveryCommand) -> Result<(), Failure> {
    let RecoveryCommand::Print { svg } = command;
    let book = home::open(args)?;
    let way = way(&book, None, None)?;
    let made = wait(book.members().print_recovery(&way))??;
    if let Some(path) = svg {
        let server = book.sync().server()?.unwrap_or_default();
        let lines = [texts::booklet("print_keep", args.locale), texts::booklet("print_warn", args.locale), &server];
        write_page(path, &made.code, &lines)?;
    }
    print(args, &json!({"code": made.code, "notebooks": made.notebooks}), || {
        format!(
            "{}\nopens {} notebooks on a new device, once. Keep it in the paper handbook; prints made before are void.\n",
            made.code,
            made.notebooks.len()
        )
    })
}

pub(crate) fn recover(args: &Args, options: &JoinOptions) -> Result<(), Failure> {
    let book = home::open(args)?;
    let way = way(&book, options.server.as_deref(), None)?;
    let recovered = wait(book.recover(&options.code, &way))??;
    print(args, &json!({"notebooks": recovered}), || {
        let list: String = recovered.iter().map(|id| format!("{id}\n")).collect();
        format!("everything is back:\n{list}The print is used up; make a new one with: ayumi recovery print\n")
    })
}
