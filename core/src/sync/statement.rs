//! Statements of the control chain, made and signed. Whether the chain takes them, [`State::after`] says; here they
//! are made so that it does.

use ayumi_protocol::NotebookId;
use ayumi_protocol::control::{
    Action, AllEpochs, ErasedIn, Holder, MAC_BYTES, NewEpoch, NewHolder, PURPOSE, Person, REKEY_PURPOSE, Role,
    ServerKey, State, Statement, What, founded_id,
};
use ayumi_protocol::key::{Hash, KeyId, PublicKeys};
use ayumi_protocol::release::ReleaseKey;

use super::label::{self, Label};
use super::reader::Reader;
use crate::crypto::keys::{EpochKey, ProofKey, SecretKeys, commitment, wrap};
use crate::crypto::{NoRandomness, random, release};

fn sign(by: &SecretKeys, notebook: NotebookId, previous: Hash, action: Action) -> Statement {
    let author = by.id();
    let signature = by.sign(PURPOSE, &Statement::signed_bytes(notebook, &previous, author, &action));
    Statement { notebook, previous, author, action, signature }
}

/// Founds a notebook: its first owner, its first key, its id. What it is for stands in the owner's label for ever.
///
/// # Errors
/// [`NoRandomness`].
pub fn found(me: &SecretKeys, label: &Label) -> Result<Statement, NoRandomness> {
    let (key, keys, nonce) = (EpochKey::generate()?, me.public(), random()?);
    let bound = NotebookId::from_nonce(nonce);
    let wraps = vec![(me.id(), wrap(&key, bound, 1, &keys, me.id())?)];
    let epoch = NewEpoch { commitment: commitment(&key, bound, 1), wraps };
    let owner = NewHolder { keys, label: label::seal(&key, 1, bound, &keys, label)? };
    let action = Action::Found { nonce, person: Person(random()?), owner, epoch };
    Ok(sign(me, founded_id(me.id(), &action), [0; 32], action))
}

/// All epochs for one; for a code under its release key.
fn all_epochs(
    reader: &Reader,
    state: &State,
    holder: &PublicKeys,
    release: Option<&ReleaseKey>,
) -> Result<AllEpochs, NoRandomness> {
    let mut list = Vec::new();
    for epoch in 1..=state.epoch() {
        // A key that this device was never given cannot be passed on; the chain then refuses the statement.
        if let Some(key) = reader.key(epoch) {
            list.push((epoch, under(release, wrap(key, reader.notebook(), epoch, holder, reader.id())?)?));
        }
    }
    Ok(AllEpochs(list))
}

/// A wrap under the release key of a code.
fn under(release: Option<&ReleaseKey>, wrap: Vec<u8>) -> Result<Vec<u8>, NoRandomness> {
    release.map_or(Ok(wrap.clone()), |release| release::seal(release, &wrap))
}

fn new_holder(reader: &Reader, state: &State, keys: PublicKeys, label: &Label) -> Result<NewHolder, NoRandomness> {
    let epoch = state.epoch();
    let sealed = reader.key(epoch).map(|key| label::seal(key, epoch, reader.notebook(), &keys, label)).transpose()?;
    Ok(NewHolder { keys, label: sealed.unwrap_or_default() })
}

/// A new epoch's key, for those of whom `stays` is true and for newcomers.
fn new_epoch(
    reader: &Reader,
    state: &State,
    stays: impl Fn(&KeyId, What) -> bool,
    newcomer: Option<&PublicKeys>,
) -> Result<NewEpoch, NoRandomness> {
    let (key, epoch) = (EpochKey::generate()?, state.epoch() + 1);
    let staying = state.holders().filter(|(id, holder)| stays(id, holder.what));
    let release = |holder: &Holder| if holder.what == What::Member { None } else { reader.release_of(holder) };
    let staying = staying.map(|(id, holder)| (*id, holder.keys, release(holder)));
    let newcomer = newcomer.map(|keys| (keys.id(), *keys, None));
    let mut list: Vec<(KeyId, PublicKeys, Option<ReleaseKey>)> = staying.chain(newcomer).collect();
    list.sort_by_key(|(id, ..)| *id);
    let wrapped = list.iter().map(|(id, keys, release)| {
        Ok((*id, under(release.as_ref(), wrap(&key, reader.notebook(), epoch, keys, reader.id())?)?))
    });
    let wraps = wrapped.collect::<Result<_, NoRandomness>>()?;
    Ok(NewEpoch { commitment: commitment(&key, reader.notebook(), epoch), wraps })
}

/// What an owner decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Opens an invitation whose keys come from a code.
    Invite {
        /// The keys.
        keys: PublicKeys,
        /// Proves that this device knows the code.
        proof: ProofKey,
        /// What who comes may do.
        role: Role,
        /// It is for another device of this device's person.
        mine: bool,
        /// Milliseconds since 1970.
        expires_at: u64,
        /// A name for the list, until somebody came.
        name: String,
    },
    /// Makes a recovery sheet whose keys, and whose proof, come from a code.
    Print(PublicKeys, ProofKey),
    /// Takes somebody or something out.
    Remove(KeyId),
    /// A new key, because somebody left.
    NewEpoch,
    /// Changes what a member may do.
    Role(KeyId, Role),
    /// Erases words of an author.
    Erase(KeyId, Vec<ErasedIn>),
    /// This device leaves.
    Leave,
    /// The notebook ends at a server, at once if every owner says so.
    Close {
        /// The server's key.
        server: ServerKey,
        /// Without the time in which it can be opened again.
        at_once: bool,
    },
    /// The notebook goes on at a server.
    Reopen(ServerKey),
}

/// The statement for a decision, behind the head that is known.
///
/// # Errors
/// [`NoRandomness`].
pub fn decide(reader: &Reader, state: &State, decision: &Decision) -> Result<Statement, NoRandomness> {
    let mut proof_key = None;
    let action = match decision {
        Decision::Invite { keys, proof, role, mine, expires_at, name } => {
            proof_key = Some(proof);
            let own = state.person_of(&reader.id()).filter(|_| *mine);
            let release = random()?;
            Action::Invite {
                invitation: new_holder(reader, state, *keys, &Label::code(name, release))?,
                person: own.map_or_else(|| random().map(Person), Ok)?,
                role: *role,
                expires_at: *expires_at,
                wraps: all_epochs(reader, state, keys, Some(&release))?,
                mac: [0; MAC_BYTES],
            }
        }
        Decision::Print(keys, proof) => {
            proof_key = Some(proof);
            let release = random()?;
            let print = new_holder(reader, state, *keys, &Label::code("", release))?;
            let wraps = all_epochs(reader, state, keys, Some(&release))?;
            Action::Print { print, wraps, mac: [0; MAC_BYTES] }
        }
        Decision::Remove(gone) => {
            let member = state.holder(gone).is_some_and(|holder| holder.what == What::Member);
            let stays =
                |id: &KeyId, what: What| id != gone && (what == What::Member || (what == What::Recovery && !member));
            let (cutoff, epoch) = (reader.cutoff(gone), new_epoch(reader, state, stays, None)?);
            Action::Remove { holder: *gone, cutoff, epoch }
        }
        Decision::NewEpoch => {
            // Every new epoch ends the open invitations.
            let stays = |_: &KeyId, what: What| matches!(what, What::Member | What::Recovery);
            Action::Epoch { epoch: new_epoch(reader, state, stays, None)? }
        }
        Decision::Role(holder, role) => {
            let cutoff = (*role == Role::Reader).then(|| reader.cutoff(holder));
            Action::Role { holder: *holder, role: *role, cutoff }
        }
        Decision::Erase(words_of, envelopes) => Action::Erase { words_of: *words_of, envelopes: envelopes.clone() },
        Decision::Leave => Action::Leave { cutoff: reader.cutoff(&reader.id()) },
        Decision::Close { server, at_once } => Action::Close { server: *server, at_once: *at_once },
        Decision::Reopen(server) => Action::Reopen { server: *server },
    };
    let (notebook, previous) = (reader.notebook(), state.head());
    let mut unsigned = Statement { notebook, previous, author: reader.id(), action, signature: [0; 64] };
    let proof = proof_key.zip(unsigned.proven()).map(|(key, (bytes, _))| key.mac(&bytes));
    if let (Some(proof), Action::Invite { mac, .. } | Action::Print { mac, .. }) = (proof, &mut unsigned.action) {
        *mac = proof;
    }
    Ok(sign(reader.me(), notebook, previous, unsigned.action))
}

/// Uses an invitation: `reader` holds its keys, `new` are the ones of the device that comes.
///
/// # Errors
/// [`NoRandomness`].
pub fn join(reader: &Reader, state: &State, new: &SecretKeys, name: &str) -> Result<Statement, NoRandomness> {
    let keys = new.public();
    let member = new_holder(reader, state, keys, &Label::member(name))?;
    let wraps = all_epochs(reader, state, &keys, None)?;
    Ok(sign(reader.me(), reader.notebook(), state.head(), Action::Join { member, wraps }))
}

/// Uses the recovery sheet: as [`join`], with a new epoch. `reader` has read the log to its end if somebody is left out.
///
/// # Errors
/// [`NoRandomness`].
pub fn recover(
    reader: &Reader,
    state: &State,
    new: &SecretKeys,
    name: &str,
    left_out: &[KeyId],
) -> Result<Statement, NoRandomness> {
    let keys = new.public();
    let member = new_holder(reader, state, keys, &Label::member(name))?;
    let wraps = all_epochs(reader, state, &keys, None)?;
    let stays = |id: &KeyId, what: What| match what {
        What::Member => !left_out.contains(id),
        What::Recovery => *id != reader.id() && left_out.is_empty(),
        What::Invitation { .. } => false,
    };
    let epoch = new_epoch(reader, state, stays, Some(&keys))?;
    let left_out = left_out.iter().map(|id| (*id, reader.cutoff(id))).collect();
    Ok(sign(reader.me(), reader.notebook(), state.head(), Action::Recover { member, wraps, left_out, epoch }))
}

/// Puts new keys into this device's place: the old ones sign, and the new ones.
///
/// # Errors
/// [`NoRandomness`].
pub fn rekey(reader: &Reader, state: &State, next: &SecretKeys, name: &str) -> Result<Statement, NoRandomness> {
    let keys = next.public();
    let (member, wraps) =
        (new_holder(reader, state, keys, &Label::member(name))?, all_epochs(reader, state, &keys, None)?);
    let (notebook, previous, cutoff) = (reader.notebook(), state.head(), reader.cutoff(&reader.id()));
    let action = Action::Rekey { member, wraps, cutoff, signature: [0; 64] };
    let mut unsigned = Statement { notebook, previous, author: reader.id(), action, signature: [0; 64] };
    let signed = unsigned.countersigned().map(|(_, bytes, _)| next.sign(REKEY_PURPOSE, &bytes));
    if let (Some(signed), Action::Rekey { signature, .. }) = (signed, &mut unsigned.action) {
        *signature = signed;
    }
    Ok(sign(reader.me(), notebook, previous, unsigned.action))
}

/// The wraps of all epochs that a statement made for a holder, if it made some: how an invitation's or a recovery
/// sheet's keys get at them.
pub fn wraps_for(statement: &Statement, holder: &KeyId) -> Option<AllEpochs> {
    let (new, wraps) = match &statement.action {
        Action::Invite { invitation, wraps, .. } => (invitation, wraps),
        Action::Print { print, wraps, .. } => (print, wraps),
        _ => return None,
    };
    (new.keys.id() == *holder).then(|| wraps.clone())
}
