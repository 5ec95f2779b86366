//! One round trip of the notebook channel: append entries, then read the log after the cursor.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ayumi_protocol::accept::{Bearer, Refusal};
use ayumi_protocol::control::{self, Action, Coming, ServerKey, State as Chain, Statement, Witnesses};
use ayumi_protocol::end::{End, SignedEnd};
use ayumi_protocol::envelope::{Envelope, Tail};
use ayumi_protocol::exchange::{Answer, Item, ItemBody, Piece, Refused, Reply, ReplyEnd, Request, Stated, Wanted};
use ayumi_protocol::key::{Hash, KeyId};
use ayumi_protocol::limits;
use ayumi_protocol::opening::Remnant;

use super::{Channel, Problem, session, told};
use crate::gone::{Due, is_a_new_visit, told_end};
use crate::log::{self, Appended, Entry, Log, LogError, Page, PageRequest, Terms};

/// Decodes the request's entries up to the first that is malformed or not the caller's own.
fn readable(request: &Request) -> (Vec<Entry>, Option<Refused>) {
    let mut entries = Vec::with_capacity(request.pieces.len());
    for piece in &request.pieces {
        let entry = match piece {
            Piece::Statement(bytes) => {
                Statement::from_bytes(bytes).ok().map(|statement| Entry::Statement(statement, Bearer::Author))
            }
            Piece::CarriedStatement(bytes) => {
                Statement::from_bytes(bytes).ok().map(|statement| Entry::Statement(statement, Bearer::Carrier))
            }
            Piece::Envelope(bytes) => Envelope::from_bytes(bytes)
                .ok()
                .filter(|envelope| envelope.header.author == request.caller.author)
                .map(|envelope| Entry::Envelope(envelope, Bearer::Author)),
            Piece::CarriedEnvelope(bytes) => {
                Envelope::from_bytes(bytes).ok().map(|envelope| Entry::Envelope(envelope, Bearer::Carrier))
            }
            Piece::Remnant(bytes) => Remnant::from_bytes(bytes)
                .ok()
                .map(|remnant| Entry::Remnant(remnant, request.caller.author, Bearer::Carrier)),
        };
        let here = |entry: &Entry| match entry {
            Entry::Statement(statement, _) => statement.notebook == request.caller.notebook,
            Entry::Envelope(envelope, _) => envelope.header.notebook == request.caller.notebook,
            Entry::Remnant(remnant, ..) => remnant.frame.header.notebook == request.caller.notebook,
        };
        match entry.filter(here) {
            Some(entry) => entries.push(entry),
            None => return (entries, Some(Refused::Malformed)),
        }
    }
    (entries, None)
}

/// Finds the first entry that uses an expired invitation.
fn late(known: Option<&Chain>, entries: &[Entry], bearer: &KeyId, ends: &[End], now_ms: u64) -> Option<usize> {
    let numbered = entries.iter().enumerate().filter_map(|(i, entry)| match entry {
        Entry::Statement(statement, _) => Some((i, statement)),
        Entry::Envelope(..) | Entry::Remnant(..) => None,
    });
    let (places, statements): (Vec<usize>, Vec<&Statement>) = numbered.unzip();
    let judge = |envelopes: &[(KeyId, Hash)]| {
        let witnesses = Witnesses { ends, envelopes };
        control::late_join(known, &statements, bearer, witnesses, now_ms)
    };
    // Signatures are verified only if one could help.
    let late = judge(&[])?;
    let signed = entries.iter().filter_map(|entry| match entry {
        Entry::Envelope(envelope, _) => {
            let author = envelope.header.author;
            let genuine = known?.holder(&author).is_some_and(|holder| envelope.is_signed_by(&holder.keys));
            genuine.then_some((author, envelope.header.control))
        }
        Entry::Statement(..) | Entry::Remnant(..) => None,
    });
    let late = if statements.is_empty() { late } else { judge(&signed.collect::<Vec<_>>())? };
    places.get(late).copied()
}

/// Extends the chain by the acceptable statements of a request: a device that founds, joins or recovers is only then
/// in it.
fn extended(known: Option<&Chain>, entries: &[Entry]) -> Option<Chain> {
    let mut state = known.cloned();
    for entry in entries {
        let Entry::Statement(statement, _) = entry else { continue };
        // A repeated or refused statement changes nothing.
        state = control::extend_chain(state.clone(), statement).ok().or(state);
    }
    state
}

/// Finds the first entry that a closed notebook does not take.
fn held_back(known: Option<&Chain>, entries: &[Entry], server: &[ServerKey]) -> Option<usize> {
    let coming = entries.iter().map(|entry| match entry {
        Entry::Statement(statement, _) => Coming::Statement(statement),
        Entry::Envelope(..) | Entry::Remnant(..) => Coming::Envelope,
    });
    control::held_back(known, &coming.collect::<Vec<_>>(), server)
}

/// Returns what is tried now: nothing from a join on that comes too late, nor from what a closed notebook holds back.
fn tried(
    chain: Option<&Chain>,
    (mut entries, mut unreadable): (Vec<Entry>, Option<Refused>),
    author: &KeyId,
    (server, ends): (&[ServerKey], &[End]),
    now_ms: u64,
) -> (Vec<Entry>, Option<Refused>) {
    if let Some(late) = late(chain, &entries, author, ends, now_ms) {
        entries.truncate(late);
        unreadable = Some(Refused::Control(control::Refusal::Expired));
    }
    // What is held back waits for an owner who opens the notebook.
    if let Some(held) = held_back(chain, &entries, server) {
        entries.truncate(held);
        unreadable = None;
    }
    (entries, unreadable)
}

/// Notes of what is carried that an owner brings it, or that this server had it.
fn note_bearers(entries: &mut [Entry], by_an_owner: bool, had: &BTreeSet<Hash>) {
    for entry in entries {
        let (hash, bearer) = match entry {
            Entry::Envelope(envelope, bearer @ Bearer::Carrier) => (envelope.hash(), bearer),
            Entry::Remnant(remnant, _, bearer) => (remnant.frame.hash(), bearer),
            Entry::Statement(..) | Entry::Envelope(..) => continue,
        };
        if by_an_owner {
            *bearer = Bearer::Owner;
        } else if had.contains(&hash) {
            *bearer = Bearer::Receipted;
        }
    }
}

/// Finds the first envelope, or what is left of one, that is carried for another author: only members carry, since who holds a
/// code has read nothing.
fn first_carried(entries: &[Entry]) -> Option<usize> {
    let carried = |entry: &Entry| match entry {
        Entry::Envelope(_, bearer) => *bearer != Bearer::Author,
        Entry::Remnant(..) => true,
        Entry::Statement(..) => false,
    };
    entries.iter().position(carried)
}

/// Builds the page without reading the store, if it holds only the envelopes of this request.
///
/// Most devices have read the whole log before they send something.
fn own_page(request: &Request, appended: &Appended) -> Option<Page> {
    let here = (appended.before.position, appended.before.prefix);
    if (request.after, request.prefix) != here || request.wanted != Wanted::default() || request.page_bytes == 0 {
        return None;
    }
    let (mut items, mut own) = (Vec::new(), None);
    for (piece, answer) in request.pieces.iter().zip(&appended.answers) {
        let (Piece::Envelope(bytes), Ok(place)) = (piece, answer) else { break };
        let tail = Tail::from_frame(bytes).ok()?;
        if place.position != request.after + 1 + items.len() as u64 {
            return None;
        }
        let (position, taken_at, sequence) = (place.position, place.taken_at, tail.sequence);
        let (control, author, hash, bytes) = (false, request.caller.author, tail.hash, Vec::new());
        items.push(log::Item { position, taken_at, control, author, sequence, hash, bytes, remnant: false });
        own = Some(tail);
    }
    // What else was brought stands behind: then the store is read.
    if items.len() < appended.answers.iter().filter(|answer| answer.is_ok()).count() {
        return None;
    }
    let visited_at = items.first().map_or(0, |item| item.taken_at);
    Some(Page { items, end: appended.end, own: own?, agrees: true, visited_at })
}

/// Items as they are sent: what the request itself brought is named, not repeated.
fn given(items: Vec<log::Item>, answers: &[Answer]) -> Vec<Item> {
    let brought: BTreeMap<u64, u32> =
        (0..).zip(answers).filter_map(|(piece, answer)| Some((answer.position()?, piece))).collect();
    let given = items.into_iter().map(|item| {
        let (position, taken_at) = (item.position, item.taken_at);
        let body = match (brought.get(&position), item.control, item.bytes.is_empty()) {
            (Some(piece), ..) => ItemBody::Brought(*piece),
            (None, true, _) => ItemBody::Statement(item.bytes),
            (None, false, true) => ItemBody::Own(item.sequence, item.hash),
            (None, false, false) if item.remnant => ItemBody::Remnant(item.bytes),
            (None, false, false) => ItemBody::Envelope(item.bytes),
        };
        Item { position, taken_at, body }
    });
    given.collect()
}

/// A signed end as a reply carries it, to a device that has read all up to `reached`.
fn reply_end(signed: &SignedEnd, reached: Option<u64>) -> ReplyEnd {
    let position = signed.end.position;
    let all = Stated { store_epoch: signed.store_epoch, end: signed.end };
    let stated = (reached != Some(position)).then_some(all);
    ReplyEnd { position, stated, signature: signed.signature }
}

/// Whether a statement of a request that erases words stands in the log.
fn erases(request: &Request, answers: &[Answer]) -> bool {
    request.pieces.iter().zip(answers).any(|(piece, answer)| {
        let (Piece::Statement(bytes) | Piece::CarriedStatement(bytes)) = piece else { return false };
        let statement = Statement::from_bytes(bytes).ok().filter(|_| answer.position().is_some());
        statement.is_some_and(|statement| matches!(statement.action, Action::Erase { .. }))
    })
}

impl<L: Log> Channel<L> {
    /// Handles a decoded request.
    pub(super) async fn exchange(&self, request: &Request) -> Result<Reply, Problem> {
        match self.appended_and_read(request).await {
            // Also one that went while it was asked about.
            Err(Problem::NoNotebook) => Err(self.not_here(request.caller.notebook).await),
            other => other,
        }
    }

    async fn appended_and_read(&self, request: &Request) -> Result<Reply, Problem> {
        let now_ms = self.now_ms();
        let caller = &request.caller;
        let (entries, unreadable) = readable(request);
        let has_statements = entries.iter().any(|entry| matches!(entry, Entry::Statement(..)));
        // For envelopes alone the cached chain decides; the head that the append returns shows whether it is current.
        let known = if entries.is_empty() || has_statements { None } else { self.log.known_chain(caller.notebook) };
        let chain = match known.filter(|chain| chain.holder(&caller.author).is_some()) {
            Some(known) => Some(known),
            None => self.log.chain(caller.notebook).await?,
        };
        let server = self.log.signer().own_keys();
        let told::Own { receipts, had } = told::Own::of(request, self.log.signer());
        let told::Standing { chain, proven, receipt } =
            self.standing(request, &entries, chain, (&receipts, now_ms)).await?;
        let ends = told::ends_of(&receipts);
        let (mut entries, mut unreadable) =
            tried(chain.as_deref(), (entries, unreadable), &caller.author, (server, &ends), now_ms);
        let after = if has_statements { extended(chain.as_deref(), &entries).map(Arc::new) } else { chain.clone() };
        if chain.is_none() {
            self.refuse_what_is_gone(request, after.is_some()).await??;
        }
        let keys = session::keys_of(chain.as_deref(), caller).or_else(|| session::keys_of(after.as_deref(), caller));
        if keys.is_none() && chain.as_ref().is_some_and(|chain| chain.was_holder(&caller.author)) {
            return self.last_words(request, receipt, now_ms).await;
        }
        let token = match proven.map_or_else(|| self.check_caller(caller, keys, now_ms), Ok) {
            // Nobody holds a key of a notebook that is not here.
            Err(Problem::NotAHolder) if after.is_none() => return Err(Problem::NoNotebook),
            other => other?,
        };
        if keys.is_none() {
            return Err(if after.is_none() { Problem::NoNotebook } else { Problem::NotAHolder });
        }
        self.watch.device(caller.author)?;
        let terms = if chain.is_none() { self.terms_of_founding(request, now_ms)? } else { Terms::default() };
        // Of a notebook that is not here any more, the chain that comes along says who is an owner.
        let by_an_owner = after.as_ref().is_some_and(|state| state.is_owner(&caller.author));
        note_bearers(&mut entries, by_an_owner, &had);
        let reads = after.as_ref().is_some_and(|state| state.may_read(&caller.author));
        if let Some(carried) = first_carried(&entries).filter(|_| !reads) {
            entries.truncate(carried);
            unreadable = Some(Refused::Envelope(Refusal::NotAWriter));
        }

        let (answers, appended) = self.append(request, entries, unreadable, now_ms, terms).await?;
        let Some(mut state) = after else { return Err(Problem::NoNotebook) };
        if appended.as_ref().is_some_and(|appended| !has_statements && appended.end.head != state.head()) {
            state = self.log.chain(caller.notebook).await?.ok_or(Problem::NoNotebook)?;
            if state.holder(&caller.author).is_none() {
                return self.last_words(request, receipt, now_ms).await;
            }
        }
        self.keep_receipts(request, &receipts).await?;
        let closing = state.closing_at(server);
        let page = self.page(request, &state, appended.filter(|_| !has_statements), now_ms).await?;
        // Every owner says so: then it goes now, and this is its last reply.
        if closing.is_some_and(|closing| closing.at_once) {
            self.log.expire(Due::now(now_ms)).await?;
        }
        let items = given(page.items, &answers);
        // Who has read all up to here computes what is signed.
        let reads_all = self.gives_all(request, &state) && page.agrees;
        let reached = reads_all.then(|| items.last().map_or(request.after, |item| item.position));
        self.watch.synced(&answers, &items);
        Ok(Reply {
            server_ms: now_ms,
            agrees: page.agrees,
            gone: false,
            closed: closing.is_some(),
            end: reply_end(&self.ends.signed(caller.notebook, &page.end, self.log.signer()), reached),
            own_sequence: page.own.sequence,
            ends_at: told_end(page.visited_at, self.unvisited_ms, now_ms),
            token,
            receipt,
            answers,
            items,
        })
    }

    /// On which terms a notebook begins here.
    fn terms_of_founding(&self, request: &Request, now_ms: u64) -> Result<Terms, Problem> {
        self.watch.founding()?;
        self.admission.terms(request.ticket.as_ref(), now_ms)
    }

    /// Whether a caller gets the whole log: invitations read the chain, and no envelopes of the family; so does everybody once it is
    /// closed.
    fn gives_all(&self, request: &Request, state: &Chain) -> bool {
        let closed = state.closing_at(self.log.signer().own_keys()).is_some();
        state.may_fetch(&request.caller.author) && !request.wanted.control_only && !closed
    }

    /// Reads on behind what the caller has.
    async fn page(
        &self,
        request: &Request,
        state: &Chain,
        appended: Option<Appended>,
        now_ms: u64,
    ) -> Result<Page, Problem> {
        let caller = &request.caller;
        let whole = self.gives_all(request, state);
        let short = appended.filter(|_| whole).and_then(|appended| own_page(request, &appended));
        let page = match short {
            Some(page) => page,
            None => {
                let wanted = PageRequest {
                    notebook: caller.notebook,
                    reader: caller.author,
                    after: request.after,
                    // Who asks for the chain alone cannot name the log.
                    prefix: (request.after > 0 && whole).then_some(request.prefix),
                    max_bytes: usize::try_from(request.page_bytes).unwrap_or(usize::MAX).min(limits::PAGE_BYTES),
                    wanted: Wanted { control_only: !whole, ..request.wanted },
                };
                self.log.page(wanted).await?
            }
        };
        if is_a_new_visit(page.visited_at, now_ms) {
            self.log.visit(caller.notebook, now_ms).await?;
        }
        Ok(page)
    }

    async fn append(
        &self,
        request: &Request,
        entries: Vec<Entry>,
        unreadable: Option<Refused>,
        now_ms: u64,
        terms: Terms,
    ) -> Result<(Vec<Answer>, Option<Appended>), Problem> {
        if request.pieces.is_empty() {
            return Ok((Vec::new(), None));
        }
        let mut appended = None;
        if !entries.is_empty() {
            appended = Some(self.log.append(request.caller.notebook, entries, now_ms, terms).await?);
        }
        let taken = appended.as_ref().map_or(&[][..], |appended| &appended.answers);
        let mut answers: Vec<Answer> = Vec::with_capacity(request.pieces.len());
        for result in taken {
            answers.push(match result.clone() {
                Ok(place) => Answer::Taken(place.position),
                Err(LogError::Control(refusal)) => Answer::Refused(Refused::Control(refusal)),
                Err(LogError::Envelope(refusal)) => Answer::Refused(Refused::Envelope(refusal)),
                Err(LogError::Quota) => Answer::Refused(Refused::Quota),
                Err(other) => return Err(other.into()),
            });
        }
        if let (Some(refused), false) = (unreadable, answers.iter().any(|a| matches!(a, Answer::Refused(_)))) {
            answers.push(Answer::Refused(refused));
        }
        answers.resize(request.pieces.len(), Answer::Refused(Refused::NotTried));
        if erases(request, &answers) {
            self.drop_beside(request.caller.notebook).await?;
        }
        Ok((answers, appended))
    }

    /// Replies to a removed member: only the control chain up to the removal, so that they see who did it.
    ///
    /// It needs no proof, since the key has no rights any more; its content is signed, and sealed for others.
    async fn last_words(&self, request: &Request, receipt: Option<SignedEnd>, now_ms: u64) -> Result<Reply, Problem> {
        let caller = &request.caller;
        // Who comes with a token from before this key, or this life of the store, is shown first who signs now.
        self.check_token(caller, now_ms)?;
        let all = PageRequest {
            notebook: caller.notebook,
            reader: caller.author,
            after: 0,
            prefix: None,
            max_bytes: limits::PAGE_BYTES,
            wanted: Wanted { control_only: true, mine_too: false },
        };
        let page = self.log.page(all).await?;
        let mut state: Option<Chain> = None;
        let mut items = Vec::new();
        // How much was written, and after it, is not said.
        let mut end = End::default();
        for item in page.items {
            let statement = Statement::from_bytes(&item.bytes).map_err(|_| Problem::Unavailable)?;
            let next = control::extend_chain(state.take(), &statement).map_err(|_| Problem::Unavailable)?;
            let last = next.was_holder(&caller.author);
            let body = ItemBody::Statement(item.bytes);
            items.push(Item { position: item.position, taken_at: item.taken_at, body });
            end =
                End { position: item.position, prefix: Default::default(), head: next.head(), taken_at: item.taken_at };
            state = Some(next);
            if last {
                break;
            }
        }
        // What came behind is not shown, and a receipt may be for that: then it is signed for the chain as far as it is shown.
        let covers = |receipt: &SignedEnd| state.as_ref().is_some_and(|state| state.knows_head(&receipt.end.head));
        let receipt = receipt.map(|receipt| match covers(&receipt) {
            true => receipt,
            false => self.log.signer().end(caller.notebook, &End { taken_at: receipt.end.taken_at, ..end }),
        });
        let refused = Answer::Refused(Refused::Envelope(Refusal::NotAWriter));
        Ok(Reply {
            server_ms: now_ms,
            agrees: true,
            gone: true,
            closed: false,
            end: reply_end(&self.log.signer().end(caller.notebook, &end), None),
            own_sequence: page.own.sequence,
            ends_at: None,
            token: None,
            receipt,
            answers: vec![refused; request.pieces.len()],
            items,
        })
    }
}
