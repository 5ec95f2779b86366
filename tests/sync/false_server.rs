//! A server that founds a family's notebook anew, around what it knows of a code.

use ayumi_channel::signer::Signer;
use ayumi_core::crypto::keys::{ProofKey, SecretKeys};
use ayumi_core::sync::label::Label;
use ayumi_core::sync::statement::{Decision, found};
use ayumi_core::sync::transport::{RawResponse, Transport, Waiting};
use ayumi_protocol::NotebookId;
use ayumi_protocol::control::Statement;
use ayumi_protocol::end::End;
use ayumi_protocol::exchange::{Item, ItemBody, Proof, Reply, ReplyEnd, Request, Stated};
use ayumi_tests::family::{Direct, Time};

use super::matrix::{Device, says};
use super::patched::signed;

/// A server that shows a chain of the operator's own under a family's id, whatever it is asked; drawers it has copied.
pub(crate) struct FalseServer {
    chain: Vec<Statement>,
    time: Time,
    real: Direct,
}

impl FalseServer {
    /// The operator founds a notebook of its own, claims that it is the family's, and decides what it likes.
    pub(crate) fn new(time: &Time, real: &Direct, notebook: NotebookId, decide: &Decision) -> Self {
        let keys = SecretKeys::generate().unwrap();
        let own = found(&keys, &Label::founder("母", 2)).unwrap();
        let mut operator = Device::new(own.notebook, keys.clone());
        operator.learn(std::slice::from_ref(&own));
        let opened = says(&operator, decide);
        let founding = signed(&keys, notebook, [0; 32], own.action);
        let opened = signed(&keys, notebook, founding.hash(), opened.action);
        Self { chain: vec![founding, opened], time: time.clone(), real: Direct(real.0.clone()) }
    }

    fn reply(&self, request: &Request) -> RawResponse {
        let raw = |status, body| RawResponse { status, body, retry_after: None };
        let (server_ms, store_epoch) = (self.time.now(), [9; 16]);
        let signer = Signer::new(&[2; 32], store_epoch).unwrap();
        if request.caller.proof == Proof::None {
            return raw(401, signer.signed_challenge(server_ms).to_bytes());
        }
        let item = |(position, statement): (u64, &Statement)| {
            let body = ItemBody::Statement(statement.to_bytes());
            Item { position, taken_at: server_ms, body }
        };
        let items: Vec<Item> = (1..).zip(&self.chain).skip(request.after as usize).map(item).collect();
        let end = self.chain.iter().fold(End::default(), |end, s| end.then(&s.hash(), true, server_ms));
        let signature = signer.end(request.caller.notebook, &end).signature;
        let end = ReplyEnd { position: end.position, stated: Some(Stated { store_epoch, end }), signature };
        let (answers, token) = (Vec::new(), Some([3; 24]));
        let (agrees, gone, closed, own_sequence) = (true, false, false, 0);
        raw(
            200,
            Reply {
                server_ms,
                agrees,
                gone,
                closed,
                end,
                own_sequence,
                ends_at: None,
                token,
                receipt: None,
                answers,
                items,
            }
            .to_bytes(),
        )
    }
}

impl Transport for FalseServer {
    fn post<'a>(&'a self, path: &'a str, body: Vec<u8>) -> Waiting<'a> {
        match Request::from_bytes(&body) {
            Ok(request) if path == "/v1/sync" => Box::pin(async move { Ok(self.reply(&request)) }),
            _ => self.real.post(path, body),
        }
    }
}

/// What an operator can make up: it knows a code's public keys, and not its secret.
pub(crate) fn made_up(notebook: NotebookId) -> ProofKey {
    ProofKey::from_code(&[0; 32], notebook, "ayumi invite proof 2")
}
