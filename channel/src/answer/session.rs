//! Authenticates callers. A caller proves a key of the notebook by signing a challenge, and gets a token for an hour.
//! Every request looks up the key's rights in the control chain, so a removal works at once.

use ayumi_protocol::control::State;
use ayumi_protocol::exchange::{Caller, Challenge, Proof, SESSION_PURPOSE, Ticket, session_bytes};
use ayumi_protocol::key::PublicKeys;

use super::{Channel, Problem};
use crate::log::Log;
use crate::signer::Signer;

impl<L: Log> Channel<L> {
    /// Verifies that the caller has the key that it names; returns a new token if one is due.
    pub(super) fn check_caller(
        &self,
        caller: &Caller,
        keys: Option<&PublicKeys>,
        now_ms: u64,
    ) -> Result<Option<Ticket>, Problem> {
        let signer = self.log.signer();
        let fresh = || signer.token(caller.notebook, caller.author, now_ms);
        match &caller.proof {
            Proof::None => {}
            Proof::Token(token) => {
                if let Some(left) = signer.token_left(token, caller.notebook, caller.author, now_ms) {
                    return Ok(Signer::is_ending(left).then(fresh));
                }
            }
            Proof::Signed { challenge, signature } if signer.is_challenge(challenge, now_ms) => {
                let keys = keys.ok_or(Problem::NotAHolder)?;
                let bytes = session_bytes(challenge, caller.notebook, caller.author);
                let genuine = keys.id() == caller.author && keys.verify(SESSION_PURPOSE, &bytes, signature);
                return if genuine { Ok(Some(fresh())) } else { Err(Problem::NotAHolder) };
            }
            Proof::Signed { .. } => {}
        }
        Err(self.challenge(now_ms))
    }

    fn challenge(&self, now_ms: u64) -> Problem {
        let signer = self.log.signer();
        let challenge = Challenge {
            challenge: signer.challenge(now_ms),
            server_ms: now_ms,
            store_epoch: signer.store_epoch(),
            server_key: signer.public_key(),
        };
        Problem::Challenge(challenge.to_bytes())
    }
}

/// Finds the caller's public keys in a chain.
pub(super) fn keys_of<'s>(state: Option<&'s State>, caller: &Caller) -> Option<&'s PublicKeys> {
    state?.holder(&caller.author).map(|holder| &holder.keys)
}
