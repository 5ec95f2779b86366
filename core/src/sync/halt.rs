//! Why a notebook stops until a carer decides.

/// Why a notebook stops: a server or a copy of a phone shows another past, or forges. The phone keeps working offline
/// and sends nothing more to this notebook until a carer decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi(name = "SyncHalt"))]
pub enum Halt {
    /// A statement that the chain does not allow, or a chain that does not follow the one that is known.
    #[error("the server shows another chain of members")]
    Chain,
    /// An envelope that must not have been taken: forged, dropped, reordered, by somebody who may not write.
    #[error("the server shows entries that nobody may have written")]
    Envelope,
    /// Another copy of this device writes under its keys.
    #[error("another copy of this device is writing")]
    Copy,
    /// A receipt that the server's key did not sign.
    #[error("the server's receipt is not genuine")]
    Receipt,
    /// The server shows another key than the one that is known.
    #[error("the server shows another key than before")]
    Server,
    /// The notebook is at the server already, and this device holds no key of it.
    #[error("the notebook is at the server already, under keys that this device does not have")]
    Elsewhere,
    /// The server says that it never had the notebook, and that it lost nothing.
    #[error("the server says that it never had this notebook, although this device read it there")]
    Missing,
    /// This device made something that nobody can accept: a defect of the app, not of the server.
    #[error("this device made something that the server cannot accept: a defect; please report it")]
    Defect,
}

impl Halt {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Chain,
        Self::Envelope,
        Self::Copy,
        Self::Receipt,
        Self::Server,
        Self::Elsewhere,
        Self::Missing,
        Self::Defect,
    ];

    /// Returns its stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Chain => "chain",
            Self::Envelope => "envelope",
            Self::Copy => "copy",
            Self::Receipt => "receipt",
            Self::Server => "server",
            Self::Elsewhere => "elsewhere",
            Self::Missing => "missing",
            Self::Defect => "defect",
        }
    }

    /// Reads it from its key; `None` for an unknown one.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|halt| halt.key() == key)
    }
}
