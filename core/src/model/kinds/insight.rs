//! Kinds that the insights keep: sittings of the self-check, marks on the agenda.

use std::collections::BTreeMap;

use super::shared::*;
use crate::model::field::{FieldDef, FieldType};
use crate::model::kind::{About, KindDef, Record, WrittenBy, kind};
use crate::model::value::{FieldValue, Fields};

const ANSWER: &str = "answer.";
const BECAME: &str = "became.";

/// できたね!チェック: one carer's sitting of one day. Each answer is a field of its own (`answer.ITEM`), so that it is kept
/// one by one, merges and has a history; two carers have entries of their own.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SelfCheck {
    /// The check, such as `18m`.
    pub check: Option<String>,
    /// Who answered.
    pub carer: Option<String>,
    /// `yes`, `sometimes`, `notyet`, `unsure` by item.
    pub answers: BTreeMap<String, String>,
    /// `gone`, `by_chance`, `mistaken` by item: what became of something that was seen before.
    pub became: BTreeMap<String, String>,
    /// Boxes that were ticked.
    pub notices: Option<Vec<String>>,
    /// What was written in the worry box.
    pub worry: Option<String>,
}

impl Record for SelfCheck {
    const KIND: KindDef = KindDef {
        id: "self_check",
        notebooks: CHILD,
        about: About::Child,
        written_by: WrittenBy::Guardian,
        once: false,
        fields: &[
            FieldDef::new("check", SHORT),
            FieldDef::new("carer", SHORT),
            FieldDef::new("answer.*", FieldType::Code(&["yes", "sometimes", "notyet", "unsure"])),
            FieldDef::new("became.*", FieldType::Code(&["gone", "by_chance", "mistaken"])),
            FieldDef::new("notices", FieldType::Flags(&["lost_skill", "no_sound", "one_sided", "pupil_white"])),
            FieldDef::new("worry", TEXT),
        ],
    };

    fn from_fields(fields: &Fields) -> Self {
        let text = |key: &str| fields.get(key).and_then(String::from_json);
        let family = |prefix: &'static str| {
            let one = move |(key, value): (&String, &serde_json::Value)| {
                Some((key.strip_prefix(prefix)?.to_owned(), String::from_json(value)?))
            };
            fields.iter().filter_map(one).collect()
        };
        Self {
            check: text("check"),
            carer: text("carer"),
            answers: family(ANSWER),
            became: family(BECAME),
            notices: fields.get("notices").and_then(Vec::<String>::from_json),
            worry: text("worry"),
        }
    }

    fn to_fields(&self) -> Fields {
        let mut fields: Fields =
            self.answers.iter().map(|(item, answer)| (format!("{ANSWER}{item}"), answer.to_json())).collect();
        fields.extend(self.became.iter().map(|(item, became)| (format!("{BECAME}{item}"), became.to_json())));
        let texts = [("check", &self.check), ("carer", &self.carer), ("worry", &self.worry)];
        fields.extend(texts.into_iter().filter_map(|(key, text)| Some((key.to_owned(), text.as_ref()?.to_json()))));
        fields.extend(self.notices.as_ref().map(|notices| ("notices".to_owned(), notices.to_json())));
        fields
    }
}

/// What a mark says of a line of the agenda.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum MarkState {
    /// It is done.
    Done,
    /// The family does not need it.
    NotNeeded,
}

impl MarkState {
    /// Returns its stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::NotNeeded => "not_needed",
        }
    }
}

kind! {
    /// よていの しるし: something on the agenda is done, or not needed.
    AgendaMark "agenda_mark" in EITHER, Child, by Guardian, many {
        topic: String = SHORT,
        state: String = FieldType::Code(&[MarkState::Done.key(), MarkState::NotNeeded.key()]),
    }
}
