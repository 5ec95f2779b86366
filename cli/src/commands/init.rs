//! `init`: make this device's handbook.

use ayumi_core::app::Handbook;
use serde_json::json;

use crate::args::GlobalArgs;
use crate::home;
use crate::output::{Failure, print};
use crate::words::say;

/// Arguments of `ayumi init`.
#[derive(Debug, clap::Args)]
pub(crate) struct InitOptions {
    /// Who keeps it
    #[arg(long, value_name = "NAME")]
    carer: String,
}

pub(crate) fn run(args: &GlobalArgs, options: &InitOptions) -> Result<(), Failure> {
    let config = home::config(args)?;
    let handbook = Handbook::create(&config, &options.carer).map_err(|error| home::why_not(&config, error))?;
    let folder = config.folder.display().to_string();
    let carer = handbook.carer()?;
    print(args, &json!({"folder": folder, "carer": carer}), || {
        format!("{}\n", say(args.locale, "init.made", &[("folder", &folder)]))
    })
}
