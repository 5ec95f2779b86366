//! Thumbnails: fetched when everything written is here, many with one request, and before any photo. One that is nowhere, or not
//! what its entry says, is shown to nobody and holds up nothing; it is asked about again, later each time.

use ayumi_protocol::blob::{BlobAction, BlobName};
use ayumi_protocol::exchange::Token;
use ayumi_protocol::{NotebookId, limits};

use super::places::{Place, Places};
use super::session::{NotebookOutcome, Session};
use crate::app::error::Result;
use crate::crypto::sha256_hex;
use crate::photo::is_thumbnail;
use crate::store::Tx;
use crate::store::photos::{self, Picture};
use crate::store::thumbnails::{self, Wanted};
use crate::sync::blob::open;
use crate::sync::reader::Reader;

/// A thumbnail that is looked for, and how many of its places were tried.
struct Sought {
    wanted: Wanted,
    tried: usize,
}

impl Session<'_> {
    /// Fetches a notebook's thumbnails, then sends those that the server lacks.
    pub(in crate::app) async fn thumbnails(&mut self, id: NotebookId) -> Result<NotebookOutcome> {
        let Some((reader, token)) = self.channel(id)? else { return Ok(NotebookOutcome::Done) };
        match self.fetch_thumbnails(&reader, token).await? {
            NotebookOutcome::Done => self.send_pictures(&reader, token, Picture::Thumbnail).await,
            ended => Ok(ended),
        }
    }

    async fn fetch_thumbnails(&mut self, reader: &Reader, token: Option<Token>) -> Result<NotebookOutcome> {
        let Some(places) = Places::of(reader) else { return Ok(NotebookOutcome::Done) };
        let now_ms = self.handbook.clock().now_ms();
        let wanted = thumbnails::wanted(self.handbook.db().reader(), reader.notebook(), now_ms)?;
        // The next one is the last.
        let mut sought: Vec<Sought> = wanted.into_iter().rev().map(|wanted| Sought { wanted, tried: 0 }).collect();
        let mut fruitless = 0;
        // What others wrote about thumbnails that are nowhere keeps a phone busy for as long as one of them has places.
        while !sought.is_empty() && fruitless <= places.count() {
            if self.is_over() {
                return Ok(NotebookOutcome::More);
            }
            let asked = self.next_places(&places, &mut sought, now_ms)?;
            let all: Vec<Place> = asked.iter().map(|(_, place)| *place).collect();
            let Some(((name, slot), more)) = all.split_first() else { break };
            let gather = BlobAction::Gather { slot: *slot, more: more.to_vec() };
            let reply = match self.ask_blob(reader, token, *name, &gather).await {
                Ok(reply) if (1..=asked.len()).contains(&reply.chunks.len()) => reply,
                Ok(_) => return Ok(NotebookOutcome::Offline),
                Err(outcome) => return Ok(outcome),
            };
            let mut found = Vec::new();
            let mut chunks = reply.chunks.into_iter();
            let mut left = Vec::new();
            for (mut one, (name, _)) in asked {
                match chunks.next() {
                    // For the rest there was no room in the reply.
                    None => left.push(one),
                    Some(chunk) => match genuine(reader, &name, chunk, &one.wanted.sha256) {
                        Some(thumbnail) => found.push((one.wanted.photo, thumbnail)),
                        None => {
                            one.tried += 1;
                            left.push(one);
                        }
                    },
                }
            }
            sought.extend(left.into_iter().rev());
            fruitless = if found.is_empty() { fruitless + 1 } else { 0 };
            self.report.thumbnails_pulled += found.len() as u64;
            self.handbook.db().write(|tx| {
                found.iter().try_for_each(|(photo, thumbnail)| {
                    photos::add_thumbnail(tx, photo, thumbnail)?;
                    photos::mark_sent(tx, photo, Picture::Thumbnail)
                })
            })?;
        }
        Ok(NotebookOutcome::Done)
    }

    /// Takes the next ones to ask about, each with its next place. One that has no other place was missed.
    fn next_places(&self, places: &Places<'_>, sought: &mut Vec<Sought>, now_ms: u64) -> Result<Vec<(Sought, Place)>> {
        let (mut asked, mut missed) = (Vec::new(), Vec::new());
        while asked.len() < limits::GATHERED {
            let Some(one) = sought.pop() else { break };
            let Wanted { photo, author, .. } = &one.wanted;
            match places.nth(photo, Some(*author), Picture::Thumbnail, one.tried) {
                Some(place) => asked.push((one, place)),
                None => missed.push(one.wanted.photo),
            }
        }
        if !missed.is_empty() {
            let note = |tx: &Tx<'_>| missed.iter().try_for_each(|photo| thumbnails::note_missed(tx, photo, now_ms));
            self.handbook.db().write(note)?;
        }
        Ok(asked)
    }
}

/// The thumbnail in a chunk, if it is the one that its entry names: anybody may have put anything there.
fn genuine(reader: &Reader, name: &BlobName, chunk: Vec<u8>, sha256: &str) -> Option<Vec<u8>> {
    if chunk.is_empty() {
        return None;
    }
    let thumbnail = open(|epoch| reader.key(epoch), name, &[chunk]).ok()?;
    (sha256_hex(&thumbnail) == sha256 && is_thumbnail(&thumbnail)).then_some(thumbnail)
}
