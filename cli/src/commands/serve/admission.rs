//! Who may begin a notebook at a server, as an operator says it.

use ayumi_server::http::Admission;

/// The word after `--admission`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AdmissionWord {
    Open,
    Ticket,
}

pub(super) fn word(text: &str) -> Result<AdmissionWord, String> {
    match text {
        "open" => Ok(AdmissionWord::Open),
        "ticket" => Ok(AdmissionWord::Ticket),
        _ => Err("allowed: open, ticket".into()),
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct AdmissionOptions {
    /// Who may begin a notebook: anybody a small one for some days, or whoever has a ticket ("serve tickets"). Default:
    /// open if only this very computer reaches the server, else ticket
    #[arg(long, value_name = "open|ticket", value_parser = word)]
    pub admission: Option<AdmissionWord>,
    /// Megabytes that a notebook without a ticket may take
    #[arg(long, default_value_t = 2, value_name = "MB")]
    pub open_quota: u64,
    /// Days after which a notebook without a ticket is deleted
    #[arg(long, default_value_t = 14, value_name = "N")]
    pub open_days: u64,
}

impl AdmissionOptions {
    /// Decides who may begin a notebook; `alone` if only this very computer reaches the server.
    pub(super) fn admission(&self, alone: bool) -> Admission {
        let default = if alone { AdmissionWord::Open } else { AdmissionWord::Ticket };
        match self.admission.unwrap_or(default) {
            AdmissionWord::Ticket => Admission::Ticket,
            AdmissionWord::Open => Admission::Open {
                quota: self.open_quota.saturating_mul(1024 * 1024),
                lifetime_ms: self.open_days.saturating_mul(24 * 60 * 60 * 1000),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_others_reach_wants_tickets_unless_told_otherwise() {
        let options = |admission| AdmissionOptions { admission, open_quota: 2, open_days: 14 };
        let open = Admission::Open { quota: 2_097_152, lifetime_ms: 1_209_600_000 };
        for (word, alone, expected) in [
            (None, true, open),
            (None, false, Admission::Ticket),
            (Some(AdmissionWord::Open), false, open),
            (Some(AdmissionWord::Ticket), true, Admission::Ticket),
        ] {
            assert_eq!(options(word).admission(alone), expected, "{word:?} {alone}");
        }
    }
}
