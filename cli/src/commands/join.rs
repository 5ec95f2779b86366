//! `join`: enter a notebook with a code.

use ayumi_core::app::Members;
use serde_json::json;

use crate::args::GlobalArgs;
use crate::connection::{connect, wait};
use crate::home;
use crate::output::{Failure, print};

/// Arguments of `ayumi join` and `ayumi recover`.
#[derive(Debug, clap::Args)]
pub(crate) struct JoinOptions {
    /// As it was given; blanks and dashes do not matter
    pub code: String,
    /// The municipality's server, if the code does not name it
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
}

pub(crate) fn run(args: &GlobalArgs, options: &JoinOptions) -> Result<(), Failure> {
    let handbook = home::open(args)?;
    let named = Members::server_of(&options.code)?;
    let server = connect(&handbook, options.server.as_deref().or(named.as_deref()), None)?;
    let notebook = wait(handbook.members().join(&options.code, &server))??;
    let view = handbook.notebooks().find(notebook)?;
    let role = view.role.map_or("none", |role| role.key());
    print(args, &json!({"notebook": notebook, "name": view.name, "role": role}), || {
        format!("joined {} as {}\n{notebook}\n", view.name, role)
    })
}
