//! What somebody at the office does. Whether they may at all says the table of `access`.

use ayumi_protocol::municipal::thread::{HandoffState, Reply, UnixMs, Urgency};

use super::Step;
use crate::access::check_act;
use crate::staff::StaffId;
use crate::thread::duty::{Duty, Telling};
use crate::thread::event::StaffAct;
use crate::thread::refusal::Refusal;
use crate::thread::row::{Answer, Hold, Stored};
use crate::thread::said::{Author, Said};
use crate::thread::seen::{Stopped, Verdict, judge};

/// How many stopped replies of one person a thread keeps.
const STOPPED: usize = 8;

impl Step<'_> {
    pub(super) fn staff(&mut self, staff: StaffId, act: &StaffAct) -> Result<(), Refusal> {
        if let StaffAct::Reply(reply) = act
            && self.stands_already(staff, reply)
        {
            return Ok(());
        }
        check_act(act, staff, &self.row, self.office, self.now)?;
        match act {
            StaffAct::Claim => self.hold(staff),
            StaffAct::TakeOver { .. } => {
                self.end_hold();
                self.hold(staff)
            }
            StaffAct::Return => {
                self.requeue(None);
                Ok(())
            }
            StaffAct::Reply(reply) => self.reply(staff, reply),
            StaffAct::ThrowAway(id) => {
                self.row.stopped.retain(|stopped| stopped.id != *id || stopped.by != staff);
                Ok(())
            }
            StaffAct::Close => self.close_by_staff(),
            StaffAct::FollowUp(day) => {
                // A day that is over is today: it is in the queue at once.
                self.row.follow_up = *day;
                self.keep_answered();
                Ok(())
            }
            StaffAct::Raise(urgency) => self.raise(*urgency),
            StaffAct::Acknowledge => self.acknowledge(staff),
            StaffAct::Contacted(reached) => {
                self.row.answer.contacted = Some(*reached);
                Ok(())
            }
            StaffAct::Know => {
                self.keep_from(staff);
                Ok(())
            }
            StaffAct::HandoffAsk(to) => self.ask_handoff(to),
            StaffAct::HandoffWithdraw => self.end_handoff(HandoffState::Withdrawn),
            StaffAct::HandoffReceive => self.receive(),
            StaffAct::HandoffReturn => self.end_handoff(HandoffState::Returned),
        }
    }

    /// A reply that was taken is taken, also when its author lost the right meanwhile: the answer to it was lost on the way.
    fn stands_already(&self, staff: StaffId, reply: &Reply) -> bool {
        let line = self.row.lines.named(reply.id);
        reply.thread == self.row.id && line.is_some_and(|line| line.by == Author::Staff(staff))
    }

    fn hold(&mut self, staff: StaffId) -> Result<(), Refusal> {
        let desks = self.row.desks().filter_map(|desk| {
            self.office.present_until(staff, desk, self.now)?;
            Some((self.office.keeps_until(staff, desk, self.now)?, desk.clone()))
        });
        let (keeps, desk) = desks.max_by_key(|(keeps, _)| *keeps).ok_or(Refusal::NotPresent)?;
        self.row.stored = Stored::Held(Hold { staff, desk, claimed: self.now });
        self.forget_waiting();
        self.look_who_is_there();
        self.limit_until(keeps);
        Ok(())
    }

    /// A hold ends by the limit at the latest, however long its holder is there.
    pub(super) fn limit_until(&mut self, keeps: UnixMs) {
        if let Some(hold) = self.row.hold() {
            self.row.until = keeps.min(hold.claimed.after(self.office.limits.answer.of(self.row.urgency)));
        }
    }

    /// After the urgency was raised: the limit may be nearer than before.
    pub(super) fn limit_hold(&mut self) {
        self.limit_until(self.row.until);
    }

    fn reply(&mut self, staff: StaffId, reply: &Reply) -> Result<(), Refusal> {
        if reply.thread != self.row.id {
            return Err(Refusal::OtherThread);
        }
        if self.row.retelling_until > self.now {
            return Err(Refusal::Retelling);
        }
        match judge(&self.row.lines, &self.row.stopped, staff, reply, self.office.limits.burst) {
            Verdict::NameTaken => return Err(Refusal::NameTaken),
            Verdict::Stopped { newest, beside, begun_at } => {
                self.stop(Stopped { id: reply.id, by: staff, begun_at })?;
                self.duties.push(Duty::Stopped { id: reply.id, by: staff, newest, beside });
            }
            Verdict::Taken => self.take(staff, reply),
        }
        Ok(())
    }

    /// Keeps a stopped reply until it is sent or thrown away. None is dropped for another one: what its author had read when it
    /// was first sent would be forgotten with it, and a colleague's reply after that.
    fn stop(&mut self, stopped: Stopped) -> Result<(), Refusal> {
        self.row.stopped.retain(|before| before.id != stopped.id);
        if self.row.stopped.iter().filter(|before| before.by == stopped.by).count() >= STOPPED {
            return Err(Refusal::Drafts);
        }
        self.row.stopped.push(stopped);
        Ok(())
    }

    fn take(&mut self, staff: StaffId, reply: &Reply) {
        self.row.stopped.retain(|stopped| stopped.id != reply.id);
        self.row.lines.push(Said { id: reply.id, by: Author::Staff(staff), at: self.now });
        let limits = &self.office.limits;
        let fetch_by = match reply.urgent {
            true => self.now.after(limits.fetch_urgent),
            false => self.office.fetch_by(&self.row.desk, self.now),
        };
        self.row.answer = Answer { fetch_by, review_at: self.now.after(limits.silent), ..Answer::default() };
        self.end_waiting();
        self.row.stored = Stored::Answered;
        self.keep_answered();
        self.tell(Telling::Answered);
        self.duties.extend(self.row.origin.map(Duty::ReceivedFrom));
    }

    fn close_by_staff(&mut self) -> Result<(), Refusal> {
        if !self.row.is_fetched() {
            return Err(Refusal::Unfetched);
        }
        if self.row.under_way().is_some() {
            return Err(Refusal::Handoff);
        }
        if self.row.follow_up.is_some() {
            return Err(Refusal::FollowUp);
        }
        self.close();
        Ok(())
    }

    fn raise(&mut self, urgency: Urgency) -> Result<(), Refusal> {
        if urgency <= self.row.urgency {
            return Err(Refusal::Lowered);
        }
        self.row.urgency = urgency;
        self.limit_hold();
        Ok(())
    }

    /// Makes the alarm still for the time in which they claim the thread. Nobody may do it twice for one wait.
    fn acknowledge(&mut self, staff: StaffId) -> Result<(), Refusal> {
        let until = self.now.after(self.office.limits.acknowledged);
        let alarm = self.row.alarm.as_mut().filter(|alarm| alarm.still_until <= self.now);
        let alarm = alarm.ok_or(Refusal::NothingRings)?;
        if !self.row.acknowledged_by.insert(staff) {
            return Err(Refusal::NothingRings);
        }
        alarm.still_until = until;
        Ok(())
    }
}
