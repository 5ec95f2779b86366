//! The guide to red flags, for a screen: here without a network and whoever is followed.

use crate::app::error::Result;
use crate::app::handbook::Handbook;
use crate::app::insight::desks::topic_of;
use crate::content::guide::{Act, Flag};
use crate::content::{Words, guide, in_locale};
use crate::texts::{self, Locale};

/// A sign that a carer can see, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct FlagView {
    /// Stable key.
    pub flag: String,
    /// What the carer sees.
    pub ask: String,
    /// What to do, as a key: `119`, `crisis`, `clinic_now`, `see_now`, `see_soon`, `office_hours`.
    pub act: String,
    /// What to do, step by step.
    pub steps: Vec<String>,
    /// What not to do.
    pub dont: Vec<String>,
    /// What to say on the phone.
    pub tell: Vec<String>,
}

/// The guide to red flags. What is opened is noted nowhere.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/handbook.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let (handbook, child) = handbook(folder.path())?;
/// assert_eq!(handbook.guide().flags(Some("poison"))?[0].act, "119");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Guide {
    pub(in crate::app) handbook: Handbook,
}

impl Guide {
    /// Lists the flags of a topic (`night_illness`, `pregnancy`, `mind`, …), or all, the strongest act first.
    ///
    /// # Errors
    /// [`crate::app::Error::Invalid`] for the topic; any [store error](crate::app::Error#store-errors).
    pub fn flags(&self, topic: Option<&str>) -> Result<Vec<FlagView>> {
        let topic = topic.map(topic_of).transpose()?;
        let (locale, silent) = (self.handbook.locale(), self.is_silent()?);
        let flags = guide().flags(topic);
        Ok(flags.into_iter().filter(|flag| !(silent && flag.of_a_baby)).map(|flag| view(flag, locale)).collect())
    }

    /// What to tell above it while no doctor has signed it; empty once one has.
    pub fn remark(&self) -> &'static str {
        if guide().signed_by.is_empty() { texts::municipal("feed.sample", self.handbook.locale()) } else { "" }
    }

    /// Whether a pregnancy was lost here and none goes on.
    fn is_silent(&self) -> Result<bool> {
        let all = self.handbook.notebooks().list()?;
        let goes_on =
            all.iter().any(|one| one.profile.due.is_some() && one.profile.born.is_none() && !one.baby_silent());
        Ok(all.iter().any(|one| one.baby_silent()) && !goes_on)
    }
}

fn view(flag: &Flag, locale: Locale) -> FlagView {
    let act: Act = flag.act();
    let of_act = guide().words(act);
    let words = |own: &[Words], of_act: Option<&[Words]>| {
        let all = own.iter().chain(of_act.unwrap_or_default());
        all.map(|words| in_locale(words, locale).to_owned()).collect()
    };
    FlagView {
        flag: flag.id.clone(),
        ask: in_locale(&flag.ask, locale).to_owned(),
        act: act.key().to_owned(),
        steps: words(&flag.steps, of_act.map(|act| act.steps.as_slice())),
        dont: words(&flag.dont, of_act.map(|act| act.dont.as_slice())),
        tell: words(&[], of_act.map(|act| act.tell.as_slice())),
    }
}
