//! For the office: whether a folder of content may become an edition of its feed, and what families would see of it.

use chrono::NaiveDate;

use crate::content::feed::packs::{packed, text_of, unpacked_path};
use crate::content::pack::{Pack, PackProblem};
use crate::content::{Content, read_pack, release};
use crate::model::japan::in_japan;
use crate::notices::preview::{Preview, preview, read_samples};
use crate::texts::Locale;

/// A file by its path and its bytes.
pub type EditionFile = (String, Vec<u8>);

/// An edition that may be published.
#[derive(Debug, Clone, PartialEq)]
pub struct Edition {
    /// Its files, packed, as they will be served.
    pub files: Vec<EditionFile>,
    packs: Vec<release::Named>,
}

/// A notice beside sample families.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticePreview {
    /// Its key, `measles/1`.
    pub notice: String,
    /// What it would be for each of them.
    pub families: Vec<Preview>,
}

/// Checks texts by path for an edition: each by itself as a phone will, and all beside the edition before. `former` are its files
/// as they are served, `people` are those who publish, `now_ms` is the time since 1970.
///
/// # Errors
/// Every problem, with its place.
pub fn check_edition(
    texts: &[(String, String)],
    former: &[EditionFile],
    people: &[String],
    now_ms: u64,
) -> Result<Edition, Vec<PackProblem>> {
    let (mut problems, mut packs, mut files) = (Vec::new(), Vec::new(), Vec::new());
    for (path, text) in texts {
        match read_pack(text) {
            Ok(pack) => packs.push((path.clone(), pack)),
            Err(found) => problems.extend(
                found.into_iter().map(|PackProblem { place, what }| PackProblem::new(format!("{path}: {place}"), what)),
            ),
        }
        match packed(path, text) {
            Ok(file) => files.push(file),
            Err(_) => problems.push(PackProblem::new(path.as_str(), "it cannot be packed: make it shorter")),
        }
    }
    if texts.is_empty() {
        problems.push(PackProblem::new("folder", "it holds no content file: write one, such as notices.toml"));
    }
    let before = |(path, bytes): &EditionFile| {
        let text = text_of(path, bytes).ok()?;
        Some((unpacked_path(path).to_owned(), read_pack(&text).ok()?))
    };
    let before: Vec<release::Named> = former.iter().filter_map(before).collect();
    if problems.is_empty() {
        problems.extend(release::problems(&before, &packs, people, in_japan(now_ms)));
    }
    if problems.is_empty() { Ok(Edition { files, packs }) } else { Err(problems) }
}

impl Edition {
    /// Shows each notice beside the sample families of a file.
    ///
    /// # Errors
    /// What is wrong with that file.
    pub fn preview(&self, samples: &str, today: NaiveDate, locale: Locale) -> Result<Vec<NoticePreview>, String> {
        let samples = read_samples(samples)?;
        let together = self.packs.iter().map(|(_, pack)| pack.clone()).reduce(Pack::joined);
        let content = Content::with(together);
        let notices = content.municipal().map(|pack| pack.notice.as_slice()).unwrap_or_default();
        let beside = |notice| preview(&content, notice, &samples, today, locale);
        Ok(notices.iter().map(|notice| NoticePreview { notice: notice.key(), families: beside(notice) }).collect())
    }
}
