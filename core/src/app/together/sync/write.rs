//! Writes a verified page, the end that the server signed and the remedy of a refusal, with the cursor, in one transaction.

use std::collections::{BTreeMap, BTreeSet};

use ayumi_protocol::accept::CLOCK_TOLERANCE_MS;
use ayumi_protocol::control::Statement;
use ayumi_protocol::envelope::{Envelope, Frame, Header, Tail};
use ayumi_protocol::key::{Hash, KeyId};
use ayumi_protocol::opening::Held;
use ayumi_protocol::{Hlc, NotebookId};

use super::absent;
use super::erasing::{Erased, Erasing};
use super::judgement::Judgement;
use super::kept::{InLine, changes_in, greatest_before};
use super::lines::{Came, judge_lines, settle};
use super::moved::Moved;
use super::odd::Aside;
use super::page::{Left, Page, Step};
use super::parted::put_aside;
use crate::app::error::Result;
use crate::store::absent::Named;
use crate::store::changes::{self, Taken, note_clock};
use crate::store::channel::{self, Channel, StoredStatement};
use crate::store::frames::{self, Counts, NewFrame, Reading};
use crate::store::{Db, StoreError, Tx, archives, early, ends, former_log, lines, outbox};
use crate::sync::reader::{Judged, Reader, Verdict, Words};
use crate::sync::remedy::Remedy;

type Stored<T> = std::result::Result<T, StoreError>;

/// What is to be written.
pub(super) struct Verified<'a> {
    /// As it is behind the page.
    pub(super) channel: &'a Channel,
    pub(super) reader: &'a Reader,
    pub(super) page: &'a Page,
    pub(super) remedy: Option<Remedy>,
    /// What was refused first, if it was an envelope, or what is left of one.
    pub(super) refused: Option<Frame>,
    /// The page removed this device.
    pub(super) removed: bool,
    /// The page ends a log that was read again.
    pub(super) ends_again: bool,
}

/// Writes all of it, or nothing.
pub(super) fn write(db: &mut Db, verified: &Verified<'_>, server_ms: u64) -> Result<Moved> {
    // No stamp of others pulls this device's clock far ahead.
    let most = Hlc(server_ms.saturating_add(CLOCK_TOLERANCE_MS) << 16);
    let (moved, greatest) = db.write(|tx| {
        // Enqueued before the mark moves over what comes.
        outbox::collect_new(tx)?;
        let mut writing = Writing::new(tx, verified);
        for left in &verified.page.left {
            writing.left(left)?;
        }
        for step in &verified.page.steps {
            writing.step(step)?;
        }
        writing.settle()?;
        let greatest = writing.greatest.min(most);
        note_clock(tx, greatest)?;
        writing.finish()?;
        Ok((writing.moved, greatest))
    })?;
    db.advance_clock(greatest)?;
    Ok(moved)
}

/// A page that is being written.
struct Writing<'a> {
    tx: &'a Tx<'a>,
    verified: &'a Verified<'a>,
    notebook: NotebookId,
    channel: Channel,
    moved: Moved,
    /// Changes came, new or known.
    came: bool,
    greatest: Hlc,
    /// The greatest clock reading in each author's line behind the last envelope that was written, by its hash.
    lines: BTreeMap<KeyId, (Hash, Option<Hlc>)>,
    /// Whose lines are to be judged again.
    again: BTreeSet<KeyId>,
    /// What envelopes that came name of others.
    named: Vec<Named>,
    /// Of whom it is to be worked out again which envelopes stand.
    unsettled: BTreeSet<KeyId>,
    /// Others' envelopes that came with this page and do not go on in their author's only line.
    arrived: BTreeSet<Hash>,
}

impl<'a> Writing<'a> {
    fn new(tx: &'a Tx<'a>, verified: &'a Verified<'a>) -> Self {
        Self {
            tx,
            verified,
            notebook: verified.channel.notebook,
            channel: verified.channel.clone(),
            moved: Moved::default(),
            came: false,
            greatest: Hlc::default(),
            lines: BTreeMap::new(),
            again: BTreeSet::new(),
            named: Vec::new(),
            unsettled: BTreeSet::new(),
            arrived: BTreeSet::new(),
        }
    }

    fn step(&mut self, step: &Step) -> Stored<()> {
        let (tx, notebook) = (self.tx, self.notebook);
        match step {
            Step::Known { body, taken_at, position } => {
                channel::place_statement(tx, notebook, body, *taken_at, *position)
            }
            Step::Statement { statement, taken_at, position } => {
                let stored = StoredStatement { taken_at: *taken_at, position: *position, body: statement.to_bytes() };
                channel::keep_statement(tx, notebook, &stored)?;
                self.cut(statement)?;
                self.erase(statement)
            }
            Step::Envelope { judged, taken_at, position } => self.envelope(judged, (*position, *taken_at)),
            Step::Kept { author, tail, taken_at, position, whole, brought } => {
                self.kept(*author, tail, (*position, *taken_at), *brought)?;
                if *whole { frames::owe_remnant(tx, notebook, *author, tail) } else { Ok(()) }
            }
        }
    }

    /// A cutoff lets envelopes fall; and others stand that name the statement, or one that a cutoff proves.
    fn cut(&mut self, statement: &Statement) -> Stored<()> {
        for (author, _) in statement.cutoffs() {
            if author == self.verified.reader.id() {
                // If this device writes again, it goes on at the cutoff.
                self.channel.attempt = self.channel.attempt.saturating_add(1);
            }
            self.unsettled.insert(author);
        }
        self.unsettled.extend(lines::with_dead(self.tx, self.notebook)?);
        Ok(())
    }

    /// What a statement erases leaves this device.
    fn erase(&mut self, statement: &Statement) -> Stored<()> {
        let erasing = Erasing { tx: self.tx, reader: self.verified.reader };
        let (mut erased, mut erases) = (Erased::default(), false);
        for (author, envelope) in statement.erased() {
            erases = true;
            erasing.one(author, envelope, &mut erased)?;
        }
        if erases {
            archives::put_again(self.tx, self.notebook)?;
        }
        self.went(erased);
        Ok(())
    }

    fn went(&mut self, erased: Erased) {
        self.moved.erased |= erased.went;
        self.again.extend(erased.lines);
        // What is known of the lines may have changed with it.
        self.lines.clear();
    }

    fn envelope(&mut self, judged: &Judged, (position, taken_at): (u64, u64)) -> Stored<()> {
        let (tx, held) = (self.tx, &judged.held);
        let (header, frame) = (held.header(), held.frame());
        if frames::is_kept(tx, self.notebook, header.author, (header.sequence, &frame.hash()))? {
            return Ok(());
        }
        let goes_on = judged.verdict != Verdict::Nowhere && self.goes_on(&frame)?;
        let greatest = self.greatest_before(header)?;
        let nothing = Reading { changes: 0, apart: 0, greatest };
        let (counts, reading) = match &judged.verdict {
            Verdict::Changes(words) if goes_on => {
                let reading = self.words(words, header.author, greatest)?;
                self.named.extend(Named::all(header, &words.peer_heads));
                (reading.counts(), reading)
            }
            Verdict::Unread if goes_on => (Counts::Unread, nothing),
            Verdict::Changes(_) | Verdict::Unread | Verdict::Nowhere => (Counts::Nowhere, nothing),
        };
        if goes_on {
            lines::keep_tail(tx, &frame)?;
        } else {
            self.unsettled.insert(header.author);
            let is_other = header.author != self.verified.reader.id();
            if is_other && judged.verdict != Verdict::Nowhere && lines::is_second_tongue(tx, header)? {
                self.moved.odd.entry(header.author).or_default().two_tongues = true;
            }
            if is_other {
                self.arrived.insert(frame.hash());
            }
        }
        frames::keep(tx, &NewFrame { held, position, taken_at, counts, reading })?;
        self.lines.insert(header.author, (frame.hash(), reading.greatest));
        self.erase_of(header)
    }

    /// Whether an envelope stands without a look at the others of its author: it follows the end of the only line, or is the first
    /// one, and nothing has ended the time in which its author could write.
    fn goes_on(&self, frame: &Frame) -> Stored<bool> {
        let header = &frame.header;
        let state = self.verified.reader.state();
        let open = state.is_some_and(|state| {
            state.place_of(&header.control).is_some_and(|place| state.writes_on(&header.author, place))
        });
        if !open || self.unsettled.contains(&header.author) {
            return Ok(false);
        }
        match lines::ends_of(self.tx, self.notebook, header.author)? {
            Some(ends) => Ok(ends.count == 1 && ends.tail.hash == header.previous),
            None => Ok(header.sequence == 1 && !frames::has_any(self.tx, self.notebook, header.author)?),
        }
    }

    /// Works out again which envelopes stand of authors of whom more came than the next one.
    fn settle(&mut self) -> Stored<()> {
        // By a part of the chain nobody can tell: envelopes that are kept name heads that come later in a log that is read again.
        if self.channel.again {
            return Ok(());
        }
        if let Some(state) = self.verified.reader.state().filter(|_| self.verified.ends_again) {
            self.unsettled.extend(state.writers());
        }
        for author in std::mem::take(&mut self.unsettled) {
            let Came { new, apart, mut odd, greatest, displaced, named } =
                settle(self.tx, self.verified.reader, author)?;
            self.named.extend(named);
            // Its own words it sends again, and says so by that.
            odd.displaced |= !self.arrived.is_disjoint(&displaced);
            odd.displaced &= author != self.verified.reader.id();
            self.came = true;
            self.moved.pulled += new as u64;
            self.moved.apart += apart as u64;
            self.greatest = self.greatest.max(greatest);
            if odd != Aside::default() {
                self.moved.odd.entry(author).or_default().add(odd);
            }
        }
        Ok(())
    }

    /// The greatest clock reading in an author's line before an envelope.
    fn greatest_before(&self, header: &Header) -> Stored<Option<Hlc>> {
        match self.lines.get(&header.author) {
            Some((hash, greatest)) if *hash == header.previous => Ok(*greatest),
            _ => greatest_before(self.tx, header),
        }
    }

    /// What was erased of an envelope before it came does not stay with it.
    fn erase_of(&mut self, header: &Header) -> Stored<()> {
        let reader = self.verified.reader;
        if reader.erased(header).is_some() {
            let (erasing, mut erased) = (Erasing { tx: self.tx, reader }, Erased::default());
            erasing.one(header.author, (header.sequence, header.attempt), &mut erased)?;
            self.went(erased);
        }
        Ok(())
    }

    /// Takes in what an envelope says, as far as it counts and may stand in the notebook.
    fn words(&mut self, words: &Words, author: KeyId, before: Option<Hlc>) -> Stored<Reading> {
        let in_line = InLine::of(words, before);
        let judged = Judgement::of(&in_line.changes, self.verified.reader);
        let Taken { new, beyond } = judged.take_in(self.tx)?;
        let changes = &judged.fit;
        if new < changes.len() {
            outbox::mark_confirmed(self.tx, changes)?;
        }
        let apart = in_line.aside() + judged.apart + beyond;
        self.came = true;
        self.moved.pulled += new as u64;
        self.moved.apart += apart as u64;
        self.greatest = changes.iter().map(|change| change.stamp.hlc).fold(self.greatest, Hlc::max);
        if in_line.aside() > 0 {
            let (doubled, back_dated) = (in_line.doubled as u64, in_line.back_dated as u64);
            let aside = Aside { doubled, back_dated, ..Aside::default() };
            self.moved.odd.entry(author).or_default().add(aside);
        }
        Ok(Reading { changes: words.count(), apart, greatest: in_line.greatest })
    }

    /// The server has an envelope that this file keeps, or has sealed.
    fn kept(&mut self, author: KeyId, tail: &Tail, (position, taken_at): (u64, u64), brought: bool) -> Stored<()> {
        if author == self.verified.reader.id() {
            self.sent(tail, (position, taken_at))?;
        }
        let new = frames::place(self.tx, self.notebook, author, tail, position, Some(taken_at))?;
        self.moved.pushed += if brought { new } else { 0 };
        Ok(())
    }

    /// The server has what is left of an envelope, in its place.
    fn left(&mut self, left: &Left) -> Stored<()> {
        let Left { author, tail, position } = left;
        self.moved.pushed += frames::place(self.tx, self.notebook, *author, tail, *position, None)?;
        Ok(())
    }

    /// The server has an envelope that this device made and was not sure of.
    fn sent(&mut self, tail: &Tail, (position, taken_at): (u64, u64)) -> Stored<()> {
        let (tx, notebook) = (self.tx, self.notebook);
        let sealed = outbox::sealed_with(tx, notebook, tail.sequence)?;
        let sealed = sealed.and_then(|body| Envelope::from_bytes(&body).ok()).filter(|sealed| sealed.tail() == *tail);
        let Some(envelope) = sealed else { return Ok(()) };
        let before = self.greatest_before(&envelope.header)?;
        let greatest = outbox::greatest_sealed(tx, notebook, tail.sequence..=tail.sequence)?.max(before);
        let changes = outbox::mark_sent(tx, notebook, tail.sequence)?;
        self.moved.pushed += changes as u64;
        let (frame, held, counts) = (envelope.frame(), Held::Whole(envelope), Counts::Read);
        if self.goes_on(&frame)? {
            lines::keep_tail(tx, &frame)?;
        } else {
            self.unsettled.insert(frame.header.author);
        }
        let reading = Reading { changes, apart: 0, greatest };
        frames::keep(tx, &NewFrame { held: &held, position, taken_at, counts, reading })?;
        self.lines.insert(frame.header.author, (frame.hash(), greatest));
        self.erase_of(&frame.header)
    }

    fn finish(&mut self) -> Stored<()> {
        let (tx, notebook, reader) = (self.tx, self.notebook, self.verified.reader);
        judge_lines(tx, reader, &self.again)?;
        absent::settle(tx, reader, &self.named)?;
        if self.came {
            outbox::mark_current_as_scanned(tx)?;
            outbox::drop_confirmed(tx, notebook)?;
        }
        channel::keep_keys(tx, notebook, reader.keys())?;
        if self.moved.erased {
            early::make_again(tx, notebook)?;
        }
        if let Some(remedy) = self.verified.remedy {
            self.remedy(remedy)?;
        }
        if self.verified.removed {
            leave_words(tx, reader)?;
            self.channel.doubted = false;
        }
        if self.verified.ends_again {
            self.check_sealed()?;
        }
        self.trust_again()?;
        self.keep_end()?;
        self.channel.save(tx)
    }

    /// Keeps the end of the log as a receipt, if this device stands there.
    fn keep_end(&self) -> Stored<()> {
        let Page { reached, end, .. } = self.verified.page;
        match self.verified.channel.server_key {
            Some(key) if end.end == *reached => ends::keep(self.tx, &key, end),
            _ => Ok(()),
        }
    }

    /// What was sealed before a log was read again must still follow this device's own line.
    fn check_sealed(&mut self) -> Stored<()> {
        let (tx, notebook) = (self.tx, self.notebook);
        let end = frames::own_end(tx, notebook, self.verified.reader.id())?;
        let first = outbox::sealed(tx, notebook)?.into_iter().next();
        let first = first.and_then(|(_, body)| Envelope::from_bytes(&body).ok());
        if first.is_some_and(|first| first.header.previous != end.hash) {
            self.unseal_from(1, false)?;
        }
        Ok(())
    }

    /// Once another log has everything that is kept here, it is said so of each change.
    fn trust_again(&mut self) -> Stored<()> {
        let (tx, notebook, reader) = (self.tx, self.notebook, self.verified.reader);
        if !self.channel.doubted || self.channel.again || frames::lacks_some(tx, notebook)? {
            return Ok(());
        }
        let mut missing = Vec::new();
        for held in frames::left(tx, notebook)? {
            missing.extend(changes_in(tx, reader, &held)?.unwrap_or_default());
        }
        outbox::trust(tx, notebook, &missing)?;
        if let Some(key) = self.channel.server_key.filter(|_| missing.is_empty()) {
            former_log::delete(tx, notebook, &key)?;
        }
        self.channel.doubted = false;
        Ok(())
    }

    fn unseal_from(&mut self, sequence: u64, unsent: bool) -> Stored<()> {
        outbox::unseal_from(self.tx, self.notebook, sequence, unsent)?;
        outbox::drop_confirmed(self.tx, self.notebook)?;
        // What it named, the next envelope names again.
        lines::mark_named(self.tx, self.notebook, false)?;
        self.channel.attempt = self.channel.attempt.saturating_add(1);
        Ok(())
    }

    /// This device's own envelopes from a sequence on count no more; what is in them waits to be sent.
    fn make_again(&mut self, sequence: u64) -> Stored<()> {
        let (tx, notebook, reader) = (self.tx, self.notebook, self.verified.reader);
        for (row, held) in frames::from_sequence(tx, notebook, reader.id(), sequence)? {
            let changes = changes_in(tx, reader, &held)?.unwrap_or_default();
            outbox::requeue(tx, &changes)?;
            frames::count_nowhere(tx, row)?;
            frames::leave(tx, row)?;
        }
        lines::end_line(tx, notebook, reader.id())?;
        self.unseal_from(1, false)
    }

    /// The server will not take an envelope, nor any that leads on from it.
    fn leave(&self, refused: &Frame) -> Stored<()> {
        let mut left = BTreeSet::from([refused.hash()]);
        for kept in lines::links(self.tx, self.notebook, refused.header.author)? {
            if left.contains(&kept.link.end.hash) || left.contains(&kept.link.previous) {
                left.insert(kept.link.end.hash);
                frames::leave(self.tx, kept.row)?;
            }
        }
        Ok(())
    }

    fn remedy(&mut self, remedy: Remedy) -> Stored<()> {
        let (tx, notebook, reader) = (self.tx, self.notebook, self.verified.reader);
        match remedy {
            Remedy::ResealFrom { sequence, restamp } => self.unseal_from(sequence, restamp),
            Remedy::KeepRefused => outbox::mark_refused(tx, notebook).map(drop),
            Remedy::KeepCarried => match &self.verified.refused {
                Some(refused) => self.leave(refused),
                None => Ok(()),
            },
            Remedy::MakeAgain => match &self.verified.refused {
                Some(refused) => self.make_again(refused.header.sequence),
                None => Ok(()),
            },
            Remedy::PutAside => {
                put_aside(tx, reader)?;
                self.unseal_from(1, false)
            }
            Remedy::KeepStatements => {
                channel::leave_statements(tx, notebook)?;
                self.unseal_from(1, false)
            }
            Remedy::DropPending => {
                drop_statements(tx, notebook, reader)?;
                self.unseal_from(1, false)
            }
            // A halt is written by itself, and nothing of its page. With the others everything stays pending as it is.
            Remedy::Halt(_)
            | Remedy::Compare
            | Remedy::NewKeys
            | Remedy::WaitForRoom
            | Remedy::AskAgain
            | Remedy::KeepPending { .. } => Ok(()),
        }
    }
}

/// Who was taken out sends nothing more: what waits, and what it wrote and the server lost, stays on this device, refused.
pub(super) fn leave_words(tx: &Tx<'_>, reader: &Reader) -> Stored<()> {
    let notebook = reader.notebook();
    outbox::mark_refused(tx, notebook)?;
    outbox::trust(tx, notebook, &[])?;
    for held in frames::unplaced_of(tx, notebook, reader.id())? {
        let changes = changes_in(tx, reader, &held)?.unwrap_or_default();
        changes::mark_refused(tx, &changes)?;
    }
    Ok(())
}

/// Drops control statements that the chain does not accept any more; whoever made them decides again.
fn drop_statements(tx: &Tx<'_>, notebook: NotebookId, reader: &Reader) -> Stored<()> {
    for stored in channel::statements(tx, notebook)?.into_iter().filter(|stored| stored.position == 0) {
        let there = Statement::from_bytes(&stored.body)
            .is_ok_and(|statement| reader.state().is_some_and(|state| state.knows_head(&statement.hash())));
        if !there {
            channel::drop_statement(tx, notebook, &stored.body)?;
        }
    }
    Ok(())
}
