//! A line that is still on the phone (state P): it is never dropped, and its author is never left in the belief that somebody has it.

use std::time::Duration;

use super::time::UnixMs;

/// How long a line may be on its way before the phone says that nobody has it.
pub const UNTAKEN: Duration = Duration::from_secs(30);

/// A line on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outgoing {
    /// When it was written.
    pub written: UnixMs,
    /// Why it does not go out.
    pub held_up: Option<HeldUp>,
}

/// Why a line cannot go out as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldUp {
    /// The desk is no more; its successor has it, or would have it.
    DeskGone {
        /// Whether the successor is marked as equally confidential.
        as_confidential: bool,
    },
    /// The account is void: lost, closed, or signed out.
    AccountVoid,
    /// The municipality takes nothing from this version of the app.
    ClientPaused,
}

/// What happens to a line that is on the phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    /// The server's receipt came.
    Receipt,
    /// It cannot go out as it is.
    HeldUp(HeldUp),
    /// The parent agrees that it goes to the successor, or from a new account.
    GoOn,
    /// The parent takes it back.
    Withdraw,
}

/// What the phone does with a line now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// "On its way."
    OnItsWay,
    /// "Nobody has this yet", with the strip and the numbers; it goes on trying.
    NobodyHasIt,
    /// Goes to the successor without a word, which is as confidential.
    GoesToSuccessor,
    /// Asks first: the successor is less confidential. Numbers stand beside the question.
    AsksForSuccessor,
    /// Offers a new account; the words are kept. Numbers stand beside it.
    OffersAccount,
    /// Shows the numbers, and keeps the words until the app is updated.
    Numbers,
}

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Became {
    /// It is still on the phone.
    Outgoing(Outgoing),
    /// The office has it.
    Taken,
    /// Its author took it back.
    Gone,
}

impl Outgoing {
    /// Begins with a line that was just written.
    pub const fn new(written: UnixMs) -> Self {
        Self { written, held_up: None }
    }

    /// The line after one more thing happened. Only a receipt and its author end it.
    #[must_use]
    pub const fn after(self, happened: Happened) -> Became {
        match happened {
            Happened::Receipt => Became::Taken,
            Happened::Withdraw => Became::Gone,
            Happened::HeldUp(why) => Became::Outgoing(Self { held_up: Some(why), ..self }),
            Happened::GoOn => Became::Outgoing(Self { held_up: None, ..self }),
        }
    }

    /// Returns what the phone shows and does now.
    pub const fn shows(self, now: UnixMs) -> Shows {
        match self.held_up {
            Some(HeldUp::DeskGone { as_confidential: true }) => Shows::GoesToSuccessor,
            Some(HeldUp::DeskGone { as_confidential: false }) => Shows::AsksForSuccessor,
            Some(HeldUp::AccountVoid) => Shows::OffersAccount,
            Some(HeldUp::ClientPaused) => Shows::Numbers,
            None if now.0 >= self.written.after(UNTAKEN).0 => Shows::NobodyHasIt,
            None => Shows::OnItsWay,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITTEN: UnixMs = UnixMs(1_000_000);

    #[test]
    fn after_half_a_minute_nobody_believes_that_somebody_has_it() {
        let line = Outgoing::new(WRITTEN);
        assert_eq!(line.shows(UnixMs(1_029_999)), Shows::OnItsWay);
        assert_eq!(line.shows(UnixMs(1_030_000)), Shows::NobodyHasIt);
    }

    #[test]
    fn nothing_but_a_receipt_or_its_author_ends_a_line_on_the_phone() {
        let line = Outgoing::new(WRITTEN);
        assert_eq!(line.after(Happened::Receipt), Became::Taken);
        assert_eq!(line.after(Happened::Withdraw), Became::Gone);
        for (why, shows) in [
            (HeldUp::DeskGone { as_confidential: true }, Shows::GoesToSuccessor),
            (HeldUp::DeskGone { as_confidential: false }, Shows::AsksForSuccessor),
            (HeldUp::AccountVoid, Shows::OffersAccount),
            (HeldUp::ClientPaused, Shows::Numbers),
        ] {
            let Became::Outgoing(held) = line.after(Happened::HeldUp(why)) else { panic!("{why:?} dropped it") };
            assert_eq!(held.shows(UnixMs(9_000_000)), shows);
            let Became::Outgoing(on) = held.after(Happened::GoOn) else { panic!("{why:?} dropped it") };
            assert_eq!(on.shows(WRITTEN), Shows::OnItsWay);
            assert_eq!(held.after(Happened::Receipt), Became::Taken, "a receipt that was late is one");
        }
    }
}
