//! Where the server's store is, and its key: apart from each other.

use std::path::{Path, PathBuf};

use ayumi_server::keys::{Keys, OpenError};
use ayumi_server::postgres::Address;

use crate::commands::keys_place::{NoPlace, inside_the_data, keys_folder, whole};
use crate::output::{Failure, read_file};

/// The key itself, in hex digits, where a folder is not at hand.
const KEY_VARIABLE: &str = "AYUMI_SERVER_KEY";

#[derive(Debug, clap::Args)]
pub(crate) struct StoreOptions {
    /// Folder of the embedded database
    #[arg(long, value_name = "DIR", default_value = "ayumi-server", conflicts_with = "database")]
    pub data: PathBuf,
    /// PostgreSQL instead, as its tools take it: "host=… user=… dbname=…" or postgres://…; also from AYUMI_DATABASE. The
    /// password stands in AYUMI_DATABASE_PASSWORD or in a file, not here
    #[arg(long, value_name = "ADDRESS")]
    pub database: Option<String>,
    /// File that holds the database's password
    #[arg(long, value_name = "FILE")]
    pub database_password: Option<PathBuf>,
    /// Certificate (PEM) that the database's own is checked against, instead of the roots of the web
    #[arg(long, value_name = "FILE")]
    pub database_ca: Option<PathBuf>,
}

impl StoreOptions {
    /// Where PostgreSQL is, if it is to be used. The command line of a process can be read by everybody on the machine,
    /// so a password on it is refused.
    pub(super) fn address(&self) -> Result<Option<Address>, Failure> {
        let Some(url) = self.database.clone().or_else(|| std::env::var("AYUMI_DATABASE").ok()) else { return Ok(None) };
        let password = match &self.database_password {
            Some(file) => Some(String::from_utf8_lossy(&read_file(file)?).trim_end_matches(['\r', '\n']).to_owned()),
            None => std::env::var("AYUMI_DATABASE_PASSWORD").ok(),
        };
        let address = Address { url, password, roots: self.database_ca.clone() };
        if self.database.is_some() && address.holds_a_password() {
            let words = "--database: a password; allowed: none on the command line, where everybody on this machine can read \
                         it. Put it into AYUMI_DATABASE_PASSWORD, or into a file that --database-password names";
            return Err(Failure::Input(words.into()));
        }
        Ok(Some(address))
    }

    /// The file of the embedded database.
    pub(super) fn file(&self) -> PathBuf {
        self.data.join("server.db")
    }
}

/// Where the key of a store is looked for.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    Folder(PathBuf),
    Environment,
}

/// Decides where the key is: in the folder that is named, else in the environment, else in a folder beside the data.
/// Both paths are absolute; `data` is none for a database elsewhere.
fn place(named: Option<&Path>, in_environment: bool, data: Option<&Path>) -> Result<Place, NoPlace> {
    if named.is_none() && in_environment {
        return Ok(Place::Environment);
    }
    keys_folder(named, data).map(Place::Folder)
}

/// The keys of a store, and how a person finds them.
pub(super) struct NamedKeys {
    pub(super) keys: Keys,
    name: String,
}

/// Finds the keys; `database` if the data is in PostgreSQL.
pub(super) fn keys_of(
    options: &StoreOptions,
    named: Option<&Path>,
    may_replace: bool,
    database: bool,
) -> Result<NamedKeys, Failure> {
    let named = named.map(whole).transpose()?;
    let data = if database { None } else { Some(whole(&options.data)?) };
    let text = std::env::var(KEY_VARIABLE).ok();
    let refused = |refused| match refused {
        NoPlace::InsideTheData => inside_the_data(),
        NoPlace::NotNamed => Failure::Input(format!(
            "--keys: missing; allowed: a folder in which the server's key is kept (it is made there for a new database), the \
             same key for every process of one database. Or put the present key and the next one into {KEY_VARIABLE}, 64 hex digits each"
        )),
    };
    let (keys, name) = match place(named.as_deref(), text.is_some(), data.as_deref()).map_err(refused)? {
        Place::Folder(folder) => (Some(Keys::in_folder(folder.clone())), folder.display().to_string()),
        Place::Environment => (Keys::from_hex(&text.unwrap_or_default()), KEY_VARIABLE.to_owned()),
    };
    let keys = keys.ok_or_else(|| {
        Failure::Input(format!(
            "{KEY_VARIABLE} does not fit; allowed: 64 hex digits, behind a blank 64 more for the next key, and 64 for each former one"
        ))
    })?;
    Ok(NamedKeys { keys: if may_replace { keys.replacing() } else { keys }, name })
}

impl NamedKeys {
    /// Says why a store did not open, and how to go on.
    pub(super) fn failure(&self, error: OpenError) -> Failure {
        let name = &self.name;
        Failure::Other(match error {
            OpenError::Unavailable => unusable("the database"),
            OpenError::NoKey => format!(
                "the key of this store is not in {name}, and phones stop at a server with another one. Put the file server.key \
                 back there, or name its folder with --keys. Only if it is lost: --new-key makes another one, and each phone \
                 stops until its carer goes on"
            ),
            OpenError::OtherKey => format!(
                "the key in {name} is not the one of this store, and phones stop at a server with another one. Name the right \
                 folder with --keys. Only if its key is lost: --new-key takes this one, and each phone stops until its carer \
                 goes on"
            ),
            OpenError::NoNextKey => {
                format!("in {name} is one key only, and no next one that phones know of: --rotate-key changes nothing")
            }
            OpenError::KeyFile => format!("the file server.key in {name} cannot be read or written, or holds no key"),
        })
    }
}

/// Says that something cannot be used.
pub(super) fn unusable(what: &str) -> String {
    format!("{what} cannot be used: it is missing, of another version, or another server has it open")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_lies_beside_the_data_and_never_inside() {
        let data = Path::new("/var/lib/ayumi");
        let folder = |path: &str| Ok(Place::Folder(path.into()));
        for (named, in_environment, data, expected) in [
            (None, false, Some(data), folder("/var/lib/ayumi-keys")),
            (None, true, Some(data), Ok(Place::Environment)),
            (Some("/etc/ayumi"), true, Some(data), folder("/etc/ayumi")),
            (Some("/var/lib/ayumi/keys"), false, Some(data), Err(NoPlace::InsideTheData)),
            (Some("/var/lib/ayumi"), false, Some(data), Err(NoPlace::InsideTheData)),
            (None, false, Some(Path::new("/")), Err(NoPlace::NotNamed)),
            (None, false, None, Err(NoPlace::NotNamed)),
            (None, true, None, Ok(Place::Environment)),
            (Some("/etc/ayumi"), false, None, folder("/etc/ayumi")),
        ] {
            assert_eq!(place(named.map(Path::new), in_environment, data), expected, "{named:?} {data:?}");
        }
    }
}
