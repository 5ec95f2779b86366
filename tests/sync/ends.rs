//! Servers that sign no end of their log, or another one than they show.

use ayumi_core::app::sync::SyncOutcome;
use ayumi_core::sync::halt::Halt;
use ayumi_core::sync::transport::{Transport, Waiting};
use ayumi_protocol::end::End;
use ayumi_protocol::exchange::{Answer, Reply, Stated};
use ayumi_tests::family::{Direct, sync as sync_phone};
use ayumi_tests::phones::{family, weigh};

/// A server that changes something in the signed end of each of its replies.
struct FalseEnd<'a> {
    real: &'a Direct,
    change: fn(&mut Reply),
}

impl Transport for FalseEnd<'_> {
    fn post<'a>(&'a self, path: &'a str, body: Vec<u8>) -> Waiting<'a> {
        Box::pin(async move {
            let mut response = self.real.post(path, body).await?;
            if let Ok(mut reply) = Reply::from_bytes(&response.body) {
                (self.change)(&mut reply);
                response.body = reply.to_bytes();
            }
            Ok(response)
        })
    }
}

#[test]
fn a_server_that_signs_no_end_or_another_one_stops_the_notebook_and_nothing_of_its_page_is_kept() {
    let changes: [fn(&mut Reply); 5] = [
        |reply| reply.end.signature[0] ^= 1,
        |reply| reply.end.signature = [0; 64],
        |reply| {
            let end = End { position: reply.end.position, ..End::default() };
            reply.end.stated = Some(Stated { store_epoch: [0xee; 16], end });
        },
        // It says less than it signed: the last words are held back.
        |reply| {
            reply.items.pop();
            reply.end.position -= 1;
        },
        // It took the last words at another time than it says.
        |reply| reply.items.iter_mut().for_each(|item| item.taken_at += 1),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let (_time, way, mother, father, notebook) = family();
        sync_phone(&mother.book, &way);
        let hers = weigh(&mother.book, notebook, "9.1");
        sync_phone(&mother.book, &way);
        let liar = FalseEnd { real: &way, change };
        let report = sync_phone(&father.book, &liar);
        assert!(father.book.entries().show(hers).is_err(), "{number}: nothing of it is kept");
        // With another store epoch it reads again first.
        let halted = father.book.sync().state(notebook).unwrap().halted;
        assert_eq!((report.outcome, halted), (SyncOutcome::Halted, Some(Halt::Receipt)), "{number}");
        father.book.sync().go_on(notebook).unwrap();
        assert_eq!(sync_phone(&father.book, &way).outcome, SyncOutcome::Done, "{number}: an honest one");
        assert!(father.book.entries().show(hers).is_ok());
    }
}

#[test]
fn a_server_that_says_it_took_words_and_does_not_show_them_stops_the_notebook() {
    let (_time, way, mother, _father, notebook) = family();
    sync_phone(&mother.book, &way);
    weigh(&mother.book, notebook, "9.1");
    let liar = FalseEnd {
        real: &way,
        change: |reply| {
            if let Some(Answer::Taken(position)) = reply.answers.first_mut() {
                *position = 1;
            }
        },
    };
    assert_eq!(sync_phone(&mother.book, &liar).outcome, SyncOutcome::Halted);
    assert_eq!(mother.book.sync().state(notebook).unwrap().halted, Some(Halt::Receipt));
    assert_eq!(mother.book.sync().state(notebook).unwrap().waiting, 1, "and they wait");
}
