//! What goes into a statement and comes back: numbers, texts, bytes, nothing.

use ayumi_protocol::municipal::thread::id::DeskId;
use ayumi_protocol::municipal::thread::{RandomId, UnixMs};

use super::DatabaseError;

/// One value.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Null,
    /// A number, a moment, or yes (1) and no (0).
    Number(i64),
    /// A text.
    Text(String),
    /// Bytes, or an id.
    Bytes(Vec<u8>),
}

impl std::fmt::Debug for Value {
    /// Its kind only: values are of persons.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Number(_) => "number",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
        })
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<u64> for Value {
    /// A number beyond what a database holds becomes the greatest one.
    fn from(number: u64) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<bool> for Value {
    fn from(is: bool) -> Self {
        Self::Number(is.into())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl<const N: usize> From<[u8; N]> for Value {
    fn from(bytes: [u8; N]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl From<RandomId> for Value {
    fn from(id: RandomId) -> Self {
        Self::Bytes(id.as_bytes().to_vec())
    }
}

impl From<UnixMs> for Value {
    fn from(moment: UnixMs) -> Self {
        moment.0.into()
    }
}

impl From<&DeskId> for Value {
    fn from(desk: &DeskId) -> Self {
        Self::Text(desk.0.as_ref().to_owned())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// One row that came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record(pub Vec<Value>);

impl Record {
    /// Reads its fields from the first on.
    pub fn fields(self) -> Fields {
        Fields(self.0.into_iter())
    }
}

/// The fields of a row, each read once, in their order.
#[derive(Debug)]
pub struct Fields(std::vec::IntoIter<Value>);

type Read<T> = Result<T, DatabaseError>;

impl Fields {
    fn next(&mut self) -> Read<Value> {
        self.0.next().ok_or(DatabaseError::Unreadable)
    }

    /// Reads a number that may be missing.
    ///
    /// # Errors
    /// [`DatabaseError::Unreadable`], as of all readers here.
    pub fn number_or_none(&mut self) -> Read<Option<u64>> {
        match self.next()? {
            Value::Null => Ok(None),
            Value::Number(number) => u64::try_from(number).map(Some).map_err(|_| DatabaseError::Unreadable),
            _ => Err(DatabaseError::Unreadable),
        }
    }

    /// Reads a number that is not below zero.
    ///
    /// # Errors
    /// [`DatabaseError::Unreadable`].
    pub fn number(&mut self) -> Read<u64> {
        self.number_or_none()?.ok_or(DatabaseError::Unreadable)
    }

    /// Reads a small number.
    ///
    /// # Errors
    /// [`DatabaseError::Unreadable`].
    pub fn small<T: TryFrom<u64>>(&mut self) -> Read<T> {
        T::try_from(self.number()?).map_err(|_| DatabaseError::Unreadable)
    }

    /// Reads a moment.
    ///
    /// # Errors
    /// [`DatabaseError::Unreadable`].
    pub fn moment(&mut self) -> Read<UnixMs> {
        self.number().map(UnixMs)
    }

    /// Reads a moment that may be missing.
    ///
    /// # Errors
    /// [`DatabaseError::Unreadable`].
    pub fn moment_or_none(&mut self) -> Read<Option<UnixMs>> {
        Ok(self.number_or_none()?.map(UnixMs))
    }

    /// Reads yes or no.
    ///
    /// # Errors
    /// [`DatabaseError::Unreadable`].
    pub fn yes(&mut self) -> Read<bool> {
        Ok(self.number()? != 0)
    }

    /// Reads a text that may be missing.
    ///
    /// # Errors
    /// [`DatabaseError::Unreadable`].
    pub fn text_or_none(&mut self) -> Read<Option<String>> {
        match self.next()? {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text)),
            _ => Err(DatabaseError::Unreadable),
        }
    }

    /// Reads a text.
    ///
    /// # Errors
    /// [`DatabaseError::Unreadable`].
    pub fn text(&mut self) -> Read<String> {
        self.text_or_none()?.ok_or(DatabaseError::Unreadable)
    }

    /// Reads bytes that may be missing.
    ///
    /// # Errors
    /// [`DatabaseError::Unreadable`].
    pub fn bytes_or_none(&mut self) -> Read<Option<Vec<u8>>> {
        match self.next()? {
            Value::Null => Ok(None),
            Value::Bytes(bytes) => Ok(Some(bytes)),
            _ => Err(DatabaseError::Unreadable),
        }
    }

    /// Reads bytes.
    ///
    /// # Errors
    /// [`DatabaseError::Unreadable`].
    pub fn bytes(&mut self) -> Read<Vec<u8>> {
        self.bytes_or_none()?.ok_or(DatabaseError::Unreadable)
    }

    /// Reads so many bytes.
    ///
    /// # Errors
    /// [`DatabaseError::Unreadable`].
    pub fn array<const N: usize>(&mut self) -> Read<[u8; N]> {
        self.bytes()?.try_into().map_err(|_| DatabaseError::Unreadable)
    }

    /// Reads an id that may be missing.
    ///
    /// # Errors
    /// [`DatabaseError::Unreadable`].
    pub fn id_or_none(&mut self) -> Read<Option<RandomId>> {
        let bytes = self.bytes_or_none()?.map(<[u8; 16]>::try_from).transpose();
        let bytes = bytes.map_err(|_| DatabaseError::Unreadable)?;
        // What was no random id before becomes none silently: it would be another one's.
        let id = bytes.map(RandomId::from_random).filter(|id| bytes.as_ref() == Some(id.as_bytes()));
        if id.is_some() == bytes.is_some() { Ok(id) } else { Err(DatabaseError::Unreadable) }
    }

    /// Reads an id.
    ///
    /// # Errors
    /// [`DatabaseError::Unreadable`].
    pub fn id(&mut self) -> Read<RandomId> {
        self.id_or_none()?.ok_or(DatabaseError::Unreadable)
    }

    /// Reads a desk that may be missing.
    ///
    /// # Errors
    /// [`DatabaseError::Unreadable`].
    pub fn desk_or_none(&mut self) -> Read<Option<DeskId>> {
        Ok(self.text_or_none()?.map(DeskId::from))
    }

    /// Reads a desk.
    ///
    /// # Errors
    /// [`DatabaseError::Unreadable`].
    pub fn desk(&mut self) -> Read<DeskId> {
        self.text().map(DeskId::from)
    }

    /// Reads a key of a closed list.
    ///
    /// # Errors
    /// [`DatabaseError::Unreadable`].
    pub fn one_of<T: Copy>(&mut self, all: &[T], key: impl Fn(T) -> &'static str) -> Read<T> {
        let text = self.text()?;
        all.iter().copied().find(|one| key(*one) == text).ok_or(DatabaseError::Unreadable)
    }
}
