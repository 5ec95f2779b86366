//! What is sealed beside a holder's keys: its name and, in the founder's, what the notebook was founded for and which archive it
//! has. A server sees who holds keys, and not what they are called.

use ayumi_protocol::purpose;
use ayumi_protocol::release::{RELEASE_BYTES, ReleaseKey};
use ring::aead::Aad;
use zeroize::Zeroizing;

use crate::crypto::cipher::{cipher, once};
use crate::crypto::keys::EpochKey;
use crate::crypto::{NoRandomness, random};
use ayumi_protocol::NotebookId;
use ayumi_protocol::key::{Hash, PublicKeys};

const SALT: usize = 32;
/// A label is padded to this, so that its length tells nothing.
const PADDED: usize = 256;
/// Before the name: what the notebook was founded for, and the name's length.
const BEFORE: usize = 3;
/// Where the name ends at most: behind it is a release key, or what names an archive.
const NAME_END: usize = PADDED - RELEASE_BYTES;

/// What a label says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// What the notebook was founded for, as a number: in the founder's label, which never changes. 0 in all others.
    pub founded_for: u8,
    /// The holder's name.
    pub name: String,
    /// Of a code: what its wraps are sealed under. Every member knows it and can put it at a server; who has only the code and a copy of
    /// the chain does not. Zeros in all others.
    pub release: ReleaseKey,
    /// In the founder's label, of a notebook that began anew: where everybody's line ended in the one before.
    pub archive: Option<Hash>,
}

impl Label {
    /// Returns the label of a founder.
    pub fn founder(name: &str, founded_for: u8) -> Self {
        Self { founded_for, name: name.to_owned(), release: [0; RELEASE_BYTES], archive: None }
    }

    /// With what names the archive of the notebook from which this one begins anew.
    #[must_use]
    pub fn with_archive(self, archive: Option<Hash>) -> Self {
        Self { archive, ..self }
    }

    /// Returns the label of who comes later.
    pub fn member(name: &str) -> Self {
        Self::founder(name, 0)
    }

    /// Returns the label of a code.
    pub fn code(name: &str, release: ReleaseKey) -> Self {
        Self { release, ..Self::member(name) }
    }
}

/// Seals a label for a holder's keys in this notebook. A name that does not fit is cut at a character.
///
/// # Errors
/// [`NoRandomness`].
pub fn seal(
    key: &EpochKey,
    epoch: u32,
    notebook: NotebookId,
    holder: &PublicKeys,
    label: &Label,
) -> Result<Vec<u8>, NoRandomness> {
    sealed_with(random()?, key, epoch, notebook, holder, label).ok_or(NoRandomness)
}

fn sealed_with(
    salt: [u8; SALT],
    key: &EpochKey,
    epoch: u32,
    notebook: NotebookId,
    holder: &PublicKeys,
    label: &Label,
) -> Option<Vec<u8>> {
    let name = &label.name;
    let end = (0..=name.len().min(NAME_END - BEFORE)).rev().find(|at| name.is_char_boundary(*at)).unwrap_or(0);
    let mut text = Zeroizing::new(vec![0; PADDED]);
    text[0] = label.founded_for;
    text[1..BEFORE].copy_from_slice(&(end as u16).to_be_bytes());
    text[BEFORE..BEFORE + end].copy_from_slice(&name.as_bytes()[..end]);
    text[NAME_END..].copy_from_slice(label.archive.as_ref().unwrap_or(&label.release));
    cipher(key.expose(), &salt, purpose::LABEL)?
        .seal_in_place_append_tag(once(), aad(notebook, holder), &mut *text)
        .ok()?;
    Some([&epoch.to_be_bytes()[..], &salt, &text].concat())
}

/// Opens a label; `keys` gives the key of an epoch.
pub fn open<'k>(
    label: &[u8],
    keys: impl Fn(u32) -> Option<&'k EpochKey>,
    notebook: NotebookId,
    holder: &PublicKeys,
) -> Option<Label> {
    let (epoch, rest) = label.split_first_chunk::<4>()?;
    let (salt, sealed) = rest.split_first_chunk::<SALT>()?;
    let cipher = cipher(keys(u32::from_be_bytes(*epoch))?.expose(), salt, purpose::LABEL)?;
    let mut text = Zeroizing::new(sealed.to_vec());
    let text = cipher.open_in_place(once(), aad(notebook, holder), &mut text).ok()?;
    let (founded_for, rest) = text.split_first()?;
    let (length, name) = rest.split_first_chunk::<2>()?;
    let (name, last) = name.split_last_chunk::<RELEASE_BYTES>()?;
    // A founder is no code, and a code founds nothing.
    let (release, archive) = match founded_for {
        0 => (*last, None),
        _ => ([0; RELEASE_BYTES], Some(*last).filter(|mark| *mark != [0; RELEASE_BYTES])),
    };
    let name = name.get(..usize::from(u16::from_be_bytes(*length)))?;
    Some(Label { founded_for: *founded_for, name: std::str::from_utf8(name).ok()?.to_owned(), release, archive })
}

fn aad(notebook: NotebookId, holder: &PublicKeys) -> Aad<Vec<u8>> {
    Aad::from([&notebook.as_bytes()[..], &holder.sign].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::keys::SecretKeys;

    /// What was sealed once opens for ever, and for another team's client too: `fixtures/protocol/label_2.hex`.
    #[test]
    fn a_label_is_sealed_as_it_was_once() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/protocol/label_2.hex");
        let (key, holder) = (EpochKey::from_bytes([4; 32]), SecretKeys::from_bytes([5; 32], [6; 32]).public());
        let notebook = NotebookId::from_slice(&[9; 16]).unwrap();
        let sealed = sealed_with([7; SALT], &key, 1, notebook, &holder, &Label::founder("母", 2)).unwrap();
        let hex: String = sealed.iter().map(|byte| format!("{byte:02x}")).collect();
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let frozen: String = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(frozen, hex);
    }

    #[test]
    fn a_founder_names_an_archive_and_a_code_its_release_key_and_neither_is_read_as_the_other() {
        let (key, holder) = (EpochKey::from_bytes([1; 32]), SecretKeys::generate().unwrap().public());
        let notebook = NotebookId::from_slice(&[9; 16]).unwrap();
        for label in [
            Label::founder("母", 2),
            Label::founder("母", 2).with_archive(Some([3; 32])),
            Label::member("父"),
            Label::code("", [4; 32]),
        ] {
            let sealed = seal(&key, 1, notebook, &holder, &label).unwrap();
            assert_eq!(open(&sealed, |_| Some(&key), notebook, &holder), Some(label));
        }
    }

    #[test]
    fn a_name_opens_for_members_and_its_own_holder_only() {
        let (key, other) = (EpochKey::from_bytes([1; 32]), EpochKey::from_bytes([2; 32]));
        let notebook = NotebookId::from_slice(&[9; 16]).unwrap();
        let (mother, father) = (SecretKeys::generate().unwrap().public(), SecretKeys::generate().unwrap().public());
        for name in ["", "母", "Großmutter", &"あ".repeat(200)] {
            let label = Label::founder(name, 2);
            let label = seal(&key, 3, notebook, &mother, &label).unwrap();
            assert_eq!(label.len(), 4 + SALT + PADDED + 16, "all are as long");
            let opened = open(&label, |epoch| (epoch == 3).then_some(&key), notebook, &mother).unwrap();
            assert_eq!(opened.founded_for, 2);
            let opened = opened.name;
            assert!(name.starts_with(&opened) && (opened == name || opened.len() > 215));
            assert_eq!(open(&label, |_| Some(&other), notebook, &mother), None);
            assert_eq!(open(&label, |_| Some(&key), notebook, &father), None, "not moved to another holder");
            assert_eq!(open(&label[..40], |_| Some(&key), notebook, &mother), None);
        }
    }
}
