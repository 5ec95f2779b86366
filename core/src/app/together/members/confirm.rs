//! Whether a join came into the family's own notebook: the phone that made the code says so, or a carer who compares six words.

use ayumi_protocol::NotebookId;

use super::list::{Members, words_of};
use crate::app::error::{Error, Result, Thing};
use crate::app::membership::{load, waiting_for};
use crate::app::observe::Topic;
use crate::app::ports::LogLevel;
use crate::app::view::JoinWords;
use crate::store::channel;
use crate::texts::{self, Locale};

/// A join that waits to be confirmed. What is written meanwhile is kept, and not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Unconfirmed {
    /// Whose phone made the code, by name; empty if the name cannot be read. Its next sync confirms the join.
    pub maker: String,
    /// What the list of members shows on the phone of anybody who had the notebook before.
    pub words: JoinWords,
}

/// Why a carer goes on without the word of the code's maker's phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Confirmed {
    /// The six words are the same on a phone that had the notebook before.
    WordsMatch,
    /// Nobody is left whose phone could show them. Warn once before: whoever runs the server could have made this notebook up.
    NobodyToAsk,
}

impl Confirmed {
    const fn word(self) -> &'static str {
        match self {
            Self::WordsMatch => "members.words_match",
            Self::NobodyToAsk => "members.nobody_to_ask",
        }
    }
}

impl Unconfirmed {
    /// What to tell a parent while a join waits.
    pub fn told(&self, locale: Locale) -> String {
        match self.maker.as_str() {
            "" => texts::members("waiting_for_somebody", locale).to_owned(),
            name => texts::members("waiting_for", locale).replace("{name}", name),
        }
    }
}

impl Members {
    /// Returns what this device's join waits for; `None` once it is confirmed, and for a notebook that was begun or recovered
    /// here.
    ///
    /// # Errors
    /// Any [store error](crate::app::Error#store-errors).
    pub fn unconfirmed(&self, notebook: NotebookId) -> Result<Option<Unconfirmed>> {
        let db = self.handbook.db();
        let Some(channel) = channel::find(db.reader(), notebook)? else { return Ok(None) };
        let reader = load(db.reader(), &channel)?;
        let waits = waiting_for(&channel, &reader).zip(words_of(&channel, &reader, &reader.id()));
        Ok(waits.map(|(maker, words)| Unconfirmed { maker, words }))
    }

    /// Goes on as a carer says: what waits is sent from now on. It is for ever.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a notebook that waits for no confirmation.
    pub fn confirm(&self, notebook: NotebookId, why: Confirmed) -> Result<()> {
        let mut db = self.handbook.db();
        let known = channel::find(db.reader(), notebook)?.filter(|channel| channel.awaits.is_some());
        let mut channel = known.ok_or(Error::NotFound { what: Thing::Notebook })?;
        channel.awaits = None;
        db.write(|tx| channel.save(tx))?;
        drop(db);
        self.handbook.log(LogLevel::Info, why.word(), &[]);
        self.handbook.changed(&[Topic::Members, Topic::Sync]);
        Ok(())
    }
}
