//! Judges what comes: changes that may not stand in their notebook are kept in their envelope, passed on, and shown to nobody.

use std::borrow::Cow;

use ayumi_protocol::Change;

use crate::app::membership::type_of;
use crate::model::judge::judge;
use crate::store::changes::{Delivery, Taken, apply_all};
use crate::store::{StoreError, Tx};
use crate::sync::reader::Reader;

/// What became of an envelope's changes.
pub(super) struct Judgement<'a> {
    /// Those that may stand in the notebook.
    pub(super) fit: Cow<'a, [Change]>,
    /// How many may not.
    pub(super) apart: usize,
}

impl<'a> Judgement<'a> {
    /// Judges changes by what their notebook was founded for. While that is not known, none fits.
    pub(super) fn of(changes: &'a [Change], reader: &Reader) -> Self {
        let notebook_type = type_of(reader);
        let fits = |change: &Change| notebook_type.is_some_and(|notebook| judge(change, notebook).is_ok());
        if changes.iter().all(fits) {
            return Self { fit: Cow::Borrowed(changes), apart: 0 };
        }
        let fit: Vec<Change> = changes.iter().filter(|change| fits(change)).cloned().collect();
        Self { apart: changes.len() - fit.len(), fit: Cow::Owned(fit) }
    }

    /// Writes those that may stand in the notebook.
    pub(super) fn take_in(&self, tx: &Tx<'_>) -> Result<Taken, StoreError> {
        apply_all(tx, &self.fit, Delivery::Sent)
    }
}
