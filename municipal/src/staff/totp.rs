//! The second factor: time-based one-time codes (RFC 6238, RFC 4226), of which none is taken twice. Its secret is kept sealed
//! under a key that is not in the database.

use ayumi_protocol::municipal::thread::{RandomId, UnixMs};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use zeroize::Zeroizing;

use crate::tenant::Tenant;

/// How long a code is the code.
const STEP_MS: u64 = 30_000;
/// Digits of a code.
const DIGITS: u32 = 6;

/// The secret of somebody's factor, 20 bytes as RFC 4226 recommends.
pub struct TotpSecret(Zeroizing<[u8; 20]>);

impl std::fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TotpSecret(…)")
    }
}

/// RFC 4226, 5.3.
fn hotp(secret: &[u8], counter: u64, digits: u32) -> u32 {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &counter.to_be_bytes());
    let tag = tag.as_ref();
    let offset = usize::from(tag[19] & 0x0f);
    let four = [tag[offset] & 0x7f, tag[offset + 1], tag[offset + 2], tag[offset + 3]];
    u32::from_be_bytes(four) % 10_u32.pow(digits)
}

/// What is sealed for one account counts for no other one.
fn context(tenant: &Tenant, staff: RandomId) -> Vec<u8> {
    [ayumi_protocol::purpose::OFFICE_FACTOR.as_bytes(), &[0], staff.as_bytes(), tenant.as_str().as_bytes()].concat()
}

/// The key that seals factors: from the folder of keys.
pub struct FactorKey(LessSafeKey);

impl std::fmt::Debug for FactorKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FactorKey(…)")
    }
}

/// A sealed factor that does not open, or cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a factor cannot be sealed or opened")]
pub struct NotSealed;

impl FactorKey {
    /// Takes 32 bytes.
    ///
    /// # Errors
    /// [`NotSealed`] never for 32 bytes.
    pub fn new(bytes: &[u8; 32]) -> Result<Self, NotSealed> {
        UnboundKey::new(&AES_256_GCM, bytes).map(|key| Self(LessSafeKey::new(key))).map_err(|_| NotSealed)
    }

    /// Seals a secret for an account, under a fresh random nonce.
    ///
    /// # Errors
    /// [`NotSealed`].
    pub fn seal(
        &self,
        secret: &TotpSecret,
        tenant: &Tenant,
        staff: RandomId,
        nonce: [u8; NONCE_LEN],
    ) -> Result<Vec<u8>, NotSealed> {
        let mut bytes = secret.0.to_vec();
        let aad = Aad::from(context(tenant, staff));
        let nonce_of = Nonce::assume_unique_for_key(nonce);
        self.0.seal_in_place_append_tag(nonce_of, aad, &mut bytes).map_err(|_| NotSealed)?;
        Ok([&nonce[..], &bytes].concat())
    }

    /// Opens what was sealed for this account.
    ///
    /// # Errors
    /// [`NotSealed`].
    pub fn open(&self, sealed: &[u8], tenant: &Tenant, staff: RandomId) -> Result<TotpSecret, NotSealed> {
        let (nonce, bytes) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(NotSealed)?;
        let mut bytes = Zeroizing::new(bytes.to_vec());
        let aad = Aad::from(context(tenant, staff));
        let open = self.0.open_in_place(Nonce::assume_unique_for_key(*nonce), aad, &mut bytes);
        let secret = open.map_err(|_| NotSealed)?;
        Ok(TotpSecret(Zeroizing::new(<[u8; 20]>::try_from(&*secret).map_err(|_| NotSealed)?)))
    }
}

impl TotpSecret {
    /// Takes 20 random bytes.
    pub fn new(bytes: [u8; 20]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Returns the code of a moment.
    pub fn code(&self, now: UnixMs) -> String {
        format!("{:06}", hotp(&*self.0, now.0 / STEP_MS, DIGITS))
    }

    /// Returns the step of which a text is the code: the present one, the one before or the next; never one up to `used`.
    pub fn step_of(&self, text: &str, now: UnixMs, used: u64) -> Option<u64> {
        let is_code = text.len() == DIGITS as usize && text.bytes().all(|digit| digit.is_ascii_digit());
        let code: u32 = text.parse().ok().filter(|_| is_code)?;
        let present = now.0 / STEP_MS;
        let steps = present.saturating_sub(1)..=present + 1;
        // Every step is reckoned, whichever it is.
        steps.fold(None, |found, step| {
            let is_it = hotp(&*self.0, step, DIGITS) == code && step > used;
            found.or(is_it.then_some(step))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, the rows of SHA1.
    #[test]
    fn codes_are_those_of_the_rfc() {
        let secret = b"12345678901234567890";
        for (seconds, expected) in [
            (59_u64, 94_287_082),
            (1_111_111_109, 7_081_804),
            (1_111_111_111, 14_050_471),
            (1_234_567_890, 89_005_924),
            (2_000_000_000, 69_279_037),
            (20_000_000_000, 65_353_130),
        ] {
            assert_eq!(hotp(secret, seconds / 30, 8), expected, "{seconds}");
        }
        // RFC 4226, appendix D.
        let codes = [755_224, 287_082, 359_152, 969_429, 338_314, 254_676, 287_922, 162_583, 399_871, 520_489];
        for (counter, expected) in codes.into_iter().enumerate() {
            assert_eq!(hotp(secret, counter as u64, 6), expected);
        }
    }

    #[test]
    fn a_code_counts_for_a_step_around_and_once() {
        let secret = TotpSecret::new(*b"12345678901234567890");
        let now = UnixMs(59_000);
        assert_eq!(secret.code(now), "287082");
        assert_eq!(secret.step_of("287082", now, 0), Some(1));
        assert_eq!(secret.step_of("287082", UnixMs(89_000), 0), Some(1), "a slow hand");
        assert_eq!(secret.step_of("287082", UnixMs(90_000), 0), None, "two steps later");
        assert_eq!(secret.step_of("287082", now, 1), None, "used");
        for text in ["", "28708", "2870821", "+87082", "287083", " 287082"] {
            assert_eq!(secret.step_of(text, now, 0), None, "{text}");
        }
    }

    #[test]
    fn a_sealed_factor_opens_for_its_own_account_only() {
        let key = FactorKey::new(&[1; 32]).unwrap();
        let [ours, theirs] = ["jp.131130", "jp.131121"]
            .map(|name| Tenant::from(name.parse::<ayumi_protocol::municipal::feed::MunicipalityName>().unwrap()));
        let [one, other] = [[1; 16], [2; 16]].map(RandomId::from_random);
        let sealed = key.seal(&TotpSecret::new(*b"12345678901234567890"), &ours, one, [4; 12]).unwrap();
        assert!(!sealed.windows(8).any(|window| window == b"12345678"));
        assert_eq!(key.open(&sealed, &ours, one).unwrap().code(UnixMs(59_000)), "287082");
        assert!(key.open(&sealed, &ours, other).is_err());
        assert!(key.open(&sealed, &theirs, one).is_err());
        assert!(FactorKey::new(&[2; 32]).unwrap().open(&sealed, &ours, one).is_err());
    }
}
