//! What is wrong with the file, and saving what can be read of a damaged one.

use super::{Config, Error, Handbook, Result};
use crate::store::{check, salvage};

pub use crate::store::check::Checkup;
pub use crate::store::salvage::Salvaged;

impl Handbook {
    /// Looks at the whole file: every page's tag, SQLite's order, whether each entry shows what its changes say, every
    /// photo's checksum. Repairs nothing.
    ///
    /// # Errors
    /// Those of the operating system; damage is a finding, not an error.
    pub fn check(&self, progress: &mut dyn FnMut(u64, u64)) -> Result<Checkup> {
        Ok(check::check(self.db().reader(), progress)?)
    }
}

/// Saves what can be read of a damaged handbook: the file is set aside whole, a new one takes its place. Call it after
/// [`Error::Damaged`], when the carer agreed.
///
/// # Errors
/// [`Error::NoKey`]; [`Error::WrongKey`] if the key opens no page; [`Error::DiskFull`]. Nothing is moved before the new
/// file is complete.
pub fn salvage(config: &Config, progress: &mut dyn FnMut(u64)) -> Result<Salvaged> {
    let key = config.vault.load()?.ok_or(Error::NoKey)?;
    Ok(salvage::salvage(&config.folder, &key, progress)?)
}
