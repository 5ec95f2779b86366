//! Every kind of entry: the 22 sections and 13 age points of the ministerial form (母子健康手帳 様式第3号), and what
//! families write besides.
//!
//! Keys follow `fixtures/form/handbook_form.json`; a test proves that each section, field and age point of it is here.
//! Where the form has a group or a list in one box, its parts are fields with the box's key in front
//! (`discharge_weight`), or entries of their own where more can come (`past_birth`, `contact`, `growth`).

mod birth;
mod child;
mod family;
mod guardian;
mod insight;
mod pregnancy;
mod profile;
mod shared;

pub use birth::*;
pub use child::*;
pub use family::*;
pub use guardian::*;
pub use insight::*;
pub use pregnancy::*;
pub use profile::*;

use super::field::FieldDef;
use super::kind::{KindDef, Record};

/// Returns the fields that a carer is asked, in the order of the form: all but the [`RETIRED`] ones.
pub fn asked(kind: &'static KindDef) -> impl Iterator<Item = &'static FieldDef> {
    kind.fields.iter().filter(|field| !RETIRED.contains(&(kind.id, field.key)))
}

/// The kinds, in the order of the form; the family's own after it.
pub static KINDS: &[KindDef] = &[
    // The form
    Cover::KIND,
    GuardianBirthCert::KIND,
    MotherHealth::KIND,
    PastBirth::KIND,
    MotherWork::KIND,
    PregDiary::KIND,
    PrenatalVisit::KIND,
    Test::KIND,
    OthersRecord::KIND,
    Class::KIND,
    DentalMaternal::KIND,
    Delivery::KIND,
    MotherPostpartum::KIND,
    MotherSelfPostpartum::KIND,
    PostnatalCare::KIND,
    ConsultOrg::KIND,
    NeonateEarly::KIND,
    NeonateLate::KIND,
    Stool::KIND,
    Guardian2w::KIND,
    Guardian1m::KIND,
    Guardian2m::KIND,
    Guardian3to4m::KIND,
    Guardian6to7m::KIND,
    Guardian9to10m::KIND,
    Guardian1y::KIND,
    Guardian1y6m::KIND,
    Guardian2y::KIND,
    Guardian3y::KIND,
    Guardian4y::KIND,
    Guardian5y::KIND,
    Guardian6y::KIND,
    Wellchild::KIND,
    Growth::KIND,
    Immunisation::KIND,
    Illness::KIND,
    // A family's day
    VitaminK::KIND,
    Milestone::KIND,
    Tooth::KIND,
    Diary::KIND,
    Feeding::KIND,
    Sleep::KIND,
    Temperature::KIND,
    Photo::KIND,
    Contact::KIND,
    Feelings::KIND,
    Questionnaire::KIND,
    SelfCheck::KIND,
    AgendaMark::KIND,
    // A notebook's own facts
    Profile::KIND,
];

/// The kind with this key. A kind that this version does not know (written by a newer one) is `None`; its entries stay.
pub fn find(id: &str) -> Option<&'static KindDef> {
    KINDS.iter().find(|kind| kind.id == id)
}

/// Whether a kind has a field with an option; without an option, whether it has the field; without a field, whether there
/// is the kind. Works at compile time: content that names what the model does not have fails the build.
pub(crate) const fn has(kind: &str, field: Option<(&str, Option<&str>)>) -> bool {
    let mut at = 0;
    while at < KINDS.len() {
        if same(KINDS[at].id, kind) {
            return match field {
                None => true,
                Some((key, option)) => has_option(&KINDS[at], key, option),
            };
        }
        at += 1;
    }
    false
}

const fn has_option(kind: &KindDef, key: &str, option: Option<&str>) -> bool {
    let mut at = 0;
    while at < kind.fields.len() {
        if same(kind.fields[at].key, key) {
            let Some(option) = option else { return true };
            let options = kind.fields[at].field_type.options();
            let mut place = 0;
            while place < options.len() {
                if same(options[place], option) {
                    return true;
                }
                place += 1;
            }
        }
        at += 1;
    }
    false
}

/// `==` of texts at compile time.
const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}
