//! Birth dates at which programmes go wrong, each explained.

use ayumi_core::model::law::{attain, preschool_year, school_entry};
use ayumi_core::model::notebook::Sex;
use ayumi_core::vaccines::Status;

use super::{child, day, find, given, pregnant};

/// Born on 1 April: six years are attained on 31 March, the day before school begins, so the child belongs to the older
/// class. Everything that hangs on the school year comes a year earlier than for a child born on 2 April.
#[test]
fn born_on_the_first_of_april() {
    let (first, second) = (day("2021-04-01"), day("2021-04-02"));
    assert_eq!(school_entry(first), Some(day("2027-04-01")));
    assert_eq!(school_entry(second), Some(day("2028-04-01")));
    assert_eq!(preschool_year(first), Some((day("2026-04-01"), day("2027-03-31"))));
    let one = given("mr@2022-05-01");
    let status = |born| find(&child(born, Sex::Male), &one, "2026-11-22", "JP-MR2").unwrap().status;
    assert_eq!((status("2021-04-01"), status("2021-04-02")), (Status::RecommendedNow, Status::NotYet));
}

/// Born on 29 February: in a year without that day the age is attained on 28 February, the last day of its month; in a
/// leap year on 28 February too, the day before the birthday.
#[test]
fn born_on_the_twenty_ninth_of_february() {
    let born = day("2024-02-29");
    assert_eq!(attain(born, 12), Some(day("2025-02-28")));
    assert_eq!(attain(born, 48), Some(day("2028-02-28")));
    assert_eq!(attain(born, 1), Some(day("2024-03-28")));
    let varicella = find(&child("2024-02-29", Sex::Female), &[], "2025-02-28", "JP-VAR").unwrap();
    assert_eq!(varicella.status, Status::RecommendedNow);
    assert_eq!(varicella.last_routine_day, Some(day("2027-02-28")));
}

/// Born on 31 August: months without a 31st are attained on their last day; a distance of months between doses goes the
/// other way, to the first of the next month.
#[test]
fn born_on_the_thirty_first_of_august() {
    let born = day("2025-08-31");
    assert_eq!(attain(born, 1), Some(day("2025-09-30")));
    assert_eq!(attain(born, 6), Some(day("2026-02-28")));
    assert_eq!(attain(born, 2), Some(day("2025-10-30")), "October has a 31st: the day before it");
    let booster = given("dpt_ipv_hib@2025-10-31 dpt_ipv_hib@2025-11-21 dpt_ipv_hib@2025-12-31");
    let next = find(&child("2025-08-31", Sex::Male), &booster, "2026-01-10", "JP-DPTIPVHIB").unwrap();
    assert_eq!(next.earliest, Some(day("2026-07-01")), "six months after 31 December: no 31 June");
}

/// A pregnancy across the start of maternal RSV vaccination on 2026-04-01: weeks that began before are clipped by the
/// first day of the programme, and a due date that is corrected moves everything with it.
#[test]
fn a_pregnancy_across_the_start_of_a_programme() {
    let next = |due: &str, today: &str| find(&pregnant(due), &[], today, "JP-RSV-MAT").unwrap();
    let clipped = next("2026-05-20", "2026-03-10");
    assert_eq!(clipped.earliest, Some(day("2026-04-01")), "28w0d was on 25 February");
    assert_eq!(clipped.last_routine_day, Some(day("2026-04-28")));
    assert!(clipped.because.contains(&"JP-RSV-MAT/programme".to_owned()));
    let corrected = next("2026-05-27", "2026-03-10");
    assert_eq!(corrected.last_routine_day, Some(day("2026-05-05")), "due a week later: a week longer");
    assert_eq!(next("2026-04-22", "2026-03-10").status, Status::EligibilityEnded, "over before it began");
    let before = find(&pregnant("2026-05-20"), &given("rsv_maternal@2026-03-20"), "2026-04-02", "JP-RSV-MAT").unwrap();
    assert_eq!(before.status, Status::Completed, "paid privately before April, it still protects");
}
