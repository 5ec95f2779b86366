//! Closed lists. Their keys are frozen: they stand on the wire, in JSON, in content packs and in databases.

/// Declares a closed list of keys.
macro_rules! list {
    ($(#[$doc:meta])* $name:ident { $($(#[$row_doc:meta])* $key:literal $variant:ident,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$row_doc])* #[serde(rename = $key)] $variant,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Returns the stable key.
            pub const fn key(self) -> &'static str {
                match self {
                    $(Self::$variant => $key,)*
                }
            }
        }
    };
}

list! {
    /// How soon an answer is needed: what the parent chose, or what somebody present raised it to. Never read from words.
    Urgency {
        /// Some time this week.
        "week" Week,
        /// Today.
        "today" Today,
        /// Now. The numbers of 119 and of who helps in a crisis are shown first, and it is sent all the same.
        "now" Now,
    }
}

list! {
    /// What a desk is there for.
    Topic {
        /// How a child grows and learns.
        "development" Development,
        /// Pregnancy and birth.
        "pregnancy" Pregnancy,
        /// A pregnancy that nobody is to know of.
        "pregnancy_hidden" PregnancyHidden,
        /// How a carer feels.
        "mind" Mind,
        /// Violence at home.
        "violence" Violence,
        /// After a loss.
        "loss" Loss,
        /// A sudden illness or injury at night or on a holiday.
        "night_illness" NightIllness,
        /// Something swallowed.
        "poison" Poison,
        /// Teeth.
        "dental" Dental,
        /// In another language.
        "foreign" Foreign,
        /// Anything.
        "general" General,
    }
}

impl Topic {
    /// Whether it is a carer's own: its words go only to desks that are marked as equally confidential.
    pub const fn is_own(self) -> bool {
        matches!(self, Self::PregnancyHidden | Self::Mind | Self::Violence | Self::Loss)
    }
}

list! {
    /// What somebody who answers is by profession. It stands on every reply.
    Profession {
        /// 医師.
        "doctor" Doctor,
        /// 助産師.
        "midwife" Midwife,
        /// 保健師.
        "public_health_nurse" PublicHealthNurse,
        /// 看護師.
        "nurse" Nurse,
        /// 歯科衛生士.
        "dental_hygienist" DentalHygienist,
        /// 管理栄養士・栄養士.
        "dietitian" Dietitian,
        /// 公認心理師・臨床心理士.
        "psychologist" Psychologist,
        /// 保育士.
        "childcare_worker" ChildcareWorker,
        /// 社会福祉士・相談員.
        "social_worker" SocialWorker,
        /// 事務職員.
        "clerk" Clerk,
    }
}

list! {
    /// What a parent is told of where a thread is.
    ThreadState {
        /// In the queue, or waiting for a desk that opens: the standing says when.
        "queued" Queued,
        /// Somebody who is there is writing.
        "claimed" Claimed,
        /// A reply is there.
        "answered" Answered,
        /// Another desk was given it, with the parent's consent.
        "handed_off" HandedOff,
        /// Closed; a word opens it again.
        "closed" Closed,
        /// The family left.
        "sealed" Sealed,
        /// Its term is over, and nobody can read it any more.
        "destroyed" Destroyed,
    }
}

list! {
    /// Where one line of a parent is.
    MessageState {
        /// On the phone: nobody has it yet.
        "waiting" Waiting,
        /// At the office.
        "sent" Sent,
        /// Somebody who answers has opened it.
        "read" Read,
    }
}

list! {
    /// How far the hand-over of a thread to another desk is. The parent is told of each.
    HandoffState {
        /// The parent is asked; no answer means no.
        "asked" Asked,
        /// She does not want it. Nothing follows from that.
        "refused" Refused,
        /// She agreed to the summary that she saw.
        "agreed" Agreed,
        /// It lies at the other desk, and the first one still answers for it.
        "sent" Sent,
        /// The other desk said that it has it.
        "received" Received,
        /// The other desk gave it back.
        "returned" Returned,
        /// It was taken back.
        "withdrawn" Withdrawn,
        /// The other desk did not say in time that it has it.
        "expired" Expired,
    }
}

impl HandoffState {
    /// Whether something is still to come.
    pub const fn is_under_way(self) -> bool {
        matches!(self, Self::Asked | Self::Agreed | Self::Sent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_never_change() {
        let keys = |list: &[&'static str]| list.join(" ");
        let all = |of: Vec<&'static str>| keys(&of);
        assert_eq!(all(Urgency::ALL.iter().map(|one| one.key()).collect()), "week today now");
        assert_eq!(
            all(Topic::ALL.iter().map(|one| one.key()).collect()),
            "development pregnancy pregnancy_hidden mind violence loss night_illness poison dental foreign general"
        );
        assert_eq!(
            all(Profession::ALL.iter().map(|one| one.key()).collect()),
            "doctor midwife public_health_nurse nurse dental_hygienist dietitian psychologist childcare_worker social_worker clerk"
        );
        assert_eq!(
            all(ThreadState::ALL.iter().map(|one| one.key()).collect()),
            "queued claimed answered handed_off closed sealed destroyed"
        );
        assert_eq!(all(MessageState::ALL.iter().map(|one| one.key()).collect()), "waiting sent read");
        assert_eq!(
            all(HandoffState::ALL.iter().map(|one| one.key()).collect()),
            "asked refused agreed sent received returned withdrawn expired"
        );
    }

    #[test]
    fn a_key_in_json_is_the_key_of_the_list() {
        for topic in Topic::ALL {
            assert_eq!(serde_json::to_value(topic).unwrap(), topic.key());
        }
        assert!(serde_json::from_value::<Urgency>("soon".into()).is_err());
        assert!(Urgency::Now > Urgency::Today && Urgency::Today > Urgency::Week);
    }
}
