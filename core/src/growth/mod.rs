//! Growth: where a measurement lies on a reference, and the curves to draw it on.
//!
//! Pure functions over the tables in `content/growth/`. Every result says which reference, which version of it and
//! which age were used. Nothing here judges: no class, no alarm: a single point outside the printed curves is not an
//! alert. Curves for children whose growth follows another course (Down syndrome, Turner syndrome, achondroplasia, very low
//! birth weight after term, and others) are not here: no table of theirs with clear terms was at hand. Such a child's
//! clinic has them; the curves here do not describe it.
//!
//! | module | idea |
//! |---|---|
//! | [`normal`], [`lms`] | z-score, percentile, the LMS formula and WHO's adjusted one |
//! | [`who`], [`who2007`] | WHO child growth standards 2006, by day; reference of 2007, by month |
//! | [`jp2000`], [`jp2023`] | Japanese surveys |
//! | [`birth`] | birth size by gestation, fetal weight |
//! | [`body`] | BMI (Kaup index), obesity degree |
//! | [`age`] | chronological and corrected age |
//! | [`query`] | the types that the references share |
//! | [`mod@score`] | dispatches to a reference |
//! | [`chart`] | series with bands for shells |
//! | [`improbable`] | values to ask back, with what was probably meant |
//! | [`change`] | what cannot be between two measurements |
//! | [`reading`] | which plain words fit a run of measurements |
//! | [`batch`] | CSV in, CSV out, any size |

pub mod age;
pub mod batch;
pub mod birth;
pub mod body;
pub mod change;
pub mod chart;
pub mod improbable;
pub mod jp2000;
pub mod jp2023;
pub mod lms;
pub mod normal;
pub mod query;
pub mod reading;
pub mod score;
pub mod who;
pub mod who2007;

mod table;

pub use query::{Indicator, Note, Posture, Query};
pub use score::{Reference, Score, score};
