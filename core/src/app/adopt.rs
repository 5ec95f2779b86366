//! Notebooks of the file that have no keys begin anew: those of a file of an earlier schema, and those whose keys stood on a
//! damaged page. Every entry, photo and version stays.

use ayumi_protocol::NotebookId;
use serde_json::Value;

use crate::app::error::Result;
use crate::app::founding::{add_pending, found};
use crate::model::judge::likely_type;
use crate::model::kind::Record;
use crate::model::kinds::Profile;
use crate::model::notebook::NotebookType;
use crate::model::value::Fields;
use crate::store::anew::{Heir, begin_anew};
use crate::store::{Db, devices, entries};

/// Founds each notebook without keys anew. All of them, or none.
pub(in crate::app) fn adopt(db: &mut Db, now_ms: u64) -> Result<()> {
    let carer = db.carer()?;
    let mut heirs = Vec::new();
    for from in entries::notebooks(db.reader())? {
        if devices::in_notebook(db.reader(), from)?.is_none() {
            let notebook_type = type_of(db, from)?;
            let (channel, founding) = found(&carer, notebook_type)?;
            let heir = Heir { from, to: channel.notebook, device: channel.device, notebook_type };
            heirs.push((heir, channel, founding));
        }
    }
    if heirs.is_empty() {
        return Ok(());
    }
    let mut clock = db.next_clock(now_ms)?;
    let names: Vec<(NotebookId, NotebookId)> = heirs.iter().map(|(heir, ..)| (heir.from, heir.to)).collect();
    db.write(|tx| {
        for (heir, channel, founding) in &heirs {
            channel.save(tx)?;
            add_pending(tx, founding)?;
            let mut next = || {
                clock = clock.next(now_ms);
                clock
            };
            // Nothing proves who wrote what: the founder tells it.
            begin_anew(tx, heir, &mut next, |fields| rename(fields, &names), |_| None)?;
        }
        Ok(())
    })?;
    Ok(db.advance_clock(clock)?)
}

/// What a notebook says that it is for; where its own facts are lost, what it holds says it.
pub(in crate::app) fn type_of(db: &Db, notebook: NotebookId) -> Result<NotebookType> {
    let profile = entries::profile(db.reader(), notebook)?;
    let says = profile.and_then(|entry| Profile::from_fields(&entry.fields).kind());
    let kinds = entries::kinds_in(db.reader(), notebook)?;
    Ok(says.unwrap_or_else(|| likely_type(&kinds)))
}

/// A child's profile names the pregnancy's notebook.
pub(in crate::app) fn rename(fields: &mut Fields, names: &[(NotebookId, NotebookId)]) {
    if let Some(Value::String(named)) = fields.get_mut("pregnancy")
        && let Some((_, to)) = names.iter().find(|(from, _)| from.to_string() == *named)
    {
        *named = to.to_string();
    }
}
