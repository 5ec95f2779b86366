//! `init`: make this device's handbook.

use ayumi_core::app::Handbook;
use serde_json::json;

use crate::args::GlobalArgs;
use crate::home;
use crate::output::{Failure, print};

/// Arguments of `ayumi init`.
#[derive(Debug, clap::Args)]
pub(crate) struct InitOptions {
    /// Who keeps it
    #[arg(long, value_name = "NAME")]
    carer: String,
}

pub(crate) fn run(args: &GlobalArgs, options: &InitOptions) -> Result<(), Failure> {
    let config = home::config(args)?;
    let handbook = Handbook::create(&config, &options.carer)?;
    let folder = config.folder.display().to_string();
    let carer = handbook.carer()?;
    print(args, &json!({"folder": folder, "carer": carer}), || format!("手帳をつくりました: {folder}\n"))
}
