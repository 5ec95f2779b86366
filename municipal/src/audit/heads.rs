//! The ends of all chains of a day, signed by the feed key; and what a restore says of what it lost.

use ayumi_protocol::Hex;
use ayumi_protocol::key::Hash;
use ayumi_protocol::municipal::audit::office_head::Restored;
use ayumi_protocol::municipal::audit::tree::root;
use ayumi_protocol::municipal::audit::{AuditEntry, ChainHead, OfficeHead, Purpose, Tree};
use ayumi_protocol::municipal::feed::root::FeedKey;
use ayumi_protocol::municipal::feed::{FeedRefusal, Signed};
use ayumi_protocol::municipal::thread::UnixMs;

use super::KeptHead;
use super::kept::{Look, add, add_head, ends, heads, last_place};
use crate::database::{DatabaseError, Transaction};

/// Why nothing was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    /// The signature is not the feed key's.
    #[error("not signed by the feed key")]
    Signature,
    /// What was signed last cannot be read.
    #[error("an office head cannot be read")]
    Unreadable,
    /// It cannot be kept.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl From<FeedRefusal> for NotSigned {
    fn from(refusal: FeedRefusal) -> Self {
        if refusal == FeedRefusal::Signature { Self::Signature } else { Self::Unreadable }
    }
}

/// Returns the root over the ends of common chains, in the order of their ids.
pub(super) fn common_root(ends: &[ChainHead]) -> Hash {
    root(&ends.iter().map(ChainHead::to_bytes).collect::<Vec<_>>())
}

/// Returns the root over the ends of danger chains, with a random leaf before them.
pub(super) fn danger_root(blind: [u8; 32], ends: &[ChainHead]) -> Hash {
    let own = ends.iter().map(ChainHead::to_bytes);
    root(&std::iter::once(blind.to_vec()).chain(own).collect::<Vec<_>>())
}

/// What signs: the feed key's public half, and a function that gets the bytes to sign.
pub struct Sealer<'a> {
    /// The public half.
    pub key: &'a FeedKey,
    /// Signs bytes.
    pub sign: &'a (dyn Fn(&[u8]) -> [u8; 64] + Send + Sync),
}

impl std::fmt::Debug for Sealer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer(…)")
    }
}

/// Signs where all chains end now, and keeps it. `blind` are 32 fresh random bytes.
///
/// # Errors
/// [`NotSigned`]; then the transaction is not to be committed.
pub async fn sign<T: Transaction>(
    transaction: &mut T,
    now: UnixMs,
    blind: [u8; 32],
    sealer: &Sealer<'_>,
) -> Result<Signed, NotSigned> {
    let newest = heads(transaction).await?.last().map_or(0, |head| head.number);
    sign_as(transaction, now, blind, sealer, (newest + 1, None)).await
}

/// After a restore: writes a row about it, and signs a head that says from where to where the others were lost. `known` is the
/// newest number known outside (in the feed, on paper).
///
/// # Errors
/// [`NotSigned`]; then the transaction is not to be committed.
pub async fn restored<T: Transaction>(
    transaction: &mut T,
    now: UnixMs,
    blind: [u8; 32],
    sealer: &Sealer<'_>,
    known: u64,
) -> Result<Signed, NotSigned> {
    let kept = heads(transaction).await?.last().map_or(0, |head| head.number);
    let look = Look {
        tree: Tree::Common,
        chain: AuditEntry::OFFICE,
        staff: None,
        desk: "".into(),
        purpose: Purpose::Restored,
        fields: Vec::new(),
        reason: Vec::new(),
    };
    add(transaction, &look, now).await?;
    let restored = Restored { kept, known: known.max(kept) };
    sign_as(transaction, now, blind, sealer, (restored.known + 1, Some(restored))).await
}

async fn sign_as<T: Transaction>(
    transaction: &mut T,
    now: UnixMs,
    blind: [u8; 32],
    sealer: &Sealer<'_>,
    (number, restored): (u64, Option<Restored>),
) -> Result<Signed, NotSigned> {
    let all = ends(transaction).await?;
    let of = |tree| -> Vec<ChainHead> { all.iter().filter(|end| end.0 == tree).map(|end| end.1).collect() };
    let (common, danger) = (of(Tree::Common), of(Tree::Danger));
    let head = OfficeHead {
        form: OfficeHead::FORM,
        municipality: transaction.tenant().name().clone(),
        number,
        made: now.0 / 1000,
        through: last_place(transaction, Tree::Common).await?,
        chains: common.len() as u64,
        common: Hex(common_root(&common)),
        danger: Hex(danger_root(blind, &danger)),
        restored,
    };
    let signed = head.seal(sealer.key, sealer.sign)?;
    let danger_through = last_place(transaction, Tree::Danger).await?;
    add_head(transaction, &KeptHead { number, body: signed.to_bytes(), danger_through, blind }).await?;
    Ok(signed)
}
