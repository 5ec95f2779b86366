//! `municipality-admin`: the keys of a municipality's feed, and its editions.

mod keys;
mod place;
mod publish;

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
