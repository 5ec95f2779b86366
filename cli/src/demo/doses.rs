//! The vaccinations of the demo's children: what was given in the years in which they are small.

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// Days after birth, product, number of the dose.
type Dose = (u64, &'static str, &'static str);

/// The five-in-one is given from April 2024 on, so to children born from February 2024 on.
const FIVE_IN_ONE: Option<NaiveDate> = NaiveDate::from_ymd_opt(2024, 2, 1);

const NOW: &[Dose] = &[
    (62, "rotarix", "1"),
    (62, "hepb", "1"),
    (62, "pcv20", "1"),
    (62, "dpt_ipv_hib", "1"),
    (93, "rotarix", "2"),
    (93, "hepb", "2"),
    (93, "pcv20", "2"),
    (93, "dpt_ipv_hib", "2"),
    (124, "pcv20", "3"),
    (124, "dpt_ipv_hib", "3"),
    (165, "bcg", "1"),
    (228, "hepb", "3"),
    (332, "dpt_ipv_hib", "4"),
    (380, "mr", "1"),
    (380, "varicella", "1"),
    (380, "pcv20", "4"),
    (570, "varicella", "2"),
    (1110, "je", "1"),
    (1125, "je", "2"),
];

const BEFORE: &[Dose] = &[
    (62, "rotarix", "1"),
    (62, "hepb", "1"),
    (62, "pcv13", "1"),
    (62, "hib", "1"),
    (93, "rotarix", "2"),
    (93, "hepb", "2"),
    (93, "pcv13", "2"),
    (93, "hib", "2"),
    (93, "dpt_ipv", "1"),
    (124, "pcv13", "3"),
    (124, "hib", "3"),
    (124, "dpt_ipv", "2"),
    (155, "dpt_ipv", "3"),
    (173, "bcg", "1"),
    (228, "hepb", "3"),
    (380, "mr", "1"),
    (380, "varicella", "1"),
    (380, "pcv13", "4"),
    (410, "hib", "4"),
    (410, "mumps", "1"),
    (540, "dpt_ipv", "4"),
    (570, "varicella", "2"),
    (1110, "je", "1"),
    (1125, "je", "2"),
    (1335, "flu_inj", "1"),
    (1363, "flu_inj", "2"),
    (1494, "je", "3"),
];

/// The doses of a child up to a day: product, number, day, lot.
pub(super) fn until(
    born: NaiveDate,
    today: NaiveDate,
) -> impl Iterator<Item = (&'static str, &'static str, NaiveDate, String)> {
    let doses = if Some(born) >= FIVE_IN_ONE { NOW } else { BEFORE };
    let dated = move |(n, (days, product, dose)): (usize, &Dose)| {
        let lot = format!("{}{:03}", ["AB", "K", "Y", "HV"][n % 4], 100 + n * 37 % 900);
        (*product, *dose, on_a_weekday(born + Days::new(*days)), lot)
    };
    doses.iter().enumerate().map(dated).filter(move |(_, _, on, _)| *on <= today)
}

/// The day, or the Monday after it.
pub(super) fn on_a_weekday(day: NaiveDate) -> NaiveDate {
    match day.weekday() {
        Weekday::Sat => day + Days::new(2),
        Weekday::Sun => day + Days::new(1),
        _ => day,
    }
}
