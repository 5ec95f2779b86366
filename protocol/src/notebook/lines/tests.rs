use proptest::prelude::*;

use super::*;
use crate::notebook::control::Cutoff;

/// Envelope `n` behind another one, or a first one.
fn link(n: u8, behind: Option<&Link>, attempt: u32) -> Link {
    let (sequence, previous) = behind.map_or((1, [0; 32]), |link| (link.end.sequence + 1, link.end.hash));
    Link { end: LineEnd { sequence, attempt, hash: [n; 32] }, previous, control: [0; 32] }
}

const fn open(from: usize) -> Writing {
    Writing { from, until: None }
}

fn ended(from: usize, end: usize, last: &[&Link]) -> Writing {
    Writing { from, until: Some((end, Cutoff::of(last.iter().map(|link| link.end)))) }
}

/// The numbers of those that stand, when all name the head at one place.
fn standing(links: &[Link], times: &[Writing]) -> Vec<u8> {
    standing_at(links, &vec![Some(1); links.len()], times)
}

fn standing_at(links: &[Link], heads: &[Option<usize>], times: &[Writing]) -> Vec<u8> {
    let places = judge(links, heads, times);
    let mut stand: Vec<u8> = links
        .iter()
        .zip(places)
        .filter(|(_, place)| *place == Place::Stands)
        .map(|(link, _)| link.end.hash[0])
        .collect();
    stand.sort_unstable();
    stand
}

#[test]
fn where_two_lines_part_the_greater_attempt_there_stands_with_all_that_follows() {
    let one = link(1, None, 0);
    let (low, high) = (link(2, Some(&one), 0), link(3, Some(&one), 1));
    // The line that was put aside went on further, and with a greater attempt.
    let after_low = link(4, Some(&low), 7);
    let after_high = link(5, Some(&high), 1);
    let all = [one, low, high, after_low, after_high];
    assert_eq!(standing(&all, &[open(0)]), [1, 3, 5]);
    assert_eq!(ends(&all, &judge(&all, &[Some(1); 5], &[open(0)])), [after_high.end]);
    assert_eq!(greatest(&all), Some(after_low.end), "what a server takes for the end");
}

#[test]
fn of_two_with_the_same_attempt_both_lines_stand() {
    let one = link(1, None, 0);
    let (this, other) = (link(2, Some(&one), 1), link(3, Some(&one), 1));
    let (on, below) = (link(4, Some(&other), 1), link(5, Some(&one), 0));
    let all = [one, this, other, on, below];
    assert_eq!(standing(&all, &[open(0)]), [1, 2, 3, 4]);
    assert_eq!(ends(&all, &judge(&all, &[Some(1); 5], &[open(0)])), [on.end, this.end], "the greatest first");
    // A greater one behind the same one puts both aside.
    let anew = link(6, Some(&one), 2);
    assert_eq!(standing(&[one, this, other, on, below, anew], &[open(0)]), [1, 6]);
}

#[test]
fn who_was_removed_puts_no_other_line_in_before_the_cut() {
    let one = link(1, None, 0);
    let two = link(2, Some(&one), 0);
    let three = link(3, Some(&two), 0);
    // Made afterwards, in the same places and with no greater attempt: by the numbers alone it would lead up to the last one.
    let (back_dated, and_on) = (link(4, Some(&one), 0), link(5, Some(&one), 0));
    let on = link(6, Some(&back_dated), 0);
    let all = [one, two, three, back_dated, and_on, on];
    assert_eq!(standing(&all, &[ended(0, 5, &[&three])]), [1, 2, 3]);
    assert_eq!(standing(&all, &[open(0)]), [1, 2, 3, 4, 5, 6], "without the cut all of them would");
}

#[test]
fn when_a_cut_names_the_lower_one_that_one_stands_again() {
    let one = link(1, None, 0);
    let (low, high) = (link(2, Some(&one), 0), link(3, Some(&one), 1));
    let all = [one, low, high];
    assert_eq!(standing(&all, &[open(0)]), [1, 3]);
    assert_eq!(standing(&all, &[ended(0, 5, &[&low])]), [1, 2]);
    // Who writes again goes on there, with the next attempt.
    let again = link(4, Some(&low), 2);
    let heads = [Some(1), Some(1), Some(1), Some(7)];
    assert_eq!(standing_at(&[one, low, high, again], &heads, &[ended(0, 5, &[&low]), open(6)]), [1, 2, 4]);
    let beyond = link(4, Some(&high), 2);
    assert_eq!(standing_at(&[one, low, high, beyond], &heads, &[ended(0, 5, &[&low]), open(6)]), [1, 2]);
}

#[test]
fn while_the_envelope_that_a_cut_names_is_not_here_nothing_of_that_time_counts() {
    let one = link(1, None, 0);
    let two = link(2, Some(&one), 0);
    let times = [ended(0, 5, &[&two])];
    assert!(standing(&[one], &times).is_empty());
    assert_eq!(standing(&[one, two], &times), [1, 2]);
    // A cut may name one on the way, for those who lack the last.
    let three = link(3, Some(&two), 0);
    assert_eq!(standing(&[one, two], &[ended(0, 5, &[&two, &three])]), [1, 2]);
}

#[test]
fn of_two_lines_a_cut_names_each_ones_last() {
    let one = link(1, None, 0);
    let (this, other) = (link(2, Some(&one), 0), link(3, Some(&one), 0));
    let on = link(4, Some(&other), 0);
    let all = [one, this, other, on];
    assert_eq!(standing(&all, &[ended(0, 5, &[&this, &on])]), [1, 2, 3, 4]);
    assert_eq!(standing(&all, &[ended(0, 5, &[&this])]), [1, 2], "whoever names one only takes the other one out");
}

#[test]
fn what_names_no_head_of_the_chain_or_one_at_which_its_author_could_not_write_counts_nowhere() {
    let one = link(1, None, 0);
    let two = link(2, Some(&one), 0);
    let three = link(3, Some(&two), 1);
    for (heads, stand) in
        [([Some(1), None, Some(1)], &[1][..]), ([Some(1), Some(0), Some(2)], &[1]), ([Some(0), Some(1), Some(2)], &[])]
    {
        assert_eq!(standing_at(&[one, two, three], &heads, &[open(1)]), stand, "{heads:?}");
    }
    // Numbers that fall, or skip, make no line.
    let skips = Link { end: LineEnd { sequence: 3, ..two.end }, ..two };
    let falls = Link { end: LineEnd { attempt: 0, ..three.end }, ..three };
    let high = link(2, Some(&one), 1);
    assert_eq!(standing(&[one, skips], &[open(0)]), [1]);
    assert_eq!(standing(&[one, high, falls], &[open(0)]), [1, 2]);
}

/// An author's envelopes, the places of the heads that they name, and the times in which the author could write.
type Past = (Vec<Link>, Vec<Option<usize>>, Vec<Writing>);

/// Any tree, with any cutoffs.
fn past() -> impl Strategy<Value = Past> {
    let rows = proptest::collection::vec((any::<prop::sample::Index>(), 0_u32..2, 0_usize..2, 0_u8..12), 1..24);
    let cuts = proptest::collection::vec(proptest::collection::vec(any::<prop::sample::Index>(), 0..3), 3);
    (rows, cuts, any::<bool>()).prop_map(|(rows, cuts, writes_again)| {
        let (mut links, mut heads): (Vec<Link>, Vec<Option<usize>>) = Default::default();
        for (n, (behind, more, later, other)) in (1..).zip(rows) {
            let behind = (!links.is_empty() && n % 7 > 0).then(|| behind.index(links.len()));
            let previous = behind.map(|at| links[at]);
            let attempt = previous.map_or(0, |link| link.end.attempt) + more;
            links.push(link(n, previous.as_ref(), attempt));
            let head = behind.and_then(|at| heads[at]).unwrap_or(1) + later;
            heads.push((other > 0).then_some(head));
        }
        let cut = |of: &Vec<prop::sample::Index>| Cutoff::of(of.iter().map(|at| links[at.index(links.len())].end));
        let mut times: Vec<Writing> = cuts
            .iter()
            .zip([(0, 2), (3, 5), (5, 7)])
            .map(|(of, (from, end))| Writing { from, until: Some((end, cut(of))) })
            .collect();
        if writes_again {
            times[2].until = None;
        }
        (links, heads, times)
    })
}

/// The rule as it is told, one envelope at a time.
fn told(links: &[Link], heads: &[Option<usize>], times: &[Writing], at: usize) -> bool {
    let behind = |at: usize| links.iter().position(|other| other.end.hash == links[at].previous);
    let valid = |at: usize| {
        let Some(head) = heads[at] else { return false };
        let Some(time) = times.iter().find(|time| time.contains(head)) else { return false };
        let leads_up = |last: &LineEnd| {
            let mut next = links.iter().position(|other| other.end.hash == last.hash);
            while let Some(here) = next {
                if here == at {
                    return true;
                }
                next = behind(here);
            }
            false
        };
        time.until.as_ref().is_none_or(|(_, cutoff)| cutoff.ends().iter().any(leads_up))
    };
    let greater = |other: usize| {
        links[other].previous == links[at].previous && links[other].end.attempt > links[at].end.attempt && valid(other)
    };
    valid(at)
        && behind(at).map_or(links[at].end.sequence == 1, |before| told(links, heads, times, before))
        && !(0..links.len()).any(greater)
}

proptest! {
    #[test]
    fn what_stands_is_what_the_rule_tells((links, heads, times) in past()) {
        let places = judge(&links, &heads, &times);
        for (at, place) in places.iter().enumerate() {
            prop_assert_eq!(*place == Place::Stands, told(&links, &heads, &times, at), "{} of {:?}", at, links);
        }
    }

    #[test]
    fn the_order_of_arrival_never_matters(
        ((links, heads, times), order) in past().prop_flat_map(|past| {
            let order: Vec<usize> = (0..past.0.len()).collect();
            (Just(past), Just(order).prop_shuffle())
        })
    ) {
        let shuffled: Vec<Link> = order.iter().map(|at| links[*at]).collect();
        let shuffled_heads: Vec<Option<usize>> = order.iter().map(|at| heads[*at]).collect();
        let known = standing_at(&links, &heads, &times);
        prop_assert_eq!(standing_at(&shuffled, &shuffled_heads, &times), known);
    }

    /// Whatever is made afterwards, and wherever it is put in.
    #[test]
    fn a_back_dated_envelope_beyond_a_cut_never_stands(
        (links, heads, times) in past(), behind in any::<prop::sample::Index>(), more in 0_u32..3, head in 0_usize..5
    ) {
        let known = standing_at(&links, &heads, &times);
        let previous = links[behind.index(links.len())];
        let new = link(99, Some(&previous), previous.end.attempt + more);
        let all: Vec<Link> = links.iter().copied().chain([new]).collect();
        let all_heads: Vec<Option<usize>> = heads.iter().copied().chain([Some(head)]).collect();
        prop_assert_eq!(standing_at(&all, &all_heads, &times), known, "nothing at all changes");
    }

    /// Whoever names more lines than those that stand lets nothing else stand, and takes nothing away.
    #[test]
    fn a_cut_behind_everything_changes_nothing((links, heads, mut times) in past()) {
        times[2].until = None;
        let places = judge(&links, &heads, &times);
        let known = standing_at(&links, &heads, &times);
        let named = greatest(&links).into_iter().chain(ends(&links, &places));
        times[2].until = Some((99, Cutoff::of(named)));
        prop_assume!(ends(&links, &places).len() < 16);
        prop_assert_eq!(standing_at(&links, &heads, &times), known);
    }
}
