//! Telling a shell what may have changed, so that it reads again: after a write here, and after what a sync brought.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::store::{Db, Touched};

/// What may have changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Topic {
    /// Entries and notebooks, and with them all that is worked out from them: growth, self-checks, vaccines, agenda.
    Records,
    /// Photos: pixels that came.
    Photos,
    /// Content packs, a municipality's notices and desks.
    Content,
    /// Who reads and writes.
    Members,
    /// Where a sync stands.
    Sync,
}

impl Topic {
    const ALL: [Self; 5] = [Self::Records, Self::Photos, Self::Content, Self::Members, Self::Sync];
}

/// Told what may have changed. Called on the thread that wrote, after it is on the disk: it should hand over and
/// return.
#[cfg_attr(feature = "uniffi", uniffi::export(with_foreign))]
pub trait ChangeListener: Send + Sync {
    /// These topics may show something new.
    fn changed(&self, topics: Vec<Topic>);
}

#[derive(Default)]
struct Listeners {
    /// Numbers are never used twice: a subscription that ended long ago may still be dropped.
    next: u64,
    all: BTreeMap<u64, Arc<dyn ChangeListener>>,
}

fn locked(listeners: &Mutex<Listeners>) -> MutexGuard<'_, Listeners> {
    listeners.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The registered listeners of a handbook.
#[derive(Default)]
pub(super) struct Observers(Arc<Mutex<Listeners>>);

impl Observers {
    /// Registers a listener and notifies it of all topics.
    pub(super) fn add(&self, listener: Arc<dyn ChangeListener>) -> ChangeSubscription {
        let number = {
            let mut listeners = locked(&self.0);
            listeners.next += 1;
            let number = listeners.next;
            listeners.all.insert(number, listener.clone());
            number
        };
        let _ = catch_unwind(AssertUnwindSafe(|| listener.changed(Topic::ALL.to_vec())));
        ChangeSubscription { listeners: Arc::downgrade(&self.0), number }
    }

    /// Wraps a lock of the store: what it touched is notified after the lock is free.
    pub(super) fn guard<'a>(&'a self, db: MutexGuard<'a, Db>) -> Locked<'a> {
        Locked { db, then: Notify { observers: self, touched: Touched::default() } }
    }

    pub(super) fn notify(&self, topics: &[Topic]) {
        let listeners: Vec<_> = locked(&self.0).all.values().cloned().collect();
        for listener in listeners {
            // A listener that fails must not make a write look as if it had failed.
            let _ = catch_unwind(AssertUnwindSafe(|| listener.changed(topics.to_vec())));
        }
    }
}

/// Notifies a listener of changes, until it is dropped or [`ChangeSubscription::end`] is called.
#[cfg_attr(feature = "uniffi", derive(uniffi::Object))]
pub struct ChangeSubscription {
    listeners: Weak<Mutex<Listeners>>,
    number: u64,
}

#[cfg_attr(feature = "uniffi", uniffi::export)]
impl ChangeSubscription {
    /// Ends the notifications.
    pub fn end(&self) {
        if let Some(listeners) = self.listeners.upgrade() {
            locked(&listeners).all.remove(&self.number);
        }
    }
}

impl Drop for ChangeSubscription {
    fn drop(&mut self) {
        self.end();
    }
}

/// The file, for one at a time. Fields are dropped in this order: the lock is free when listeners are notified.
pub(super) struct Locked<'a> {
    db: MutexGuard<'a, Db>,
    then: Notify<'a>,
}

struct Notify<'a> {
    observers: &'a Observers,
    touched: Touched,
}

impl Deref for Locked<'_> {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.db
    }
}

impl DerefMut for Locked<'_> {
    fn deref_mut(&mut self) -> &mut Db {
        &mut self.db
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        self.then.touched = self.db.take_touched();
    }
}

impl Drop for Notify<'_> {
    fn drop(&mut self) {
        let Touched { records, photos, content } = self.touched;
        let all = [(records, Topic::Records), (photos, Topic::Photos), (content, Topic::Content)];
        let topics: Vec<Topic> = all.into_iter().filter(|(touched, _)| *touched).map(|(_, topic)| topic).collect();
        if !topics.is_empty() {
            self.observers.notify(&topics);
        }
    }
}
