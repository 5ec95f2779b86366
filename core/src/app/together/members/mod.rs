//! Who reads and writes a notebook: invitations, roles, removal, leaving, recovery. Changes need the server; the list
//! does not.

mod decide;
mod join;
mod list;
mod recovery;

pub use list::{Companions, Holding, MemberView, Members, NewInvitation};
pub use recovery::Recovery;
