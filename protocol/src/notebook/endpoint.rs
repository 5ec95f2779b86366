//! The endpoints of the notebook channel, and why a request gets no reply of its own kind: each path and each status
//! once.

/// One kind of request of the notebook channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// One round trip: append, and what stands behind the cursor.
    Sync,
    /// Photos and snapshots in chunks.
    Blob,
    /// Where a recovery sheet finds its notebooks.
    Drawer,
    /// What lets a code open its notebook.
    Release,
}

impl Endpoint {
    /// Every endpoint.
    pub const ALL: [Self; 4] = [Self::Sync, Self::Blob, Self::Drawer, Self::Release];

    /// Returns the path of its requests. All are `POST`.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Sync => "/v1/sync",
            Self::Blob => "/v1/blob",
            Self::Drawer => "/v1/drawer",
            Self::Release => "/v1/release",
        }
    }

    /// Returns its name in metrics and log lines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Blob => "blob",
            Self::Drawer => "drawer",
            Self::Release => "release",
        }
    }

    /// Returns the byte that stands for it where two devices talk without HTTP.
    pub const fn number(self) -> u8 {
        match self {
            Self::Sync => 0,
            Self::Blob => 1,
            Self::Drawer => 2,
            Self::Release => 3,
        }
    }

    /// Finds the endpoint of a path.
    ///
    /// ```
    /// use ayumi_protocol::endpoint::Endpoint;
    /// assert_eq!(Endpoint::from_path("/v1/blob"), Some(Endpoint::Blob));
    /// assert_eq!(Endpoint::from_path("/v2/blob"), None);
    /// ```
    pub fn from_path(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|endpoint| endpoint.path() == path)
    }

    /// Finds the endpoint of a byte.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|endpoint| endpoint.number() == number)
    }
}

/// The status of a reply.
pub const OK: u16 = 200;

/// Seconds that a device waits when the store cannot be used.
const UNAVAILABLE_SECONDS: u64 = 5;
/// Seconds that a device waits when the server has no room: somebody must make some.
const NO_ROOM_SECONDS: u64 = 300;

/// Why a request gets no reply of its own kind. The body is the key, in text; for a challenge it is the challenge, for a notebook that is gone the server's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The request is not a message of this protocol.
    Malformed,
    /// The key that was shown holds nothing here (any more).
    NotAHolder,
    /// The caller may not do this.
    NotAllowed,
    /// Notebooks begin here with a ticket of the municipality only, and the caller showed none that counts.
    NoTicket,
    /// There is no such notebook.
    NoNotebook,
    /// The notebook is gone, and this is the server's signed word for it ([`crate::gone::Gone`]).
    Gone(Vec<u8>),
    /// The caller dialled another server than this one.
    Misdirected,
    /// There were too many requests; seconds to wait.
    TooMany(u64),
    /// The notebook has no room left.
    Quota,
    /// The store cannot be used now; nothing was stored.
    Unavailable,
    /// The server has hardly any room left; nothing was stored.
    NoRoom,
    /// The caller must sign this challenge first.
    Challenge(Vec<u8>),
}

impl Problem {
    /// Returns HTTP's status.
    pub const fn status(&self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::Challenge(_) => 401,
            Self::NotAHolder | Self::NotAllowed | Self::NoTicket => 403,
            Self::NoNotebook => 404,
            Self::Gone(_) => 410,
            Self::Misdirected => 421,
            Self::TooMany(_) => 429,
            Self::Unavailable | Self::NoRoom => 503,
            Self::Quota => 507,
        }
    }

    /// Returns its key; what has a body of its own has none.
    const fn key(&self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::NotAHolder => "not_a_holder",
            Self::NotAllowed => "not_allowed",
            Self::NoTicket => "no_ticket",
            Self::NoNotebook => "no_notebook",
            Self::Misdirected => "misdirected",
            Self::TooMany(_) => "too_many",
            Self::Quota => "quota",
            Self::Unavailable => "unavailable",
            Self::NoRoom => "no_room",
            Self::Challenge(_) | Self::Gone(_) => "",
        }
    }

    /// Returns the seconds that the caller is asked to wait.
    pub const fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooMany(seconds) => Some(*seconds),
            Self::Unavailable => Some(UNAVAILABLE_SECONDS),
            Self::NoRoom => Some(NO_ROOM_SECONDS),
            _ => None,
        }
    }

    /// Returns the body that says it.
    pub fn into_body(self) -> Vec<u8> {
        match self {
            Self::Challenge(bytes) | Self::Gone(bytes) => bytes,
            other => other.key().into(),
        }
    }

    /// Reads what a server said with a status other than [`OK`]. A status that this version does not know is
    /// [`Problem::Unavailable`]: the caller waits and asks again.
    pub fn from_status(status: u16, body: Vec<u8>, retry_after: Option<u64>) -> Self {
        match status {
            400 => Self::Malformed,
            401 => Self::Challenge(body),
            403 if body == Self::NotAllowed.key().as_bytes() => Self::NotAllowed,
            403 if body == Self::NoTicket.key().as_bytes() => Self::NoTicket,
            403 => Self::NotAHolder,
            404 => Self::NoNotebook,
            410 => Self::Gone(body),
            421 => Self::Misdirected,
            429 => Self::TooMany(retry_after.unwrap_or(1)),
            503 if body == Self::NoRoom.key().as_bytes() => Self::NoRoom,
            507 => Self::Quota,
            _ => Self::Unavailable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_comes_back_from_its_path_and_its_number() {
        for endpoint in Endpoint::ALL {
            assert_eq!(Endpoint::from_path(endpoint.path()), Some(endpoint));
            assert_eq!(Endpoint::from_number(endpoint.number()), Some(endpoint));
        }
        assert_eq!(Endpoint::from_number(4), None);
    }

    #[test]
    fn every_problem_comes_back_from_its_status_and_body() {
        use Problem as P;
        for problem in [
            P::Malformed,
            P::NotAHolder,
            P::NotAllowed,
            P::NoTicket,
            P::NoNotebook,
            P::Gone(vec![3, 4]),
            P::Misdirected,
            P::TooMany(7),
            P::Quota,
            P::Unavailable,
            P::NoRoom,
            P::Challenge(vec![1, 2]),
        ] {
            let (status, wait) = (problem.status(), problem.retry_after());
            assert_eq!(P::from_status(status, problem.clone().into_body(), wait), problem);
        }
        assert_eq!(P::from_status(418, b"teapot".to_vec(), None), P::Unavailable, "unknown: ask again later");
    }
}
