//! One-time links: 128 bits, 30 minutes, once. The first administrator's is printed on the server's own terminal; anybody else's is
//! redeemed with a code that went another way.

use std::time::Duration;

use ayumi_protocol::municipal::thread::UnixMs;

use super::kept::{self, Account};
use super::password::PasswordHash;
use super::token::{LinkToken, code_hash};
use super::totp::{FactorKey, NotSealed, TotpSecret};
use super::{Capability, Grant, StaffId};
use crate::database::{Access, Database, DatabaseError, Transaction};
use crate::tenant::Tenant;

/// How long a link opens.
pub const LINK: Duration = Duration::from_secs(30 * 60);

/// Why a link does nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotOpened {
    /// There are accounts already: the first one was made.
    #[error("there is an account already")]
    NotFirst,
    /// Nobody has this link, it was used, it is over, or its code is another one.
    #[error("the link opens nothing")]
    Link,
    /// There is no such account.
    #[error("no such account")]
    NoAccount,
    /// The factor cannot be sealed.
    #[error(transparent)]
    Sealing(#[from] NotSealed),
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Makes the first account, an administrator's, with a link. Only where there was never one.
///
/// # Errors
/// [`NotOpened::NotFirst`], or the database's.
pub async fn first<T: Transaction>(
    transaction: &mut T,
    account: &Account,
    grant: &Grant,
    link: &LinkToken,
    now: UnixMs,
) -> Result<(), NotOpened> {
    if kept::is_anybody(transaction).await? || grant.capability != Capability::Administer {
        return Err(NotOpened::NotFirst);
    }
    kept::add(transaction, account).await?;
    kept::ask(transaction, account.id, grant, None, now).await?;
    Ok(kept::put_link(transaction, link.link_hash(), account.id, None, now.after(LINK)).await?)
}

/// Makes an account, with a link and the code that goes another way.
///
/// # Errors
/// The database's.
pub async fn invite<T: Transaction>(
    transaction: &mut T,
    account: &Account,
    (link, code): (&LinkToken, &str),
    now: UnixMs,
) -> Result<(), NotOpened> {
    kept::add(transaction, account).await?;
    let code = Some(code_hash(link, code));
    Ok(kept::put_link(transaction, link.link_hash(), account.id, code, now.after(LINK)).await?)
}

/// `staff reset`, on the server's machine: takes what somebody signed in with, and all rights to families' words; gives a link. The
/// rights come back only as they were given: asked by one, agreed to by another.
///
/// # Errors
/// [`NotOpened::NoAccount`], or the database's.
pub async fn reset<T: Transaction>(
    transaction: &mut T,
    staff: StaffId,
    link: &LinkToken,
    now: UnixMs,
) -> Result<(), NotOpened> {
    let account = kept::by_id(transaction, staff).await?.ok_or(NotOpened::NoAccount)?;
    kept::set_factors(transaction, staff, None, account.totp_step).await?;
    kept::take_words(transaction, staff).await?;
    Ok(kept::put_link(transaction, link.link_hash(), staff, None, now.after(LINK)).await?)
}

/// What somebody signs in with from now on.
#[derive(Debug)]
pub struct Factors<'a> {
    /// Their password's hash, made before.
    pub password: PasswordHash,
    /// Their second factor.
    pub totp: &'a TotpSecret,
    /// Under which it is sealed.
    pub key: &'a FactorKey,
    /// Twelve fresh random bytes.
    pub nonce: [u8; 12],
}

/// Redeems a link. It is used by this, also where the code beside it is wrong.
///
/// # Errors
/// [`NotOpened::Link`], or the database's.
pub async fn redeem<D: Database>(
    database: &D,
    tenant: &Tenant,
    (link, code): (&LinkToken, &str),
    factors: &Factors<'_>,
    now: UnixMs,
) -> Result<StaffId, NotOpened> {
    let mut transaction = database.begin(tenant, Access::Write).await?;
    let taken = kept::take_link(&mut transaction, link.link_hash()).await?;
    let opens = taken
        .filter(|(_, hash, ends)| *ends > now && hash.as_deref().is_none_or(|hash| *hash == code_hash(link, code)[..]));
    let Some((staff, ..)) = opens else {
        transaction.commit().await?;
        return Err(NotOpened::Link);
    };
    let account = kept::by_id(&mut transaction, staff).await?.ok_or(NotOpened::NoAccount)?;
    let sealed = factors.key.seal(factors.totp, tenant, staff.0, factors.nonce)?;
    // Steps that were used stay used: the clock does not go back for a new secret.
    kept::set_factors(&mut transaction, staff, Some((&factors.password, sealed)), account.totp_step).await?;
    transaction.commit().await?;
    Ok(staff)
}
