//! What every store does with words that were erased.

use ayumi_protocol::accept::Refusal;
use ayumi_protocol::control::{Action, ErasedIn, Role};
use ayumi_protocol::envelope::Envelope;
use ayumi_protocol::opening::{Opening, Remnant};
use ayumi_server::log::{Chunk, Item, Log, LogError};

use super::family::{Family, NOW, Phone};
use super::store::{Memory, Place, Postgres, Sqlite, Store};

contract!(
    a_store_that_was_told_to_erase_holds_the_ciphertext_no_more,
    an_erased_ciphertext_never_comes_back_into_the_log,
    an_envelope_that_was_erased_whole_goes_with_the_statement,
    a_remnant_without_a_statement_erases_nothing,
    a_member_who_is_neither_author_nor_owner_pushes_no_opening_out,
    a_phone_that_was_offline_brings_no_erased_word_back_to_a_restored_store,
    a_full_notebook_is_erased_from_and_filled_no_further_by_it,
    a_photo_that_was_dropped_leaves_the_store_and_makes_room,
);

/// Mother and father at a store, and what he wrote.
struct Home<P: Place> {
    log: Store<P>,
    family: Family,
    mother: Phone,
    father: Phone,
    grandmother: Phone,
    envelopes: Vec<Envelope>,
}

impl<P: Place> Home<P> {
    fn new() -> Self {
        let log = Store::<P>::new();
        let [mother, mut father, grandmother] = [Phone::new(), Phone::new(), Phone::new()];
        let mut family = Family::founded(&mother);
        family.welcome(&mother, &father, Role::Writer);
        family.welcome(&mother, &grandmother, Role::Reader);
        for statement in &family.statements {
            log.append_statement(statement.clone(), NOW).unwrap();
        }
        let envelopes: Vec<Envelope> =
            ["one", "two", "three"].map(|words| father.writes(&family, words.as_bytes())).into();
        for envelope in &envelopes {
            log.append_envelope(envelope.clone(), NOW).unwrap();
        }
        Self { log, family, mother, father, grandmother, envelopes }
    }

    /// A statement of the mother's about the father's envelope.
    fn erase(&mut self, sequence: u64, places: &[u32]) {
        let envelopes = vec![ErasedIn { sequence, attempt: 0, places: places.to_vec() }];
        let action = Action::Erase { words_of: self.father.id(), envelopes };
        let statement = self.family.extend(&self.mother, action);
        self.log.append_statement(statement, NOW).unwrap();
    }

    /// What is left of the father's envelope, with an opening made at the present head. What is in it, no server can tell.
    fn remnant(&self, sequence: usize, filled: u8) -> Remnant {
        let (epoch, control) = (self.family.state.epoch(), self.family.state.head());
        let opening = Some(Opening { epoch, control, salt: [filled; 32], ciphertext: vec![filled; 64] });
        Remnant { frame: self.envelopes[sequence - 1].frame(), opening }
    }

    fn item(&self, position: u64) -> Item {
        let page = self.log.page(self.family.notebook, position - 1, 1).unwrap();
        page.items.into_iter().next().unwrap()
    }

    /// Closes the store and looks for bytes in all that it holds.
    fn holds(self, wanted: &[&[u8]]) -> Vec<bool> {
        let mut log = self.log;
        log.log = None;
        let dump = log.place.dump();
        wanted.iter().map(|bytes| dump.windows(bytes.len()).any(|window| window == *bytes)).collect()
    }
}

/// The father's first envelope stands there: founding, two invitations and joins, one.
const FIRST: u64 = 6;

fn a_store_that_was_told_to_erase_holds_the_ciphertext_no_more<P: Place>() {
    let mut home = Home::<P>::new();
    home.erase(1, &[0]);
    assert!(!home.item(FIRST).remnant, "nobody has said yet what stands");
    let remnant = home.remnant(1, 7);
    assert_eq!(home.log.erase(&remnant, home.mother.id(), NOW), Ok(FIRST));
    assert_eq!(home.log.erase(&remnant, home.mother.id(), NOW), Ok(FIRST), "twice changes nothing");
    let item = home.item(FIRST);
    assert_eq!((item.remnant, item.bytes), (true, remnant.to_bytes()));
    // The log goes on behind it.
    let next = home.father.writes(&home.family, b"four");
    home.log.append_envelope(next, NOW).unwrap();
    let [gone, there] = [0, 1].map(|at| home.envelopes[at].ciphertext.clone());
    assert_eq!(home.holds(&[&gone, &there]), [false, true]);
}

fn an_erased_ciphertext_never_comes_back_into_the_log<P: Place>() {
    let mut home = Home::<P>::new();
    home.erase(1, &[0]);
    let remnant = home.remnant(1, 7);
    home.log.erase(&remnant, home.mother.id(), NOW).unwrap();
    let receipt = home.log.append_envelope(home.envelopes[0].clone(), NOW).unwrap();
    assert_eq!((receipt.position, receipt.hash), (FIRST, home.envelopes[0].hash()), "answered as before");
    let carried = Item { bytes: home.envelopes[0].to_bytes(), remnant: false, ..home.item(FIRST) };
    assert_eq!(home.log.carry(home.family.notebook, &carried, NOW), Ok(FIRST));
    assert_eq!(home.item(FIRST).bytes, remnant.to_bytes());
    let gone = home.envelopes[0].ciphertext.clone();
    home.log = home.log.again();
    assert_eq!(home.holds(&[&gone]), [false]);
}

fn an_envelope_that_was_erased_whole_goes_with_the_statement<P: Place>() {
    let mut home = Home::<P>::new();
    home.erase(2, &[]);
    let item = home.item(FIRST + 1);
    assert_eq!((item.remnant, item.bytes), (true, home.envelopes[1].frame().to_bytes()));
    let carried = Item { bytes: home.envelopes[1].to_bytes(), remnant: false, ..home.item(FIRST + 1) };
    assert_eq!(home.log.carry(home.family.notebook, &carried, NOW), Ok(FIRST + 1));
    assert_eq!(home.log.erase(&home.remnant(2, 7), home.mother.id(), NOW), Err(Refusal::NotErased.into()));
    // Into a store that has the statement already only the frame goes.
    let other = Store::<P>::new();
    for statement in &home.family.statements {
        other.append_statement(statement.clone(), NOW).unwrap();
    }
    for position in FIRST..FIRST + 3 {
        let bytes = home.envelopes[(position - FIRST) as usize].to_bytes();
        other.carry(home.family.notebook, &Item { bytes, remnant: false, ..home.item(position) }, NOW).unwrap();
    }
    let there = other.page(home.family.notebook, 0, usize::MAX).unwrap().items;
    let remnants: Vec<bool> = there.iter().filter(|item| !item.control).map(|item| item.remnant).collect();
    assert_eq!(remnants, [false, true, false]);
    let (home, gone) = (Home { log: other, ..home }, [1, 2]);
    let gone = gone.map(|at: usize| home.envelopes[at].ciphertext.clone());
    assert_eq!(home.holds(&[&gone[0], &gone[1]]), [false, true]);
}

fn a_remnant_without_a_statement_erases_nothing<P: Place>() {
    let mut home = Home::<P>::new();
    let id = home.mother.id();
    assert_eq!(home.log.erase(&home.remnant(1, 7), id, NOW), Err(Refusal::NotErased.into()));
    // An opening that was made before the statement may show what it erases.
    let early = home.remnant(1, 7);
    home.erase(1, &[0]);
    assert_eq!(home.log.erase(&early, id, NOW), Err(Refusal::NotErased.into()));
    let whole = Remnant { opening: None, ..early };
    assert_eq!(home.log.erase(&whole, id, NOW), Err(Refusal::NotErased.into()), "only some of it goes");
    let mut forged = home.remnant(1, 7);
    forged.frame.digest = [0; 32];
    assert!(matches!(home.log.erase(&forged, id, NOW), Err(LogError::Envelope(_))));
    assert_eq!(home.item(FIRST).bytes, home.envelopes[0].to_bytes());
    // What does not exist, and what comes later, is not erased.
    home.erase(9, &[0]);
    home.erase(4, &[]);
    let later = home.father.writes(&home.family, b"four");
    let position = home.log.append_envelope(later.clone(), NOW).unwrap().position;
    assert_eq!(home.item(position).bytes, later.to_bytes());
}

fn a_member_who_is_neither_author_nor_owner_pushes_no_opening_out<P: Place>() {
    let mut home = Home::<P>::new();
    home.erase(1, &[0]);
    let [hers, junk, his, new] = [7, 8, 9, 10].map(|filled| home.remnant(1, filled));
    home.log.erase(&hers, home.mother.id(), NOW).unwrap();
    assert_eq!(home.log.erase(&junk, home.grandmother.id(), NOW), Ok(FIRST), "answered, and not kept");
    assert_eq!(home.item(FIRST).bytes, hers.to_bytes());
    home.log.erase(&his, home.father.id(), NOW).unwrap();
    assert_eq!(home.item(FIRST).bytes, his.to_bytes());
    // More is erased: what shows it goes, whoever puts another.
    home.erase(1, &[1]);
    assert_eq!(home.log.erase(&new, home.father.id(), NOW), Err(Refusal::NotErased.into()));
    let newest = home.remnant(1, 11);
    home.log.erase(&newest, home.grandmother.id(), NOW).unwrap();
    assert_eq!(home.item(FIRST).bytes, newest.to_bytes());
}

fn a_phone_that_was_offline_brings_no_erased_word_back_to_a_restored_store<P: Place>() {
    let mut home = Home::<P>::new();
    home.erase(1, &[0]);
    let remnant = home.remnant(1, 7);
    home.log.erase(&remnant, home.mother.id(), NOW).unwrap();
    let items = home.log.page(home.family.notebook, 0, usize::MAX).unwrap().items;
    // A store that lost everything gets statements and remnant from one phone, the old envelope from another.
    let other = Store::<P>::new();
    let notebook = home.family.notebook;
    for item in items.iter().filter(|item| item.control).chain(items.iter().filter(|item| !item.control)) {
        other.carry(notebook, item, NOW).unwrap();
    }
    let old = Item { bytes: home.envelopes[0].to_bytes(), remnant: false, ..home.item(FIRST) };
    other.carry(notebook, &old, NOW).unwrap();
    // In another one the old envelope comes first, and the remnant takes its place.
    let third = Store::<P>::new();
    for item in items.iter().filter(|item| item.control).chain([&old]).chain(items.iter().filter(|item| !item.control))
    {
        third.carry(notebook, item, NOW).unwrap();
    }
    let gone = home.envelopes[0].ciphertext.clone();
    let Home { family, mother, father, grandmother, envelopes, .. } = home;
    let home = Home { log: other, family, mother, father, grandmother, envelopes };
    assert_eq!(home.holds(&[&gone]), [false]);
    let mut third = third;
    third.log = None;
    let dump = third.place.dump();
    assert!(!dump.windows(gone.len()).any(|window| window == gone));
}

fn a_full_notebook_is_erased_from_and_filled_no_further_by_it<P: Place>() {
    let mut home = Home::<P>::new();
    let noise: Vec<u8> = (0..60).flat_map(|_| ayumi_core::crypto::random::<1000>().unwrap()).collect();
    let full = (0..5).find_map(|_| home.log.append_envelope(home.mother.writes(&home.family, &noise), NOW).err());
    assert_eq!(full, Some(LogError::Quota));
    let small = home.remnant(1, 7);
    home.erase(1, &[0]);
    let mut small = Remnant { opening: home.remnant(1, 7).opening, ..small };
    home.log.erase(&small, home.mother.id(), NOW).unwrap();
    if let Some(opening) = &mut small.opening {
        opening.ciphertext = vec![8; 100_000];
    }
    assert_eq!(home.log.erase(&small, home.mother.id(), NOW), Err(LogError::Quota));
    assert_eq!(home.item(FIRST).bytes.len(), 286 + 69 + 64);
}

fn a_photo_that_was_dropped_leaves_the_store_and_makes_room<P: Place>() {
    let home = Home::<P>::new();
    let (log, notebook) = (&home.log, home.family.notebook);
    let pixels: Vec<u8> = (0..90).flat_map(|_| ayumi_core::crypto::random::<1000>().unwrap()).collect();
    let put = |name: u8| {
        let chunk = Chunk { notebook, name: [name; 32], number: 0, of: 1, bytes: pixels.clone() };
        log.wait(log.log().put_chunk(chunk)).map(|reply| reply.there)
    };
    assert_eq!([put(1), put(2)], [Ok(1), Ok(1)]);
    assert_eq!(put(3), Err(LogError::Quota));
    for _ in 0..2 {
        log.wait(log.log().drop_blob(notebook, [1; 32])).unwrap();
    }
    assert_eq!(log.wait(log.log().blob(notebook, [1; 32], Some(0))).unwrap().of, 0);
    assert_eq!(log.wait(log.log().blob(notebook, [2; 32], Some(0))).unwrap().there, 1, "another one stays");
    assert_eq!(put(3), Ok(1), "there is room again");
    log.wait(log.log().drop_blob(notebook, [2; 32])).unwrap();
    log.wait(log.log().drop_blob(notebook, [3; 32])).unwrap();
    assert_eq!(home.holds(&[&pixels[..64]]), [false]);
}
