//! Servers that are not the one that a family knows, or that a code names.

use ayumi_channel::answer::Origins;
use ayumi_channel::memory::Contents;
use ayumi_core::app::sync::SyncOutcome;
use ayumi_core::app::{Error, Handbook, PublisherKey, Recovering, key_letters};
use ayumi_core::sync::halt::Halt;
use ayumi_core::sync::transport::{Transport, Waiting};
use ayumi_protocol::control::Role;
use ayumi_tests::family::{Direct, Municipality, Time, sync as sync_phone, wait};
use ayumi_tests::phones::{child, phone, weigh};
use ring::signature::{Ed25519KeyPair, KeyPair};

/// A server that dials another one, and passes on what phones send and sign.
pub(crate) struct Relay(pub(crate) Direct, &'static str);

impl Transport for Relay {
    fn post<'a>(&'a self, path: &'a str, body: Vec<u8>) -> Waiting<'a> {
        self.0.post(path, body)
    }

    fn origin(&self) -> &str {
        self.1
    }
}

#[test]
fn a_server_that_passes_on_anothers_challenge_opens_no_session() {
    let time = Time::default();
    let listed = Origins::Listed(vec!["https://ayumi.example:443".into()]);
    let real = Municipality::at(&time, listed);
    let mother = phone(&time, "母");
    let notebook = child(&mother.book);
    let dialled = |origin| Relay(Direct(real.clone()), origin);
    assert_eq!(sync_phone(&mother.book, &dialled("https://ayumi.example:443")).outcome, SyncOutcome::Done);
    let before = real.contents().length(notebook);
    mother.book.sync().set_server("https://mallory.example").unwrap();
    weigh(&mother.book, notebook, "9.1");
    assert_eq!(sync_phone(&mother.book, &dialled("https://mallory.example:443")).outcome, SyncOutcome::Offline);
    assert_eq!(real.contents().length(notebook), before, "no session, no word");
    assert_eq!(mother.book.sync().state(notebook).unwrap().halted, None, "and nothing halts");
    assert_eq!(sync_phone(&mother.book, &dialled("https://ayumi.example:443")).outcome, SyncOutcome::Done);
}

#[test]
fn a_server_with_another_key_is_not_believed_until_a_carer_says_so() {
    let time = Time::default();
    let place = "https://ayumi.example:443";
    let server = |seed| {
        let origins = Origins::Listed(vec![place.into()]);
        Relay(Direct(Municipality::with_key(&time, origins, seed)), place)
    };
    let (known, other) = (server(7), server(9));
    let mother = phone(&time, "母");
    let notebook = child(&mother.book);
    weigh(&mother.book, notebook, "9.1");
    assert_eq!(sync_phone(&mother.book, &known).outcome, SyncOutcome::Done);
    weigh(&mother.book, notebook, "9.2");
    // The operator puts another server in the place of the known one; tokens of the known one are worth nothing there.
    assert_eq!(sync_phone(&mother.book, &other).outcome, SyncOutcome::Halted);
    assert_eq!(mother.book.sync().state(notebook).unwrap().halted, Some(Halt::Server));
    assert_eq!(other.0.0.contents().length(notebook), 0, "nothing was sent to it");
    mother.book.sync().go_on(notebook).unwrap();
    assert_eq!(sync_phone(&mother.book, &other).outcome, SyncOutcome::Done);
    assert_eq!(mother.book.sync().state(notebook).unwrap().waiting, 0);
}

/// A server under a key of its own, at the place where every one of them is dialled.
pub(crate) fn at_one_place(time: &Time, seed: u8, contents: Contents) -> Relay {
    let place = "https://ayumi.example:443";
    let municipality = Municipality::with_key(time, Origins::Listed(vec![place.into()]), seed);
    municipality.roll_back(contents);
    Relay(Direct(municipality), place)
}

/// A server's key is changed now and then; its challenge said before which one would follow.
#[test]
fn a_servers_next_key_is_believed_and_no_other() {
    let time = Time::default();
    let server = |seed, contents| at_one_place(&time, seed, contents);
    let first = server(7, Default::default());
    let mother = phone(&time, "母");
    let notebook = child(&mother.book);
    assert_eq!(sync_phone(&mother.book, &first).outcome, SyncOutcome::Done);
    for seed in [8, 9] {
        weigh(&mother.book, notebook, "9.1");
        let next = server(seed, first.0.0.contents());
        assert_eq!(sync_phone(&mother.book, &next).outcome, SyncOutcome::Done, "{seed}");
    }
    weigh(&mother.book, notebook, "9.2");
    assert_eq!(sync_phone(&mother.book, &first).outcome, SyncOutcome::Halted, "nor one from before");
}

/// The code says which key its server has: who stands between never becomes the newcomer's server.
#[test]
fn a_server_in_the_place_of_the_one_that_a_code_names_lets_nobody_in() {
    let time = Time::default();
    let server = |seed, contents| at_one_place(&time, seed, contents);
    let known = server(7, Default::default());
    let mother = phone(&time, "母");
    let notebook = child(&mother.book);
    sync_phone(&mother.book, &known);
    let code = wait(mother.book.members().invite(notebook, Role::Writer, "", &known)).unwrap().code;
    let sheet = wait(mother.book.members().print_recovery(&known)).unwrap().code;
    let copied = server(9, known.0.0.contents());
    let (father, new) = (phone(&time, "父"), phone(&time, "母"));
    let another = |error: Option<Error>| matches!(error, Some(Error::Invalid { why }) if why.field == "server");
    assert!(another(wait(father.book.members().join(&code, &copied)).err()));
    assert!(another(wait(new.book.members().recover(&sheet, &copied)).err()));
    assert!(father.book.notebooks().list().unwrap().is_empty(), "nothing half-done");
    assert_eq!(copied.0.0.contents().length(notebook), known.0.0.contents().length(notebook), "it got nothing");
    assert_eq!(wait(father.book.members().join(&code, &known)), Ok(notebook), "the code is not used up");
    // The municipality says that it changed its key since the sheet was printed.
    assert_eq!(
        wait(new.book.members().recover_as(&sheet, &Recovering { another_key: true, keep: None }, &copied)),
        Ok(vec![notebook])
    );
}

/// A meeting that was cut off, an app that was swiped away: the municipality's server is still the one that is known.
#[test]
fn a_meeting_side_by_side_that_is_cut_off_halts_nothing() {
    let time = Time::default();
    let place = "https://ayumi.example:443";
    let known = Relay(Direct(Municipality::at(&time, Origins::Listed(vec![place.into()]))), place);
    let mother = phone(&time, "母");
    let notebook = child(&mother.book);
    assert_eq!(sync_phone(&mother.book, &known).outcome, SyncOutcome::Done);
    let host = wait(mother.book.nearby().host()).unwrap();
    weigh(&mother.book, notebook, "9.1");
    assert_eq!(sync_phone(&mother.book, &known).outcome, SyncOutcome::Done, "while it waits for a visitor");
    std::mem::forget(host);
    assert_eq!(sync_phone(&mother.book, &known).outcome, SyncOutcome::Done, "and after it was cut off");
    assert_eq!(mother.book.sync().state(notebook).unwrap().waiting, 0);
}

/// Installs a municipality's pack that names the key of a server at the place where every one of them is dialled.
fn install_pack(book: &Handbook, version: u32, named: &Relay, signed: bool) {
    let key = key_letters(&ayumi_server::log::Log::signer(&*named.0.0.log()).public_key());
    let text = format!(
        "format = 1\n[pack]\nid = \"jp.012345\"\nversion = {version}\nname = [\"市\", \"し\", \"City\"]\n\
         server = {{ address = \"https://ayumi.example\", key = \"{key}\" }}\n"
    );
    let pair = Ed25519KeyPair::from_seed_unchecked(&[3; 32]).unwrap();
    let publisher = PublisherKey::from_bytes(pair.public_key().as_ref().try_into().unwrap());
    match signed {
        true => book.contents().install_signed(&text, pair.sign(text.as_bytes()).as_ref(), &publisher).unwrap(),
        false => book.contents().install(&text).unwrap(),
    };
}

#[test]
fn a_server_with_another_key_than_the_signed_pack_says_is_not_believed_even_at_first() {
    let time = Time::default();
    let [real, other] = [7, 17].map(|seed| at_one_place(&time, seed, Default::default()));
    let mother = phone(&time, "母");
    mother.book.sync().set_server("https://ayumi.example").unwrap();
    let notebook = child(&mother.book);
    weigh(&mother.book, notebook, "9.1");
    install_pack(&mother.book, 1, &real, true);
    assert_eq!(sync_phone(&mother.book, &other).outcome, SyncOutcome::Halted, "the first contact");
    assert_eq!(other.0.0.contents().length(notebook), 0, "it got nothing");
    mother.book.sync().go_on(notebook).unwrap();
    assert_eq!(sync_phone(&mother.book, &other).outcome, SyncOutcome::Halted, "nor if she goes on");
    mother.book.sync().go_on(notebook).unwrap();
    assert_eq!(sync_phone(&mother.book, &real).outcome, SyncOutcome::Done);
    // The key that follows is known by what the server showed, although the pack still names the one before.
    let next = at_one_place(&time, 8, real.0.0.contents());
    weigh(&mother.book, notebook, "9.2");
    assert_eq!(sync_phone(&mother.book, &next).outcome, SyncOutcome::Done);
}

#[test]
fn a_signed_pack_takes_back_the_belief_in_a_server_that_came_first() {
    let time = Time::default();
    let [real, other] = [7, 17].map(|seed| at_one_place(&time, seed, Default::default()));
    let mother = phone(&time, "母");
    mother.book.sync().set_server("https://ayumi.example").unwrap();
    let notebook = child(&mother.book);
    assert_eq!(sync_phone(&mother.book, &other).outcome, SyncOutcome::Done, "nothing is known yet");
    install_pack(&mother.book, 1, &real, false);
    assert_eq!(sync_phone(&mother.book, &other).outcome, SyncOutcome::Done, "a file that nobody signed says nothing");
    install_pack(&mother.book, 2, &real, true);
    weigh(&mother.book, notebook, "9.1");
    let before = other.0.0.contents().length(notebook);
    assert_eq!(sync_phone(&mother.book, &other).outcome, SyncOutcome::Halted);
    assert_eq!(other.0.0.contents().length(notebook), before);
    mother.book.sync().go_on(notebook).unwrap();
    assert_eq!(sync_phone(&mother.book, &real).outcome, SyncOutcome::Done);
}
