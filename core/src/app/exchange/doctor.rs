//! What is wrong with the file, and saving what can be read of a damaged one.

use ayumi_protocol::{Change, Hlc, Stamp};

use crate::app::error::{Error, Result};
use crate::app::handbook::{Config, Handbook};
use crate::app::judging::{judge_file, what_it_is_for};
use crate::app::records::entries::first_values;
use crate::model::kind::Record;
use crate::model::kinds::Profile;
use crate::store::changes::Delivery;
use crate::store::check::Finding;
use crate::store::{check, entries, salvage};
use crate::texts::{self, Locale};

pub use crate::store::salvage::Salvaged;

/// What was looked at and found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Checkup {
    /// Entries looked at.
    pub entries: u64,
    /// Changes in the log.
    pub changes: u64,
    /// Photos looked at.
    pub photos: u64,
    /// What is wrong, in the handbook's language and without anything of what a family wrote. Empty is healthy.
    pub findings: Vec<String>,
}

/// Examines the handbook's file.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/handbook.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let (handbook, child) = handbook(folder.path())?;
/// let checkup = handbook.doctor().examine(&mut |_, _| ())?;
/// assert!(checkup.findings.is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Doctor {
    pub(in crate::app) handbook: Handbook,
}

impl Doctor {
    /// Looks at the whole file: every page's tag, SQLite's order, whether each entry shows what its changes say, every
    /// photo's checksum. Repairs nothing.
    ///
    /// # Errors
    /// [`crate::app::Error::Io`] if the file cannot be read; damage is a finding, not an error.
    pub fn examine(&self, progress: &mut dyn FnMut(u64, u64)) -> Result<Checkup> {
        let check::Checked { entries, changes, photos, findings } =
            check::check(self.handbook.db().reader(), progress)?;
        let locale = self.handbook.locale();
        let findings = findings.into_iter().map(|finding| words(finding, locale)).collect();
        Ok(Checkup { entries, changes, photos, findings })
    }
}

/// A finding in words.
fn words(finding: Finding, locale: Locale) -> String {
    let count = finding.count().map(|count| count.to_string()).unwrap_or_default();
    texts::error(&format!("found.{}", finding.key()), locale).replace("{count}", &count)
}

/// Saves what can be read of a damaged handbook: the file is set aside whole, a new one takes its place. Call it after
/// [`Error::Damaged`], when the carer agreed.
///
/// # Errors
/// [`Error::NoKey`]; [`Error::WrongKey`] if the key opens no page; [`Error::DiskFull`]. Nothing is moved before the new
/// file is complete.
pub fn salvage(config: &Config, progress: &mut dyn FnMut(u64)) -> Result<Salvaged> {
    let key = config.vault.load()?.ok_or(Error::NoKey)?;
    let mut saved = salvage::salvage(&config.folder, &key, progress)?;
    let handbook = Handbook::open(config)?;
    saved.facts_lost = stand_in_for_lost_facts(&handbook)?;
    saved.apart = judge_file(&mut handbook.db())?;
    Ok(saved)
}

/// A notebook whose own facts stood on a lost page would be out of reach with all its entries: it gets a stand-in,
/// under the least stamp there is, so that the real facts win if they come back from another device.
fn stand_in_for_lost_facts(handbook: &Handbook) -> Result<u64> {
    let mut lost = 0;
    let ids = entries::notebooks(handbook.db().reader())?;
    for id in ids {
        if entries::profile(handbook.db().reader(), id)?.is_some() {
            continue;
        }
        let notebook_type = what_it_is_for(&handbook.db(), id)?;
        let profile = Profile {
            notebook_type: Some(notebook_type.key().into()),
            name: Some(texts::booklet("salvaged", handbook.locale()).into()),
            ..Profile::default()
        };
        let mut db = handbook.db();
        let device = db.device(id)?;
        let change = Change {
            entry: id.into(),
            notebook: id,
            kind: Profile::KIND.id.into(),
            stamp: Stamp { hlc: Hlc(1), device },
            fields: first_values(&profile.to_fields()),
            deletes: None,
            history: Vec::new(),
        };
        db.take_in(&[change], Delivery::Waiting)?;
        lost += 1;
    }
    Ok(lost)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finding_has_words_in_every_language() {
        let all = [Finding::Unreadable, Finding::Pages(3), Finding::Order(3), Finding::Entries(3), Finding::Photos(3)];
        for (finding, locale) in all.into_iter().flat_map(|finding| Locale::ALL.map(|locale| (finding, locale))) {
            let words = words(finding, locale);
            assert_eq!(words.contains('3'), finding.count().is_some(), "{words}");
            assert_eq!(words.is_ascii(), locale == Locale::En, "{words}");
            assert!(!words.is_empty() && !words.contains('{'), "{finding:?} {locale:?}");
        }
    }
}
