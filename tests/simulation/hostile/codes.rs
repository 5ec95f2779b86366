//! A server that lies to who comes in by a code: it founds the notebook anew, shows it as it was before somebody was taken out, or
//! passes on what is signed to another server. Nobody else hears of it.

use std::sync::Arc;

use ayumi_channel::log::{Log, PageRequest};
use ayumi_core::app::sync::{Budget, SyncOutcome};
use ayumi_core::app::{Error, NewEntry, Recovering};
use ayumi_core::sync::code::{Invitation, RecoveryCode};
use ayumi_core::sync::statement::Decision;
use ayumi_core::sync::transport::{Transport, Waiting};
use ayumi_protocol::control::Role;
use ayumi_protocol::envelope::Frame;
use ayumi_protocol::exchange::Wanted;
use ayumi_protocol::key::KeyId;
use ayumi_tests::family::{Direct, Municipality};
use ayumi_tests::phones::{Phone, phone};

use super::Story;
use super::member::Harm;
use crate::simulation::story::{poll, tell};
use crate::sync::false_server::{FalseServer, made_up};

/// What such a server does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fraud {
    /// Founds a notebook of its own around the public keys of an open invitation.
    FoundsAroundAnInvitation,
    /// Founds a notebook of its own around the public keys of a recovery sheet.
    FoundsAroundASheet,
    /// Shows who joins the chain from before a removal; who was taken out helps.
    ShowsAnOldJoin,
    /// Shows who recovers the chain from before a removal.
    ShowsAnOldSheet,
    /// Passes on to the family's server what who joins has signed.
    PassesOnAChallenge,
}

impl Fraud {
    /// Everything such a server does.
    pub(super) const ALL: [Self; 5] = [
        Self::FoundsAroundAnInvitation,
        Self::FoundsAroundASheet,
        Self::ShowsAnOldJoin,
        Self::ShowsAnOldSheet,
        Self::PassesOnAChallenge,
    ];
}

/// Another server, which asks the family's own.
struct PassesOn(Arc<Municipality>);

impl Transport for PassesOn {
    fn post<'a>(&'a self, path: &'a str, body: Vec<u8>) -> Waiting<'a> {
        Box::pin(async move { Ok(self.0.answer(path, &body)) })
    }

    fn origin(&self) -> &str {
        "https://mallory.example:443"
    }
}

impl Story {
    /// The server lies about a code.
    pub(super) fn fraud(&mut self) {
        let fraud = Fraud::ALL[self.dice.below(Fraud::ALL.len())];
        let Some(owner) = self.owner() else { return };
        let played = match fraud {
            Fraud::FoundsAroundAnInvitation => self.founds_around_an_invitation(owner),
            Fraud::FoundsAroundASheet => self.founds_around_a_sheet(owner),
            Fraud::ShowsAnOldJoin => self.shows_an_old_join(owner),
            Fraud::ShowsAnOldSheet => self.shows_an_old_sheet(owner),
            Fraud::PassesOnAChallenge => self.passes_on_a_challenge(owner),
        };
        tell(|| format!("  fraud {fraud:?}: {played:?}"));
        if played.is_some() {
            *self.played.frauds.entry(fraud).or_default() += 1;
        }
    }

    fn code(&self, owner: usize) -> Option<String> {
        let members = self.honest[owner].book().members();
        poll(members.invite(self.notebook, Role::Writer, "", &self.line(owner)))?.ok().map(|invited| invited.code)
    }

    fn sheet(&self, owner: usize) -> Option<String> {
        let members = self.honest[owner].book().members();
        poll(members.print_recovery(&self.line(owner)))?.ok().map(|sheet| sheet.code)
    }

    /// The store of now, for nobody but who is told of it.
    fn fork(&self) -> Direct {
        let fork = Municipality::new(&self.time);
        fork.roll_back(self.server.municipality.contents());
        Direct(fork)
    }

    fn take_the_guest_out(&self, owner: usize) -> Option<String> {
        let guest = format!("{:?}", self.member.as_ref()?.id());
        let members = self.honest[owner].book().members();
        let is_in = |list: Vec<ayumi_core::app::MemberView>| list.iter().any(|member| member.id == guest);
        members.list(self.notebook).is_ok_and(is_in).then_some(())?;
        poll(members.remove(self.notebook, &guest, &self.line(owner)))?.ok().map(|()| guest)
    }

    fn founds_around_an_invitation(&self, owner: usize) -> Option<()> {
        let code = self.code(owner)?;
        let keys = Invitation::from_text(&code).ok()?.keys().public();
        let (expires_at, name) = (self.time.now() + 1_000_000, String::new());
        let proof = made_up(self.notebook);
        let invite = Decision::Invite { keys, proof, role: Role::Writer, mine: false, expires_at, name };
        let server = FalseServer::new(&self.time, &Direct(self.server.municipality.clone()), self.notebook, &invite);
        let aunt = phone(&self.time, "おば");
        let joined = poll(aunt.book.members().join(&code, &server))?;
        assert!(matches!(joined, Err(Error::Invalid { .. })), "the operator's own notebook lets nobody in: {joined:?}");
        assert!(aunt.book.notebooks().list().unwrap().is_empty(), "nothing of it is kept");
        Some(())
    }

    fn founds_around_a_sheet(&self, owner: usize) -> Option<()> {
        let sheet = self.sheet(owner)?;
        let keys = RecoveryCode::from_text(&sheet).ok()?.keys(self.notebook).public();
        let print = Decision::Print(keys, made_up(self.notebook));
        let server = FalseServer::new(&self.time, &Direct(self.server.municipality.clone()), self.notebook, &print);
        let new = phone(&self.time, "母");
        let recovered = poll(new.book.members().recover(&sheet, &server))?;
        assert!(matches!(recovered, Err(Error::Invalid { .. })), "the operator's own brings nothing: {recovered:?}");
        assert!(new.book.notebooks().list().unwrap().is_empty(), "nothing of it is kept");
        Some(())
    }

    fn shows_an_old_join(&mut self, owner: usize) -> Option<()> {
        let code = self.code(owner)?;
        let shown = self.fork();
        self.take_the_guest_out(owner)?;
        let aunt = phone(&self.time, "おば");
        assert_eq!(poll(aunt.book.members().join(&code, &shown))?, Ok(self.notebook), "the code was good then");
        self.writes(&aunt);
        let mut members = aunt.book.members().list(self.notebook).unwrap().into_iter();
        let hers = members.find(|member| member.me).expect("she is in it").id;
        let harm = Harm::ALL[self.dice.below(Harm::ALL.len())];
        // A server that loses everything is told what she has read of others, and that is no word of hers.
        let harm = if harm == Harm::TellsAnotherChain { Harm::Writes } else { harm };
        for harm in [Harm::Writes, Harm::Invites, harm] {
            let prey = self.prey();
            let guest = self.member.as_mut()?;
            guest.harms(harm, &shown.0, &self.time, &prey, &mut self.dice);
            let report = poll(aunt.book.sync().run(&shown, Budget::default(), &|_, _| ()))?.unwrap();
            assert_ne!(report.outcome, SyncOutcome::Done, "something waits");
            // What others wrote, and a server lost that was told another chain first, her phone may bring back.
            assert!(!self.authors(&shown.0).contains(&hers), "no word of hers is for who was taken out");
        }
        Some(())
    }

    /// Whose envelopes are in a server's log.
    fn authors(&self, server: &Municipality) -> Vec<String> {
        let (reader, wanted) = (KeyId([0; 16]), Wanted::default());
        let request =
            PageRequest { notebook: self.notebook, reader, after: 0, prefix: None, max_bytes: usize::MAX, wanted };
        let Some(Ok(page)) = poll(server.log().page(request)) else { return Vec::new() };
        let frames = page.items.iter().filter(|item| !item.control).map(|item| Frame::from_start_of(&item.bytes));
        frames.map(|frame| format!("{:?}", frame.expect("a frame").header.author)).collect()
    }

    fn shows_an_old_sheet(&mut self, owner: usize) -> Option<()> {
        let sheet = self.sheet(owner)?;
        let shown = self.fork();
        let guest = self.take_the_guest_out(owner)?;
        let new = phone(&self.time, "母");
        let members = new.book.members();
        let look = poll(members.look_into_sheet(&sheet, false, &shown))?.unwrap();
        // What was closed when the past was kept, nobody is shown.
        let book = look.into_iter().find(|book| book.notebook == self.notebook)?;
        let there: Vec<String> = book.members.into_iter().map(|member| member.id).collect();
        assert!(there.contains(&guest), "the carer sees who is in there again");
        let keep = there.into_iter().filter(|id| *id != guest).collect();
        let how = Recovering { keep: Some(keep), another_key: false };
        let recovered = poll(members.recover_as(&sheet, &how, &shown))?.unwrap();
        assert!(recovered.contains(&self.notebook));
        self.writes(&new);
        let report = poll(new.book.sync().run(&shown, Budget::default(), &|_, _| ()))?.unwrap();
        assert_eq!(report.outcome, SyncOutcome::Done, "{report:?}");
        let prey = self.prey();
        let read = self.member.as_mut()?.harms(Harm::Writes, &shown.0, &self.time, &prey, &mut self.dice);
        assert_eq!(read, None, "who was left out is none of it any more");
        Some(())
    }

    fn passes_on_a_challenge(&self, owner: usize) -> Option<()> {
        let code = self.code(owner)?;
        let length = self.server.municipality.contents().length(self.notebook);
        let aunt = phone(&self.time, "おば");
        let joined = poll(aunt.book.members().join(&code, &PassesOn(self.server.municipality.clone())))?;
        assert_eq!(joined, Err(Error::Offline), "what is signed for one place opens no session at another");
        assert_eq!(self.server.municipality.contents().length(self.notebook), length);
        Some(())
    }

    fn writes(&self, phone: &Phone) {
        let words = NewEntry::typed(self.notebook, "diary", "2026-04-01", &[("text", "来たばかりの言葉")]).unwrap();
        phone.book.entries().add(&words).unwrap();
    }
}
