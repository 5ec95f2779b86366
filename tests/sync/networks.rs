//! What a sync does with the network that the shell tells of, and what it tells its log.

use std::sync::{Arc, Mutex};

use ayumi_core::app::ports::{Connectivity, LogLine, LogSink, Network};
use ayumi_core::app::sync::{Budget, SyncOutcome};
use ayumi_core::app::{Config, Handbook, NewChild, NewEntry};
use ayumi_core::model::notebook::Sex;
use ayumi_tests::family::{Direct, Municipality, Nowhere, Time, phone_config, sync, wait};
use ayumi_tests::handbook::day;

struct Fixed(Mutex<Network>);

impl Connectivity for Fixed {
    fn network(&self) -> Network {
        *self.0.lock().unwrap()
    }
}

#[derive(Default)]
struct Lines(Mutex<Vec<LogLine>>);

impl LogSink for Lines {
    fn log(&self, line: LogLine) {
        self.0.lock().unwrap().push(line);
    }
}

#[test]
fn without_a_network_nobody_is_asked_and_on_a_metered_one_photos_wait_unless_somebody_taps() {
    let time = Time::default();
    let way = Direct(Municipality::new(&time));
    let folder = tempfile::tempdir().unwrap();
    let (network, lines) = (Arc::new(Fixed(Mutex::new(Network::Absent))), Arc::new(Lines::default()));
    let (config, _) = phone_config(folder.path(), &time);
    let config = Config { connectivity: Some(network.clone()), log: Some(lines.clone()), ..config };
    let book = Handbook::create(&config, "母").unwrap();
    let child = NewChild { name: "さくら".into(), sex: Sex::Female, born: day("2024-05-03"), ..NewChild::default() };
    let notebook = book.notebooks().add_child(&child).unwrap();
    let picture = std::fs::read(ayumi_tests::fixture("photos/garden.jpg")).unwrap();
    let entry = NewEntry::typed(notebook, "diary", "2026-04-01", &[("text", "庭")]).unwrap();
    book.entries().add(&entry.with_photo(&picture).unwrap()).unwrap();

    let report = sync(&book, &way);
    assert_eq!((report.outcome, report.round_trips, report.retry_ms), (SyncOutcome::Offline, 0, 0));

    let background = Budget { background: true, ..Budget::default() };
    let run = |budget| wait(book.sync().run(&way, budget, &|_, _| ())).unwrap();
    *network.0.lock().unwrap() = Network::Metered;
    let words = run(background);
    assert_eq!((words.outcome, words.waiting), (SyncOutcome::Done, 0));
    assert!(words.bytes_up < 10_000, "words only: {} bytes", words.bytes_up);
    let tapped = run(Budget::default());
    assert!(tapped.bytes_up > 10_000, "the photo: {} bytes", tapped.bytes_up);

    // A failure is reported as a failure, not as a missing network.
    *network.0.lock().unwrap() = Network::Free;
    let failed = wait(book.sync().run(&Nowhere, Budget::default(), &|_, _| ())).unwrap();
    assert_eq!(failed.outcome, SyncOutcome::Offline);
    assert!(failed.retry_ms > 0);
    let events: Vec<String> = lines.0.lock().unwrap().iter().map(|line| line.event.clone()).collect();
    assert_eq!(events, ["sync.done", "sync.done", "sync.offline"]);
}
