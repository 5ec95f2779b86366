//! What is wrapped for a code is sealed once more, under the code's release key: without that the code opens nothing.

use ayumi_protocol::purpose;
use ayumi_protocol::release::ReleaseKey;
use ring::aead::Aad;

use super::cipher::{cipher, once};
use super::{NoRandomness, random};

const SALT: usize = 16;

/// Seals a wrap under a release key.
///
/// # Errors
/// [`NoRandomness`].
pub fn seal(release: &ReleaseKey, wrap: &[u8]) -> Result<Vec<u8>, NoRandomness> {
    let salt: [u8; SALT] = random()?;
    let mut text = wrap.to_vec();
    let cipher = cipher(release, &salt, purpose::RELEASE).ok_or(NoRandomness)?;
    cipher.seal_in_place_append_tag(once(), Aad::empty(), &mut text).map_err(|_| NoRandomness)?;
    Ok([&salt[..], &text].concat())
}

/// Opens what was sealed under a release key; `None` if it was not.
pub fn open(release: &ReleaseKey, sealed: &[u8]) -> Option<Vec<u8>> {
    let (salt, text) = sealed.split_first_chunk::<SALT>()?;
    let mut text = text.to_vec();
    let length = cipher(release, salt, purpose::RELEASE)?.open_in_place(once(), Aad::empty(), &mut text).ok()?.len();
    text.truncate(length);
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrap_opens_under_its_release_key_only() {
        let sealed = seal(&[7; 32], b"a wrap").unwrap();
        assert_eq!(open(&[7; 32], &sealed).as_deref(), Some(&b"a wrap"[..]));
        assert_eq!(open(&[8; 32], &sealed), None);
        assert_eq!(open(&[7; 32], &sealed[..20]), None);
        assert_ne!(seal(&[7; 32], b"a wrap").unwrap(), sealed);
    }
}
