//! Counts for operators. Nothing here names a notebook, a key or an address.

use std::time::Duration;

use ayumi_protocol::exchange::{Answer, Item};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: &'static str,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Refusal {
    why: &'static str,
}

/// The registered counters.
#[derive(Debug)]
pub(super) struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    seconds: Histogram,
    taken: Counter,
    given: Counter,
    refused: Family<Refusal, Counter>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("ayumi");
        let requests = Family::default();
        let seconds = Histogram::new([0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0]);
        let (taken, given, refused) = (Counter::default(), Counter::default(), Family::default());
        registry.register("requests", "Requests by route and status", requests.clone());
        registry.register("request_seconds", "How long requests took", seconds.clone());
        registry.register("taken", "Statements and envelopes taken", taken.clone());
        registry.register("given", "Statements and envelopes given out", given.clone());
        registry.register("refused", "Pieces refused, by reason", refused.clone());
        Self { registry, requests, seconds, taken, given, refused }
    }
}

impl Metrics {
    pub(super) fn answered(&self, route: &'static str, status: u16, took: Duration) {
        self.requests.get_or_create(&Answered { route, status }).inc();
        self.seconds.observe(took.as_secs_f64());
    }

    pub(super) fn synced(&self, answers: &[Answer], items: &[Item]) {
        for answer in answers {
            match answer {
                Answer::Refused(refused) => _ = self.refused.get_or_create(&Refusal { why: refused.key() }).inc(),
                _ => _ = self.taken.inc(),
            }
        }
        self.given.inc_by(items.len() as u64);
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        // Writing into a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
