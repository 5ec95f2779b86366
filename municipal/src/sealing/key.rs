//! Keys of threads and of weeks: AES-256-GCM of ring, with random nonces, and with what a box is of as its context: nothing opens in
//! another place than its own.

use ayumi_protocol::municipal::thread::ThreadId;
use ayumi_protocol::purpose;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroizing;

use super::week::Week;
use crate::tenant::Tenant;

/// Something does not open: another key, another place, or other bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it does not open")]
pub struct NotOpened;

/// Twelve fresh random bytes.
pub type Fresh = [u8; NONCE_LEN];

fn cipher(bytes: &[u8; 32]) -> Result<LessSafeKey, NotOpened> {
    UnboundKey::new(&AES_256_GCM, bytes).map(LessSafeKey::new).map_err(|_| NotOpened)
}

fn seal(key: &[u8; 32], context: &[u8], bytes: &[u8], nonce: Fresh) -> Result<Vec<u8>, NotOpened> {
    let mut sealed = bytes.to_vec();
    let of = Nonce::assume_unique_for_key(nonce);
    cipher(key)?.seal_in_place_append_tag(of, Aad::from(context), &mut sealed).map_err(|_| NotOpened)?;
    Ok([&nonce[..], &sealed].concat())
}

fn open(key: &[u8; 32], context: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, NotOpened> {
    let (nonce, bytes) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(NotOpened)?;
    let mut bytes = Zeroizing::new(bytes.to_vec());
    let of = Nonce::assume_unique_for_key(*nonce);
    let length = cipher(key)?.open_in_place(of, Aad::from(context), &mut bytes).map_err(|_| NotOpened)?.len();
    bytes.truncate(length);
    Ok(bytes)
}

/// What a box is of: a purpose, a thread, a number, a tenant.
fn context(purpose: &str, tenant: &Tenant, thread: ThreadId, number: u32) -> Vec<u8> {
    let thread = thread.0;
    [purpose.as_bytes(), &[0], thread.as_bytes(), &number.to_be_bytes(), tenant.as_str().as_bytes()].concat()
}

/// The key of one thread.
#[derive(Clone, PartialEq, Eq)]
pub struct ThreadKey(Zeroizing<[u8; 32]>);

impl std::fmt::Debug for ThreadKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ThreadKey(…)")
    }
}

impl ThreadKey {
    /// Takes 32 fresh random bytes, or those that a phone sealed to the office.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Seals the words of a line.
    ///
    /// # Errors
    /// [`NotOpened`] never for words that fit into memory.
    pub fn seal(
        &self,
        (tenant, thread, number): (&Tenant, ThreadId, u32),
        words: &[u8],
        nonce: Fresh,
    ) -> Result<Vec<u8>, NotOpened> {
        seal(&self.0, &context(purpose::OFFICE_WORDS, tenant, thread, number), words, nonce)
    }

    /// Opens the words of a line.
    ///
    /// # Errors
    /// [`NotOpened`].
    pub fn open(
        &self,
        (tenant, thread, number): (&Tenant, ThreadId, u32),
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, NotOpened> {
        open(&self.0, &context(purpose::OFFICE_WORDS, tenant, thread, number), sealed)
    }
}

/// The key of a week, which wraps the keys of threads.
pub struct WeekKey(Zeroizing<[u8; 32]>);

impl std::fmt::Debug for WeekKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WeekKey(…)")
    }
}

impl WeekKey {
    /// Takes 32 bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Wraps a thread's key.
    ///
    /// # Errors
    /// [`NotOpened`] never for a key.
    pub fn wrap(
        &self,
        (tenant, thread, week): (&Tenant, ThreadId, Week),
        key: &ThreadKey,
        nonce: Fresh,
    ) -> Result<Vec<u8>, NotOpened> {
        seal(&self.0, &context(purpose::OFFICE_THREAD_KEY, tenant, thread, week.0), &*key.0, nonce)
    }

    /// Unwraps a thread's key.
    ///
    /// # Errors
    /// [`NotOpened`].
    pub fn unwrap(
        &self,
        (tenant, thread, week): (&Tenant, ThreadId, Week),
        wrapped: &[u8],
    ) -> Result<ThreadKey, NotOpened> {
        let bytes = open(&self.0, &context(purpose::OFFICE_THREAD_KEY, tenant, thread, week.0), wrapped)?;
        Ok(ThreadKey::new(bytes.as_slice().try_into().map_err(|_| NotOpened)?))
    }
}

#[cfg(test)]
mod tests {
    use ayumi_protocol::municipal::feed::MunicipalityName;
    use ayumi_protocol::municipal::thread::RandomId;

    use super::*;

    #[test]
    fn nothing_opens_in_another_place_than_its_own() {
        let [ours, theirs] =
            ["jp.131130", "jp.131121"].map(|name| Tenant::from(name.parse::<MunicipalityName>().unwrap()));
        let [one, other] = [[1; 16], [2; 16]].map(|bytes| ThreadId(RandomId::from_random(bytes)));
        let (key, week) = (ThreadKey::new([3; 32]), WeekKey::new([4; 32]));
        let sealed = key.seal((&ours, one, 1), "眠れません".as_bytes(), [5; 12]).unwrap();
        assert_eq!(key.open((&ours, one, 1), &sealed).unwrap().as_slice(), "眠れません".as_bytes());
        for place in [(&theirs, one, 1), (&ours, other, 1), (&ours, one, 2)] {
            assert_eq!(key.open(place, &sealed).map(drop), Err(NotOpened));
        }
        assert_eq!(ThreadKey::new([9; 32]).open((&ours, one, 1), &sealed).map(drop), Err(NotOpened));
        let wrapped = week.wrap((&ours, one, Week(7)), &key, [6; 12]).unwrap();
        assert_eq!(week.unwrap((&ours, one, Week(7)), &wrapped), Ok(key));
        for place in [(&theirs, one, Week(7)), (&ours, other, Week(7)), (&ours, one, Week(8))] {
            assert_eq!(week.unwrap(place, &wrapped), Err(NotOpened));
        }
        let mut bent = wrapped;
        bent[20] ^= 1;
        assert_eq!(week.unwrap((&ours, one, Week(7)), &bent), Err(NotOpened));
    }
}
