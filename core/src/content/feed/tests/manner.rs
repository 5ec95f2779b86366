//! Clocks, ends and older clients: what a phone goes on with, and how it says so.

use ayumi_protocol::municipal::feed::limits::{AHEAD_SECONDS, OLDEST_CLIENT_SECONDS};
use ayumi_protocol::municipal::feed::{ClientVersion, FeedRefusal, Manifest};

use super::*;
use crate::content::feed::client::Doing;
use crate::content::feed::outcome::reason_words;
use crate::texts::Locale;

#[test]
fn a_wrong_clock_is_told_as_that_and_not_as_expired() {
    let (mut office, mut pinned, first) = begun();
    let second = office.publish(START + DAY);
    let (true_time, year) = (START + DAY, 365 * DAY);
    let told =
        |pinned: &Pinned, bytes: &[u8], clock: Clock| match check(pinned, Came::Manifest(bytes), None, clock).next {
            Next::Ends(outcome) => outcome,
            other => panic!("{other:?}"),
        };
    let clock = Outcome::Stale { reason: FeedRefusal::PhoneClock, since: None };
    // Set back behind what was taken: certain, whatever the server says.
    assert_eq!(told(&pinned, &first, at(START - AHEAD_SECONDS - 1)), clock);
    assert_eq!(told(&pinned, &second, at(START - year)), clock);
    // Ahead by a year: the server's time tells it.
    let ahead = Clock { now: true_time + year, server: Some(true_time) };
    assert_eq!((told(&pinned, &first, ahead), told(&pinned, &second, ahead)), (clock, clock));
    assert!(matches!(
        told(&pinned, &second, at(true_time + year)),
        Outcome::Stale { reason: FeedRefusal::KeyEnded, .. }
    ));
    // Behind by an hour at the first meeting.
    let newcomer = meet(&office, None);
    let behind = Clock { now: true_time - 3600, server: Some(true_time) };
    assert_eq!(told(&newcomer, &second, behind), refused(FeedRefusal::PhoneClock));
    assert_eq!(told(&newcomer, &second, at(true_time - 3600)), refused(FeedRefusal::FromTheFuture));
    let agrees = Clock { now: true_time - 3600, server: Some(true_time - 3600) };
    assert_eq!(told(&newcomer, &second, agrees), refused(FeedRefusal::FromTheFuture), "the office's clock");
    // A server's time takes nothing: what is over by the phone is not taken because the server says otherwise.
    assert_eq!(pinned.held.as_ref().map(|held| held.place.edition), Some(1));
    assert_eq!(
        look_at(&mut pinned, &office, &second, true_time - AHEAD_SECONDS),
        Outcome::Updated,
        "ten minutes are fine"
    );
}

#[test]
fn past_its_keys_end_a_feed_goes_on_being_shown_and_says_so() {
    let (mut office, mut pinned, _) = begun();
    let end = office.root().feed.ends;
    heals(&mut office, &mut pinned, end - 10);
    let ended = Outcome::Stale { reason: FeedRefusal::KeyEnded, since: Some(end) };
    assert_eq!(check(&pinned, Came::NotModified, None, at(end + 1)).next, Next::Ends(ended));
    let late = office.seal(&Manifest { expires: end + DAY, ..office.draft(end) });
    assert!(matches!(
        look_at(&mut pinned, &office, &late, end + 2),
        Outcome::Stale { reason: FeedRefusal::KeyEnded, .. }
    ));
    assert!(pinned.may(Doing::BeginThread, OWN, end + 2), "and consulting goes on");
    office.next_key(end + 3);
    heals(&mut office, &mut pinned, end + 3);
}

#[test]
fn an_older_client_is_paused_after_fourteen_days_and_only_in_what_would_begin() {
    let (mut office, mut pinned, _) = begun();
    let newer = ClientVersion(2, 0, 0);
    let all = [
        (Doing::ReadHandbook, true),
        (Doing::FetchFeed, true),
        (Doing::ShowNumbers, true),
        (Doing::GoOnWithThread, true),
        (Doing::Sync { same_server: false }, true),
        (Doing::Sync { same_server: true }, false),
        (Doing::BeginThread, false),
        (Doing::MakeAccount, false),
    ];
    for (day, oldest) in [(1, newer), (9, ClientVersion(2, 1, 0))] {
        let manifest = Manifest { oldest_client: Some(oldest), ..office.draft(START + day * DAY) };
        let bytes = office.seal(&manifest);
        office.last = Some(manifest);
        assert_eq!(look_at(&mut pinned, &office, &bytes, START + day * DAY), Outcome::Updated);
    }
    let acts = START + DAY + OLDEST_CLIENT_SECONDS;
    for (doing, goes_on) in all {
        assert!(pinned.may(doing, OWN, acts - 1), "{doing:?} before: counted from the first edition that asks");
        assert_eq!(pinned.may(doing, OWN, acts), goes_on, "{doing:?}");
        assert!(pinned.may(doing, ClientVersion(2, 1, 0), acts), "{doing:?} with the newer client");
    }
    // A feed that paused itself heals by the next edition, which is fetched all the same.
    let manifest = Manifest { oldest_client: None, ..office.draft(acts) };
    let bytes = office.seal(&manifest);
    assert_eq!(look_at(&mut pinned, &office, &bytes, acts), Outcome::Updated);
    assert!(pinned.may(Doing::BeginThread, OWN, acts));
}

#[test]
fn every_outcome_and_reason_has_words_of_its_own_in_three_languages() {
    for locale in Locale::ALL {
        let mut words: Vec<&str> = FeedRefusal::ALL.iter().map(|reason| reason_words(*reason, locale)).collect();
        words.extend(
            [Outcome::Unchanged, Outcome::Updated, refused(FeedRefusal::Cut)].map(|outcome| outcome.words(locale)[0]),
        );
        let stale = |since| Outcome::Stale { reason: FeedRefusal::Expired, since };
        words.extend([stale(None), stale(Some(1))].map(|outcome| outcome.words(locale)[0]));
        assert!(words.iter().all(|text| !text.is_empty()));
        let distinct: std::collections::BTreeSet<&str> = words.iter().copied().collect();
        assert_eq!(distinct.len(), words.len(), "{locale:?}");
    }
}
