//! `init`: make this device's handbook.

use ayumi_core::app::Handbook;
use serde_json::json;

use crate::args::Args;
use crate::home;
use crate::output::{Failure, print};

pub(crate) fn run(args: &Args, carer: &str) -> Result<(), Failure> {
    let config = home::config(args)?;
    let handbook = Handbook::create(&config, carer)?;
    let folder = config.folder.display().to_string();
    let carer = handbook.carer()?;
    print(args, &json!({"folder": folder, "carer": carer}), || format!("手帳をつくりました: {folder}\n"))
}
