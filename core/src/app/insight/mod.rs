//! What follows from the records: growth, self-check, vaccines, agenda, what leads to a person, desks.

pub(in crate::app) mod agenda;
pub(in crate::app) mod asked;
pub mod chart_svg;
pub(in crate::app) mod check_views;
pub(in crate::app) mod checks;
pub(in crate::app) mod desks;
mod facts;
pub(in crate::app) mod growth;
pub(in crate::app) mod growth_question;
pub(in crate::app) mod guide;
pub(in crate::app) mod lead_words;
pub(in crate::app) mod leads;
pub(in crate::app) mod lettering;
pub(in crate::app) mod measure;
pub(in crate::app) mod occasions;
pub(in crate::app) mod runs;
pub mod steps_svg;
pub(in crate::app) mod vaccines;
