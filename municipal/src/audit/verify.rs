//! What is wrong with what is kept, compared with itself and with what was signed and left the office.

use std::collections::{BTreeMap, BTreeSet};

use ayumi_protocol::Hex;
use ayumi_protocol::municipal::audit::office_head::is_signed;
use ayumi_protocol::municipal::audit::{ChainHead, OfficeHead, Tree};
use ayumi_protocol::municipal::feed::MunicipalityName;
use ayumi_protocol::municipal::thread::RandomId;

use super::finding::Finding;
use super::heads::{common_root, danger_root};
use super::{Kept, KeptHead, KeptRow, chain};

/// Verifies what is kept. `outside` are office heads from the feed, from mail, from paper; `keys` the feed keys that the
/// municipality's root named, present and former.
pub fn verify(kept: &Kept, municipality: &MunicipalityName, outside: &[Vec<u8>], keys: &[Hex<32>]) -> Vec<Finding> {
    let mut found = BTreeSet::new();
    for tree in Tree::ALL {
        found.extend(tree_findings(kept, *tree));
    }
    let reader = Heads { municipality, keys };
    let mut known = BTreeMap::new();
    for head in &kept.heads {
        match reader.read(&head.body).filter(|read| read.number == head.number) {
            Some(read) => drop(known.insert(head.number, (head, read))),
            None => drop(found.insert(Finding::Unsigned { number: head.number })),
        }
    }
    let mut rewritten = BTreeSet::new();
    for (number, (head, read)) in &known {
        found.extend(read.restored.map(|_| Finding::Restored { number: *number }));
        match fits(kept, head, read) {
            Fit::Whole => {}
            Fit::Short(tree) => drop(found.insert(Finding::RemovedAtEnd { tree })),
            Fit::Other => drop(rewritten.insert(*number)),
        }
    }
    found.extend(from_outside(&reader, outside, &known, &mut rewritten));
    // A chain whose rows do not fit together says already where; one that fits in itself and not with what was signed does not.
    let harmed = found.iter().any(|finding| !matches!(finding, Finding::Restored { .. } | Finding::OlderBackup { .. }));
    if !harmed {
        found.extend(rewritten.first().map(|number| Finding::Rewritten { number: *number }));
    }
    found.into_iter().collect()
}

/// Reads heads as this municipality's own.
struct Heads<'a> {
    municipality: &'a MunicipalityName,
    keys: &'a [Hex<32>],
}

impl Heads<'_> {
    fn read(&self, body: &[u8]) -> Option<OfficeHead> {
        let (head, signed) = OfficeHead::from_bytes(body).ok()?;
        (head.municipality == *self.municipality && is_signed(&signed, self.keys)).then_some(head)
    }
}

fn tree_findings(kept: &Kept, tree: Tree) -> BTreeSet<Finding> {
    let mut chains: BTreeMap<RandomId, Vec<&KeptRow>> = BTreeMap::new();
    let mut found = BTreeSet::new();
    let mut next = 1;
    for row in kept.rows.iter().filter(|row| row.tree == tree) {
        chains.entry(row.chain).or_default().push(row);
        if row.place != next {
            found.insert(Finding::Removed { tree, before: row.place });
        }
        next = row.place + 1;
    }
    let ends = kept.ends.iter().filter(|end| end.0 == tree).map(|end| (end.1.chain, &end.1));
    let ends: BTreeMap<RandomId, &ChainHead> = ends.collect();
    for (id, rows) in &mut chains {
        rows.sort_by_key(|row| row.number);
        found.extend(chain::findings(rows, ends.get(id).copied()));
    }
    if ends.keys().any(|id| !chains.contains_key(id)) {
        found.insert(Finding::RemovedAtEnd { tree });
    }
    found
}

/// Where the chains of a tree ended when it had so many rows, in the order of their ids.
fn ends_at(kept: &Kept, tree: Tree, through: u64) -> Vec<ChainHead> {
    let mut ends: BTreeMap<RandomId, ChainHead> = BTreeMap::new();
    for row in kept.rows.iter().filter(|row| row.tree == tree && row.place <= through) {
        let end = ChainHead { chain: row.chain, count: row.number, hash: row.hash };
        let last = ends.entry(row.chain).or_insert(end);
        if last.count < row.number {
            *last = end;
        }
    }
    ends.into_values().collect()
}

/// How rows fit with a head.
enum Fit {
    Whole,
    Short(Tree),
    Other,
}

fn fits(kept: &Kept, head: &KeptHead, read: &OfficeHead) -> Fit {
    let last = |tree| kept.rows.iter().filter(|row| row.tree == tree).map(|row| row.place).max().unwrap_or(0);
    let through = [(Tree::Common, read.through), (Tree::Danger, head.danger_through)];
    if let Some((tree, _)) = through.into_iter().find(|(tree, through)| last(*tree) < *through) {
        return Fit::Short(tree);
    }
    let common = ends_at(kept, Tree::Common, read.through);
    let danger = ends_at(kept, Tree::Danger, head.danger_through);
    let same = common_root(&common) == read.common.0 && common.len() as u64 == read.chains;
    if same && danger_root(head.blind, &danger) == read.danger.0 { Fit::Whole } else { Fit::Other }
}

/// Compares heads from outside with those that are kept.
fn from_outside(
    reader: &Heads<'_>,
    outside: &[Vec<u8>],
    known: &BTreeMap<u64, (&KeptHead, OfficeHead)>,
    rewritten: &mut BTreeSet<u64>,
) -> Vec<Finding> {
    let mut found = Vec::new();
    for body in outside {
        let Some(head) = reader.read(body) else {
            found.push(Finding::Unsigned { number: OfficeHead::from_bytes(body).map_or(0, |(head, _)| head.number) });
            continue;
        };
        // A restore that was said covers what it lost.
        let number = head.number;
        let lost = |(_, later): &(&KeptHead, OfficeHead)| {
            later.restored.is_some_and(|restored| restored.kept < number && number <= restored.known)
        };
        match known.get(&number) {
            Some((_, kept)) if *kept == head => {}
            Some(_) => drop(rewritten.insert(number)),
            None if known.values().any(lost) => {}
            None => {
                let kept = known.keys().next_back().copied().unwrap_or(0);
                // One in the middle is not kept: heads only grow.
                let finding = if kept > number {
                    Finding::Rewritten { number }
                } else {
                    Finding::OlderBackup { kept, known: number }
                };
                found.push(finding);
            }
        }
    }
    found
}
