//! A phone of today meets a refusal of tomorrow.

use ayumi_core::app::sync::SyncOutcome;
use ayumi_core::store::changes::Delivery;
use ayumi_core::sync::transport::{Transport, Waiting};
use ayumi_protocol::accept;
use ayumi_protocol::control;
use ayumi_protocol::exchange::{Answer, Refused, Reply, Request};
use ayumi_tests::family::{Direct, sync};

use ayumi_tests::phones::{family, weigh};

/// A newer server: it refuses the first piece of every request for a reason that phones of today do not know.
struct Newer<'a> {
    server: &'a Direct,
    reason: Refused,
}

impl Transport for Newer<'_> {
    fn post<'a>(&'a self, path: &'a str, body: Vec<u8>) -> Waiting<'a> {
        Box::pin(async move {
            let Ok(mut request) = Request::from_bytes(&body) else { return self.server.post(path, body).await };
            let pieces = std::mem::take(&mut request.pieces).len();
            let mut answer = self.server.post(path, request.to_bytes()).await?;
            if let Ok(mut reply) = Reply::from_bytes(&answer.body) {
                reply.answers = vec![Answer::Refused(Refused::NotTried); pieces];
                if let Some(first) = reply.answers.first_mut() {
                    *first = Answer::Refused(self.reason);
                }
                answer.body = reply.to_bytes();
            }
            Ok(answer)
        })
    }
}

#[test]
fn an_unknown_refusal_keeps_what_was_written_waiting_and_halts_nothing() {
    let (_time, server, mother, father, notebook) = family();
    sync(&mother.book, &server);
    for reason in [
        Refused::Envelope(accept::Refusal::Unknown(10)),
        Refused::Control(control::Refusal::Unknown(200)),
        Refused::Unknown(6),
    ] {
        // The father's entry still comes, although the mother's is refused.
        let (hers, his) = (weigh(&mother.book, notebook, "9.1"), weigh(&father.book, notebook, "9.2"));
        sync(&father.book, &server);
        let report = sync(&mother.book, &Newer { server: &server, reason });
        assert_eq!((report.outcome, report.waiting, report.refused), (SyncOutcome::More, 1, 0), "{reason:?}");
        assert_eq!(report.pulled, 1, "what others wrote is read: {reason:?}");
        assert!(report.round_trips <= 3, "no hot loop: {report:?}");
        assert_eq!(mother.book.entries().delivery(hers), Ok(Delivery::Waiting));
        assert!(mother.book.entries().show(his).is_ok());
        assert!(mother.book.sync().states().unwrap().iter().all(|state| state.halted.is_none()));
        // An updated app, or a server that takes it after all.
        let report = sync(&mother.book, &server);
        assert_eq!((report.outcome, report.pushed, report.waiting), (SyncOutcome::Done, 1, 0));
        assert_eq!(mother.book.entries().delivery(hers), Ok(Delivery::Sent));
    }
}
