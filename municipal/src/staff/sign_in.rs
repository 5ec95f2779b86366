//! Signing in: the try is counted and committed, then the password is hashed, then a session begins. The types lead from one step to
//! the next, so that nothing is hashed uncounted, and nothing is hashed while a transaction is open.

use std::time::Duration;

use ayumi_protocol::municipal::thread::UnixMs;

use super::kept::{self, Account, KeptSession};
use super::password::{Busy, Hasher};
use super::token::{BrowserToken, SessionToken};
use super::totp::FactorKey;
use super::tries::{Bucket, Count, buckets};
use super::{Capability, Grant, StaffId, pairs};
use crate::database::{Access, Database, DatabaseError, Transaction};
use crate::limits::Limits;
use crate::tenant::Tenant;

/// How long a browser is known after somebody signed in there.
const KNOWN: Duration = Duration::from_secs(180 * 24 * 3600);
/// How long nobody's hand did anything before a page locks.
pub const IDLE: Duration = Duration::from_secs(15 * 60);

/// Why somebody is not signed in. Name, password and code are one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotSignedIn {
    /// Too many tries: wait until then.
    #[error("wait")]
    Wait(UnixMs),
    /// Not this name, password and code.
    #[error("not this name, password and code")]
    Wrong,
    /// Too many sign in at once.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Who tries, and from where.
#[derive(Debug, Clone, Copy)]
pub struct From<'a> {
    /// The name that was typed.
    pub name: &'a str,
    /// The browser's cookie, if it has one.
    pub browser: Option<&'a BrowserToken>,
    /// The address, as the server sees it.
    pub address: &'a str,
}

/// A try that is counted.
#[derive(Debug)]
pub struct Counted {
    account: Option<Account>,
    buckets: [Bucket; 2],
}

/// A try whose password was looked at.
#[derive(Debug)]
pub struct Checked {
    account: Option<Account>,
    buckets: [Bucket; 2],
    is_right: bool,
}

/// Counts a try, and commits that: whoever is cut off here has tried.
///
/// # Errors
/// [`NotSignedIn::Wait`], or the database's.
pub async fn count<D: Database>(
    database: &D,
    tenant: &Tenant,
    from: &From<'_>,
    now: UnixMs,
) -> Result<Counted, NotSignedIn> {
    let mut transaction = database.begin(tenant, Access::Write).await?;
    let account = kept::by_name(&mut transaction, from.name).await?;
    let browser = from.browser.map(BrowserToken::cookie_hash);
    let known = match (&account, browser) {
        (Some(account), Some(browser)) => kept::is_known(&mut transaction, browser, account.id, now).await?,
        _ => false,
    };
    let buckets = buckets(from.name, browser.as_ref().filter(|_| known), from.address);
    let mut counts = Vec::new();
    for bucket in &buckets {
        let before = kept::tries(&mut transaction, bucket.name).await?;
        counts.push(Count::one_more(before, bucket.most, now).map_err(NotSignedIn::Wait)?);
    }
    for (bucket, count) in buckets.iter().zip(counts) {
        kept::put_tries(&mut transaction, bucket.name, count).await?;
    }
    transaction.commit().await?;
    Ok(Counted { account, buckets })
}

impl Counted {
    /// Looks at the password. Takes as long without an account. Blocks its thread.
    ///
    /// # Errors
    /// [`Busy`]; the try stays counted.
    pub fn check(self, hasher: &Hasher, password: &str) -> Result<Checked, Busy> {
        let known = self.account.as_ref().and_then(|account| account.password.as_ref());
        let is_right = hasher.is(password, known)?;
        Ok(Checked { account: self.account, buckets: self.buckets, is_right })
    }
}

/// The cookies of somebody who signs in, both fresh.
#[derive(Debug)]
pub struct Cookies {
    /// Of the session.
    pub session: SessionToken,
    /// Of the browser: the one it has, or a fresh one.
    pub browser: BrowserToken,
}

/// Looks at the code of the second factor, and begins a session. Any other session of this person ends.
///
/// # Errors
/// [`NotSignedIn::Wrong`], or the database's.
pub async fn begin<D: Database>(
    database: &D,
    tenant: &Tenant,
    checked: Checked,
    code: &str,
    factors: &FactorKey,
    cookies: &Cookies,
    now: UnixMs,
) -> Result<StaffId, NotSignedIn> {
    let tried = checked.account.filter(|_| checked.is_right).ok_or(NotSignedIn::Wrong)?;
    let mut transaction = database.begin(tenant, Access::Write).await?;
    // Since then the password may be another one, or the person may have left.
    let account = kept::by_id(&mut transaction, tried.id).await?.ok_or(NotSignedIn::Wrong)?;
    let sealed = account.totp.as_deref().filter(|_| account.password == tried.password).ok_or(NotSignedIn::Wrong)?;
    let secret = factors.open(sealed, tenant, account.id.0).map_err(|_| NotSignedIn::Wrong)?;
    let step = secret.step_of(code, now, account.totp_step).ok_or(NotSignedIn::Wrong)?;
    if !kept::use_step(&mut transaction, account.id, step).await? {
        return Err(NotSignedIn::Wrong);
    }
    kept::begin_session(&mut transaction, cookies.session.cookie_hash(), account.id, now).await?;
    kept::know(&mut transaction, cookies.browser.cookie_hash(), account.id, now.after(KNOWN)).await?;
    // Its own tries are forgotten. Of those that unknown browsers share only this one is given back: what others tried goes on
    // counting.
    let [tries, _] = checked.buckets;
    let [own, _] = buckets(&account.name, Some(&cookies.browser.cookie_hash()), "");
    match kept::tries(&mut transaction, tries.name).await? {
        Some(count) if count.tries > 1 && tries.name != own.name => {
            let count = Count { tries: count.tries - 1, ..count };
            kept::put_tries(&mut transaction, tries.name, count).await?;
        }
        _ => kept::clear_tries(&mut transaction, tries.name).await?,
    }
    transaction.commit().await?;
    Ok(account.id)
}

/// What a request does to a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touch {
    /// The desk page answered by itself.
    Heartbeat,
    /// A hand did something.
    Hand,
    /// Somebody locked the page.
    Lock,
}

/// Returns a session as it is now, and how it is to be kept; `None` if it is over.
pub fn touched(kept: &KeptSession, touch: Touch, now: UnixMs, limits: &Limits) -> Option<KeptSession> {
    let mut next = *kept;
    if kept.session.since.after(limits.session) <= now {
        return None;
    }
    if next.session.locked.is_none() && kept.acted.after(IDLE) <= now {
        next.session.locked = Some(kept.acted.after(IDLE));
    }
    match touch {
        Touch::Heartbeat => next.session.seen = next.session.seen.max(now),
        Touch::Lock => next.session.locked = next.session.locked.or(Some(now)),
        // A hand at a locked page opens nothing.
        Touch::Hand if next.session.locked.is_some() => {}
        Touch::Hand => (next.acted, next.session.seen) = (next.acted.max(now), next.session.seen.max(now)),
    }
    Some(next)
}

/// Returns whose request it is, and whether the page is locked; writes that it came. `None` without a session that goes on.
///
/// # Errors
/// [`DatabaseError`].
pub async fn touch<T: Transaction>(
    transaction: &mut T,
    cookie: &SessionToken,
    touch: Touch,
    now: UnixMs,
    limits: &Limits,
) -> Result<Option<KeptSession>, DatabaseError> {
    let hash = cookie.cookie_hash();
    let Some(kept) = kept::session_of(transaction, hash).await? else { return Ok(None) };
    let Some(next) = touched(&kept, touch, now, limits) else {
        kept::end_sessions(transaction, kept.staff).await?;
        return Ok(None);
    };
    if next != kept {
        kept::put_session(transaction, hash, &next).await?;
    }
    Ok(Some(next))
}

/// Why a right was not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotGiven {
    /// They may not ask for it, or not agree to it.
    #[error("not allowed")]
    NotAllowed,
    /// Nobody asked for it.
    #[error("nobody asked for it")]
    NotAsked,
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Asks for a right. Administrators ask for any; what opens no words counts at once.
///
/// # Errors
/// [`NotGiven`].
pub async fn ask<T: Transaction>(
    transaction: &mut T,
    by: StaffId,
    about: StaffId,
    grant: &Grant,
    now: UnixMs,
) -> Result<(), NotGiven> {
    let people = kept::people(transaction).await?;
    let asks = people.get(&by).filter(|_| by != about).ok_or(NotGiven::NotAllowed)?;
    let may = asks.grants.iter().any(|own| own.capability == Capability::Administer && own.until > now)
        || asks.has_until(Capability::Supervise, &grant.desk, now).is_some() && grant.capability.opens_words();
    if !may || !people.contains_key(&about) || grant.until <= now {
        return Err(NotGiven::NotAllowed);
    }
    Ok(kept::ask(transaction, about, grant, Some(by), now).await?)
}

/// Agrees, as a second person who supervises the desk, to a right that opens words.
///
/// # Errors
/// [`NotGiven`].
pub async fn agree<T: Transaction>(
    transaction: &mut T,
    by: StaffId,
    about: StaffId,
    grant: (Capability, &ayumi_protocol::municipal::thread::id::DeskId),
    now: UnixMs,
) -> Result<(), NotGiven> {
    let people = kept::people(transaction).await?;
    let person = people.get(&by).ok_or(NotGiven::NotAllowed)?;
    person.has_until(Capability::Supervise, grant.1, now).ok_or(NotGiven::NotAllowed)?;
    let all = kept::grants(transaction).await?;
    let asked = all.iter().find(|kept| {
        kept.staff == about
            && kept.grant.capability == grant.0
            && kept.grant.desk == *grant.1
            && kept.agreed_by.is_none()
    });
    let asked = asked.and_then(|kept| kept.asked_by).ok_or(NotGiven::NotAsked)?;
    if !pairs::may_agree(by, asked, about, &kept::made(transaction).await?, now) {
        return Err(NotGiven::NotAllowed);
    }
    if kept::agree(transaction, about, grant, by, asked).await? { Ok(()) } else { Err(NotGiven::NotAsked) }
}

/// Lets somebody who is locked out on shift try again: a colleague who is signed in and present says so, and the browser counts as
/// known for a quarter of an hour. It still takes password and code. Returns whether the colleague may.
///
/// # Errors
/// [`DatabaseError`].
pub async fn vouch<T: Transaction>(
    transaction: &mut T,
    colleague: &SessionToken,
    (name, browser): (&str, &BrowserToken),
    now: UnixMs,
    limits: &Limits,
) -> Result<bool, DatabaseError> {
    let Some(account) = kept::by_name(transaction, name).await? else { return Ok(false) };
    let there = touch(transaction, colleague, Touch::Hand, now, limits).await?;
    let may = there.is_some_and(|kept| kept.session.locked.is_none() && kept.staff != account.id);
    if may {
        kept::know(transaction, browser.cookie_hash(), account.id, now.after(super::tries::WINDOW)).await?;
    }
    Ok(may)
}
