//! What families do, through the public door.

mod conflicts;
mod exchange;
mod keeping;
mod life_events;
mod next;
mod photos;
mod shells;
