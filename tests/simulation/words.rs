//! Carers who compare six words, so that a join need not wait for the phone that made its code.

use ayumi_core::app::Confirmed;

use super::story::{Phone, Story};

impl Story {
    /// A carer compares the six words of a join with a phone that knows it; if nobody is left who could show them, she goes on
    /// all the same.
    pub(crate) fn compare_words(&mut self, who: usize, alone: bool) {
        let members = self.phones[who].book().members();
        let Ok(Some(waits)) = members.unconfirmed(self.notebook) else { return };
        let shows = |phone: &Phone| {
            let list = phone.book().members().list(self.notebook).unwrap_or_default();
            list.into_iter().any(|member| !member.me && member.words.as_ref() == Some(&waits.words))
        };
        let why = match self.phones.iter().any(shows) {
            true => Confirmed::WordsMatch,
            false if alone => Confirmed::NobodyToAsk,
            false => return,
        };
        members.confirm(self.notebook, why).unwrap();
        self.told.compared += u64::from(why == Confirmed::WordsMatch);
    }
}
