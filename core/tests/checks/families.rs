//! How often families are led to the desk: a model of many children over the 24 checks from 12 to 72 months.
//!
//! A child comes to each item at an age of its own: log-normal, with the shares of the item's source at its ages, and with
//! a part that is the child's and a part that is the area's, because skills go together. It is a model: it shows what a
//! rule asks of whom, not what families will do. `core/content/checks/README.md` tells its figures.

use std::collections::BTreeMap;

use ayumi_core::checks::{Answer, Child, Sitting, asked, outcome};
use ayumi_core::content::item::{Area, CheckItem, OfferKind};
use ayumi_core::content::{Content, milestones};
use ayumi_play::Dice;

use super::child;

/// Returns a number of the standard normal distribution (Box and Muller).
fn normal(dice: &mut Dice) -> f64 {
    let (a, b) = (dice.part().max(1e-12), dice.part());
    (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos()
}

/// How many standard deviations above the mean half, three of four, nine of ten and ninety-nine of a hundred lie.
const Z75: f64 = 0.6745;
const Z90: f64 = 1.2816;
const Z99: f64 = 2.3263;
/// The most that the logarithms of the ages of an item spread whose source prints no 50 % age.
const SPREAD: f64 = 0.2;

/// The ages at which children come to an item: the age at its source's end, how far down that is, and the spread.
struct Ages {
    end: f64,
    share: f64,
    spread: f64,
}

impl Ages {
    fn of(item: &CheckItem, rows: &BTreeMap<String, ayumi_core::content::item::Milestone>) -> Self {
        let (from, end) = (f64::from(item.range.0.max(1)), f64::from(item.range.1 + 1));
        let rules = item.rows.iter().filter_map(|id| rows.get(id)).filter(|row| row.to_months == item.range.1);
        let nine_of_ten =
            rules.map(|row| row.rule.as_str()).any(|rule| ["curve", "pass_rate", "window"].contains(&rule));
        let share = if nine_of_ten { Z90 } else { Z75 };
        let spread = (end / from).ln() / share;
        Self { end, share, spread: if nine_of_ten { spread } else { spread.min(SPREAD) } }
    }

    /// The age by which a share of the children have come to it.
    fn at(&self, z: f64) -> f64 {
        self.end * (self.spread * (z - self.share)).exp()
    }
}

/// The last completed month before an age.
fn last_month_before(age: f64) -> u32 {
    (age - 1e-6).ceil() as u32 - 1
}

/// `late` of every item, made again from its sources by the rule that the README states.
#[test]
fn not_yet_counts_from_the_ages_that_the_readme_states() {
    let rows = milestones();
    for item in Content::default().items() {
        let ages = Ages::of(item, &rows);
        let late = (last_month_before(ages.at(Z90).max(ages.end)), last_month_before(ages.at(Z99)));
        assert_eq!(item.late, Some(late), "{}", item.id);
    }
}

/// A simulated child: the age in months at which each item comes.
struct Grown(BTreeMap<String, f64>);

/// How much of the spread is the child's, and how much the area's.
const CHILD: f64 = 0.3;
const AREA: f64 = 0.2;

struct World {
    content: Content,
    ages: BTreeMap<String, Ages>,
    dice: Dice,
}

impl World {
    /// A child; in one area everything may come later by a factor.
    fn child(&mut self, slow: Option<(Area, f64)>) -> Grown {
        let own = normal(&mut self.dice);
        let areas: BTreeMap<Area, f64> = Area::ALL.into_iter().map(|area| (area, normal(&mut self.dice))).collect();
        let mut grown = BTreeMap::new();
        for item in self.content.items() {
            let z = CHILD.sqrt() * own
                + AREA.sqrt() * areas[&item.area]
                + (1.0 - CHILD - AREA).sqrt() * normal(&mut self.dice);
            let later = slow.filter(|(area, _)| *area == item.area).map_or(1.0, |(_, factor)| factor);
            grown.insert(item.id.clone(), self.ages[&item.id].at(z) * later);
        }
        Grown(grown)
    }

    /// What a family sees: yes from the age on; shortly before it half of them say "sometimes".
    fn answer(&mut self, grown: &Grown, item: &CheckItem, months: f64) -> Answer {
        let age = grown.0[&item.id];
        match (months >= age, months >= age * 0.9) {
            (true, _) => Answer::Yes,
            (_, true) if self.dice.part() < 0.5 => Answer::Sometimes,
            _ => Answer::NotYet,
        }
    }

    /// The ages in months at which a family is led to the desk, and how many checks ended with another look.
    fn led(&mut self, who: &Child, grown: &Grown, only_first: bool, questions: &mut u32) -> (Vec<f64>, u32) {
        let (mut sittings, mut desk, mut again): (Vec<Sitting>, Vec<f64>, u32) = Default::default();
        let windows = who.windows(self.content.checks());
        for window in windows.into_iter().filter(|window| (12..72).contains(&window.check)) {
            let mut on = window.from + chrono::Days::new(9);
            for look in 0..2 {
                let months = (on - who.born).num_days() as f64 / 30.4375;
                let content = self.content.clone();
                sittings.push(Sitting { check: window.check, on, carer: "母".into(), ..Sitting::default() });
                // What is answered may bring further questions.
                loop {
                    let open: Vec<&CheckItem> = asked(&content, who, window.check, &sittings)
                        .into_iter()
                        .filter(|asked| asked.first || !only_first)
                        .map(|asked| asked.item)
                        .filter(|item| !sittings.last().unwrap().answers.contains_key(&item.id))
                        .collect();
                    if open.is_empty() {
                        break;
                    }
                    for item in open {
                        let answer = self.answer(grown, item, months);
                        sittings.last_mut().unwrap().answers.insert(item.id.clone(), answer);
                        *questions += 1;
                    }
                }
                let offer = outcome(&content, who, window.check, &sittings).offer;
                match offer.kind {
                    OfferKind::None => break,
                    OfferKind::Repeat => again += u32::from(look == 0),
                    _ => desk.push(months),
                }
                match offer.again_from {
                    Some(later) => on = later,
                    None => break,
                }
            }
        }
        (desk, again)
    }

    /// The first age at which two items of an area are over by their sources' own ages, and both are still not there six
    /// months later.
    fn late_from(&self, grown: &Grown, area: Area) -> Option<f64> {
        let own = |item: &&CheckItem| item.area == area && item.bands.iter().any(|band| *band >= 12);
        let mut over: Vec<(f64, f64)> = self
            .content
            .items()
            .iter()
            .filter(own)
            .map(|item| (f64::from(item.range.1 + 1).max(12.0), grown.0[&item.id] - 6.0))
            .filter(|(end, still)| still > end)
            .collect();
        over.sort_by(|a, b| a.0.total_cmp(&b.0));
        over.iter().enumerate().find_map(|(i, (end, _))| over[..i].iter().any(|(_, still)| still > end).then_some(*end))
    }

    fn late_in_any(&self, grown: &Grown) -> bool {
        Area::ALL.into_iter().any(|area| self.late_from(grown, area).is_some_and(|from| from < 66.0))
    }
}

#[test]
fn few_typical_families_are_led_to_the_desk_and_late_children_are_in_time() {
    let content = Content::default();
    let rows = milestones();
    let seed = 20_261_130;
    println!("seed {seed}");
    let who = child("2020-05-03", "39w0d");
    for only_first in [false, true] {
        let ages = content.items().iter().map(|item| (item.id.clone(), Ages::of(item, &rows))).collect();
        let mut world = World { content: content.clone(), ages, dice: Dice::new(seed) };
        let families = 400;
        let (mut all, mut typical, mut typical_at_desk, mut looks, mut questions) = (0, 0, 0, 0, 0);
        for _ in 0..families {
            let grown = world.child(None);
            let (desk, again) = world.led(&who, &grown, only_first, &mut questions);
            (all, looks) = (all + u32::from(!desk.is_empty()), looks + again);
            if !world.late_in_any(&grown) {
                (typical, typical_at_desk) = (typical + 1, typical_at_desk + u32::from(!desk.is_empty()));
            }
        }
        let mut found = BTreeMap::new();
        for area in Area::ALL {
            let (mut late, mut in_time) = (0_u32, 0_u32);
            while late < 200 {
                // Everything of one area comes 1.4 to 2 times as late.
                let factor = 1.4 + 0.6 * world.dice.part();
                let grown = world.child(Some((area, factor)));
                let Some(from) = world.late_from(&grown, area).filter(|from| *from < 60.0) else { continue };
                late += 1;
                let (desk, _) = world.led(&who, &grown, only_first, &mut 0);
                in_time += u32::from(desk.iter().any(|age| *age < from + 7.0));
            }
            found.insert(area.key(), 100 * in_time / late);
        }
        let (share, typical_share) = (100 * all / families, 100 * typical_at_desk / typical.max(1));
        println!(
            "{}: all families at the desk by six {share} of 100; of those whose child is never late twice ({typical} of \
             {families}) {typical_share} of 100; checks that end with another look {} of 100; {} questions a check; late children at the desk \
             within six months, of 100: {found:?}",
            if only_first { "the first ten questions" } else { "every question" },
            100 * looks / (24 * families),
            questions / (24 * families + looks),
        );
        assert!(typical_share <= 20, "typical families");
        assert!(found.values().sum::<u32>() >= 90 * 4, "late children: {found:?}");
    }
}
