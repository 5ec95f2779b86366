//! Root statements and editions of a municipality's own feed, before anybody signs them.

use ayumi_protocol::Hex;
use ayumi_protocol::municipal::feed::limits::KEY_SECONDS;
use ayumi_protocol::municipal::feed::root::FeedKey;
use ayumi_protocol::municipal::feed::signed::FORM;
use ayumi_protocol::municipal::feed::{FeedFile, Manifest, MunicipalityName, RootStatement};

/// A public key.
pub type Public = Hex<32>;

/// Who begins a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Founding {
    /// The municipality.
    pub municipality: MunicipalityName,
    /// The names of the first two supervisors' accounts.
    pub supervisors: [String; 2],
    /// Whether it is only a sample.
    pub sample: bool,
}

/// Makes the first root statement.
pub fn first_statement(founding: Founding, root: [Public; 3], feed: Public, made: u64) -> RootStatement {
    let Founding { municipality, supervisors, sample } = founding;
    RootStatement {
        form: FORM,
        municipality,
        number: 1,
        made,
        root: in_order(root),
        feed: FeedKey { number: 1, key: feed, ends: made.saturating_add(KEY_SECONDS) },
        clinical: Vec::new(),
        supervisors,
        ends: None,
        sample,
    }
}

/// Makes the statement behind another one that names the next feed key, and revokes the one before. With `root` it names new
/// root keys, too. Professionals whose key ended are named no more.
pub fn next_statement(before: &RootStatement, feed: Public, root: Option<[Public; 3]>, made: u64) -> RootStatement {
    let mut clinical = before.clinical.clone();
    clinical.retain(|key| key.ends > made);
    RootStatement {
        number: before.number.saturating_add(1),
        made,
        root: root.map_or(before.root, in_order),
        feed: FeedKey {
            number: before.feed.number.saturating_add(1),
            key: feed,
            ends: made.saturating_add(KEY_SECONDS),
        },
        clinical,
        ..before.clone()
    }
}

fn in_order(mut keys: [Public; 3]) -> [Public; 3] {
    keys.sort();
    keys
}

/// Why no edition follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoEdition {
    /// The clock is behind the edition before: phones would not take it.
    #[error("the clock of this machine is behind the time of the edition before")]
    ClockBehind,
    /// The feed key's time is over.
    #[error("the feed key's time is over: name the next one")]
    KeyEnded,
}

/// Makes the edition behind another one.
///
/// # Errors
/// [`NoEdition`].
pub fn next_edition(
    before: Option<&Manifest>,
    root: &RootStatement,
    made: u64,
    files: Vec<FeedFile>,
) -> Result<Manifest, NoEdition> {
    if before.is_some_and(|before| made < before.made) || made < root.made {
        return Err(NoEdition::ClockBehind);
    }
    if made >= root.feed.ends {
        return Err(NoEdition::KeyEnded);
    }
    Ok(Manifest::following(before, root, made, files))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn founding() -> RootStatement {
        let founding = Founding {
            municipality: "jp.000000".parse().unwrap(),
            supervisors: ["s-01".into(), "s-02".into()],
            sample: true,
        };
        first_statement(founding, [Hex([3; 32]), Hex([1; 32]), Hex([2; 32])], Hex([9; 32]), 1_795_000_000)
    }

    #[test]
    fn each_statement_names_the_next_feed_key_and_root_keys_in_order() {
        let first = founding();
        assert_eq!(first.root, [Hex([1; 32]), Hex([2; 32]), Hex([3; 32])]);
        let next = next_statement(&first, Hex([8; 32]), None, 1_795_000_100);
        assert_eq!((next.number, next.feed.number, next.root), (2, 2, first.root));
        let new = next_statement(&next, Hex([7; 32]), Some([Hex([6; 32]), Hex([5; 32]), Hex([4; 32])]), 1_795_000_200);
        assert_eq!((new.number, new.feed.number, new.root[0]), (3, 3, Hex([4; 32])));
    }

    #[test]
    fn an_edition_never_goes_back_in_time_and_none_follows_behind_the_keys_end() {
        let root = founding();
        let files = || vec![FeedFile::of("a.toml", b"a")];
        let first = next_edition(None, &root, root.made + 10, files()).unwrap();
        let second = next_edition(Some(&first), &root, root.made + 10, files()).unwrap();
        assert_eq!((first.edition, second.edition), (1, 2));
        assert_eq!(next_edition(Some(&first), &root, root.made + 9, files()), Err(NoEdition::ClockBehind));
        assert_eq!(next_edition(None, &root, root.feed.ends, files()), Err(NoEdition::KeyEnded));
    }
}
