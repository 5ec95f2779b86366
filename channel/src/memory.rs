//! A store of notebook logs in memory: for a phone that shows its handbook to another one, and for simulations. Its
//! contents can be copied and restored like a backup.

mod aside;
mod beginnings;
mod blobs;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::author::{AuthorTail, check_cutoff};
use crate::gone::{Due, Trace, goes_at, is_a_new_visit};
use crate::log::{
    Appended, Chunk, Earlier, Entry, Item, Log, LogError, LogResult, OpenTerms, Page, PageRequest, Place, Release,
    Replacement, Stored, Terms, codes_gone, fits, kept_form, latest_for, next_place,
};
use crate::signer::Signer;
use ayumi_protocol::NotebookId;
use ayumi_protocol::accept::{Bearer, Known, Taken, accept};
use ayumi_protocol::blob::{BlobName, BlobReply};
use ayumi_protocol::control::{ServerKey, State, Statement};
use ayumi_protocol::drawer::DrawerReply;
use ayumi_protocol::end::{End, SignedEnd};
use ayumi_protocol::envelope::{Frame, Tail};
use ayumi_protocol::gone::{WhyGone, gone_hash};
use ayumi_protocol::key::{Hash, KeyId};
use ayumi_protocol::opening::Remnant;
use ayumi_protocol::prefix::Prefix;
use ayumi_protocol::release::ReleaseKey;
use beginnings::Beginnings;
use blobs::Blobs;

/// The log of one notebook.
#[derive(Clone, Default)]
struct NotebookLog {
    items: Vec<Item>,
    state: Option<Arc<State>>,
    tails: BTreeMap<KeyId, AuthorTail>,
    bytes: u64,
    open: Option<OpenTerms>,
    /// When it is deleted, as its owners closed it.
    closes_at: Option<u64>,
    visited_at: u64,
    /// Of open codes: when they are over, and their release keys.
    releases: BTreeMap<KeyId, (Option<u64>, ReleaseKey)>,
    prefixes: Vec<Prefix>,
    end: End,
    /// By their heads.
    receipts: BTreeMap<Hash, SignedEnd>,
}

/// Edition, content, and when it was opened last.
type Drawer = (u64, Vec<u8>, u64);

/// All data of a store.
#[derive(Clone, Default)]
pub struct Contents {
    logs: BTreeMap<NotebookId, NotebookLog>,
    blobs: Blobs,
    drawers: BTreeMap<KeyId, Drawer>,
    beginnings: Beginnings,
}

/// A store in memory.
pub struct MemoryLog {
    contents: Arc<Mutex<Contents>>,
    signer: Signer,
    quota: u64,
}

impl MemoryLog {
    /// Makes a store with the given contents.
    pub fn new(contents: Contents, signer: Signer, quota: u64) -> Self {
        Self::sharing(Arc::new(Mutex::new(contents)), signer, quota)
    }

    /// Makes a store over contents that outlive it.
    pub const fn sharing(contents: Arc<Mutex<Contents>>, signer: Signer, quota: u64) -> Self {
        Self { contents, signer, quota }
    }

    /// Copies the contents, as a backup.
    pub fn contents(&self) -> Contents {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Contents {
    /// Takes over the drawers of another store: what an operator can copy without any key.
    #[must_use]
    pub fn with_drawers_of(self, other: &Self) -> Self {
        Self { drawers: other.drawers.clone(), ..self }
    }

    /// Adds tickets, by their hashes.
    pub fn add_tickets(&mut self, hashes: &[Hash]) {
        self.beginnings.add_tickets(hashes);
    }

    /// Deletes all of a notebook but a trace.
    fn drop_notebook(&mut self, notebook: NotebookId, why: WhyGone, when_ms: u64) -> Trace {
        self.logs.remove(&notebook);
        self.blobs.drop_all(notebook);
        self.beginnings.end(notebook, why, when_ms)
    }

    /// Counts the items of a notebook's log.
    pub fn length(&self, notebook: NotebookId) -> usize {
        self.logs.get(&notebook).map_or(0, |log| log.items.len())
    }

    /// Returns all stored bytes.
    pub fn bytes(&self) -> Vec<u8> {
        let mut all = self.beginnings.bytes();
        for (id, log) in &self.logs {
            all.extend_from_slice(id.as_bytes());
            for item in &log.items {
                all.extend([&item.author.0[..], &item.hash, &item.bytes].concat());
            }
            all.extend(log.prefixes.concat());
            all.extend(log.releases.values().flat_map(|(_, key)| *key));
        }
        all.extend(self.blobs.bytes());
        self.drawers.iter().for_each(|(id, (_, sealed, _))| all.extend([&id.0[..], sealed].concat()));
        all
    }
}

impl NotebookLog {
    fn take(&mut self, entry: &Entry, quota: u64, server: &[ServerKey], now_ms: u64) -> LogResult<Place> {
        match entry {
            Entry::Statement(statement, bearer) => {
                let hash = statement.hash();
                let next = match &self.state {
                    None => State::founded(statement)?,
                    Some(state) if state.knows_head(&hash) => return self.place_of(&hash),
                    Some(state) => state.after(statement)?,
                };
                check_cutoff(statement, *bearer, |author| Ok::<_, LogError>(self.tail_of(&author).tail))?;
                let bytes = statement.to_bytes();
                self.room(bytes.len(), true, quota)?;
                self.closes_at = goes_at(self.closes_at, &next, server, self.end.taken_at.max(now_ms));
                codes_gone(self.state.as_deref(), &next).iter().for_each(|code| _ = self.releases.remove(code));
                self.state = Some(Arc::new(next));
                let place = self.push((true, statement.author, 0), hash, (bytes, false), now_ms);
                self.drop_whole(statement)?;
                Ok(place)
            }
            Entry::Envelope(envelope, bearer) => {
                let (frame, state) = (envelope.frame(), self.chain()?);
                self.take_frame(&frame, kept_form(envelope, &frame, &state), *bearer, (quota, now_ms))
            }
            Entry::Remnant(remnant, maker, bearer) => {
                remnant.check(&*self.chain()?)?;
                let (frame, bytes) = (&remnant.frame, remnant.to_bytes());
                let place = self.take_frame(frame, (bytes, true), *bearer, (quota, now_ms))?;
                self.strip(place, remnant, maker, Some(quota))?;
                Ok(place)
            }
        }
    }

    fn chain(&self) -> LogResult<Arc<State>> {
        self.state.clone().ok_or(LogError::NoNotebook)
    }

    fn take_frame(
        &mut self,
        frame: &Frame,
        (bytes, remnant): (Vec<u8>, bool),
        bearer: Bearer,
        (quota, now_ms): (u64, u64),
    ) -> LogResult<Place> {
        let (state, header, hash) = (self.chain()?, &frame.header, frame.hash());
        let before = self.tail_of(&header.author);
        let of = |sequence| self.of(header.author, sequence);
        let known = Known::gather::<LogError>(
            frame,
            (before.tail, before.two_tongues),
            |sequence, attempt| Ok(of(sequence).filter(|tail| tail.attempt == attempt).map(|tail| tail.hash).collect()),
            |sequence, hash| Ok(of(sequence).find(|tail| tail.hash == *hash)),
        )?;
        let greatest =
            || Ok::<_, LogError>(self.tails.values().map(|known| known.tail.stamp).max().unwrap_or_default());
        let latest = latest_for(frame, &self.end, now_ms, greatest)?;
        let taken = accept(frame, &state, &known, bearer, latest)?;
        if taken == Taken::Again {
            return self.place_of(&hash);
        }
        self.room(bytes.len(), false, quota)?;
        self.tails.insert(header.author, before.with(frame, taken));
        Ok(self.push((false, header.author, header.sequence), hash, (bytes, remnant), now_ms))
    }

    fn tail_of(&self, author: &KeyId) -> AuthorTail {
        self.tails.get(author).copied().unwrap_or_default()
    }

    /// Puts an item at the end.
    fn push(
        &mut self,
        (control, author, sequence): (bool, KeyId, u64),
        hash: Hash,
        (bytes, remnant): (Vec<u8>, bool),
        now_ms: u64,
    ) -> Place {
        let place = next_place(&mut self.end, hash, control, now_ms);
        self.bytes += bytes.len() as u64;
        self.prefixes.push(self.end.prefix);
        let Place { position, taken_at, .. } = place;
        self.items.push(Item { position, taken_at, control, author, sequence, hash, bytes, remnant });
        place
    }

    /// Keeps only a remnant of an envelope that is there; without a quota whatever it is.
    fn strip(&mut self, place: Place, remnant: &Remnant, maker: &KeyId, quota: Option<u64>) -> LogResult<()> {
        let state = self.chain()?;
        let item = self.items.iter_mut().find(|item| item.position == place.position);
        let item = item.ok_or(LogError::Unavailable)?;
        let there = Stored { remnant: item.remnant, bytes: &item.bytes };
        let quotas = quota.map(|quota| (quota, self.open.map(|open| open.quota)));
        if let Some(Replacement { bytes, used }) = there.replaced_by((remnant, maker), &state, self.bytes, quotas)? {
            (item.bytes, item.remnant, self.bytes) = (bytes, true, used);
        }
        Ok(())
    }

    /// Drops the ciphertexts of envelopes that a statement erases whole.
    fn drop_whole(&mut self, statement: &Statement) -> LogResult<()> {
        for (author, sequence, attempt) in statement.erased_whole() {
            let found = self.items.iter().filter_map(|item| {
                let frame = Frame::from_start_of(&item.bytes).ok().filter(|_| !item.control)?;
                let header = frame.header;
                let this = (header.author, header.sequence, header.attempt) == (author, sequence, attempt);
                let place = Place { position: item.position, hash: item.hash, taken_at: item.taken_at };
                this.then_some((place, frame))
            });
            for (place, frame) in found.collect::<Vec<_>>() {
                let remnant = Remnant { frame, opening: None };
                if remnant.check(&*self.chain()?).is_ok() {
                    self.strip(place, &remnant, &statement.author, None)?;
                }
            }
        }
        Ok(())
    }

    fn room(&self, bytes: usize, control: bool, quota: u64) -> LogResult<()> {
        let fits = fits(self.bytes + bytes as u64, control, quota, self.open.map(|open| open.quota));
        if fits { Ok(()) } else { Err(LogError::Quota) }
    }

    fn place_of(&self, hash: &Hash) -> LogResult<Place> {
        let item = self.items.iter().find(|item| item.hash == *hash).ok_or(LogError::Unavailable)?;
        Ok(Place { position: item.position, hash: *hash, taken_at: item.taken_at })
    }

    /// The tails behind an author's envelopes with a sequence.
    fn of(&self, author: KeyId, sequence: u64) -> impl Iterator<Item = Tail> {
        let mine = move |item: &&Item| !item.control && (item.author, item.sequence) == (author, sequence);
        self.items
            .iter()
            .filter(mine)
            .filter_map(|item| Frame::from_start_of(&item.bytes).ok())
            .map(|frame| frame.tail())
    }
}

impl Log for MemoryLog {
    fn signer(&self) -> &Signer {
        &self.signer
    }

    async fn append(
        &self,
        notebook: NotebookId,
        entries: Vec<Entry>,
        now_ms: u64,
        terms: Terms,
    ) -> LogResult<Appended> {
        let (mut contents, server) = (self.lock(), self.signer.own_keys());
        let founds = matches!(entries.first(), Some(Entry::Statement(s, _)) if s.previous == [0; 32]);
        if !founds && !contents.logs.contains_key(&notebook) {
            return Err(LogError::NoNotebook);
        }
        // Only a statement that founds uses a ticket up.
        let begins = !contents.logs.contains_key(&notebook)
            && matches!(entries.first(), Some(Entry::Statement(statement, _)) if State::founded(statement).is_ok());
        let open = if begins { contents.beginnings.admit(notebook, terms)? } else { None };
        let log = contents.logs.entry(notebook).or_default();
        log.open = log.open.or(open);
        let before = log.end;
        let mut answers = Vec::new();
        for entry in &entries {
            let taken = log.take(entry, self.quota, server, now_ms);
            let stop = taken.is_err();
            answers.push(taken);
            if stop {
                break;
            }
        }
        let end = log.end;
        if log.state.is_none() {
            contents.logs.remove(&notebook);
        }
        Ok(Appended { answers, before, end })
    }

    async fn put_aside(&self, notebook: NotebookId, earlier: Earlier, now_ms: u64) -> LogResult<bool> {
        let (mut contents, server) = (self.lock(), self.signer.own_keys());
        let log = contents.logs.get_mut(&notebook).ok_or(LogError::NoNotebook)?;
        log.put_aside(earlier, self.quota, server, now_ms)
    }

    async fn keep_receipts(&self, notebook: NotebookId, receipts: Vec<SignedEnd>) -> LogResult<()> {
        let mut contents = self.lock();
        contents.logs.get_mut(&notebook).ok_or(LogError::NoNotebook)?.keep_receipts(receipts);
        Ok(())
    }

    async fn receipts(&self, notebook: NotebookId) -> LogResult<Vec<SignedEnd>> {
        let contents = self.lock();
        Ok(contents.logs.get(&notebook).map(|log| log.receipts.values().copied().collect()).unwrap_or_default())
    }

    async fn expire(&self, due: Due) -> LogResult<u64> {
        let mut contents = self.lock();
        let why = |log: &NotebookLog| {
            let unvisited = due.unvisited_since.is_some_and(|since| log.end.taken_at.max(log.visited_at) <= since);
            match log.closes_at.is_some_and(|at| at <= due.now_ms) {
                true => Some(WhyGone::Closed),
                false if unvisited || log.open.is_some_and(|open| open.ends_at <= due.now_ms) => Some(WhyGone::Expired),
                false => None,
            }
        };
        let gone: Vec<_> = contents.logs.iter().filter_map(|(id, log)| Some((*id, why(log)?))).collect();
        let is_open = |ends_at: &Option<u64>| ends_at.is_none_or(|ends_at| ends_at > due.now_ms);
        contents.logs.values_mut().for_each(|log| log.releases.retain(|_, (ends_at, _)| is_open(ends_at)));
        contents.drawers.retain(|_, (.., opened_at)| *opened_at > due.drawers_since());
        for (id, why) in &gone {
            contents.drop_notebook(*id, *why, due.now_ms);
        }
        Ok(gone.len() as u64)
    }

    async fn forget(&self, notebook: NotebookId, now_ms: u64) -> LogResult<Trace> {
        Ok(self.lock().drop_notebook(notebook, WhyGone::Forgotten, now_ms))
    }

    async fn forget_again(&self, traces: Vec<Trace>) -> LogResult<u64> {
        let mut contents = self.lock();
        let listed: BTreeMap<Hash, Trace> = traces.iter().map(|trace| (trace.hash, *trace)).collect();
        let there = contents.logs.keys().filter_map(|id| Some((*id, *listed.get(&gone_hash(*id))?)));
        let there: Vec<_> = there.collect();
        for (id, trace) in &there {
            contents.drop_notebook(*id, trace.why, trace.when_ms);
        }
        traces.into_iter().for_each(|trace| contents.beginnings.remember(trace));
        Ok(there.len() as u64)
    }

    async fn trace(&self, notebook: NotebookId) -> LogResult<Option<Trace>> {
        Ok(self.lock().beginnings.trace(notebook))
    }

    async fn traces(&self) -> LogResult<Vec<Trace>> {
        Ok(self.lock().beginnings.traces().collect())
    }

    async fn visit(&self, notebook: NotebookId, now_ms: u64) -> LogResult<()> {
        if let Some(log) = self.lock().logs.get_mut(&notebook) {
            log.visited_at = now_ms;
        }
        Ok(())
    }

    async fn chain(&self, notebook: NotebookId) -> LogResult<Option<Arc<State>>> {
        Ok(self.lock().logs.get(&notebook).and_then(|log| log.state.clone()))
    }

    async fn page(&self, request: PageRequest) -> LogResult<Page> {
        let contents = self.lock();
        let log = contents.logs.get(&request.notebook).ok_or(LogError::NoNotebook)?;
        let there = usize::try_from(request.after).ok().and_then(|after| log.prefixes.get(after.checked_sub(1)?));
        let agrees = request.prefix.is_none_or(|prefix| there == Some(&prefix));
        let (mut items, mut bytes) = (Vec::new(), 0);
        for item in log.items.iter().skip(usize::try_from(request.after).unwrap_or(usize::MAX)) {
            if !agrees || request.max_bytes == 0 || (request.wanted.control_only && !item.control) {
                continue;
            }
            let mut item = item.clone();
            if item.author == request.reader && !item.control && !request.wanted.mine_too {
                item.bytes.clear();
            }
            bytes += item.bytes.len() + 16;
            if bytes > request.max_bytes && !items.is_empty() {
                break;
            }
            items.push(item);
        }
        let own = log.tail_of(&request.reader).tail;
        let visited_at = log.visited_at.max(log.end.taken_at);
        Ok(Page { items, end: log.end, own, agrees, visited_at })
    }

    async fn put_chunk(&self, chunk: Chunk) -> LogResult<BlobReply> {
        let (mut contents, notebook, name) = (self.lock(), chunk.notebook, chunk.name);
        let lacks = contents.blobs.lacks(&chunk);
        let log = contents.logs.get_mut(&notebook).ok_or(LogError::NoNotebook)?;
        if lacks {
            log.room(chunk.bytes.len(), false, self.quota)?;
            log.bytes += chunk.bytes.len() as u64;
            contents.blobs.put(chunk);
        }
        Ok(contents.blobs.state(notebook, name, None))
    }

    async fn blob(&self, notebook: NotebookId, name: BlobName, from: Option<u32>) -> LogResult<BlobReply> {
        Ok(self.lock().blobs.state(notebook, name, from))
    }

    async fn gather(&self, notebook: NotebookId, names: Vec<BlobName>) -> LogResult<Vec<Vec<u8>>> {
        Ok(self.lock().blobs.gather(notebook, names))
    }

    async fn drop_blob(&self, notebook: NotebookId, name: BlobName) -> LogResult<()> {
        let mut contents = self.lock();
        let bytes = contents.blobs.drop(notebook, name);
        if let Some(log) = contents.logs.get_mut(&notebook) {
            log.bytes = log.bytes.saturating_sub(bytes);
        }
        Ok(())
    }

    async fn fill_drawer(&self, drawer: KeyId, edition: u64, sealed: Vec<u8>, now_ms: u64) -> LogResult<DrawerReply> {
        let mut contents = self.lock();
        let there = contents.drawers.entry(drawer).or_default();
        if edition > there.0 {
            *there = (edition, sealed, now_ms);
        }
        Ok(DrawerReply { edition: there.0, sealed: there.1.clone() })
    }

    async fn drawer(&self, drawer: KeyId, now_ms: u64) -> LogResult<DrawerReply> {
        let mut contents = self.lock();
        let Some(there) = contents.drawers.get_mut(&drawer) else { return Ok(DrawerReply::default()) };
        if is_a_new_visit(there.2, now_ms) {
            there.2 = now_ms;
        }
        Ok(DrawerReply { edition: there.0, sealed: there.1.clone() })
    }

    async fn put_release(&self, release: Release) -> LogResult<()> {
        let mut contents = self.lock();
        let log = contents.logs.get_mut(&release.notebook).ok_or(LogError::NoNotebook)?;
        if log.state.as_ref().is_some_and(|state| state.holder(&release.holder).is_some()) {
            log.releases.insert(release.holder, (release.ends_at, release.key));
        }
        Ok(())
    }

    async fn release(&self, notebook: NotebookId, holder: KeyId) -> LogResult<Option<ReleaseKey>> {
        let contents = self.lock();
        Ok(contents.logs.get(&notebook).and_then(|log| log.releases.get(&holder)).map(|(_, key)| *key))
    }

    async fn last_taken(&self) -> LogResult<u64> {
        Ok(self.lock().logs.values().map(|log| log.end.taken_at).max().unwrap_or(0))
    }

    async fn ready(&self) -> bool {
        true
    }
}
