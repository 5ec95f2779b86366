//! Growth: where a measurement lies on a reference, and the curves to draw it on.
//!
//! Pure functions over the tables in `content/growth/`. Every result says which reference, which version of it and
//! which age were used. Nothing here judges: no class, no alarm: a single point outside the printed curves is not an
//! alert.
//!
//! | module | idea |
//! |---|---|
//! | [`normal`], [`lms`] | z-score, percentile, the LMS formula and WHO's adjusted one |
//! | [`who`] | WHO child growth standards 2006, by day |
//! | [`jp2000`], [`jp2023`] | Japanese surveys |
//! | [`birth`] | birth size by gestation, fetal weight |
//! | [`body`] | BMI (Kaup index), obesity degree |
//! | [`age`] | chronological and corrected age |
//! | [`query`] | the types that the references share |
//! | [`mod@score`] | dispatches to a reference |
//! | [`chart`] | series with bands for shells |
//! | [`reading`] | which plain words fit a run of measurements |
//! | [`batch`] | CSV in, CSV out, any size |

pub mod age;
pub mod batch;
pub mod birth;
pub mod body;
pub mod chart;
pub mod jp2000;
pub mod jp2023;
pub mod lms;
pub mod normal;
pub mod query;
pub mod reading;
pub mod score;
pub mod who;

mod table;

pub use query::{Indicator, Note, Posture, Query};
pub use score::{Reference, Score, score};
