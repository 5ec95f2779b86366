//! The municipality whose feed this device reads: meet it, compare its words, show what is known, leave.

use ayumi_protocol::municipal::feed::FeedRefusal;

use super::asking::{Asking, own_version};
use super::kept::{Kept, nobody, outlived};
use crate::app::error::{Error, Result};
use crate::app::handbook::Handbook;
use crate::app::pinned::keep_named;
use crate::app::view::JoinWords;
use crate::content::feed::client::Doing;
use crate::content::feed::clock::Clock;
use crate::content::feed::first::meet_by_address;
use crate::content::feed::outcome::reason_words;
use crate::content::feed::pinned::Pinned;
use crate::content::in_locale;
use crate::model::{Invalid, Reason};
use crate::store::municipality as store;
use crate::store::settings::MUNICIPALITY;
#[cfg(feature = "http")]
use crate::sync::feed::FeedHttps;
use crate::sync::feed::Fetch;
#[cfg(feature = "http")]
use crate::sync::http::normal_address;
use crate::sync::transport::THIS_COMPUTER;
use crate::texts;

/// A part of the municipality, of which a carer chooses one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct AreaView {
    /// Stable key.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// The municipality whose feed this device reads, ready to show.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct MunicipalityView {
    /// What it is called in signed texts, `jp.131130`.
    pub id: String,
    /// Its name, once an edition is here.
    pub name: String,
    /// Where its feed is fetched.
    pub address: String,
    /// Whether its words were compared, so that its feed is followed.
    pub follows: bool,
    /// The six words of its root.
    pub words: JoinWords,
    /// The edition that is shown, as codes and letters name it: `2/1795000000`.
    pub edition: Option<String>,
    /// When that was made, in milliseconds since 1970.
    pub made_at: Option<u64>,
    /// Until when it is fresh, in milliseconds since 1970.
    pub fresh_until: Option<u64>,
    /// When the municipality's key ends, in milliseconds since 1970.
    pub key_ends_at: u64,
    /// When its service ends, if it does, in milliseconds since 1970.
    pub ends_at: Option<u64>,
    /// When its server answered last, in milliseconds since 1970.
    pub checked_at: Option<u64>,
    /// How what is shown stands now: `unchanged`, `stale`, `refused`.
    pub outcome: String,
    /// Why, if it is stale or refused.
    pub reason: Option<String>,
    /// What to tell a carer, in sentences.
    pub told: Vec<String>,
    /// Whether what is shown was compared with nothing earlier.
    pub never_compared: bool,
    /// Whether it is only a sample.
    pub sample: bool,
    /// Whether nothing new can be begun there with this version of the app.
    pub paused: bool,
    /// The area that the carer chose.
    pub area: Option<String>,
    /// The areas to choose from.
    pub areas: Vec<AreaView>,
    /// The language in which notices are read.
    pub language: String,
}

/// The municipality of a handbook.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/handbook.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let (handbook, child) = handbook(folder.path())?;
/// assert!(handbook.municipality().show()?.is_none(), "none is followed until its words were compared");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Municipality {
    pub(in crate::app) handbook: Handbook,
}

impl Municipality {
    /// Meets the municipality at an address: fetches its root, and shows the six words that are to be compared with what the
    /// municipality has told. It is followed once they are the same ([`Self::words_match`]); at this very computer at once.
    ///
    /// # Errors
    /// [`Error::Invalid`] if what is there leads to no root, or another municipality is followed; [`Error::Offline`].
    pub async fn meet(&self, address: &str, feed: &dyn Fetch) -> Result<MunicipalityView> {
        if self.handbook.kept()?.is_some_and(|kept| kept.stored.follows) {
            let wrong = Invalid::new("municipality", address, "leave the one that is followed first");
            return Err(wrong.because(Reason::NotAServer).into());
        }
        let pinned = self.pinned_at(address, feed, meet_by_address).await?;
        let kept = Kept::new(address, pinned, is_here(address));
        self.handbook.db().write(|tx| {
            store::clear(tx)?;
            kept.put(tx)
        })?;
        self.handbook.forget_content();
        self.show()?.ok_or(nobody())
    }

    /// Follows the municipality that was met: its six words are those that it has told.
    ///
    /// # Errors
    /// [`Error::NotFound`] if none was met.
    pub fn words_match(&self) -> Result<()> {
        let mut kept = self.handbook.kept()?.ok_or(nobody())?;
        kept.stored.follows = true;
        Ok(self.handbook.db().write(|tx| kept.put(tx))?)
    }

    /// Meets a municipality again by what outlived a damaged file; nobody has to compare words.
    pub(super) async fn met_again(&self, feed: &dyn Fetch) -> Result<Kept> {
        let known = outlived(self.handbook.db().reader())?.ok_or(nobody())?;
        let by_what_was_seen = |roots: &[u8], clock| Pinned::meet(&known.seen, roots, clock);
        let pinned = self.pinned_at(&known.address, feed, by_what_was_seen).await?;
        let kept = Kept::new(&known.address, pinned, true);
        self.handbook.db().write(|tx| kept.put(tx))?;
        Ok(kept)
    }

    /// Fetches the root statements of an address, and begins with them in a way.
    async fn pinned_at(
        &self,
        address: &str,
        feed: &dyn Fetch,
        meet: impl FnOnce(&[u8], Clock) -> std::result::Result<(Pinned, Option<FeedRefusal>), FeedRefusal>,
    ) -> Result<Pinned> {
        let mut asking = Asking::new(feed);
        let roots = asking.roots().await?;
        let met = meet(&roots, self.handbook.feed_clock(asking.date));
        let (pinned, _) = met.map_err(|refusal| {
            let words = reason_words(refusal, self.handbook.locale());
            Error::from(Invalid::new("municipality", address, words).because(Reason::NotAServer))
        })?;
        Ok(pinned)
    }

    /// Returns what is known of the municipality, followed or only met.
    ///
    /// # Errors
    /// Any [store error](crate::app::Error#store-errors).
    pub fn show(&self) -> Result<Option<MunicipalityView>> {
        let Some(kept) = self.handbook.kept()? else { return Ok(None) };
        let (locale, clock) = (self.handbook.locale(), self.handbook.feed_clock(None));
        let content = self.handbook.content()?;
        let pack = content.municipal().filter(|_| kept.pinned.held.is_some());
        let Kept { stored, pinned } = kept;
        let standing = pinned.standing(clock);
        let held = pinned.held.as_ref();
        let paused = !pinned.may(Doing::MakeAccount, own_version(), clock.now);
        let ms = |seconds: u64| seconds.saturating_mul(1000);
        let day = |seconds: u64| texts::long_date(crate::model::japan::in_japan(ms(seconds)).date(), locale);
        let mut told = if held.is_some() { self.handbook.words_of_look(standing, None) } else { Vec::new() };
        let more = [
            (pinned.root.sample, "feed.sample"),
            (pinned.root.ends.is_some(), "feed.ends"),
            (held.is_some() && pinned.never_compared(), "feed.never_compared"),
            (paused, "feed.paused"),
        ];
        let ends = pinned.root.ends.map(day).unwrap_or_default();
        told.extend(
            more.iter()
                .filter(|(holds, _)| *holds)
                .map(|(_, key)| texts::municipal(key, locale).replace("{date}", &ends)),
        );
        let area = |area: &crate::content::pack::AreaName| AreaView {
            id: area.id.clone(),
            name: in_locale(&area.name, locale).to_owned(),
        };
        Ok(Some(MunicipalityView {
            id: pinned.root.municipality.to_string(),
            name: pack.map(|pack| in_locale(&pack.pack.name, locale).to_owned()).unwrap_or_default(),
            address: stored.address,
            follows: stored.follows,
            words: JoinWords::of(&pinned.root.fingerprint()),
            edition: held.map(|held| held.place.to_string()),
            made_at: held.map(|held| ms(held.made)),
            fresh_until: held.map(|held| ms(held.expires)),
            key_ends_at: ms(pinned.root.feed.ends),
            ends_at: pinned.root.ends.map(ms),
            checked_at: stored.checked,
            outcome: standing.key().to_owned(),
            reason: standing.reason().map(|reason| reason.key().to_owned()),
            told,
            never_compared: pinned.never_compared(),
            sample: pinned.root.sample,
            paused,
            area: stored.area,
            areas: pack.map(|pack| pack.area.iter().map(area).collect()).unwrap_or_default(),
            language: stored.language.unwrap_or_else(|| locale.key().to_owned()),
        }))
    }

    /// Chooses the area in which the family lives, or none. It stays on this device.
    ///
    /// # Errors
    /// [`Error::NotFound`] if no municipality is followed; [`Error::Invalid`] for an area that it does not name.
    pub fn choose_area(&self, area: Option<&str>) -> Result<()> {
        let content = self.handbook.content()?;
        if let Some(area) = area {
            let areas = content.municipal().map(|pack| pack.area.as_slice()).unwrap_or_default();
            if !areas.iter().any(|known| known.id == area) {
                let all: Vec<&str> = areas.iter().map(|known| known.id.as_str()).collect();
                let wrong = Invalid::new("area", area, format!("one of {}", all.join(", ")));
                return Err(wrong.because(Reason::NotAnOption).into());
            }
        }
        self.change(|kept| kept.stored.area = area.map(str::to_owned))
    }

    /// Chooses the language in which notices are read, such as `vi`; without one the app's. It stays on this device.
    ///
    /// # Errors
    /// [`Error::NotFound`] if no municipality is followed; [`Error::Invalid`] for what is no language.
    pub fn choose_language(&self, language: Option<&str>) -> Result<()> {
        if let Some(code) = language.filter(|code| !crate::content::notice::told::is_language(code)) {
            let wrong = Invalid::new("language", code, "a language's code: ja, ja-easy, en, vi …");
            return Err(wrong.because(Reason::NotAnOption).into());
        }
        self.change(|kept| kept.stored.language = language.map(str::to_owned))
    }

    fn change(&self, change: impl FnOnce(&mut Kept)) -> Result<()> {
        let mut kept = self.handbook.kept()?.ok_or(nobody())?;
        change(&mut kept);
        Ok(self.handbook.db().write(|tx| kept.put(tx))?)
    }

    /// Leaves the municipality: everything of it is gone from this device at once, what was read of it too.
    ///
    /// # Errors
    /// [`Error::NotFound`] if none is known.
    pub fn leave(&self) -> Result<()> {
        let mut db = self.handbook.db();
        if store::find(db.reader())?.is_none() && MUNICIPALITY.get(db.reader())?.is_none() {
            return Err(nobody());
        }
        db.write(|tx| {
            store::clear(tx)?;
            MUNICIPALITY.clear(tx)?;
            keep_named(tx, None)
        })?;
        db.fold_log()?;
        drop(db);
        self.handbook.forget_content();
        Ok(())
    }

    /// Returns the connection to the feed at an address as typed.
    ///
    /// # Errors
    /// [`Error::Invalid`] unless it is `https://…`, or `http://` to this very device.
    #[cfg(feature = "http")]
    pub fn connection_to(&self, address: &str) -> Result<(String, FeedHttps)> {
        let wrong = || {
            Invalid::new("municipality", address, "https://…, or http:// to this device").because(Reason::NotAServer)
        };
        let address = normal_address(address).map_err(|_| wrong())?;
        let certificate = self.handbook.inner.config.certificate.as_deref();
        let feed = FeedHttps::to(&address, certificate).map_err(|_| wrong())?;
        Ok((address, feed))
    }

    /// Returns the connection to the municipality that is followed.
    ///
    /// # Errors
    /// [`Error::NotFound`] if none is; as [`Self::connection_to`].
    #[cfg(feature = "http")]
    pub fn connection(&self) -> Result<FeedHttps> {
        let known = self.handbook.kept()?.map(|kept| kept.stored.address);
        let address = match known {
            Some(address) => address,
            None => outlived(self.handbook.db().reader())?.ok_or(nobody())?.address,
        };
        Ok(self.connection_to(&address)?.1)
    }
}

/// Whether an address is of this very computer: nobody stands between.
fn is_here(address: &str) -> bool {
    let host = address.strip_prefix("http://").and_then(|rest| rest.split('/').next()).unwrap_or_default();
    let is = |name: &&str| host.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'));
    THIS_COMPUTER.iter().any(is)
}

#[cfg(test)]
mod tests {
    use super::is_here;

    #[test]
    fn only_this_computer_needs_no_words() {
        for (address, here) in [
            ("http://127.0.0.1:8787", true),
            ("http://localhost", true),
            ("http://[::1]", true),
            ("http://[::1]:8787/x", true),
            ("http://127.0.0.1.city.example", false),
            ("http://localhost.example:80", false),
            ("https://127.0.0.1:8787", false),
            ("https://ayumi.city.example", false),
        ] {
            assert_eq!(is_here(address), here, "{address}");
        }
    }
}
