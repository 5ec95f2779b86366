//! People of an office: the first link, signing in, sessions, two persons where words open.

use std::time::Duration;

use ayumi_municipal::database::{Access, Database, Transaction};
use ayumi_municipal::staff::kept::{self, Account};
use ayumi_municipal::staff::links::{self, Factors, NotOpened};
use ayumi_municipal::staff::password::{Hasher, Password};
use ayumi_municipal::staff::sign_in::{self, Cookies, From, NotGiven, NotSignedIn, Touch};
use ayumi_municipal::staff::token::{BrowserToken, LinkToken, SessionToken};
use ayumi_municipal::staff::totp::{FactorKey, TotpSecret};
use ayumi_municipal::staff::{Capability, Grant};
use ayumi_municipal::{Limits, StaffId};
use ayumi_protocol::municipal::thread::{Profession, UnixMs};

use crate::place::{Open, Place, tenants};
use crate::town::{MIN, at, child, staff};

contract!(
    the_first_link_makes_one_administrator_and_opens_once_for_thirty_minutes,
    who_guesses_waits_and_who_is_known_is_not_kept_waiting,
    a_code_is_taken_once_and_a_wrong_name_is_told_like_a_wrong_password,
    a_colleague_who_is_present_lets_in_who_was_locked_out,
    a_session_locks_when_no_hand_moves_and_ends_after_twelve_hours,
    a_session_ends_with_a_new_password_a_new_right_and_the_job,
    words_open_to_nobody_whom_two_persons_did_not_let_in,
    whoever_was_reset_comes_back_without_rights_to_words,
    no_password_token_code_or_factor_lies_in_the_database,
);

const SIGNS: &str = "すいかを三つ買って帰る夕方の駅";

/// An office in which everybody has the same password, to hash it once.
struct Desk<P: Place> {
    open: Open<P>,
    hasher: Hasher,
    key: FactorKey,
    now: std::cell::Cell<UnixMs>,
    next: std::cell::Cell<u8>,
}

/// Somebody's factor.
fn secret(who: u64) -> TotpSecret {
    TotpSecret::new([who as u8; 20])
}

fn name(who: u64) -> String {
    format!("person-{who}")
}

impl<P: Place> Desk<P> {
    fn new() -> Self {
        Self {
            open: Open::new(),
            hasher: Hasher::new(2, 16),
            key: FactorKey::new(&[6; 32]).unwrap(),
            now: std::cell::Cell::new(at(7, 9, 0)),
            next: std::cell::Cell::new(0),
        }
    }

    fn now(&self) -> UnixMs {
        self.now.get()
    }

    fn pass(&self, length: Duration) {
        self.now.set(self.now().after(length));
    }

    fn byte(&self) -> u8 {
        self.next.set(self.next.get() + 1);
        self.next.get()
    }

    fn link(&self) -> LinkToken {
        LinkToken::new([self.byte(); 16])
    }

    fn account(&self, who: u64, by: Option<u64>) -> Account {
        Account {
            id: staff(who),
            name: name(who),
            public_name: format!("担当{who}"),
            profession: Profession::PublicHealthNurse,
            made_by: by.map(staff),
            made_at: self.now(),
            password: None,
            totp: None,
            totp_step: 0,
        }
    }

    /// Does something in a transaction, and commits.
    fn write<R>(&self, work: impl AsyncFnOnce(&mut <P::Database as Database>::Transaction) -> R) -> R {
        let mut transaction = self.open.begin(&tenants()[0], Access::Write);
        self.open.wait(async {
            let done = work(&mut transaction).await;
            transaction.commit().await.unwrap();
            done
        })
    }

    fn redeem(&self, link: &LinkToken, code: &str, who: u64) -> Result<StaffId, NotOpened> {
        let password = self.hasher.hash(&Password::chosen(SIGNS, &[]).unwrap(), [who as u8; 16]).unwrap();
        let (totp, nonce) = (&secret(who), [self.byte(); 12]);
        let factors = Factors { password, totp, key: &self.key, nonce };
        self.open.wait(links::redeem(&self.open.database, &tenants()[0], (link, code), &factors, self.now()))
    }

    /// Makes an account that can sign in, by another one.
    fn join(&self, who: u64, by: u64) {
        let (link, account) = (self.link(), self.account(who, Some(by)));
        self.write(async |transaction| {
            links::invite(transaction, &account, (&link, "4711"), self.now()).await.unwrap();
        });
        assert_eq!(self.redeem(&link, "4711", who), Ok(staff(who)));
    }

    /// The first administrator, and supervisors 2 and 3 whom the root names.
    fn founded() -> Self {
        let desk = Self::new();
        let link = desk.link();
        desk.first(&link).unwrap();
        desk.redeem(&link, "", 1).unwrap();
        for who in [2, 3] {
            desk.join(who, 1);
            desk.write(async |transaction| {
                kept::ask(transaction, staff(who), &grant(Capability::Supervise), None, desk.now()).await.unwrap();
            });
        }
        desk.pass(Duration::from_secs(40 * 24 * 3600));
        desk
    }

    fn first(&self, link: &LinkToken) -> Result<(), NotOpened> {
        let account = self.account(1, None);
        self.write(async |transaction| {
            links::first(transaction, &account, &grant(Capability::Administer), link, self.now()).await
        })
    }

    fn sign_in(&self, who: u64, password: &str, browser: u8, address: &str) -> Result<SessionToken, NotSignedIn> {
        self.sign_in_as(&name(who), password, &secret(who).code(self.now()), browser, address)
    }

    fn sign_in_as(
        &self,
        name: &str,
        password: &str,
        code: &str,
        browser: u8,
        address: &str,
    ) -> Result<SessionToken, NotSignedIn> {
        let (database, tenant, now) = (&self.open.database, &tenants()[0], self.now());
        let cookies =
            Cookies { session: SessionToken::new([self.byte(); 32]), browser: BrowserToken::new([browser; 16]) };
        let from = From { name, browser: Some(&cookies.browser), address };
        let counted = self.open.wait(sign_in::count(database, tenant, &from, now))?;
        let checked = counted.check(&self.hasher, password)?;
        self.open.wait(sign_in::begin(database, tenant, checked, code, &self.key, &cookies, now))?;
        Ok(cookies.session)
    }

    /// Signs in at a browser of their own, a minute later so that the code is a new one.
    fn comes(&self, who: u64) -> SessionToken {
        self.pass(MIN);
        self.sign_in(who, SIGNS, 100 + who as u8, "192.0.2.9").unwrap()
    }

    fn touch(&self, session: &SessionToken, touch: Touch) -> Option<bool> {
        let kept = self.write(async |transaction| {
            sign_in::touch(transaction, session, touch, self.now(), &Limits::DEFAULT).await.unwrap()
        });
        kept.map(|kept| kept.session.locked.is_some())
    }

    fn has(&self, who: u64, capability: Capability) -> bool {
        let people = self.write(async |transaction| kept::people(transaction).await.unwrap());
        people[&staff(who)].has_until(capability, &child(), self.now()).is_some()
    }

    fn ask(&self, by: u64, about: u64, capability: Capability) -> Result<(), NotGiven> {
        self.write(async |transaction| {
            sign_in::ask(transaction, staff(by), staff(about), &grant(capability), self.now()).await
        })
    }

    fn agree(&self, by: u64, about: u64, capability: Capability) -> Result<(), NotGiven> {
        self.write(async |transaction| {
            sign_in::agree(transaction, staff(by), staff(about), (capability, &child()), self.now()).await
        })
    }
}

fn grant(capability: Capability) -> Grant {
    Grant { capability, desk: child(), until: UnixMs(2_000_000_000_000) }
}

fn the_first_link_makes_one_administrator_and_opens_once_for_thirty_minutes<P: Place>() {
    let desk = Desk::<P>::new();
    let link = desk.link();
    desk.first(&link).unwrap();
    assert_eq!(desk.first(&desk.link()), Err(NotOpened::NotFirst), "there is one");
    assert_eq!(desk.redeem(&desk.link(), "", 1), Err(NotOpened::Link), "another link");
    assert_eq!(desk.redeem(&link, "", 1), Ok(staff(1)));
    assert_eq!(desk.redeem(&link, "", 1), Err(NotOpened::Link), "used");
    assert!(desk.has(1, Capability::Administer) && !desk.has(1, Capability::Supervise));
    assert!(desk.sign_in(1, SIGNS, 1, "192.0.2.1").is_ok());
    // Thirty minutes, and not one more.
    for (late, opens) in [(29 * MIN, true), (30 * MIN, false)] {
        let desk = Desk::<P>::new();
        let link = desk.link();
        desk.first(&link).unwrap();
        desk.pass(late);
        assert_eq!(desk.redeem(&link, "", 1).is_ok(), opens);
    }
    // A colleague's link needs the code that went another way, and a wrong one uses it up.
    let (link, account) = (desk.link(), desk.account(2, Some(1)));
    desk.write(async |transaction| links::invite(transaction, &account, (&link, "4711"), desk.now()).await.unwrap());
    assert_eq!(desk.redeem(&link, "4712", 2), Err(NotOpened::Link));
    assert_eq!(desk.redeem(&link, "4711", 2), Err(NotOpened::Link));
}

fn who_guesses_waits_and_who_is_known_is_not_kept_waiting<P: Place>() {
    let desk = Desk::<P>::founded();
    desk.comes(2);
    desk.pass(MIN);
    let begun = desk.now();
    for browser in 1..=5 {
        assert_eq!(desk.sign_in(2, "not her password", browser, "203.0.113.5").map(drop), Err(NotSignedIn::Wrong));
    }
    let until = begun.after(15 * MIN);
    // Unknown browsers share five for the account, from whichever address; the right password waits there, too.
    let waits = Err(NotSignedIn::Wait(until));
    assert_eq!(desk.sign_in(2, SIGNS, 6, "198.51.100.1").map(drop), waits);
    assert!(desk.sign_in(3, SIGNS, 6, "198.51.100.1").is_ok(), "others do not wait");
    assert!(desk.sign_in(2, SIGNS, 102, "203.0.113.5").is_ok(), "nor she at her own browser");
    desk.pass(14 * MIN);
    assert_eq!(desk.sign_in(2, SIGNS, 6, "198.51.100.1").map(drop), waits);
    desk.pass(MIN);
    assert!(desk.sign_in(2, SIGNS, 6, "198.51.100.1").is_ok(), "never for ever");
    // Her own browser has five of its own.
    desk.pass(MIN);
    for _ in 0..5 {
        assert_eq!(desk.sign_in(2, "not her password", 102, "192.0.2.9").map(drop), Err(NotSignedIn::Wrong));
    }
    let refused = desk.sign_in(2, SIGNS, 102, "192.0.2.9").map(drop);
    assert!(matches!(refused, Err(NotSignedIn::Wait(_))), "{refused:?}");
    // A name that nobody has waits just so.
    for _ in 0..5 {
        assert_eq!(desk.sign_in_as("nobody", SIGNS, "000000", 7, "192.0.2.7").map(drop), Err(NotSignedIn::Wrong));
    }
    let refused = desk.sign_in_as("nobody", SIGNS, "000000", 7, "192.0.2.7").map(drop);
    assert!(matches!(refused, Err(NotSignedIn::Wait(_))), "{refused:?}");
    // An address has a hundred, for all names.
    let (database, tenant) = (&desk.open.database, &tenants()[0]);
    let tried = (0..101).map(|number| {
        let name = format!("somebody-{number}");
        let from = From { name: &name, browser: None, address: "203.0.113.77" };
        desk.open.wait(sign_in::count(database, tenant, &from, desk.now())).is_ok()
    });
    assert_eq!(tried.filter(|tried| *tried).count(), 100);
}

fn a_code_is_taken_once_and_a_wrong_name_is_told_like_a_wrong_password<P: Place>() {
    let desk = Desk::<P>::founded();
    let code = secret(2).code(desk.now());
    let tries = [
        desk.sign_in_as("nobody", SIGNS, &code, 1, "192.0.2.1").map(drop),
        desk.sign_in_as(&name(2), "not her password", &code, 1, "192.0.2.1").map(drop),
        desk.sign_in_as(&name(2), SIGNS, "000000", 1, "192.0.2.1").map(drop),
        desk.sign_in_as(&name(2), SIGNS, &secret(3).code(desk.now()), 1, "192.0.2.1").map(drop),
    ];
    assert_eq!(tries, [Err(NotSignedIn::Wrong); 4]);
    assert!(desk.sign_in_as(&name(2), SIGNS, &code, 1, "192.0.2.1").is_ok());
    assert_eq!(desk.sign_in_as(&name(2), SIGNS, &code, 1, "192.0.2.1").map(drop), Err(NotSignedIn::Wrong), "used");
    desk.pass(MIN);
    assert!(desk.sign_in(2, SIGNS, 1, "192.0.2.1").is_ok());
}

fn a_colleague_who_is_present_lets_in_who_was_locked_out<P: Place>() {
    let desk = Desk::<P>::founded();
    let colleague = desk.comes(3);
    desk.pass(MIN);
    for browser in 1..=5 {
        let _ = desk.sign_in(2, "not her password", browser, "203.0.113.5");
    }
    assert!(matches!(desk.sign_in(2, SIGNS, 9, "192.0.2.9").map(drop), Err(NotSignedIn::Wait(_))));
    let vouch = |session: &SessionToken, who: u64| {
        let browser = BrowserToken::new([9; 16]);
        desk.write(async |transaction| {
            sign_in::vouch(transaction, session, (&name(who), &browser), desk.now(), &Limits::DEFAULT).await.unwrap()
        })
    };
    assert!(!vouch(&SessionToken::new([250; 32]), 2), "nobody");
    assert!(!vouch(&colleague, 3), "oneself");
    assert!(vouch(&colleague, 2));
    assert_eq!(
        desk.sign_in(2, "not her password", 9, "192.0.2.9").map(drop),
        Err(NotSignedIn::Wrong),
        "no way past it"
    );
    assert!(desk.sign_in(2, SIGNS, 9, "192.0.2.9").is_ok());
    desk.touch(&colleague, Touch::Lock);
    assert!(!vouch(&colleague, 2), "a locked page");
}

fn a_session_locks_when_no_hand_moves_and_ends_after_twelve_hours<P: Place>() {
    let desk = Desk::<P>::founded();
    let session = desk.comes(2);
    for _ in 0..14 {
        desk.pass(MIN);
        assert_eq!(desk.touch(&session, Touch::Heartbeat), Some(false), "a page that answers");
    }
    desk.pass(MIN);
    assert_eq!(desk.touch(&session, Touch::Heartbeat), Some(true), "is no hand");
    assert_eq!(desk.touch(&session, Touch::Hand), Some(true), "and a hand at a locked page opens nothing");
    let people = desk.write(async |transaction| kept::people(transaction).await.unwrap());
    assert!(people[&staff(2)].acting(desk.now(), &Limits::DEFAULT).is_none());
    let session = desk.comes(2);
    let begun = desk.now();
    while desk.now() < begun.after(12 * 60 * MIN - 10 * MIN) {
        desk.pass(10 * MIN);
        assert_eq!(desk.touch(&session, Touch::Hand), Some(false));
    }
    desk.pass(10 * MIN);
    assert_eq!(desk.touch(&session, Touch::Hand), None);
    desk.now.set(begun.after(MIN));
    assert_eq!(desk.touch(&session, Touch::Hand), None, "and it is gone, whatever the clock says");
    assert_eq!(desk.touch(&SessionToken::new([251; 32]), Touch::Hand), None);
}

fn a_session_ends_with_a_new_password_a_new_right_and_the_job<P: Place>() {
    let desk = Desk::<P>::founded();
    let (first, second) = (desk.comes(2), desk.comes(2));
    assert_eq!(desk.touch(&first, Touch::Hand), None, "a new session, and the other one ends");
    assert_eq!(desk.touch(&second, Touch::Hand), Some(false));
    desk.ask(1, 2, Capability::Publish).unwrap();
    assert_eq!(desk.touch(&second, Touch::Hand), None, "a right was asked for");
    let session = desk.comes(2);
    let link = desk.link();
    desk.write(async |transaction| links::reset(transaction, staff(2), &link, desk.now()).await.unwrap());
    assert_eq!(desk.touch(&session, Touch::Hand), None, "other factors");
    desk.pass(MIN);
    assert_eq!(desk.sign_in(2, SIGNS, 102, "192.0.2.9").map(drop), Err(NotSignedIn::Wrong), "and none is left");
    let session = desk.comes(3);
    desk.write(async |transaction| kept::leave(transaction, staff(3), desk.now()).await.unwrap());
    assert_eq!(desk.touch(&session, Touch::Hand), None, "left the job");
    desk.pass(MIN);
    assert_eq!(desk.sign_in(3, SIGNS, 103, "192.0.2.9").map(drop), Err(NotSignedIn::Wrong));
    let people = desk.write(async |transaction| kept::people(transaction).await.unwrap());
    assert!(!people.contains_key(&staff(3)));
}

fn words_open_to_nobody_whom_two_persons_did_not_let_in<P: Place>() {
    let desk = Desk::<P>::founded();
    desk.join(4, 1);
    desk.join(5, 2);
    assert_eq!(desk.ask(4, 5, Capability::Answer), Err(NotGiven::NotAllowed), "no right to ask");
    assert_eq!(desk.ask(1, 1, Capability::Answer), Err(NotGiven::NotAllowed), "for oneself");
    assert_eq!(desk.agree(2, 4, Capability::Answer), Err(NotGiven::NotAsked));
    desk.ask(1, 4, Capability::Answer).unwrap();
    assert!(!desk.has(4, Capability::Answer), "one is not two");
    for by in [1, 4, 5] {
        assert_eq!(desk.agree(by, 4, Capability::Answer), Err(NotGiven::NotAllowed), "{by}");
    }
    assert_eq!(desk.agree(2, 4, Capability::Answer), Ok(()));
    assert!(desk.has(4, Capability::Answer));
    assert_eq!(desk.agree(3, 4, Capability::Answer), Err(NotGiven::NotAsked), "once");
    // Supervisor 2 made account 5 yesterday: she is no second person for it; 3 is, and 2 again after thirty days.
    desk.ask(1, 5, Capability::Answer).unwrap();
    assert_eq!(desk.agree(2, 5, Capability::Answer), Err(NotGiven::NotAllowed));
    desk.pass(Duration::from_secs(31 * 24 * 3600));
    assert_eq!(desk.agree(2, 5, Capability::Answer), Ok(()));
    // What opens no words needs one; whoever has neither right asks for nothing.
    desk.ask(1, 5, Capability::Publish).unwrap();
    assert!(desk.has(5, Capability::Publish));
    assert_eq!(desk.ask(2, 5, Capability::Administer), Err(NotGiven::NotAllowed));
    // An end that is over counts for nothing.
    desk.now.set(UnixMs(2_000_000_000_000));
    assert!(!desk.has(4, Capability::Answer));
}

fn whoever_was_reset_comes_back_without_rights_to_words<P: Place>() {
    let desk = Desk::<P>::founded();
    desk.join(4, 1);
    desk.ask(1, 4, Capability::Answer).unwrap();
    desk.agree(2, 4, Capability::Answer).unwrap();
    desk.ask(1, 4, Capability::Publish).unwrap();
    let link = desk.link();
    desk.write(async |transaction| links::reset(transaction, staff(4), &link, desk.now()).await.unwrap());
    desk.redeem(&link, "", 4).unwrap();
    desk.comes(4);
    assert!(desk.has(4, Capability::Publish) && !desk.has(4, Capability::Answer));
    desk.ask(2, 4, Capability::Answer).unwrap();
    assert!(!desk.has(4, Capability::Answer));
    desk.agree(3, 4, Capability::Answer).unwrap();
    assert!(desk.has(4, Capability::Answer));
}

fn no_password_token_code_or_factor_lies_in_the_database<P: Place>() {
    let desk = Desk::<P>::founded();
    let session = desk.comes(2);
    let (link, account) = (desk.link(), desk.account(4, Some(1)));
    desk.write(async |transaction| links::invite(transaction, &account, (&link, "4711"), desk.now()).await.unwrap());
    let mut all = Vec::new();
    for sql in [
        "SELECT id, name, public_name, password_salt, password_hash, totp_sealed FROM accounts WHERE tenant = $1",
        "SELECT hash, staff FROM sessions WHERE tenant = $1",
        "SELECT hash, code_hash FROM links WHERE tenant = $1",
        "SELECT bucket FROM tries WHERE tenant = $1",
        "SELECT hash FROM browsers WHERE tenant = $1",
    ] {
        let records = desk.open.sql(&tenants()[0], sql);
        assert!(!records.is_empty(), "{sql}");
        all.extend(records.into_iter().flat_map(|record| record.0));
    }
    let held = |secret: &[u8]| {
        all.iter().any(|value| match value {
            ayumi_municipal::database::Value::Bytes(bytes) => bytes.windows(secret.len()).any(|part| part == secret),
            ayumi_municipal::database::Value::Text(text) => {
                text.as_bytes().windows(secret.len()).any(|part| part == secret)
            }
            _ => false,
        })
    };
    assert!(held(name(2).as_bytes()), "the search finds what is there");
    let bytes = |text: &str| -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    };
    for secret in [
        SIGNS.as_bytes(),
        &bytes(&session.text()),
        session.text().as_bytes(),
        &bytes(&link.text()),
        b"4711",
        &[2; 20],
        &[102; 16],
        b"192.0.2.9",
    ] {
        assert!(!held(secret), "{secret:?}");
    }
}
