//! Many hashes in one: the Merkle tree of RFC 6962, section 2.1, with the proof that one of them is in it.

use crate::key::{Hash, hash};

/// Returns the hash of a leaf.
fn leaf(data: &[u8]) -> Hash {
    hash(&[&[0], data].concat())
}

/// Returns the hash of two below.
fn node(left: &Hash, right: &Hash) -> Hash {
    hash(&[&[1], &left[..], &right[..]].concat())
}

/// The largest power of two below a number.
fn split(count: usize) -> usize {
    count.next_power_of_two() / 2
}

fn root_of(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => hash(&[]),
        [one] => *one,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node(&root_of(left), &root_of(right))
        }
    }
}

/// Returns the root over some data, in their order.
pub fn root<T: AsRef<[u8]>>(data: &[T]) -> Hash {
    root_of(&data.iter().map(|data| leaf(data.as_ref())).collect::<Vec<_>>())
}

/// Returns what proves that a datum is in the tree; `None` if there is none at this place.
pub fn proof<T: AsRef<[u8]>>(data: &[T], place: usize) -> Option<Vec<Hash>> {
    fn path(leaves: &[Hash], place: usize) -> Vec<Hash> {
        if leaves.len() < 2 {
            return Vec::new();
        }
        let (left, right) = leaves.split_at(split(leaves.len()));
        let (mut below, beside) = if place < left.len() {
            (path(left, place), root_of(right))
        } else {
            (path(right, place - left.len()), root_of(left))
        };
        below.push(beside);
        below
    }
    let leaves: Vec<Hash> = data.iter().map(|data| leaf(data.as_ref())).collect();
    (place < leaves.len()).then(|| path(&leaves, place))
}

/// Whether a datum is in a tree of so many, at this place, as the proof says (RFC 9162, section 2.1.3.2).
pub fn is_in(data: &[u8], place: u64, count: u64, proof: &[Hash], root: &Hash) -> bool {
    if place >= count {
        return false;
    }
    let (mut at, mut last, mut found) = (place, count - 1, leaf(data));
    for beside in proof {
        if last == 0 {
            return false;
        }
        if at % 2 == 1 || at == last {
            found = node(beside, &found);
            while at % 2 == 0 && at != 0 {
                (at, last) = (at / 2, last / 2);
            }
        } else {
            found = node(&found, beside);
        }
        (at, last) = (at / 2, last / 2);
    }
    last == 0 && found == *root
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex::Hex;

    /// The inputs and roots of Certificate Transparency's own test (google/certificate-transparency,
    /// merkletree/merkle_tree_test.cc: `inputs`, `roots`).
    const INPUTS: [&[u8]; 8] = [
        &[],
        &[0x00],
        &[0x10],
        &[0x20, 0x21],
        &[0x30, 0x31],
        &[0x40, 0x41, 0x42, 0x43],
        &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
        &[0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f],
    ];
    const ROOTS: [&str; 8] = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    #[test]
    fn roots_are_those_of_certificate_transparency() {
        for (count, expected) in ROOTS.iter().enumerate() {
            assert_eq!(Hex(root(&INPUTS[..=count])).to_string(), *expected, "{}", count + 1);
        }
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Hex(root::<&[u8]>(&[])).to_string(), empty);
    }

    #[test]
    fn a_proof_shows_its_own_datum_at_its_own_place_and_nothing_else() {
        let data: Vec<[u8; 2]> = (0..67_u16).map(u16::to_be_bytes).collect();
        for count in [1, 2, 3, 7, 8, 33, 67] {
            let (data, root) = (&data[..count], root(&data[..count]));
            for place in 0..count {
                let proof = proof(data, place).unwrap();
                for other in 0..count {
                    let shown = is_in(&data[place], other as u64, count as u64, &proof, &root);
                    assert_eq!(shown, other == place, "{place} {other} of {count}");
                }
                assert!(!is_in(b"xx", place as u64, count as u64, &proof, &root));
                assert!(proof.is_empty() || !is_in(&data[place], place as u64, count as u64, &proof[1..], &root));
            }
            assert_eq!(super::proof(data, count), None);
        }
    }
}
