//! `municipality-admin`: the keys of a municipality's feed, and its editions.

mod keys;
mod publish;

use std::path::{Path, PathBuf};

use ayumi_server::feed::FeedError;
use clap::Subcommand;

use crate::args::GlobalArgs;
use crate::output::Failure;

#[derive(Debug, Subcommand)]
pub(crate) enum AdminCommand {
    /// Keys of the feed: three root keys on paper, and the key that signs editions
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Look at a folder of content as it would be published: every problem, and each notice beside sample families
    #[command(
        after_help = "Example:\n  ayumi municipality-admin preview our-content --samples families.toml --data /var/lib/ayumi"
    )]
    Preview(publish::PreviewOptions),
    /// Publish a folder of content as the next edition; without --from the same once more, fresh for seven days
    #[command(
        after_help = "Examples:\n  ayumi municipality-admin publish /var/lib/ayumi --keys /etc/ayumi --from our-content --by s-01\n  \
                      ayumi municipality-admin publish /var/lib/ayumi --keys /etc/ayumi     (each day, by a timer)"
    )]
    Publish(publish::PublishOptions),
}

pub(crate) fn run(args: &GlobalArgs, command: &AdminCommand) -> Result<(), Failure> {
    match command {
        AdminCommand::Keys(command) => keys::run(args, command),
        AdminCommand::Preview(options) => publish::preview(args, options),
        AdminCommand::Publish(options) => publish::run(args, options),
    }
}

/// What failed with a feed, as a line.
fn failed(error: FeedError) -> Failure {
    match error {
        FeedError::Io(error) => Failure::File("feed".into(), error.kind()),
        FeedError::NotTwo | FeedError::Refused(_) => Failure::Input(error.to_string()),
        other => Failure::Other(other.to_string()),
    }
}

/// The folder of the keys: as named, else beside the data.
fn keys_folder(named: Option<&Path>, data: &Path) -> Result<PathBuf, Failure> {
    let whole = |path: &Path| {
        std::path::absolute(path).map_err(|error| Failure::File(path.display().to_string(), error.kind()))
    };
    let data = whole(data)?;
    let folder = match named {
        Some(named) => whole(named)?,
        None => {
            let mut name = data.file_name().map(std::ffi::OsStr::to_owned).unwrap_or_default();
            name.push("-keys");
            data.with_file_name(name)
        }
    };
    if folder.starts_with(&data) {
        return Err(Failure::Input(
            "--keys: a folder inside the data; allowed: one outside, so that no backup of the data holds the key"
                .into(),
        ));
    }
    Ok(folder)
}

/// Now, in milliseconds since 1970.
fn now_ms() -> u64 {
    use ayumi_core::app::ports::{Clock, SystemClock};
    SystemClock.now_ms()
}
