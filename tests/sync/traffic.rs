//! Who sees all that goes between phones and a server, or keeps it there, wants to know which notebooks are one family's: no eight
//! bytes are in the traffic of two of them but what stands in a list, each with its reason. Addresses and times of the requests are
//! not hidden by it; docs/threat-model.md says so.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use ayumi_channel::answer::Origins;
use ayumi_core::app::sync::SyncOutcome;
use ayumi_core::app::{Handbook, NewEntry};
use ayumi_core::sync::transport::{Transport, Waiting};
use ayumi_protocol::NotebookId;
use ayumi_protocol::blob::BlobRequest;
use ayumi_protocol::control::Role;
use ayumi_protocol::drawer::DrawerRequest;
use ayumi_protocol::exchange::{Request, server_key_hash};
use ayumi_protocol::release::ReleaseRequest;
use ayumi_tests::family::{Direct, Municipality, Time, sync, wait};
use ayumi_tests::phones::{child, phone};

const PLACE: &str = "https://ayumi.example:443";
/// Bytes that are looked for.
const WINDOW: usize = 8;
/// So many bytes beside listed ones are alike by chance.
const CHANCE: usize = 3;

/// A server, and all bytes that went to it and came from it: of each notebook, and of what names none.
struct Recorded {
    server: Direct,
    bytes: Mutex<BTreeMap<Option<NotebookId>, Vec<Vec<u8>>>>,
}

/// Which notebook a request is about; the outer `None` if it is none of ours.
fn about(path: &str, body: &[u8]) -> Option<Option<NotebookId>> {
    match path {
        "/v1/sync" => Request::from_bytes(body).ok().map(|request| Some(request.caller.notebook)),
        "/v1/blob" => BlobRequest::from_bytes(body).ok().map(|request| Some(request.caller.notebook)),
        "/v1/release" => ReleaseRequest::from_bytes(body).ok().map(|request| Some(request.caller.notebook)),
        "/v1/drawer" => DrawerRequest::from_bytes(body).ok().map(|_| None),
        _ => None,
    }
}

impl Transport for Recorded {
    fn post<'a>(&'a self, path: &'a str, body: Vec<u8>) -> Waiting<'a> {
        let answer = self.server.0.answer(path, &body);
        let of = about(path, &body).expect("every request is known");
        let status = answer.status.to_string();
        // As the transport sees them: what is around it is the same for every request, or random (TLS).
        let both = [[path.as_bytes(), &body].concat(), [status.as_bytes(), &answer.body].concat()];
        self.bytes.lock().unwrap().entry(of).or_default().extend(both);
        Box::pin(async move { Ok(answer) })
    }

    fn origin(&self) -> &str {
        PLACE
    }
}

/// Words and a picture, the same in each notebook.
fn write(book: &Handbook, notebook: NotebookId, text: &str) {
    let picture = std::fs::read(ayumi_tests::fixture("photos/garden.jpg")).unwrap();
    let entry = NewEntry::typed(notebook, "diary", "2026-04-02", &[("text", text)]).unwrap();
    book.entries().add(&entry.with_photo(&picture).unwrap()).unwrap();
}

/// What is in the traffic of two notebooks of one family, and why that tells nobody that they belong together.
fn listed(server: &Recorded, from_ms: u64, to_ms: u64) -> Vec<(&'static str, Vec<u8>)> {
    let log = server.server.0.log();
    let signer = ayumi_server::log::Log::signer(&*log);
    let key = signer.public_key();
    let mut all = vec![
        ("what is asked of any notebook", b"/v1/sync".to_vec()),
        ("what is asked of any notebook", b"/v1/blob".to_vec()),
        ("what is asked of any code", b"/v1/release".to_vec()),
        ("what is asked of any sheet", b"/v1/drawer".to_vec()),
        ("the status of an answer", b"200".to_vec()),
        ("the status of an answer", b"401".to_vec()),
        ("the server's key, the same for everybody", key.to_vec()),
        ("the hash of its next key", signer.signed_challenge(from_ms).next.to_vec()),
        ("the hash of its key", server_key_hash(&key).to_vec()),
        ("the life of its store", signer.store_epoch().to_vec()),
        ("where it is dialled", PLACE.as_bytes().to_vec()),
        ("nothing: a first envelope, an empty prefix, a small number", vec![0; 40]),
        ("how much one reply may bring", vec![0x80, 0x80, 0x40]),
        ("how much a first reply may bring", vec![0x80, 0x80, 0x04]),
    ];
    all.extend(
        (0..16).map(|number| ("a small number: a kind, flags, a count, a place, an epoch, a sequence", vec![number])),
    );
    // A varint of two bytes. Lengths are padded, and not hidden.
    let lengths = (1..8_u8).flat_map(|high| (0x80..=0xff_u8).map(move |low| vec![low, high]));
    all.extend(lengths.map(|length| ("the length of a statement or an envelope", length)));
    // A clock shows the same to everybody: to some seconds the same when one phone syncs one notebook after the other.
    let hours: BTreeSet<u64> = (from_ms..=to_ms + 25 * 3_600_000).step_by(60_000).map(|ms| ms >> 16).collect();
    all.extend(hours.into_iter().map(|ms| ("a time, to the minute", (ms << 16).to_be_bytes()[..6].to_vec())));
    let five_minutes = 300_000;
    let rounded = (from_ms / five_minutes..=to_ms / five_minutes + 2).map(|n| (n * five_minutes) << 16);
    all.extend(rounded.map(|hlc| ("a clock reading, rounded to five minutes", hlc.to_be_bytes().to_vec())));
    all
}

/// How many bytes of a window no listed value explains: it must lie in it whole, or as far as the window goes.
fn unexplained(window: &[u8], listed: &[(&str, Vec<u8>)]) -> usize {
    let mut known = [false; WINDOW];
    for (_, value) in listed {
        let last = window.len() as i64;
        for start in 1 - value.len() as i64..last {
            let (from, to) = (start.max(0), (start + value.len() as i64).min(last));
            let is_cut = start < 0 || start + value.len() as i64 > last;
            let part = &value[(from - start) as usize..(to - start) as usize];
            if (to - from >= 2 || !is_cut) && window[from as usize..to as usize] == *part {
                known[from as usize..to as usize].fill(true);
            }
        }
    }
    known.iter().filter(|known| !**known).count()
}

fn windows(messages: &[Vec<u8>]) -> BTreeSet<&[u8]> {
    messages.iter().flat_map(|message| message.windows(WINDOW)).collect()
}

#[test]
fn no_eight_bytes_of_one_notebooks_traffic_are_in_anothers_beyond_the_listed_ones() {
    let time = Time::default();
    let from_ms = time.now();
    let server = Direct(Municipality::at(&time, Origins::Listed(vec![PLACE.into()])));
    let server = Recorded { server, bytes: Mutex::default() };
    let [mother, father, aunt, new] = ["母", "父", "おば", "母"].map(|carer| phone(&time, carer));
    let notebooks = [child(&mother.book), child(&mother.book)];
    let done = |book: &Handbook| assert_eq!(sync(book, &server).outcome, SyncOutcome::Done);
    // Found, invite, join; the same people in both.
    done(&mother.book);
    for newcomer in [&father, &aunt] {
        for notebook in notebooks {
            let code = wait(mother.book.members().invite(notebook, Role::Writer, "", &server)).unwrap().code;
            assert_eq!(wait(newcomer.book.members().join(&code, &server)), Ok(notebook));
        }
        done(&mother.book);
        done(&newcomer.book);
    }
    // Write, with a photo and its thumbnail.
    for (phone, text) in [(&mother, "庭であそんだ"), (&father, "はじめて笑った")] {
        notebooks.iter().for_each(|notebook| write(&phone.book, *notebook, text));
    }
    for _ in 0..2 {
        [&mother, &father, &aunt].iter().for_each(|phone| done(&phone.book));
    }
    let photos =
        aunt.book.entries().photos_of(aunt.book.entries().list(notebooks[0], &Default::default()).unwrap()[0].id);
    assert!(photos.is_ok_and(|photos| !photos.is_empty()), "pictures came");
    // Remove, print, recover, go on.
    for notebook in notebooks {
        let list = mother.book.members().list(notebook).unwrap();
        let his = list.into_iter().find(|member| member.name == "父").unwrap().id;
        wait(mother.book.members().remove(notebook, &his, &server)).unwrap();
    }
    done(&mother.book);
    let sheet = wait(mother.book.members().print_recovery(&server)).unwrap().code;
    let mut back = wait(new.book.members().recover(&sheet, &server)).unwrap();
    back.sort();
    let mut all = notebooks;
    all.sort();
    assert_eq!(back, all);
    notebooks.iter().for_each(|notebook| write(&new.book, *notebook, "新しい電話から"));
    [&new, &mother, &aunt, &new].iter().for_each(|phone| _ = sync(&phone.book, &server));
    sync(&father.book, &server);

    let listed = listed(&server, from_ms, time.now());
    let bytes = server.bytes.lock().unwrap();
    let [one, other, none] = [Some(notebooks[0]), Some(notebooks[1]), None].map(|of| windows(&bytes[&of]));
    let many = [one.len(), other.len(), none.len()];
    assert!(many[0] > 20_000 && many[1] > 20_000 && many[2] > 200, "something was recorded: {many:?}");
    for (what, one, other) in [
        ("two notebooks", &one, &other),
        ("a notebook and a sheet", &one, &none),
        ("a notebook and a sheet", &other, &none),
    ] {
        let common: Vec<&[u8]> = one.intersection(other).copied().collect();
        assert!(!common.is_empty() || what != "two notebooks", "the server's key at least");
        let linking: Vec<String> = common
            .into_iter()
            .filter(|window| unexplained(window, &listed) > CHANCE)
            .map(|window| window.iter().map(|byte| format!("{byte:02x}")).collect())
            .collect();
        assert_eq!(linking, Vec::<String>::new(), "{what}");
    }
    // The search finds what would link them: a name that both had.
    let leak = [0x51, 0x8e, 0x07, 0xd3, 0x6a, 0xf4, 0x29, 0xbc];
    assert!(unexplained(&leak, &listed) > CHANCE);
}
