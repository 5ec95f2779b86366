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
        kind: Kind::Changes,
        notebook: NotebookId::from_slice(&[9; 16]).unwrap(),
        epoch: 2,
        control: [1; 32],
        author: keys.id(),
        sequence: 7,
        previous: [2; 32],
        stamp: Hlc(0x0102_0304_0506_0708),
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
    assert_eq!(bytes.len(), HEADER_BYTES + 40 + SIGNATURE_BYTES);
    assert_eq!(Envelope::from_bytes(&bytes), Ok(envelope.clone()));
    assert!(envelope.is_signed_by(&signer().1));
    crate::frozen::is("envelope_1", &bytes);
}

#[test]
fn a_part_of_a_snapshot_says_where_it_stands() {
    let plain = sealed();
    let with = |number, of| {
        let kind = Kind::Snapshot(Part { prefix: [7; 16], number, of });
        Envelope { header: Header { kind, ..plain.header }, ..plain.clone() }
    };
    let part = with(1, 2);
    assert_eq!(Envelope::from_bytes(&part.to_bytes()), Ok(part.clone()));
    crate::frozen::is("envelope_snapshot_1", &part.to_bytes());
    for (number, of) in [(2, 2), (0, 0)] {
        assert!(Envelope::from_bytes(&with(number, of).to_bytes()).is_err(), "part {number} of {of}");
    }
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
    for length in 0..HEADER_BYTES + SIGNATURE_BYTES + 16 {
        assert!(Envelope::from_bytes(&bytes[..length]).is_err(), "{length} bytes");
    }
    let mut newer = bytes.clone();
    newer[0] = 2;
    assert!(Envelope::from_bytes(&newer).is_err());
    let long = [bytes, vec![0; limits::ENVELOPE_BYTES]].concat();
    assert!(Envelope::from_bytes(&long).is_err());
}

#[test]
fn a_receipt_comes_back_and_is_frozen() {
    let (pair, _) = signer();
    let (notebook, envelope, store_epoch) = (sealed().header.notebook, sealed().hash(), [8; 16]);
    let signed = to_sign(Receipt::PURPOSE, &Receipt::signed_bytes(notebook, 3, &envelope, &store_epoch));
    let signature = pair.sign(&signed).as_ref().try_into().unwrap();
    let receipt = Receipt { notebook, position: 3, envelope, store_epoch, signature };
    assert_eq!(Receipt::from_bytes(&receipt.to_bytes()), Ok(receipt));
    crate::frozen::is("receipt_1", &receipt.to_bytes());
}

proptest::proptest! {
    #[test]
    fn whatever_comes_is_read_or_refused(bytes: Vec<u8>) {
        let _ = (Envelope::from_bytes(&bytes), Receipt::from_bytes(&bytes));
    }
}
