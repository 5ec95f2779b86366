//! The list of commands; each file holds the arguments of one and what it does: call the core, print the answer.

mod agenda;
mod check;
mod closing;
mod conflict;
mod consult;
mod content;
pub(crate) mod desks;
mod doctor;
mod entry;
mod export;
mod forget_me;
mod growth;
mod import;
mod init;
mod join;
mod keys_place;
mod kinds;
mod lead;
mod member;
mod moving;
mod municipality;
mod municipality_admin;
mod nearby;
mod notebook;
mod notices;
mod recovery;
mod serve;
mod sync;
mod vaccine;

use clap::Subcommand;

use crate::args::GlobalArgs;
use crate::demo::{self, crash};
use crate::output::Failure;

/// Commands of `ayumi`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Play the whole story on a scratch folder and say what to look at
    #[command(after_help = "Example:\n  ayumi demo --keep /tmp/ayumi-demo")]
    Demo(demo::DemoOptions),
    /// Make this device's handbook
    #[command(after_help = "Example:\n  ayumi init --carer 母")]
    Init(init::InitOptions),
    /// Notebooks: one per pregnancy, one per child, one private
    #[command(subcommand)]
    Notebook(notebook::NotebookCommand),
    /// Entries: everything written in a notebook
    #[command(subcommand)]
    Entry(entry::EntryCommand),
    /// Fields that two carers wrote differently without seeing each other's
    #[command(subcommand)]
    Conflict(conflict::ConflictCommand),
    /// Growth on the curves
    #[command(subcommand)]
    Growth(growth::GrowthCommand),
    /// Self-check (できたね!チェック): what a child does, what comes next, whom to talk to
    #[command(subcommand)]
    Check(check::CheckCommand),
    /// Vaccinations: what comes next, and why
    #[command(subcommand)]
    Vaccine(vaccine::VaccineCommand),
    /// What comes next: check-ups, vaccinations, self-checks, interviews, registrations
    #[command(
        after_help = "Examples:\n  ayumi agenda NOTEBOOK\n  ayumi --json agenda NOTEBOOK --from 2026-04-01 --to 2027-03-31\n  \
                      ayumi agenda NOTEBOOK --done BIRTH_REG\n  ayumi agenda NOTEBOOK --reminders 30"
    )]
    Agenda(agenda::AgendaOptions),
    /// Who listens: desks by topic, when they are there, with what one comes
    #[command(
        after_help = "Examples:\n  ayumi desks\n  ayumi desks --topic mind\n  ayumi --json desks --open-now --topic night_illness"
    )]
    Desks(desks::DesksOptions),
    /// When somebody is ill, or it is too much: what to do now
    #[command(subcommand)]
    Consult(consult::ConsultCommand),
    /// The municipality whose notices and desks are shown here
    #[command(subcommand)]
    Municipality(municipality::MunicipalityCommand),
    /// Notices (お知らせ) of the municipality, and why each is shown
    #[command(subcommand)]
    Notices(notices::NoticesCommand),
    /// Content of a municipality: desks, programmes, items, words
    #[command(subcommand)]
    Content(content::ContentCommand),
    /// Write a notebook to a file
    #[command(after_help = "Example:\n  ayumi export NOTEBOOK --format html --out handbook.html")]
    Export(export::ExportOptions),
    /// Take a file in
    #[command(
        after_help = "Examples:\n  ayumi import handbook.json\n  ayumi import clinic.fhir --notebook NOTEBOOK --dry-run\n  ayumi import other-app.csv --notebook NOTEBOOK --kind growth \\\n    \
                      --map 計測日=on --map \"体重(g)=weight\" --dry-run"
    )]
    Import(import::ImportOptions),
    /// Send and fetch what there is, sealed end to end
    #[command(
        after_help = "Examples:\n  ayumi sync --server https://ayumi.city.example   (the address is remembered)\n  ayumi --json sync --budget-ms 30000\n  \
                      ayumi sync --go-on NOTEBOOK   (after a notebook had stopped, and you know why)"
    )]
    Sync(sync::SyncOptions),
    /// Who reads and writes a notebook
    #[command(subcommand)]
    Member(member::MemberCommand),
    /// Join a notebook with the code that a member gave you
    #[command(after_help = "Example:\n  ayumi join J-04H2-...@https://ayumi.city.example")]
    Join(join::JoinOptions),
    /// The print for the paper handbook, with which everything comes back on a new device
    #[command(subcommand)]
    Recovery(recovery::RecoveryCommand),
    /// Bring everything back on this device, with a recovery print
    #[command(
        after_help = "Example:\n  ayumi init --carer 母\n  ayumi recover R-04H2-... --server https://ayumi.city.example"
    )]
    Recover(recovery::RecoverOptions),
    /// Everything in one encrypted file, for the device that takes this one's place
    #[command(after_help = "Example:\n  ayumi pack moving.ayumi   (write down the code that it prints)")]
    Pack(moving::PackOptions),
    /// Make this device's handbook from a packed file
    #[command(after_help = "Example:\n  ayumi unpack moving.ayumi M-04H2-...")]
    Unpack(moving::UnpackOptions),
    /// Forget everything of yours: on this device and at the server; says what stays, and how long
    #[command(after_help = "Example:\n  ayumi forget-me     asks twice, on a terminal")]
    ForgetMe(forget_me::ForgetMeOptions),
    /// Exchange with a device beside this one, without any server
    #[command(subcommand)]
    Nearby(nearby::NearbyCommand),
    /// A municipality's own keys and editions, on the machine of its office
    #[command(subcommand)]
    MunicipalityAdmin(municipality_admin::AdminCommand),
    /// Run the municipal server
    #[command(
        after_help = "Examples:\n  ayumi serve --data /var/lib/ayumi\n  ayumi serve --listen 0.0.0.0:443 --tls-cert chain.pem --tls-key key.pem \\\n    \
                      --database \"host=db user=ayumi dbname=ayumi\" --keys /etc/ayumi\n\nSee docs/operations.md."
    )]
    Serve(Box<serve::ServeOptions>),
    /// Check the file and the key; say what was found; repair nothing unasked
    #[command(
        after_help = "Examples:\n  ayumi doctor\n  ayumi doctor --repair   (after \"the handbook file is damaged\")"
    )]
    Doctor(doctor::DoctorOptions),
    /// Writes entries until it is killed; the demo's other half
    #[command(hide = true)]
    DemoWriter(crash::WriterOptions),
}

/// Runs a command.
pub(crate) fn run(args: &GlobalArgs, command: &Command) -> Result<(), Failure> {
    match command {
        Command::Init(options) => init::run(args, options),
        Command::Notebook(command) => notebook::run(args, command),
        Command::Entry(command) => entry::run(args, command),
        Command::Conflict(command) => conflict::run(args, command),
        Command::Growth(command) => growth::run(args, command),
        Command::Check(command) => check::run(args, command),
        Command::Vaccine(command) => vaccine::run(args, command),
        Command::Agenda(options) => agenda::run(args, options),
        Command::Desks(options) => desks::run(args, options),
        Command::Consult(command) => consult::run(args, command),
        Command::Municipality(command) => municipality::run(args, command),
        Command::Notices(command) => notices::run(args, command),
        Command::MunicipalityAdmin(command) => municipality_admin::run(args, command),
        Command::Content(command) => content::run(args, command),
        Command::Export(options) => export::run(args, options),
        Command::Import(options) => import::run(args, options),
        Command::Sync(options) => sync::run(args, options),
        Command::Member(command) => member::run(args, command),
        Command::Join(options) => join::run(args, options),
        Command::Recovery(command) => recovery::run(args, command),
        Command::Recover(options) => recovery::recover(args, options),
        Command::Pack(options) => moving::pack(args, options),
        Command::Unpack(options) => moving::unpack(args, options),
        Command::ForgetMe(options) => forget_me::run(args, options),
        Command::Nearby(command) => nearby::run(args, command),
        Command::Serve(options) => serve::run(args, options),
        Command::Doctor(options) => doctor::run(args, options),
        Command::Demo(options) => demo::run(args, options),
        Command::DemoWriter(options) => crash::write_until_killed(args, options),
    }
}
