//! Notebooks of the file that have no keys begin anew: those of a file of an earlier schema, and those whose keys stood on a
//! damaged page. Every entry, photo and version stays.

use ayumi_protocol::NotebookId;
use serde_json::Value;

use crate::app::error::Result;
use crate::app::founding::{add_pending, found};
use crate::model::value::Fields;
use crate::store::anew::{Heir, begin_anew};
use crate::store::{Db, devices, entries};

/// Founds each notebook without keys anew. All of them, or none.
pub(in crate::app) fn adopt(db: &mut Db, now_ms: u64) -> Result<()> {
    let carer = db.carer()?;
    let mut heirs = Vec::new();
    for from in entries::notebooks(db.reader())? {
        if devices::in_notebook(db.reader(), from)?.is_none() {
            let (channel, founding) = found(&carer)?;
            heirs.push((Heir { from, to: channel.notebook, device: channel.device }, channel, founding));
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
            begin_anew(tx, heir, &mut next, |fields| rename(fields, &names))?;
        }
        Ok(())
    })?;
    Ok(db.advance_clock(clock)?)
}

/// A child's profile names the pregnancy's notebook.
fn rename(fields: &mut Fields, names: &[(NotebookId, NotebookId)]) {
    if let Some(Value::String(named)) = fields.get_mut("pregnancy")
        && let Some((_, to)) = names.iter().find(|(from, _)| from.to_string() == *named)
    {
        *named = to.to_string();
    }
}
