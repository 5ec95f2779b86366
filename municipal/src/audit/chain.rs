//! What is wrong with one chain, by its links: each row names the hash of the row before.

use std::collections::BTreeSet;

use ayumi_protocol::key::Hash;
use ayumi_protocol::municipal::audit::ChainHead;

use super::KeptRow;
use super::finding::Finding;

/// A row on its way through the chain.
struct Link<'a> {
    row: &'a KeptRow,
    /// The hash that it names; `None` if its bytes are no row of this chain.
    before: Option<Hash>,
}

/// Compares a chain's rows, in the order of their numbers, with their links and with where it is said to end.
pub(super) fn findings(rows: &[&KeptRow], end: Option<&ChainHead>) -> Vec<Finding> {
    let mut found = Vec::new();
    let links: Vec<Link<'_>> =
        rows.iter().map(|row| Link { row, before: row.entry().map(|entry| entry.before) }).collect();
    for link in links.iter().filter(|link| link.before.is_none()) {
        found.push(Finding::Edited { tree: link.row.tree, place: link.row.place });
    }
    let order = follow(&links, &mut found);
    for pair in order.windows(2).filter(|pair| pair[0].number > pair[1].number) {
        found.push(Finding::Swapped { tree: pair[1].tree, place: pair[1].place });
    }
    // Numbers without a row, before one that is there.
    let mut next = 1;
    for row in rows {
        if row.number != next {
            found.push(Finding::Removed { tree: row.tree, before: row.place });
        }
        next = row.number + 1;
    }
    found.extend(at_end(rows, end));
    found
}

/// Walks from the first row on, and returns the rows in the order of their links.
fn follow<'a>(links: &[Link<'a>], found: &mut Vec<Finding>) -> Vec<&'a KeptRow> {
    let named: BTreeSet<Hash> = links.iter().filter_map(|link| link.before).collect();
    let hashes: BTreeSet<Hash> = links.iter().map(|link| link.row.hash).collect();
    let mut left: Vec<&Link<'a>> = links.iter().collect();
    let (mut order, mut at) = (Vec::new(), [0; 32]);
    while !left.is_empty() {
        let follows = |link: &Link<'_>| link.before == Some(at);
        // Of two that name the same row, the one on which others build was there first.
        let next = left.iter().position(|link| follows(link) && named.contains(&link.row.hash));
        if let Some(next) = next.or_else(|| left.iter().position(|link| follows(link))) {
            let link = left.remove(next);
            at = link.row.hash;
            order.push(link.row);
            continue;
        }
        // Nothing follows here: the first row that names what is not there goes on, or one that says nothing.
        let lost = |link: &&Link<'_>| link.before.is_none_or(|before| !hashes.contains(&before));
        let Some(lost) = left.iter().position(lost) else { break };
        let link = left.remove(lost);
        let previous = links.iter().map(|link| link.row).find(|row| row.number + 1 == link.row.number);
        match (link.before, previous) {
            // Its bytes are told as edited already.
            (None, _) => {}
            // What it named has another hash now.
            (_, Some(previous)) if !named.contains(&previous.hash) => {
                let edited = Finding::Edited { tree: previous.tree, place: previous.place };
                if !found.contains(&edited) {
                    found.push(edited);
                }
            }
            (_, Some(_)) => found.push(Finding::Inserted { tree: link.row.tree, place: link.row.place }),
            // A gap, which is told by its number.
            (_, None) => {}
        }
        at = link.row.hash;
        order.push(link.row);
    }
    // What hangs beside the chain.
    for link in left {
        found.push(Finding::Inserted { tree: link.row.tree, place: link.row.place });
    }
    order
}

/// Compares the last row with where the chain is said to end.
fn at_end(rows: &[&KeptRow], end: Option<&ChainHead>) -> Option<Finding> {
    let last = rows.last()?;
    match end {
        Some(end) if end.count > last.number => Some(Finding::RemovedAtEnd { tree: last.tree }),
        Some(end) if end.count == last.number && end.hash == last.hash => None,
        Some(end) if end.count == last.number => Some(Finding::Edited { tree: last.tree, place: last.place }),
        _ => Some(Finding::Inserted { tree: last.tree, place: last.place }),
    }
}
