//! Authenticates callers. A caller proves a key of the notebook by signing a challenge, and gets a token for a day.
//! Every request looks up the key's rights in the control chain, so a removal works at once.

use ayumi_protocol::control::State;
use ayumi_protocol::exchange::{Caller, Proof, SESSION_PURPOSE, Token, nearby_session_bytes, session_bytes};
use ayumi_protocol::key::PublicKeys;

use super::{Channel, Origins, Problem};
use crate::log::Log;

impl<L: Log> Channel<L> {
    /// Verifies that the caller has the key that it names; returns a new token if one is due.
    pub(super) fn check_caller(
        &self,
        caller: &Caller,
        keys: Option<&PublicKeys>,
        now_ms: u64,
    ) -> Result<Option<Token>, Problem> {
        let signer = self.log.signer();
        let fresh = || signer.token(caller.notebook, caller.author, now_ms);
        match &caller.proof {
            Proof::None => {}
            // A token is never made of a token: after a day at most the key is shown again.
            Proof::Token(token) => {
                if signer.is_token(token, caller.notebook, caller.author, now_ms) {
                    return Ok(None);
                }
            }
            Proof::Signed { challenge, origin, signature } if signer.is_challenge(challenge, now_ms) => {
                let keys = keys.ok_or(Problem::NotAHolder)?;
                if !self.origins.contain(origin) {
                    return Err(Problem::Misdirected);
                }
                let (notebook, author) = (caller.notebook, caller.author);
                let challenge = signer.challenge_of(*challenge, now_ms);
                let bytes = match &self.origins {
                    Origins::Beside(handshake) => nearby_session_bytes(&challenge, handshake, notebook, author),
                    _ => session_bytes(&challenge, origin, notebook, author),
                };
                let genuine = keys.id() == caller.author && keys.verify(SESSION_PURPOSE, &bytes, signature);
                return if genuine { Ok(Some(fresh())) } else { Err(Problem::NotAHolder) };
            }
            Proof::Signed { .. } => {}
        }
        Err(self.challenge(now_ms))
    }

    /// Verifies the token of a caller who shows one.
    pub(super) fn check_token(&self, caller: &Caller, now_ms: u64) -> Result<(), Problem> {
        let Proof::Token(token) = &caller.proof else { return Ok(()) };
        let lives = self.log.signer().is_token(token, caller.notebook, caller.author, now_ms);
        if lives { Ok(()) } else { Err(self.challenge(now_ms)) }
    }

    fn challenge(&self, now_ms: u64) -> Problem {
        Problem::Challenge(self.log.signer().signed_challenge(now_ms).to_bytes())
    }
}

/// Finds the caller's public keys in a chain.
pub(super) fn keys_of<'s>(state: Option<&'s State>, caller: &Caller) -> Option<&'s PublicKeys> {
    state?.holder(&caller.author).map(|holder| &holder.keys)
}
