//! Which chain stands, when one that is told parts from the one in the store: the one that was there first, by what this
//! server signed, whatever their lengths.

use std::collections::BTreeSet;
use std::sync::Arc;

use ayumi_protocol::accept::Bearer;
use ayumi_protocol::control::{
    Branch, State as Chain, Statement, Witnesses, extend_chain, late_join, receipts_in, told_stands,
};
use ayumi_protocol::end::{End, SignedEnd};
use ayumi_protocol::exchange::{Request, Token, Wanted};
use ayumi_protocol::key::Hash;
use ayumi_protocol::limits;

use super::{Channel, Problem, session};
use crate::gone::goes_at;
use crate::log::{Earlier, Entry, Log, PageRequest};
use crate::signer::Signer;

/// What follows for a request from the chain that it tells.
pub(super) struct Standing {
    /// The chain that stands.
    pub(super) chain: Option<Arc<Chain>>,
    /// The caller proved its key in a chain that took the place of the store's, and may have earned a token.
    pub(super) proven: Option<Option<Token>>,
    /// Why the store's chain stands against the one that was told.
    pub(super) receipt: Option<SignedEnd>,
}

/// What a told chain is against the store's.
enum Told {
    /// It does not part from it, or nothing dates it.
    Nothing,
    /// It was there first.
    Stands(Box<(Earlier, Chain)>),
    /// It came later, as a receipt may say.
    Falls(Option<Box<SignedEnd>>),
}

/// What of a request this server itself said, under its present key or one before it.
pub(super) struct Own {
    /// The ends that it signed.
    pub(super) receipts: Vec<SignedEnd>,
    /// Envelopes, by their hashes, that it had: the ends prove it.
    pub(super) had: BTreeSet<Hash>,
}

impl Own {
    /// Looks it up; other ends count for nothing.
    pub(super) fn of(request: &Request, signer: &Signer) -> Self {
        let own = request.ends.iter().filter(|receipt| signer.made(receipt, request.caller.notebook));
        let (mut receipts, mut had) = (Vec::new(), BTreeSet::new());
        for receipt in own {
            receipts.push(receipt.signed);
            had.extend(receipt.proven());
        }
        Self { receipts, had }
    }
}

/// Returns them without their signatures.
pub(super) fn ends_of(receipts: &[SignedEnd]) -> Vec<End> {
    receipts.iter().map(|signed| signed.end).collect()
}

/// Carried statements that follow each other from an older head of a chain on.
fn parted<'e>(chain: &Chain, entries: &'e [Entry]) -> Option<(usize, Vec<&'e Statement>)> {
    let carried = entries.iter().filter_map(|entry| match entry {
        Entry::Statement(statement, Bearer::Carrier) => Some(statement),
        Entry::Statement(..) | Entry::Envelope(..) | Entry::Remnant(..) => None,
    });
    let unknown: Vec<&Statement> = carried.skip_while(|statement| chain.knows_head(&statement.hash())).collect();
    let place = chain.place_of(&unknown.first()?.previous).filter(|place| place.saturating_add(1) < chain.length())?;
    Some((place, unknown))
}

/// A statement of the store's.
struct Taken {
    position: u64,
    taken_at: u64,
    statement: Statement,
}

fn hashes<'s>(statements: impl IntoIterator<Item = &'s Statement>) -> Vec<Hash> {
    statements.into_iter().map(Statement::hash).collect()
}

impl<L: Log> Channel<L> {
    /// Returns the chain that stands, behind a request that may tell one which was there before the store's own.
    pub(super) async fn standing(
        &self,
        request: &Request,
        entries: &[Entry],
        chain: Option<Arc<Chain>>,
        (receipts, now_ms): (&[SignedEnd], u64),
    ) -> Result<Standing, Problem> {
        let caller = &request.caller;
        let (earlier, state) = match self.told(request, entries, chain.as_deref(), (receipts, now_ms)).await? {
            Told::Nothing => return Ok(Standing { chain, proven: None, receipt: None }),
            Told::Falls(receipt) => {
                return Ok(Standing { chain, proven: None, receipt: receipt.map(|receipt| *receipt) });
            }
            Told::Stands(standing) => *standing,
        };
        let token = self.check_caller(caller, session::keys_of(Some(&state), caller), now_ms)?;
        // If the store's chain grew meanwhile, the device tells it again.
        self.log.put_aside(caller.notebook, earlier, now_ms).await?;
        let chain = self.log.chain(caller.notebook).await?;
        Ok(Standing { chain, proven: Some(token), receipt: None })
    }

    /// Finds out whether a request tells a chain that was there before the store's own: then the store lost it.
    async fn told(
        &self,
        request: &Request,
        entries: &[Entry],
        chain: Option<&Chain>,
        (receipts, now_ms): (&[SignedEnd], u64),
    ) -> Result<Told, Problem> {
        let Some(chain) = chain.filter(|_| !receipts.is_empty()) else { return Ok(Told::Nothing) };
        let Some((place, unknown)) = parted(chain, entries) else { return Ok(Told::Nothing) };
        let taken = self.statements(request).await?;
        let parts = place.saturating_add(1);
        let (Some(common), Some(own)) = (taken.get(..parts), taken.get(parts..)) else { return Ok(Told::Nothing) };
        let Some(first) = own.first() else { return Ok(Told::Nothing) };
        let known = self.log.receipts(request.caller.notebook).await?;
        let all = [known.as_slice(), receipts].concat();
        let own_heads = hashes(own.iter().map(|taken| &taken.statement));
        let shown = Branch { heads: &own_heads, taken_at: Some(first.taken_at) };
        let stands = |heads: &[Hash]| told_stands(&Branch { heads, taken_at: None }, &shown, &all) == Some(true);
        let falls = Told::Falls(shown.receipt(&all).map(|receipt| Box::new(self.log.signer().renewed(&receipt))));
        if !stands(&hashes(unknown.iter().copied())) {
            return Ok(falls);
        }
        let server = self.log.signer().own_keys();
        let (mut state, mut closes_at) = (None, None);
        for taken in common {
            let next = extend_chain(state, &taken.statement).map_err(|_| Problem::Unavailable)?;
            closes_at = goes_at(closes_at, &next, server, taken.taken_at);
            state = Some(next);
        }
        let mut state = state.ok_or(Problem::Unavailable)?;
        let ends = ends_of(receipts);
        let witnesses = Witnesses { ends: &ends, envelopes: &[] };
        let in_time = late_join(Some(&state), &unknown, &request.caller.author, witnesses, now_ms);
        let mut statements = Vec::new();
        for statement in unknown.iter().take(in_time.unwrap_or(unknown.len())) {
            let Ok(next) = state.after(statement) else { break };
            state = next;
            statements.push((*statement).clone());
        }
        // What the receipt is for must be a chain that everybody believes.
        if !stands(&hashes(&statements)) {
            return Ok(falls);
        }
        let (instead_of, from, receipts) = (chain.head(), first.position, receipts_in(&state, receipts));
        let earlier = Earlier { instead_of, from, closes_at, statements, receipts };
        Ok(Told::Stands(Box::new((earlier, state))))
    }

    /// All statements of a notebook.
    async fn statements(&self, request: &Request) -> Result<Vec<Taken>, Problem> {
        let mut all: Vec<Taken> = Vec::new();
        loop {
            let page = PageRequest {
                notebook: request.caller.notebook,
                reader: request.caller.author,
                after: all.last().map_or(0, |taken| taken.position),
                prefix: None,
                max_bytes: limits::PAGE_BYTES,
                wanted: Wanted { control_only: true, mine_too: false },
            };
            let items = self.log.page(page).await?.items;
            if items.is_empty() {
                return Ok(all);
            }
            for item in items {
                let statement = Statement::from_bytes(&item.bytes).map_err(|_| Problem::Unavailable)?;
                all.push(Taken { position: item.position, taken_at: item.taken_at, statement });
            }
        }
    }

    /// Keeps what this server signed earlier about statements that it has.
    pub(super) async fn keep_receipts(&self, request: &Request, receipts: &[SignedEnd]) -> Result<(), Problem> {
        if receipts.is_empty() {
            return Ok(());
        }
        let notebook = request.caller.notebook;
        let Some(state) = self.log.chain(notebook).await? else { return Ok(()) };
        let covering = receipts_in(&state, receipts);
        if covering.is_empty() { Ok(()) } else { Ok(self.log.keep_receipts(notebook, covering).await?) }
    }
}
