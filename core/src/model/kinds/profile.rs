//! A notebook's own facts.

use chrono::NaiveDate;

use super::shared::ANY;
use crate::model::date::Gestation;
use crate::model::field::FieldType;
use crate::model::kind::kind;
use crate::model::notebook::{EndReason, NotebookType, Sex};
use crate::model::value::{FieldValue, Fields};

kind! {
    /// A notebook's own facts. They are an entry like any other, so they merge, have a history and reach every device.
    #[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
    Profile "profile" in ANY, Family, by Guardian, once {
        /// `pregnancy`, `child` or `private`.
        notebook_type: String = FieldType::Code(&["pregnancy", "child", "private"]),
        /// Name.
        name: String = FieldType::Text(200),
        /// `female`, `male` or `unspecified`.
        sex: String = FieldType::Code(&["female", "male", "unspecified"]),
        /// Date of birth.
        born: NaiveDate = FieldType::Date,
        /// Due date.
        due: NaiveDate = FieldType::Date,
        /// Length of the pregnancy at birth.
        gestation: Gestation = FieldType::Gestation,
        /// How many were born together.
        multiple: i64 = FieldType::Integer { min: 1, max: 8, unit: "" },
        /// Which of them.
        birth_order: i64 = FieldType::Integer { min: 1, max: 8, unit: "" },
        /// `japan` or `abroad`: a birth outside Japan is reported within three months.
        born_in: String = FieldType::Code(&["japan", "abroad"]),
        /// `shown` or `hidden`: whether the self-check shows ages, and asks to look again by them.
        age_ranges: String = FieldType::Code(&["shown", "hidden"]),
        /// The pregnancy's notebook.
        pregnancy: String = FieldType::Reference,
        /// `loss` or `death`.
        ended: String = FieldType::Code(&["loss", "death"]),
        /// The day of it.
        ended_on: NaiveDate = FieldType::Date,
    }
}

impl Profile {
    /// What the notebook is for.
    pub fn kind(&self) -> Option<NotebookType> {
        self.notebook_type.as_deref().and_then(NotebookType::from_key)
    }

    /// The child's sex; unspecified if unanswered.
    pub fn sex_or_unspecified(&self) -> Sex {
        self.sex.as_deref().and_then(Sex::from_key).unwrap_or(Sex::Unspecified)
    }

    /// Whether it says that the child was born outside Japan.
    pub fn is_born_abroad(&self) -> bool {
        self.born_in.as_deref() == Some("abroad")
    }

    /// Whether a carer wants no ages in the self-check.
    pub fn hides_age_ranges(&self) -> bool {
        self.age_ranges.as_deref() == Some("hidden")
    }

    /// Why it ended, if it did.
    pub fn end_reason(&self) -> Option<EndReason> {
        match self.ended.as_deref()? {
            "loss" => Some(EndReason::Loss),
            "death" => Some(EndReason::Death),
            _ => None,
        }
    }

    /// Weeks of pregnancy at birth: as written, else from due date and birth date.
    pub fn gestation_at_birth(&self) -> Option<Gestation> {
        self.gestation.or_else(|| {
            let early = (self.due? - self.born?).num_days();
            Gestation::from_days(i64::from(Gestation::TERM.days()) - early).filter(|g| g.days() >= 20 * 7)
        })
    }

    /// The field values that make an ending.
    pub fn ending(reason: EndReason, on: NaiveDate) -> Fields {
        [("ended".to_owned(), reason.key().into()), ("ended_on".to_owned(), on.to_json())].into()
    }
}
