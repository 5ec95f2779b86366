//! The handbook for Swift and Kotlin.
//!
//! Objects here only delegate: every rule is in `ayumi-core`, and values cross the FFI boundary as they are defined
//! there.
//!
//! | module | idea |
//! |---|---|
//! | [`handbook`] | opening and closing; one object per capability |
//! | [`records`] | notebooks and entries |
//! | [`insight`] | results computed from entries: growth, self-check, vaccines, agenda |
//! | [`together`] | sync and members: operations that need a server |
//! | [`municipal`] | a municipality's feed and its notices |
//! | [`exchange`] | export, import, content packs |
//! | `slot` | one open file behind many objects |
//! | `worker` | the background thread for network operations |
//! | `running` | a task in progress, to abort and wait for |
//! | `report` | logs failed calls by their code |
//! | `panic` | catches panics; keeps their text out of logs |

pub mod exchange;
pub mod handbook;
pub mod insight;
pub mod municipal;
mod panic;
pub mod records;
mod report;
mod running;
mod slot;
pub mod together;
mod worker;

use ayumi_core::app::{Area, EntryId, Error, NotebookId, Role};
use ayumi_core::chrono::NaiveDate;

/// Result of everything here.
pub type Result<T> = std::result::Result<T, Error>;

// Types of other crates: core/src/foreign.rs defines how they cross.
uniffi::use_remote_type!(ayumi_core::NaiveDate);
uniffi::use_remote_type!(ayumi_core::EntryId);
uniffi::use_remote_type!(ayumi_core::NotebookId);
uniffi::use_remote_type!(ayumi_core::Role);
uniffi::use_remote_type!(ayumi_core::Area);

uniffi::setup_scaffolding!();
