//! Decides what a device does about a refusal. Pure: the app then does it, with the store.
//!
//! There is no wildcard here: a refusal that the protocol gets is a compile error until its remedy is decided.

use ayumi_protocol::exchange::Refused;
use ayumi_protocol::{accept, control};

use super::halt::Halt;

/// What a piece of a request was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// An envelope with this sequence.
    Envelope(u64),
    /// An envelope of another author that this device has from a log.
    Carried,
    /// An envelope of this device's own that a server accepted before it lost data, or before another one took its place.
    OwnCarried,
    /// What is left of an envelope of any author.
    Remnant,
    /// A control statement that no server has accepted yet.
    NewStatement,
    /// A control statement that a server accepted before it lost data, or before another one took its place.
    KnownStatement,
}

impl Sent {
    /// Whether it was an envelope, or what is left of one.
    pub const fn is_envelope(self) -> bool {
        matches!(self, Self::Envelope(_) | Self::Carried | Self::OwnCarried | Self::Remnant)
    }
}

/// What the device does about a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Stops the notebook until a carer decides.
    Halt(Halt),
    /// Seals the envelopes from this sequence on anew, with the same sequences and the next attempt.
    ResealFrom {
        /// The sequence that was refused.
        sequence: u64,
        /// Corrects the clock first, and the stamps of what no server has.
        restamp: bool,
    },
    /// Keeps what was written here, marked refused.
    KeepRefused,
    /// Keeps what was carried, and brings it there no more: it counts as waiting.
    KeepCarried,
    /// Makes this device's own envelopes from the refused one on again, with the next attempt: what they name is not there.
    MakeAgain,
    /// Reads the log again and takes new keys: another device writes under this one's.
    NewKeys,
    /// Finds out which chain of members was there first, by what the server signed.
    Compare,
    /// Puts the chain aside that this device knew: the server's was there first.
    PutAside,
    /// Keeps known statements that the server will not take from this device, and brings them there no more.
    KeepStatements,
    /// Drops new statements that do not fit the chain; whoever made one decides again.
    DropPending,
    /// Keeps everything waiting until the server has room.
    WaitForRoom,
    /// Sends it again as it is.
    AskAgain,
    /// Keeps everything waiting as it is, ends this sync, and notes the number in the app log: a newer version knows
    /// more.
    KeepPending {
        /// The number that this version does not know.
        number: u8,
    },
}

/// Returns what to do about the first refusal of a reply.
pub const fn remedy(refused: Refused, sent: Sent) -> Remedy {
    match (refused, sent) {
        (Refused::Envelope(refusal), Sent::Envelope(sequence)) => for_envelope(refusal, sequence),
        (Refused::Envelope(accept::Refusal::Unknown(number)), Sent::Carried | Sent::OwnCarried | Sent::Remnant) => {
            Remedy::KeepPending { number }
        }
        // More was erased than this device knew: with the chain it makes the opening again.
        (Refused::Envelope(accept::Refusal::NotErased), Sent::Remnant) => Remedy::AskAgain,
        (Refused::Envelope(refusal), Sent::OwnCarried) => for_own_carried(refusal),
        // Its author knows more of it, or the server knows other members: nothing that this device could mend.
        (Refused::Envelope(_), Sent::Carried | Sent::Remnant) => Remedy::KeepCarried,
        (Refused::Control(refusal), Sent::NewStatement) => for_statement(refusal, Remedy::DropPending),
        // Who was a member, and who was removed, is not forgotten because a server says so.
        (Refused::Control(refusal), Sent::KnownStatement) => for_known_statement(refusal),
        (Refused::Envelope(accept::Refusal::Unknown(number)), Sent::NewStatement | Sent::KnownStatement)
        | (
            Refused::Control(control::Refusal::Unknown(number)),
            Sent::Envelope(_) | Sent::Carried | Sent::OwnCarried | Sent::Remnant,
        )
        | (Refused::Unknown(number), _) => Remedy::KeepPending { number },
        // The reply speaks of something else than what was sent.
        (Refused::Envelope(_), Sent::NewStatement | Sent::KnownStatement)
        | (Refused::Control(_), Sent::Envelope(_) | Sent::Carried | Sent::OwnCarried | Sent::Remnant)
        | (Refused::NotTried, _) => Remedy::AskAgain,
        (Refused::Quota, _) => Remedy::WaitForRoom,
        (Refused::Malformed, _) => Remedy::Halt(Halt::Defect),
    }
}

const fn for_envelope(refusal: accept::Refusal, sequence: u64) -> Remedy {
    use accept::Refusal;
    match refusal {
        Refusal::OtherNotebook | Refusal::Signature | Refusal::NotErased => Remedy::Halt(Halt::Defect),
        Refusal::Forked => Remedy::Halt(Halt::Chain),
        Refusal::Taken | Refusal::Chain => Remedy::NewKeys,
        Refusal::NotAWriter => Remedy::KeepRefused,
        Refusal::ClockAhead => Remedy::ResealFrom { sequence, restamp: true },
        Refusal::OldEpoch | Refusal::Gap { expected: _ } => Remedy::ResealFrom { sequence, restamp: false },
        Refusal::Unknown(number) => Remedy::KeepPending { number },
    }
}

const fn for_own_carried(refusal: accept::Refusal) -> Remedy {
    use accept::Refusal;
    match refusal {
        Refusal::OtherNotebook | Refusal::Signature => Remedy::Halt(Halt::Defect),
        Refusal::Taken => Remedy::Halt(Halt::Copy),
        Refusal::Forked | Refusal::OldEpoch | Refusal::Gap { expected: _ } | Refusal::Chain => Remedy::MakeAgain,
        Refusal::NotAWriter | Refusal::ClockAhead | Refusal::NotErased => Remedy::KeepCarried,
        Refusal::Unknown(number) => Remedy::KeepPending { number },
    }
}

const fn for_known_statement(refusal: control::Refusal) -> Remedy {
    use control::Refusal;
    match refusal {
        Refusal::HeadMoved => Remedy::Compare,
        // An owner can bring it, or whoever has the server's word from before the invitation's end.
        Refusal::Expired => Remedy::KeepStatements,
        other => for_statement(other, Remedy::Halt(Halt::Chain)),
    }
}

const fn for_statement(refusal: control::Refusal, known: Remedy) -> Remedy {
    use control::Refusal;
    match refusal {
        Refusal::HeadMoved
        | Refusal::OtherNotebook
        | Refusal::NotAHolder
        | Refusal::Signature
        | Refusal::NotAllowed
        | Refusal::Expired
        | Refusal::KnownKeys
        | Refusal::WeakKeys
        | Refusal::Senior
        | Refusal::NoSuchHolder
        | Refusal::LastOwner
        | Refusal::Wraps
        | Refusal::Limit => known,
        Refusal::Unknown(number) => Remedy::KeepPending { number },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Sent; 6] =
        [Sent::Envelope(7), Sent::Carried, Sent::OwnCarried, Sent::Remnant, Sent::NewStatement, Sent::KnownStatement];

    /// The table of docs/protocol.md that begins with this head: key and sentence of each row.
    fn documented(head: &str) -> Vec<(String, String)> {
        let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/protocol.md")).unwrap();
        let rows =
            text.lines().skip_while(|line| !line.starts_with(head)).skip(2).take_while(|line| line.starts_with('|'));
        rows.map(|row| {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            (cells[2].trim_matches('`').to_owned(), cells[3].to_owned())
        })
        .collect()
    }

    #[test]
    fn every_refusal_of_an_envelope_has_its_remedy() {
        use accept::Refusal::*;
        let reseal = |restamp| Remedy::ResealFrom { sequence: 7, restamp };
        let table = [
            (
                OtherNotebook,
                Remedy::Halt(Halt::Defect),
                "halts as `defect`: this device made something that nobody can accept",
            ),
            (NotAWriter, Remedy::KeepRefused, "keeps what was written, marked refused"),
            (Signature, Remedy::Halt(Halt::Defect), "halts as `defect`"),
            (Forked, Remedy::Halt(Halt::Chain), "halts as `chain`: the server shows another chain of members"),
            (OldEpoch, reseal(false), "reads the chain, seals again with the same sequence and the next attempt"),
            (ClockAhead, reseal(true), "corrects its clock, stamps again what was not sent, seals again"),
            (Gap { expected: 0 }, reseal(false), "seals again from this sequence on"),
            (Taken, Remedy::NewKeys, "takes new keys: another copy of this device is writing"),
            (Chain, Remedy::NewKeys, "takes new keys"),
            (
                NotErased,
                Remedy::Halt(Halt::Defect),
                "halts as `defect`; of a remnant: reads the chain, makes the opening again",
            ),
        ];
        let mut sentences = Vec::new();
        for (refusal, expected, sentence) in table {
            assert_eq!(
                remedy(Refused::Envelope(refusal), Sent::Envelope(7)),
                expected,
                "{}: {sentence}",
                refusal.key()
            );
            sentences.push((refusal.key().to_owned(), sentence.to_owned()));
        }
        assert_eq!(table.map(|(refusal, ..)| refusal), accept::Refusal::ALL, "a row for each");
        assert_eq!(documented("| number | refusal of an envelope"), sentences, "docs/protocol.md says the same");
    }

    /// One envelope that a server will not take keeps nothing else back.
    #[test]
    fn what_is_carried_and_refused_stays_here_and_halts_nothing() {
        for refusal in accept::Refusal::ALL {
            assert_eq!(remedy(Refused::Envelope(*refusal), Sent::Carried), Remedy::KeepCarried, "{}", refusal.key());
            let remnant = if *refusal == accept::Refusal::NotErased { Remedy::AskAgain } else { Remedy::KeepCarried };
            assert_eq!(remedy(Refused::Envelope(*refusal), Sent::Remnant), remnant, "{}", refusal.key());
        }
    }

    /// Its words are never lost because a server shows other members.
    #[test]
    fn what_this_device_wrote_and_a_server_will_not_have_again_is_made_again() {
        use accept::Refusal::*;
        for (refusal, expected) in [
            (OtherNotebook, Remedy::Halt(Halt::Defect)),
            (NotAWriter, Remedy::KeepCarried),
            (Signature, Remedy::Halt(Halt::Defect)),
            (Forked, Remedy::MakeAgain),
            (OldEpoch, Remedy::MakeAgain),
            (ClockAhead, Remedy::KeepCarried),
            (Gap { expected: 0 }, Remedy::MakeAgain),
            (Taken, Remedy::Halt(Halt::Copy)),
            (Chain, Remedy::MakeAgain),
            (NotErased, Remedy::KeepCarried),
        ] {
            assert_eq!(remedy(Refused::Envelope(refusal), Sent::OwnCarried), expected, "{}", refusal.key());
        }
    }

    #[test]
    fn every_refusal_of_a_statement_drops_a_new_one_and_is_looked_into_for_a_known_one() {
        for refusal in control::Refusal::ALL {
            let refused = Refused::Control(*refusal);
            assert_eq!(remedy(refused, Sent::NewStatement), Remedy::DropPending, "{}", refusal.key());
            let known = match refusal {
                control::Refusal::HeadMoved => Remedy::Compare,
                control::Refusal::Expired => Remedy::KeepStatements,
                _ => Remedy::Halt(Halt::Chain),
            };
            assert_eq!(remedy(refused, Sent::KnownStatement), known, "{}", refusal.key());
        }
        for (key, sentence) in documented("| number | refusal of a statement") {
            assert!(sentence.starts_with("drops "), "{key}: {sentence}");
        }
    }

    #[test]
    fn what_is_not_about_one_kind_of_piece_is_the_same_for_all() {
        let table = [
            (Refused::Quota, Remedy::WaitForRoom, "keeps everything and says that there is no room"),
            (Refused::Malformed, Remedy::Halt(Halt::Defect), "halts: this device made something unreadable"),
            (Refused::NotTried, Remedy::AskAgain, "sends it again"),
            (Refused::Unknown(9), Remedy::KeepPending { number: 9 }, "keeps it for a newer version"),
        ];
        for (refused, expected, sentence) in table {
            for sent in ALL {
                assert_eq!(remedy(refused, sent), expected, "{} {sent:?}: {sentence}", refused.key());
            }
        }
    }

    #[test]
    fn an_unknown_number_keeps_everything_waiting() {
        let kept = Remedy::KeepPending { number: 200 };
        let (envelope, control) = (accept::Refusal::Unknown(200), control::Refusal::Unknown(200));
        for refused in [Refused::Envelope(envelope), Refused::Control(control), Refused::Unknown(200)] {
            for sent in ALL {
                assert_eq!(remedy(refused, sent), kept, "{refused:?} {sent:?}");
            }
        }
    }

    #[test]
    fn a_refusal_of_something_else_is_asked_again() {
        let envelope = Refused::Envelope(accept::Refusal::Taken);
        assert_eq!(remedy(envelope, Sent::NewStatement), Remedy::AskAgain);
        assert_eq!(remedy(envelope, Sent::KnownStatement), Remedy::AskAgain);
        assert_eq!(remedy(Refused::Control(control::Refusal::HeadMoved), Sent::Envelope(7)), Remedy::AskAgain);
    }
}
