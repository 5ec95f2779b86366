use ring::signature::{Ed25519KeyPair, KeyPair};

use super::*;
use crate::key::to_sign;

fn signer() -> (Ed25519KeyPair, PublicKeys) {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[5; 32]).unwrap();
    let sign = pair.public_key().as_ref().try_into().unwrap();
    (pair, PublicKeys { sign, agree: [6; 32] })
}

fn sealed() -> Envelope {
    let (pair, keys) = signer();
    let header = Header {
        version: VERSION,
        kind: CHANGES,
        notebook: NotebookId::from_slice(&[9; 16]).unwrap(),
        epoch: 2,
        control: [1; 32],
        author: keys.id(),
        sequence: 7,
        attempt: 1,
        previous: [2; 32],
        stamp: Hlc(0x0102_0304_0506_0708),
        author_hash: [8; 32],
        salt: [3; 32],
    };
    let ciphertext = vec![4; 40];
    let signed = to_sign(PURPOSE, &Envelope::signed_bytes(&header, &ciphertext));
    let signature = pair.sign(&signed).as_ref().try_into().unwrap();
    Envelope { header, ciphertext, signature }
}

#[test]
fn an_envelope_comes_back_and_its_form_is_frozen() {
    let envelope = sealed();
    let bytes = envelope.to_bytes();
    assert_eq!(bytes.len(), FRAME_BYTES + 40);
    assert_eq!(Envelope::from_bytes(&bytes), Ok(envelope.clone()));
    assert!(envelope.is_signed_by(&signer().1));
    crate::frozen::is("envelope_2", &bytes);
}

/// A device of today passes on what a device of tomorrow wrote.
#[test]
fn what_a_later_version_sealed_has_the_same_frame() {
    let later = |version, kind| {
        let header = Header { version, kind, ..sealed().header };
        let (pair, keys) = signer();
        let signed = to_sign(PURPOSE, &Envelope::signed_bytes(&header, &[4; 40]));
        let envelope =
            Envelope { header, ciphertext: vec![4; 40], signature: pair.sign(&signed).as_ref().try_into().unwrap() };
        let read = Envelope::from_bytes(&envelope.to_bytes()).unwrap();
        assert!(read.is_signed_by(&keys) && read == envelope);
        read.header.is_understood()
    };
    assert_eq!([later(2, 1), later(3, 1), later(2, 2), later(255, 255)], [true, false, false, false]);
}

#[test]
fn a_tail_follows_from_the_frame_alone() {
    let envelope = sealed();
    let tail = Tail::from_frame(&envelope.to_bytes()[..FRAME_BYTES]).unwrap();
    assert_eq!(tail, envelope.tail());
    assert_eq!((tail.sequence, tail.attempt, tail.stamp), (7, 1, envelope.header.stamp));
    assert!(Tail::from_frame(&envelope.to_bytes()[..HEADER_BYTES]).is_err());
}

/// Every bit of it is held by the signature.
#[test]
fn no_bit_can_be_changed_unnoticed() {
    let bytes = sealed().to_bytes();
    let keys = signer().1;
    for at in 0..bytes.len() * 8 {
        let mut changed = bytes.clone();
        changed[at / 8] ^= 1 << (at % 8);
        let genuine = Envelope::from_bytes(&changed).is_ok_and(|envelope| envelope.is_signed_by(&keys));
        assert!(!genuine, "bit {at}");
    }
}

#[test]
fn what_is_too_short_too_long_or_of_another_version_is_refused() {
    let bytes = sealed().to_bytes();
    for length in 0..bytes.len() {
        assert!(Envelope::from_bytes(&bytes[..length]).is_err(), "{length} bytes");
    }
    let mut older = bytes.clone();
    older[0] = 1;
    assert!(Envelope::from_bytes(&older).is_err());
    assert!(Envelope::from_bytes(&[&bytes[..], &[0]].concat()).is_err(), "nothing behind the ciphertext");
    let long = [bytes, vec![0; limits::ENVELOPE_BYTES]].concat();
    assert!(Envelope::from_bytes(&long).is_err());
}

proptest::proptest! {
    #[test]
    fn whatever_comes_is_read_or_refused(bytes: Vec<u8>) {
        let _ = Envelope::from_bytes(&bytes);
    }
}
