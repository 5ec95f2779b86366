//! `pack`, `unpack`: a whole handbook in one encrypted file, for the device that replaces this one.

use std::path::PathBuf;

use ayumi_core::app::Moving;
use serde_json::json;

use crate::args::GlobalArgs;
use crate::home;
use crate::output::{Failure, not_own, print};
use crate::words::tell;

/// Arguments of `ayumi pack`.
#[derive(Debug, clap::Args)]
pub(crate) struct PackOptions {
    /// A file that is not there yet
    file: PathBuf,
}

pub(crate) fn pack(args: &GlobalArgs, options: &PackOptions) -> Result<(), Failure> {
    let file = &options.file;
    not_own(file)?;
    let code = home::open(args)?.moving().pack(file)?;
    let path = file.display().to_string();
    print(args, &json!({"file": path, "code": code}), || {
        let words = "opens {path} on another device. The code is kept nowhere else: write it down. Use this device no more once the other one has unpacked the file.";
        format!("{code}\n{}\n", tell(args.locale, words, &[("path", &path)]))
    })
}

/// Arguments of `ayumi unpack`.
#[derive(Debug, clap::Args)]
pub(crate) struct UnpackOptions {
    file: PathBuf,
    /// As it was printed; blanks and dashes do not matter
    code: String,
}

pub(crate) fn unpack(args: &GlobalArgs, options: &UnpackOptions) -> Result<(), Failure> {
    let config = home::config(args)?;
    let handbook = Moving::unpack(&config, &options.file, &options.code);
    let handbook = handbook.map_err(|error| home::why_not(&config, error))?;
    let notebooks: Vec<_> = handbook.notebooks().list()?.into_iter().map(|notebook| notebook.id).collect();
    let count = notebooks.len();
    let apart: u64 = handbook.sync().states()?.iter().map(|state| state.apart).sum();
    print(args, &json!({"notebooks": notebooks, "apart": apart}), || {
        let words = match apart {
            0 => "everything is here: {count} notebooks",
            _ => {
                "everything is here: {count} notebooks; {apart} changes may not stand in theirs, or are of a newer app: kept, not shown"
            }
        };
        tell(args.locale, words, &[("count", &count.to_string()), ("apart", &apart.to_string())]) + "\n"
    })
}
