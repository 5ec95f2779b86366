//! Who reads and writes a notebook: invitations, roles, removal, leaving, recovery, closing. Changes need the server; the list
//! does not.

mod anew;
mod closing;
mod decide;
mod join;
mod list;
mod lost;
mod recovery;

pub use anew::BegunAnew;
pub use closing::Closed;
pub use list::{Companions, Holding, MemberView, Members, NewInvitation};
pub use lost::{LostInNotebook, LostOutcome};
pub use recovery::Recovery;
