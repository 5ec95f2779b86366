//! The handbook for Swift and Kotlin. Objects here only delegate: every rule is in `ayumi-core`, and values cross as they are
//! defined there.
//!
//! | module | idea |
//! |---|---|
//! | [`handbook`] | opening and closing; one object per capability |
//! | [`records`] | notebooks and entries |
//! | [`insight`] | what is worked out: growth, self-check, vaccines, agenda |
//! | [`together`] | sync and members: what waits for a server |
//! | [`exchange`] | export, import, content packs |
//! | `slot` | one open file behind many objects |
//! | `quiet` | no panic gets past, and none is told to strangers |
//! | `worker` | the thread on which what waits, waits |

pub mod exchange;
pub mod handbook;
pub mod insight;
mod quiet;
pub mod records;
mod slot;
pub mod together;
mod worker;

use ayumi_core::app::Error;
use ayumi_core::chrono::NaiveDate;
use ayumi_core::content::item::Area;
use ayumi_core::model::{EntryId, NotebookId, Role};

/// Result of everything here.
pub type Result<T> = std::result::Result<T, Error>;

// Types that are neither ours nor the core's: the core says how they cross.
uniffi::use_remote_type!(ayumi_core::NaiveDate);
uniffi::use_remote_type!(ayumi_core::EntryId);
uniffi::use_remote_type!(ayumi_core::NotebookId);
uniffi::use_remote_type!(ayumi_core::Role);
uniffi::use_remote_type!(ayumi_core::Area);

uniffi::setup_scaffolding!();
