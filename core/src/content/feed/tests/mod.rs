//! Each attack on the feed by its name, and that a newer good manifest is taken after any of them.

mod attacks;
mod hostile;
mod manner;

use ayumi_protocol::Hex;
use ayumi_protocol::key::to_sign;
use ayumi_protocol::municipal::feed::chain::to_bytes;
use ayumi_protocol::municipal::feed::root::FeedKey;
use ayumi_protocol::municipal::feed::{ClientVersion, FeedFile, FeedRefusal, Manifest, Place, RootStatement, Signed};
use ayumi_protocol::purpose;
use ring::signature::{Ed25519KeyPair, KeyPair};

use super::check::{Came, Next, check};
use super::clock::Clock;
use super::outcome::Outcome;
use super::pinned::{Pinned, Seen};
use super::take::take;

pub(super) const START: u64 = 1_795_000_000;
pub(super) const DAY: u64 = 24 * 60 * 60;
pub(super) const OWN: ClientVersion = ClientVersion(1, 4, 0);

pub(super) fn pair(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

pub(super) fn public(seed: u8) -> Hex<32> {
    Hex(pair(seed).public_key().as_ref().try_into().unwrap())
}

pub(super) fn sign(seed: u8, bytes: &[u8]) -> [u8; 64] {
    pair(seed).sign(bytes).as_ref().try_into().unwrap()
}

/// A municipality's office: root keys 1, 2, 3; its feed key with number N is 10 + N.
#[derive(Clone)]
pub(super) struct Office {
    pub(super) roots: Vec<RootStatement>,
    pub(super) last: Option<Manifest>,
    pub(super) files: Vec<Vec<u8>>,
}

impl Office {
    pub(super) fn new(name: &str) -> Self {
        let mut root = [1, 2, 3].map(public);
        root.sort();
        let founding = RootStatement {
            form: 1,
            municipality: name.parse().unwrap(),
            number: 1,
            made: START,
            root,
            feed: FeedKey { number: 1, key: public(11), ends: START + 300 * DAY },
            clinical: Vec::new(),
            supervisors: ["s-01".into(), "s-02".into()],
            ends: None,
            sample: true,
        };
        Self { roots: vec![founding], last: None, files: vec![b"format = 1\n".to_vec(), b"[words]\n".to_vec()] }
    }

    pub(super) fn root(&self) -> &RootStatement {
        self.roots.last().unwrap()
    }

    pub(super) fn signed_root(statement: &RootStatement) -> Signed {
        let mut signed = statement.unsigned().unwrap();
        for seed in [1, 3] {
            signed.add(public(seed).0, sign(seed, &signed.to_sign(purpose::ROOT)));
        }
        signed
    }

    pub(super) fn roots_file(&self) -> Vec<u8> {
        to_bytes(&self.roots.iter().map(Self::signed_root).collect::<Vec<_>>())
    }

    /// The root names the next feed key.
    pub(super) fn next_key(&mut self, made: u64) {
        let before = self.root().clone();
        let number = before.feed.number + 1;
        let feed = FeedKey { number, key: public(10 + u8::try_from(number).unwrap()), ends: made + 300 * DAY };
        self.roots.push(RootStatement { number: before.number + 1, made, feed, ..before });
    }

    pub(super) fn draft(&self, made: u64) -> Manifest {
        let name = |(number, bytes): (usize, &Vec<u8>)| FeedFile::of(format!("f{number}.toml"), bytes);
        Manifest::following(self.last.as_ref(), self.root(), made, self.files.iter().enumerate().map(name).collect())
    }

    /// Signs with the present key whatever is given, as its thief could.
    pub(super) fn seal(&self, manifest: &Manifest) -> Vec<u8> {
        seal_with(10 + u8::try_from(self.root().feed.number).unwrap(), manifest)
    }

    pub(super) fn publish(&mut self, made: u64) -> Vec<u8> {
        let manifest = self.draft(made);
        let bytes = self.seal(&manifest);
        self.last = Some(manifest);
        bytes
    }
}

/// Signs whatever is given, beside the rules.
pub(super) fn seal_with(seed: u8, manifest: &Manifest) -> Vec<u8> {
    let body = serde_json::to_string(manifest).unwrap();
    let signature = sign(seed, &to_sign(purpose::MANIFEST, body.as_bytes()));
    format!("{body}\n{{\"key\":\"{}\",\"signature\":\"{}\"}}\n", public(seed), Hex(signature)).into_bytes()
}

pub(super) fn at(now: u64) -> Clock {
    Clock { now, server: None }
}

pub(super) fn seen(office: &Office, highest: Option<Place>) -> Seen {
    let root = office.root();
    let fingerprint = Hex(root.fingerprint());
    Seen { municipality: root.municipality.clone(), fingerprint, highest, hash: None }
}

pub(super) fn meet(office: &Office, highest: Option<Place>) -> Pinned {
    Pinned::meet(&seen(office, highest), &office.roots_file(), at(START)).unwrap().0
}

/// One look as a phone does it: manifest, roots if they are needed, files.
pub(super) fn look(pinned: &mut Pinned, bytes: &[u8], roots: &[u8], files: &[Vec<u8>], clock: Clock) -> Outcome {
    let mut step = check(pinned, Came::Manifest(bytes), None, clock);
    if step.next == Next::NeedsRoots {
        step = check(pinned, Came::Manifest(bytes), Some(roots), clock);
    }
    *pinned = step.pinned;
    match step.next {
        Next::Ends(outcome) => outcome,
        Next::NeedsRoots => panic!("they were there"),
        Next::NeedsFiles(candidate) => take(pinned, candidate, files, OWN).0,
    }
}

pub(super) fn look_at(pinned: &mut Pinned, office: &Office, bytes: &[u8], now: u64) -> Outcome {
    look(pinned, bytes, &office.roots_file(), &office.files, at(now))
}

pub(super) const fn refused(reason: FeedRefusal) -> Outcome {
    Outcome::Refused { reason }
}

/// A phone that shows edition 1, made at the start.
pub(super) fn begun() -> (Office, Pinned, Vec<u8>) {
    let mut office = Office::new("jp.000000");
    let mut pinned = meet(&office, None);
    let first = office.publish(START);
    assert_eq!(look_at(&mut pinned, &office, &first, START), Outcome::Updated);
    (office, pinned, first)
}

/// After whatever came, the next good edition is taken.
#[track_caller]
pub(super) fn heals(office: &mut Office, pinned: &mut Pinned, now: u64) {
    let shown = pinned.held.clone();
    let next = office.publish(now);
    assert_eq!(look_at(pinned, office, &next, now), Outcome::Updated);
    assert!(
        pinned.held != shown
            && pinned.held.as_ref().map(|held| held.place) == office.last.as_ref().map(Manifest::place)
    );
}
