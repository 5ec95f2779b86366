//! `pack`, `unpack`.

use std::path::Path;

use ayumi_core::app::Handbook;
use serde_json::json;

use crate::args::Args;
use crate::home;
use crate::output::{Failure, print};

pub(crate) fn pack(args: &Args, file: &Path) -> Result<(), Failure> {
    let code = home::open(args)?.pack(file)?;
    let path = file.display().to_string();
    print(args, &json!({"file": path, "code": code}), || {
        format!(
            "{code}\nopens {path} on another device. The code is kept nowhere else: write it down.\nUse this device no more \
             once the other one has unpacked the file.\n"
        )
    })
}

pub(crate) fn unpack(args: &Args, file: &Path, code: &str) -> Result<(), Failure> {
    let config = home::config(args)?;
    let book = Handbook::unpack(&config, file, code)?;
    let notebooks: Vec<_> = book.notebooks().list()?.into_iter().map(|notebook| notebook.id).collect();
    let count = notebooks.len();
    print(args, &json!({"notebooks": notebooks}), || format!("everything is here: {count} notebooks\n"))
}
