//! Founding a notebook: it has its keys and its id from the first moment, offline, before any server hears of it.

use ayumi_protocol::control::Statement;
use ayumi_protocol::key::Hash;

use crate::app::error::Result;
use crate::crypto::keys::SecretKeys;
use crate::model::notebook::NotebookType;
use crate::store::channel::{self, Channel, StoredStatement};
use crate::store::{StoreError, Tx};
use crate::sync::label::Label;
use crate::sync::statement;

/// Founds a notebook on this device: its keys, its founding statement, and the id that follows from it.
pub(in crate::app) fn found(carer: &str, notebook: NotebookType) -> Result<(Channel, Statement)> {
    found_anew(carer, notebook, None)
}

/// As [`found`], for a notebook that begins anew: its founder's label names the archive of the one before.
pub(in crate::app) fn found_anew(
    carer: &str,
    notebook: NotebookType,
    archive: Option<Hash>,
) -> Result<(Channel, Statement)> {
    let keys = SecretKeys::generate()?;
    let label = Label::founder(carer, notebook.number()).with_archive(archive);
    let founding = statement::found(&keys, &label)?;
    Ok((Channel::new(founding.notebook, keys), founding))
}

/// Adds a control statement of this device's, to be sent. The keys that it wraps for this device are stored with it.
pub(in crate::app) fn add_pending(tx: &Tx<'_>, statement: &Statement) -> std::result::Result<(), StoreError> {
    let stored = StoredStatement { taken_at: 0, position: 0, body: statement.to_bytes() };
    channel::add_statement(tx, statement.notebook, &stored)
}
