//! What statements erase: changes by their places in an author's envelopes, or whole envelopes.
//!
//! ```text
//! erase: author of the words 16 | envelopes: count, each sequence 8, attempt 4, places: count, each 4
//! ```
//!
//! Envelopes rise by sequence and attempt, places rise; no place at all is the whole envelope. A statement erases only what was
//! written before it: envelopes that name an earlier head of the chain.

use std::collections::{BTreeMap, BTreeSet};

use crate::bytes::{Reader, Writer};
use crate::format::FormatError;
use crate::key::KeyId;
use crate::limits;
use crate::notebook::envelope::Header;

/// What a statement erases in one envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasedIn {
    /// The envelope's sequence.
    pub sequence: u64,
    /// Its attempt.
    pub attempt: u32,
    /// Places of changes in its batch, from 0, rising; empty for all that is sealed in it.
    pub places: Vec<u32>,
}

impl ErasedIn {
    pub(super) fn write_all(all: &[Self], out: &mut Writer) {
        out.varint(all.len() as u64);
        for one in all {
            out.u64(one.sequence).u32(one.attempt).varint(one.places.len() as u64);
            one.places.iter().for_each(|place| _ = out.u32(*place));
        }
    }

    pub(super) fn read_all(reader: &mut Reader<'_>) -> Result<Vec<Self>, FormatError> {
        let mut all: Vec<Self> = Vec::new();
        for _ in 0..reader.count(13)? {
            let (sequence, attempt, count) = (reader.u64()?, reader.u32()?, reader.count(4)?);
            let places = (0..count).map(|_| reader.u32()).collect::<Result<Vec<_>, _>>()?;
            let rises = all.last().is_none_or(|last| (last.sequence, last.attempt) < (sequence, attempt));
            if !rises || !places.is_sorted_by(|one, next| one < next) {
                return Err(reader.wrong());
            }
            all.push(Self { sequence, attempt, places });
        }
        if all.is_empty() { Err(reader.wrong()) } else { Ok(all) }
    }

    /// What it counts for in the limit of a statement.
    fn weight(&self) -> usize {
        self.places.len().max(1)
    }
}

/// What of an envelope is erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Erased {
    /// All that is sealed in it.
    Whole,
    /// The changes at these places of its batch.
    Places(BTreeSet<u32>),
}

impl Erased {
    /// Whether the change at this place is erased.
    pub fn includes(&self, place: u32) -> bool {
        match self {
            Self::Whole => true,
            Self::Places(places) => places.contains(&place),
        }
    }

    fn and(self, places: &[u32]) -> Self {
        match self {
            Self::Places(known) if !places.is_empty() => {
                Self::Places(known.into_iter().chain(places.iter().copied()).collect())
            }
            Self::Whole | Self::Places(_) => Self::Whole,
        }
    }
}

/// The place of a statement in the chain, and the places that it erases of one envelope.
type Said = (usize, Vec<u32>);

/// All that the statements of a chain erase.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Erasures {
    /// By author, sequence and attempt: what each statement erases, with its place in the chain.
    of: BTreeMap<(KeyId, u64, u32), Vec<Said>>,
}

impl Erasures {
    /// Takes a statement at a place of the chain. Returns whether it is within the limits of one.
    pub(super) fn take(&mut self, (words_of, envelopes): (KeyId, &[ErasedIn]), place: usize) -> bool {
        if envelopes.iter().map(ErasedIn::weight).sum::<usize>() > limits::ERASED_AT_ONCE {
            return false;
        }
        for one in envelopes {
            let all = self.of.entry((words_of, one.sequence, one.attempt)).or_default();
            all.push((place, one.places.clone()));
        }
        true
    }

    /// Returns the place of the last statement of them.
    pub(super) fn last(&self) -> Option<usize> {
        self.of.values().flatten().map(|(place, _)| *place).max()
    }

    /// Whether one of them erases the word at a place of an author's envelope, in whatever attempt it was sealed.
    pub(super) fn include(&self, author: KeyId, sequence: u64, place: u32) -> bool {
        let mut all = self.of.range((author, sequence, 0)..=(author, sequence, u32::MAX)).flat_map(|(_, said)| said);
        all.any(|(_, places)| places.is_empty() || places.contains(&place))
    }

    /// Returns what is erased of an envelope that names the head at a place of the chain, and the place of the last statement that
    /// erased some of it.
    pub(super) fn of(&self, header: &Header, named: usize) -> Option<(usize, Erased)> {
        let all = self.of.get(&(header.author, header.sequence, header.attempt))?;
        let later = all.iter().filter(|(place, _)| *place > named);
        later.fold(None, |known, (place, places)| {
            let erased = known.map_or(Erased::Places(BTreeSet::new()), |(_, erased)| erased);
            Some((*place, erased.and(places)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Device, everybody, family, holders};
    use super::super::{Action, Cutoff, Refusal, Role, State, Statement};
    use super::*;
    use crate::clock::Hlc;
    use crate::notebook::envelope::{CHANGES, VERSION};

    fn erase(words_of: &Device, envelopes: &[(u64, &[u32])]) -> Action {
        let one =
            |(sequence, places): &(u64, &[u32])| ErasedIn { sequence: *sequence, attempt: 0, places: places.to_vec() };
        Action::Erase { words_of: words_of.id(), envelopes: envelopes.iter().map(one).collect() }
    }

    fn taken(state: &State, by: &Device, action: Action) -> Result<State, Refusal> {
        state.after(&by.says(state.head(), action))
    }

    /// The header of an author's envelope that names the present head.
    fn header(state: &State, author: &Device, sequence: u64) -> Header {
        Header {
            version: VERSION,
            kind: CHANGES,
            notebook: state.notebook(),
            epoch: state.epoch(),
            control: state.head(),
            author: author.id(),
            sequence,
            attempt: 0,
            previous: [0; 32],
            stamp: Hlc(0),
            author_hash: [0; 32],
            salt: [0; 32],
        }
    }

    fn places(places: &[u32]) -> Erased {
        Erased::Places(places.iter().copied().collect())
    }

    #[test]
    fn nobody_but_the_author_and_an_owner_erases_words() {
        let (state, [mother, father, grandmother]) = family();
        let stranger = Device::new(99);
        let hers = |words_of: &Device| erase(words_of, &[(1, &[0])]);
        for (who, by, words_of, expected) in [
            ("an owner her own", &mother, &mother, Ok(())),
            ("an owner a writer's", &mother, &father, Ok(())),
            ("a writer his own", &father, &father, Ok(())),
            ("a writer an owner's", &father, &mother, Err(Refusal::NotAllowed)),
            ("a reader a writer's", &grandmother, &father, Err(Refusal::NotAllowed)),
            ("a reader what she never wrote", &grandmother, &grandmother, Err(Refusal::NoSuchHolder)),
            ("a stranger", &stranger, &mother, Err(Refusal::NotAHolder)),
            ("an owner what a stranger wrote", &mother, &stranger, Err(Refusal::NoSuchHolder)),
        ] {
            assert_eq!(taken(&state, by, hers(words_of)).map(drop), expected, "{who}");
        }
        // Who writes no more still owns the words; who was taken out is no member, and an owner may.
        let reader = Action::Role { holder: father.id(), role: Role::Reader, cutoff: Some(Cutoff::default()) };
        let lowered = taken(&state, &mother, reader).unwrap();
        assert!(taken(&lowered, &father, hers(&father)).is_ok());
        let out = Action::Remove {
            holder: father.id(),
            cutoff: Cutoff::default(),
            epoch: holders(&[mother.id(), grandmother.id()]),
        };
        let out = taken(&lowered, &mother, out).unwrap();
        assert_eq!(taken(&out, &father, hers(&father)).map(drop), Err(Refusal::NotAHolder));
        assert!(taken(&out, &mother, hers(&father)).is_ok());
    }

    #[test]
    fn what_was_written_before_a_statement_is_erased_and_nothing_later() {
        let (state, [mother, father, _]) = family();
        let before = [1, 2, 3].map(|sequence| header(&state, &father, sequence));
        assert_eq!(before.map(|header| state.erased(&header)), [None, None, None]);
        let once = taken(&state, &mother, erase(&father, &[(1, &[0, 2]), (2, &[])])).unwrap();
        assert_eq!(
            before.map(|header| once.erased(&header)),
            [Some((5, places(&[0, 2]))), Some((5, Erased::Whole)), None]
        );
        let twice = taken(&once, &father, erase(&father, &[(1, &[3]), (2, &[1])])).unwrap();
        assert_eq!(twice.erased(&before[0]), Some((6, places(&[0, 2, 3]))), "one after the other");
        assert_eq!(twice.erased(&before[1]), Some((6, Erased::Whole)), "and whole stays whole");
        // The same numbers, in envelopes that were made later: what does not exist yet cannot be erased.
        assert_eq!(once.erased(&header(&once, &father, 1)), None);
        assert_eq!(twice.erased(&header(&once, &father, 1)), Some((6, places(&[3]))));
        // An owner who leaves afterwards has erased what is erased.
        let owner = Action::Role { holder: father.id(), role: Role::Owner, cutoff: None };
        let father_owns = taken(&once, &mother, owner).unwrap();
        let out = taken(&father_owns, &mother, Action::Leave { cutoff: Cutoff::default() }).unwrap();
        assert_eq!(out.erased(&before[0]), Some((5, places(&[0, 2]))));
    }

    #[test]
    fn one_statement_erases_so_much_and_one_writer_so_often() {
        let (mut state, [mother, father, _]) = family();
        let most: Vec<u32> = (0..1000).collect();
        assert!(taken(&state, &mother, erase(&father, &[(1, &most)])).is_ok());
        for beyond in [erase(&father, &[(1, &most), (2, &[])]), erase(&father, &[(1, &most[1..]), (2, &[1, 2])])] {
            assert_eq!(taken(&state, &mother, beyond).map(drop), Err(Refusal::Limit));
        }
        for _ in 0..limits::OWN_STATEMENTS {
            let statement = father.says(state.head(), erase(&father, &[(1, &[0])]));
            state = state.then(&statement).unwrap();
        }
        assert_eq!(taken(&state, &father, erase(&father, &[(2, &[0])])).map(drop), Err(Refusal::Limit));
        assert!(taken(&state, &mother, erase(&father, &[(2, &[0])])).is_ok(), "an owner goes on");
        let epoch = Action::Epoch { epoch: everybody(&state) };
        assert!(taken(&state, &mother, epoch).is_ok());
    }

    #[test]
    fn what_a_statement_erases_has_one_form() {
        let (state, [mother, father, _]) = family();
        let bytes = |envelopes: &[(u64, &[u32])]| mother.says(state.head(), erase(&father, envelopes)).to_bytes();
        let read = |envelopes: &[(u64, &[u32])]| Statement::from_bytes(&bytes(envelopes)).is_ok();
        assert!(read(&[(1, &[0, 4]), (2, &[])]));
        let wrong: [&[(u64, &[u32])]; 5] =
            [&[], &[(2, &[]), (1, &[])], &[(1, &[0]), (1, &[1])], &[(1, &[4, 0])], &[(1, &[4, 4])]];
        for wrong in wrong {
            assert!(!read(wrong), "{wrong:?}");
        }
        crate::frozen::is("erase_2", &bytes(&[(1, &[0, 4]), (2, &[])]));
    }
}
