//! Which table each page of a damaged file belongs to, as far as the trees can still be walked.
//!
//! The schema on page 1 names each table's first page, and pages inside a tree name the pages below them. A page that no
//! readable tree names has no owner here; salvage then knows its rows by their pattern ([`super::tables`]).

use std::collections::HashMap;

use ayumi_sqlcipher::page::PAGE_LEN;

use super::leaf::{Column, children, rows};
use super::tables::{TABLES, Table};

/// Reads the newest readable image of a page.
pub(super) type Open<'a> = dyn Fn(u32) -> Option<Box<[u8; PAGE_LEN]>> + 'a;

/// The first page of the schema's own table.
const SCHEMA_ROOT: u32 = 1;

/// Maps each page that a tree names to its table.
pub(super) fn owners(open: &Open<'_>) -> HashMap<u32, &'static Table> {
    let mut owners = HashMap::new();
    let schema_pages = walk(SCHEMA_ROOT, open);
    for page in &schema_pages {
        let Some(plain) = open(*page) else { continue };
        for row in rows(&plain, *page, open) {
            let [Column::Text(what), _, Column::Text(name), Column::Integer(first), ..] = row.as_slice() else {
                continue;
            };
            let table = TABLES.iter().find(|table| what == "table" && table.name == name);
            if let (Some(table), Ok(first)) = (table, u32::try_from(*first)) {
                owners.extend(walk(first, open).into_iter().map(|page| (page, table)));
            }
        }
    }
    owners
}

/// Lists the pages of one tree. A page is visited once, so pointers that run in a circle end.
fn walk(first: u32, open: &Open<'_>) -> Vec<u32> {
    let (mut pages, mut ahead) = (Vec::new(), vec![first]);
    let mut seen = std::collections::HashSet::new();
    while let Some(page) = ahead.pop() {
        if page == 0 || !seen.insert(page) {
            continue;
        }
        pages.push(page);
        ahead.extend(open(page).map(|plain| children(&plain, page)).unwrap_or_default());
    }
    pages
}
