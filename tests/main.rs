//! Whole-system tests: one program, one module per area.
//!
//! `cargo test -p ayumi-tests --test system sync::` runs one area. What a single engine answers stands in
//! `core/tests`, what the desktop shell prints in `cli/tests`.

mod architecture;
mod journeys;
mod migrations;
mod municipal;
mod server;
mod simulation;
mod sync;
