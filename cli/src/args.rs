//! Flags that every command takes.

pub(crate) mod value;

use std::path::PathBuf;

use ayumi_core::app::Locale;
use chrono::NaiveDate;

use value::{calendar_day, locale};

/// Flags that every command takes.
#[derive(Debug, clap::Args)]
pub(crate) struct GlobalArgs {
    /// The folder of this device's handbook (default: the platform's data folder)
    #[arg(long, global = true, env = "AYUMI_HOME", value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// Print one JSON value
    #[arg(long, global = true)]
    pub json: bool,
    /// Language of words
    #[arg(long, global = true, default_value = "ja", value_name = "ja|ja-easy|en", value_parser = locale)]
    pub locale: Locale,
    /// Use this day instead of the clock's
    #[arg(long, global = true, value_name = "YYYY-MM-DD", value_parser = calendar_day)]
    pub today: Option<NaiveDate>,
}
