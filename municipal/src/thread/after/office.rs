//! What the office's own server does to a thread.

use super::Step;
use crate::thread::duty::{Duty, Telling};
use crate::thread::event::OfficeAct;
use crate::thread::refusal::Refusal;

impl Step<'_> {
    pub(super) fn office(&mut self, act: OfficeAct) -> Result<(), Refusal> {
        match act {
            OfficeAct::Restored => {
                self.restored();
                Ok(())
            }
            OfficeAct::HandoffReceived => self.receive(),
            OfficeAct::HandoffOver => {
                self.handoff_over();
                Ok(())
            }
        }
    }

    /// Nobody knows what was lost: every open thread is in the queue, and replies wait until the phones told what they have. What
    /// is closed stays so until a word that was lost is told again; what is sealed or destroyed stays so for ever.
    fn restored(&mut self) {
        self.row.retelling_until = self.now.after(self.office.limits.retelling);
        if self.row.is_open() {
            self.end_hold();
            self.row.alarm = None;
            self.forget_waiting();
            self.enter_queue();
        }
        self.tell(Telling::Restored);
    }

    /// Only one desk has a thread: when a hand-over is over, the one that it opened closes, and its holder keeps the draft.
    fn handoff_over(&mut self) {
        if self.row.is_open() {
            if let Some(hold) = self.row.hold() {
                self.duties.push(Duty::TellHolder(hold.staff));
            }
            self.end_hold();
            self.close();
        }
    }
}
