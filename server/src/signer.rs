//! The server's key for receipts: a phone can prove what it was promised.

use ayumi_protocol::NotebookId;
use ayumi_protocol::envelope::Receipt;
use ayumi_protocol::key::{Hash, to_sign};
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{Ed25519KeyPair, KeyPair};

/// Signs receipts.
pub struct Signer {
    pair: Ed25519KeyPair,
    store_epoch: [u8; 16],
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer(…)")
    }
}

/// The operating system gives no random numbers, or the kept seed is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no key for receipts")]
pub struct NoKey;

/// Random bytes.
///
/// # Errors
/// If the operating system gives none.
pub fn random<const N: usize>() -> Result<[u8; N], NoKey> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| NoKey)?;
    Ok(bytes)
}

impl Signer {
    /// From the store's kept seed and epoch.
    ///
    /// # Errors
    /// [`NoKey`] if the seed is none.
    pub fn new(seed: &[u8], store_epoch: [u8; 16]) -> Result<Self, NoKey> {
        Ok(Self { pair: Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| NoKey)?, store_epoch })
    }

    /// The public key, pinned by phones when they join.
    pub fn public_key(&self) -> [u8; 32] {
        let mut key = [0; 32];
        key.copy_from_slice(self.pair.public_key().as_ref());
        key
    }

    /// The store's life.
    pub const fn store_epoch(&self) -> [u8; 16] {
        self.store_epoch
    }

    /// A receipt. The same for the same envelope at the same place, however often it is asked for.
    pub fn receipt(&self, notebook: NotebookId, position: u64, envelope: Hash) -> Receipt {
        let bytes = Receipt::signed_bytes(notebook, position, &envelope, &self.store_epoch);
        let mut signature = [0; 64];
        signature.copy_from_slice(self.pair.sign(&to_sign(Receipt::PURPOSE, &bytes)).as_ref());
        Receipt { notebook, position, envelope, store_epoch: self.store_epoch, signature }
    }
}
