//! What families do, through the public door.

mod conflicts;
mod exchange;
mod insight;
mod keeping;
mod life_events;
mod photos;
mod shells;
