//! Who may begin a notebook, from the phone's side: with a ticket, without one, and when the time of one without is over.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use ayumi_channel::memory::{Contents, MemoryLog};
use ayumi_channel::signer::Signer;
use ayumi_core::app::sync::SyncOutcome;
use ayumi_core::app::{Handbook, NewChild, NotebookId, TicketCode};
use ayumi_core::sync::transport::{RawResponse, Transport, Waiting};
use ayumi_server::http::{Admission, App, Origins, Setup};
use ayumi_tests::family::{sync, wait};
use ayumi_tests::handbook::{day, scratch};
use tempfile::TempDir;

use super::family::NOW;

const ORIGIN: &str = "https://ayumi.example:443";
const FORTNIGHT_MS: u64 = 14 * 24 * 60 * 60 * 1000;
const OPEN: Admission = Admission::Open { quota: 2 << 20, lifetime_ms: FORTNIGHT_MS };

/// A municipality's server in this process.
struct City {
    app: App<MemoryLog>,
    contents: Arc<Mutex<Contents>>,
    time: Arc<AtomicU64>,
}

impl City {
    fn new(admission: Admission) -> Self {
        Self::of_epoch(admission, 1)
    }

    /// The same server with another store.
    fn of_epoch(admission: Admission, store_epoch: u8) -> Self {
        let (contents, time) = (Arc::new(Mutex::new(Contents::default())), Arc::new(AtomicU64::new(NOW)));
        let signer = Signer::new(&[7; 32], [store_epoch; 16]).unwrap();
        let log = MemoryLog::sharing(contents.clone(), signer, 1 << 30);
        let setup = Setup { origins: Origins::Listed(vec![ORIGIN.into()]), admission, ..Setup::default() };
        let clock = time.clone();
        let app = App::with(Arc::new(log), Arc::new(move || clock.load(Ordering::Relaxed)), setup);
        Self { app, contents, time }
    }

    /// Hands out slips.
    fn tickets<const N: usize>(&self) -> [String; N] {
        let tickets = [(); N].map(|()| TicketCode::generate().unwrap());
        self.contents.lock().unwrap().add_tickets(&tickets.map(|ticket| ticket.hash()));
        tickets.map(|ticket| ticket.to_text())
    }

    fn items(&self, notebook: NotebookId) -> usize {
        self.contents.lock().unwrap().length(notebook)
    }
}

impl Transport for City {
    fn post<'a>(&'a self, path: &'a str, body: Vec<u8>) -> Waiting<'a> {
        let response = match wait(self.app.answer(path, &body)) {
            Ok(body) => RawResponse { status: 200, body, retry_after: None },
            Err(problem) => RawResponse { status: problem.status(), body: problem.into_body(), retry_after: None },
        };
        Box::pin(async move { Ok(response) })
    }

    fn origin(&self) -> &str {
        ORIGIN
    }
}

fn add_child(book: &Handbook) -> NotebookId {
    let child = NewChild { name: "子".into(), born: day("2025-05-03"), ..Default::default() };
    book.notebooks().add_child(&child).unwrap()
}

fn family() -> (TempDir, Handbook, NotebookId) {
    let (folder, book) = scratch();
    let child = add_child(&book);
    (folder, book, child)
}

#[test]
fn without_a_ticket_nothing_begins_and_with_one_just_one_notebook() {
    let city = City::new(Admission::Ticket);
    let (_folder, book, child) = family();
    let refused = sync(&book, &city);
    assert_eq!((refused.outcome, refused.pushed), (SyncOutcome::NoTicket, 0));
    assert!(refused.waiting > 0 && city.items(child) == 0, "nothing is there, and everything waits");
    let [first, second] = city.tickets();
    assert!(book.sync().add_ticket("T-0000").is_err(), "a slip of the finger");
    book.sync().add_ticket(&first).unwrap();
    let taken = sync(&book, &city);
    assert_eq!((taken.outcome, taken.waiting), (SyncOutcome::Done, 0));
    let sibling = add_child(&book);
    assert_eq!(sync(&book, &city).outcome, SyncOutcome::NoTicket, "each notebook uses one");
    book.sync().add_ticket(&second).unwrap();
    assert_eq!(sync(&book, &city).outcome, SyncOutcome::Done);
    assert!(city.items(sibling) > 0);
}

#[test]
fn a_ticket_that_another_family_used_is_put_aside_for_the_next_one() {
    let city = City::new(Admission::Ticket);
    let [shared, fresh] = city.tickets();
    let ((_one, first, _), (_other, second, notebook)) = (family(), family());
    first.sync().add_ticket(&shared).unwrap();
    assert_eq!(sync(&first, &city).outcome, SyncOutcome::Done);
    second.sync().add_ticket(&shared).unwrap();
    assert_eq!(sync(&second, &city).outcome, SyncOutcome::NoTicket);
    assert_eq!(city.items(notebook), 0);
    for ticket in [&shared, &fresh] {
        second.sync().add_ticket(ticket).unwrap();
    }
    assert_eq!(sync(&second, &city).outcome, SyncOutcome::Done, "the other one is tried by itself");
}

#[test]
fn a_server_that_lost_its_log_takes_the_same_ticket_for_the_same_notebook() {
    let city = City::new(Admission::Ticket);
    let (_folder, book, child) = family();
    let [ticket] = city.tickets();
    book.sync().add_ticket(&ticket).unwrap();
    assert_eq!(sync(&book, &city).outcome, SyncOutcome::Done);
    let hash = TicketCode::from_text(&ticket).unwrap().hash();
    let city = City::of_epoch(Admission::Ticket, 2);
    city.contents.lock().unwrap().add_tickets(&[hash]);
    assert_eq!(sync(&book, &city).outcome, SyncOutcome::Done);
    assert!(city.items(child) > 0);
}

#[test]
fn a_notebook_without_a_ticket_ends_after_its_days_and_comes_back_with_one() {
    let city = City::new(OPEN);
    let (_folder, book, child) = family();
    assert_eq!(sync(&book, &city).outcome, SyncOutcome::Done, "anybody may begin");
    let before = city.items(child);
    city.time.fetch_add(FORTNIGHT_MS - 1, Ordering::Relaxed);
    assert_eq!(wait(city.app.expire(false)), Ok(0));
    city.time.fetch_add(1, Ordering::Relaxed);
    assert_eq!((wait(city.app.expire(false)), city.items(child)), (Ok(1), 0));
    let ended = sync(&book, &city);
    assert_eq!(ended.outcome, SyncOutcome::NoTicket, "it does not begin again by itself");
    assert!(ended.waiting > 0, "the phone says that its words are nowhere else: {ended:?}");
    let [ticket] = city.tickets();
    book.sync().add_ticket(&ticket).unwrap();
    assert_eq!((sync(&book, &city).outcome, city.items(child)), (SyncOutcome::Done, before), "everything is back");
    city.time.fetch_add(10 * FORTNIGHT_MS, Ordering::Relaxed);
    assert_eq!(wait(city.app.expire(false)), Ok(0));
}

#[test]
fn a_ticket_of_one_server_is_not_shown_to_another() {
    let (_folder, book, _) = family();
    let [here, there] = ["https://here.example", "https://there.example"];
    book.sync().set_server(here).unwrap();
    let city = City::new(Admission::Ticket);
    let [ticket] = city.tickets();
    book.sync().add_ticket(&ticket).unwrap();
    book.sync().set_server(there).unwrap();
    assert_eq!(sync(&book, &city).outcome, SyncOutcome::NoTicket, "it went with the server that it was for");
}
