//! Who reads and writes a notebook: invitations, roles, removal, leaving, recovery, closing, forgetting. Changes need the server; the list
//! does not.

mod anew;
mod closing;
mod confirm;
mod decide;
mod forget_me;
mod join;
mod list;
mod lost;
mod opener;
mod recovery;
mod sheet;

pub use anew::BegunAnew;
pub use closing::Closed;
pub use confirm::{Confirmed, Unconfirmed};
pub use forget_me::{Parting, PartingFrom};
pub use list::{Companions, Holding, MemberView, Members, NewInvitation};
pub use lost::{LostInNotebook, LostOutcome};
pub use recovery::{Recovering, Recovery};
pub use sheet::{SheetNotebook, SheetState, SheetView};
