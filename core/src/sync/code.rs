//! Codes that keys are made of: an invitation, a recovery sheet, a moving box. 128 random bits and more, in letters
//! that are hard to mistake, with a check at the end, so that a slip of the finger is found before anything is asked.

use ayumi_protocol::NotebookId;
use ayumi_protocol::purpose;
use ring::digest::{SHA256, digest};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::pins::{FINGERPRINT_BYTES, Fingerprint};
use crate::crypto::keys::{ProofKey, SecretKeys, derive};
use crate::crypto::{FileKey, NoRandomness, random};

/// Crockford's letters: no I, L, O, U.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHECK: usize = 3;
const SECRET: usize = 16;

/// Not a code, or one letter of it is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a code")]
pub struct NoCode;

/// Opens one notebook, once. Wiped when dropped.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Invitation {
    #[zeroize(skip)]
    notebook: NotebookId,
    secret: [u8; SECRET],
    #[zeroize(skip)]
    server: Option<String>,
    #[zeroize(skip)]
    server_key: Option<Fingerprint>,
}

impl std::fmt::Debug for Invitation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Invitation(…)")
    }
}

impl Invitation {
    /// A new one.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn generate(notebook: NotebookId, server: Option<String>) -> Result<Self, NoRandomness> {
        Ok(Self { notebook, secret: random()?, server, server_key: None })
    }

    /// Says which key its server has.
    #[must_use]
    pub fn at(mut self, server_key: Option<Fingerprint>) -> Self {
        self.server_key = server_key;
        self
    }

    /// Returns what the code says of its server's key.
    pub const fn server_key(&self) -> Option<Fingerprint> {
        self.server_key
    }

    /// The notebook that it opens.
    pub const fn notebook(&self) -> NotebookId {
        self.notebook
    }

    /// Where the notebook is, if the code says so.
    pub fn server(&self) -> Option<&str> {
        self.server.as_deref()
    }

    /// Its keys.
    pub fn keys(&self) -> SecretKeys {
        keys(&self.secret, self.notebook.as_bytes(), purpose::INVITE)
    }

    /// What proves the statement that opens it.
    pub fn proof(&self) -> ProofKey {
        ProofKey::from_code(&padded(&self.secret), self.notebook, purpose::INVITE_PROOF)
    }

    /// The code, as text or for a picture.
    pub fn to_text(&self) -> String {
        let body =
            write(b'J', &[&self.notebook.as_bytes()[..], &self.secret, print_of(self.server_key.as_ref())].concat());
        self.server.as_ref().map_or(body.clone(), |server| format!("{body}@{server}"))
    }

    /// Reads a code, however it is spaced.
    ///
    /// # Errors
    /// [`NoCode`].
    pub fn from_text(text: &str) -> Result<Self, NoCode> {
        let (body, server) = match text.split_once('@') {
            Some((body, server)) => (body, Some(server.trim().to_owned())),
            None => (text, None),
        };
        let (bytes, server_key) = read_with_key(b'J', body, 16 + SECRET)?;
        let (notebook, secret) = bytes.split_first_chunk::<16>().ok_or(NoCode)?;
        let notebook = NotebookId::from_slice(notebook).map_err(|_| NoCode)?;
        Ok(Self { notebook, secret: secret.try_into().map_err(|_| NoCode)?, server, server_key })
    }
}

/// What a family keeps in the paper handbook: opens all notebooks of a device. Wiped when dropped.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct RecoveryCode {
    secret: [u8; SECRET],
    #[zeroize(skip)]
    server_key: Option<Fingerprint>,
}

impl std::fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}

impl RecoveryCode {
    /// A new one.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn generate() -> Result<Self, NoRandomness> {
        Ok(Self::from_bytes(random()?))
    }

    /// From kept bytes.
    pub const fn from_bytes(secret: [u8; SECRET]) -> Self {
        Self { secret, server_key: None }
    }

    /// Says which key its server has.
    #[must_use]
    pub fn at(mut self, server_key: Option<Fingerprint>) -> Self {
        self.server_key = server_key;
        self
    }

    /// Returns what the sheet says of its server's key.
    pub const fn server_key(&self) -> Option<Fingerprint> {
        self.server_key
    }

    /// The bytes, to keep them in the encrypted file: new notebooks are added to the recovery sheet that is there.
    pub const fn expose(&self) -> &[u8; SECRET] {
        &self.secret
    }

    /// Its keys in a notebook; others in each, so that a server cannot link them.
    pub fn keys(&self, notebook: NotebookId) -> SecretKeys {
        keys(&self.secret, notebook.as_bytes(), purpose::PRINT)
    }

    /// What proves the statement that makes it valid in a notebook.
    pub fn proof(&self, notebook: NotebookId) -> ProofKey {
        ProofKey::from_code(&padded(&self.secret), notebook, purpose::PRINT_PROOF)
    }

    /// The keys of the drawer that holds the list of notebooks.
    pub fn drawer(&self) -> SecretKeys {
        keys(&self.secret, &[], purpose::DRAWER)
    }

    /// What seals the list.
    pub fn drawer_key(&self) -> [u8; 32] {
        derive(&padded(&self.secret), &[], purpose::DRAWER_CONTENT)
    }

    /// The code, as text or for a picture.
    pub fn to_text(&self) -> String {
        write(b'R', &[&self.secret[..], print_of(self.server_key.as_ref())].concat())
    }

    /// Reads a code, however it is spaced.
    ///
    /// # Errors
    /// [`NoCode`].
    pub fn from_text(text: &str) -> Result<Self, NoCode> {
        let (bytes, server_key) = read_with_key(b'R', text, SECRET)?;
        Ok(Self { secret: bytes.try_into().map_err(|_| NoCode)?, server_key })
    }
}

/// Opens a moving box. Wiped when dropped.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct MovingCode {
    secret: [u8; SECRET],
}

impl std::fmt::Debug for MovingCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MovingCode(…)")
    }
}

impl MovingCode {
    /// A new one.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn generate() -> Result<Self, NoRandomness> {
        Ok(Self { secret: random()? })
    }

    /// The key of the box.
    pub fn key(&self) -> FileKey {
        FileKey::from_bytes(derive(&padded(&self.secret), &[], purpose::BOX))
    }

    /// The code, as text.
    pub fn to_text(&self) -> String {
        write(b'M', &self.secret)
    }

    /// Reads a code, however it is spaced.
    ///
    /// # Errors
    /// [`NoCode`].
    pub fn from_text(text: &str) -> Result<Self, NoCode> {
        let bytes = read(b'M', text, SECRET)?;
        Ok(Self { secret: bytes.try_into().map_err(|_| NoCode)? })
    }
}

/// What a code says of its server's key, as bytes.
fn print_of(server_key: Option<&Fingerprint>) -> &[u8] {
    server_key.map_or(&[], |print| &print.0)
}

/// Reads a code that may say which key its server has, behind so many bytes.
fn read_with_key(kind: u8, text: &str, length: usize) -> Result<(Vec<u8>, Option<Fingerprint>), NoCode> {
    if let Ok(bytes) = read(kind, text, length) {
        return Ok((bytes, None));
    }
    let mut bytes = read(kind, text, length + FINGERPRINT_BYTES)?;
    let print = bytes.split_off(length).try_into().map_err(|_| NoCode)?;
    Ok((bytes, Some(Fingerprint(print))))
}

fn padded(secret: &[u8; SECRET]) -> [u8; 32] {
    let mut code = [0; 32];
    code[..SECRET].copy_from_slice(secret);
    code
}

fn keys(secret: &[u8; SECRET], salt: &[u8], purpose: &str) -> SecretKeys {
    SecretKeys::from_code(&derive(&padded(secret), salt, purpose), purpose)
}

fn check(kind: u8, bytes: &[u8]) -> [u8; CHECK] {
    let purpose = if kind == b'M' { purpose::BOX_CODE } else { purpose::CODE };
    let hash = digest(&SHA256, &[purpose.as_bytes(), &[kind][..], bytes].concat());
    let mut check = [0; CHECK];
    check.copy_from_slice(&hash.as_ref()[..CHECK]);
    check
}

/// `J`, `R`, `M`, `N` or `T`, then groups of four.
pub(super) fn write(kind: u8, bytes: &[u8]) -> String {
    let whole = [bytes, &check(kind, bytes)].concat();
    let mut text = String::from(kind as char);
    let (mut bits, mut count, mut letters) = (0_u32, 0, 0);
    let mut push = |five: u32| {
        if letters % 4 == 0 {
            text.push('-');
        }
        letters += 1;
        text.push(LETTERS[(five & 31) as usize] as char);
    };
    for byte in whole {
        bits = bits << 8 | u32::from(byte);
        count += 8;
        while count >= 5 {
            count -= 5;
            push(bits >> count);
        }
    }
    if count > 0 {
        push(bits << (5 - count));
    }
    text
}

pub(super) fn read(kind: u8, text: &str, length: usize) -> Result<Vec<u8>, NoCode> {
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    let mut letters = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '‐' | '－' | 'ー'));
    if letters.next().map(|c| c.to_ascii_uppercase()) != Some(kind as char) {
        return Err(NoCode);
    }
    for letter in letters {
        // What is read for another letter is taken for the one that it looks like.
        let letter = match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        let five = LETTERS.iter().position(|known| *known as char == letter).ok_or(NoCode)?;
        bits = (bits & 0xff) << 5 | five as u32;
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    // One code has one form: what is left over is zero.
    let rest = bits & ((1 << count) - 1);
    if bytes.len() != length + CHECK || rest != 0 {
        return Err(NoCode);
    }
    let given = bytes.split_off(length);
    if given == check(kind, &bytes) { Ok(bytes) } else { Err(NoCode) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notebook() -> NotebookId {
        NotebookId::from_slice(&[9; 16]).unwrap()
    }

    #[test]
    fn codes_come_back_however_they_are_typed() {
        let server = Some("https://ayumi.city.example".to_owned());
        let key = Some(Fingerprint([0xa5; FINGERPRINT_BYTES]));
        for (server, key) in [(None, None), (server.clone(), None), (server, key)] {
            let code = Invitation::generate(notebook(), server).unwrap().at(key);
            let text = code.to_text();
            assert_eq!(Invitation::from_text(&text), Ok(code.clone()), "{text}");
            assert_eq!(Invitation::from_text(&format!(" {} ", text.replace('-', " - "))), Ok(code));
        }
        let sheet = RecoveryCode::generate().unwrap().at(key);
        assert_eq!(RecoveryCode::from_text(&sheet.to_text()), Ok(sheet));
        let print = RecoveryCode::generate().unwrap();
        let text = print.to_text();
        assert_eq!(text.len(), 1 + 31 + 8, "31 letters in groups: {text}");
        for typed in
            [text.clone(), text.to_lowercase(), text.replace('0', "O").replace('1', "l"), text.replace('-', "")]
        {
            assert_eq!(RecoveryCode::from_text(&typed), Ok(print.clone()), "{typed}");
        }
        assert_eq!(format!("{print:?}"), "RecoveryCode(…)");
    }

    #[test]
    fn a_slip_of_the_finger_is_found() {
        let text = RecoveryCode::generate().unwrap().to_text();
        let letters: Vec<char> = text.chars().collect();
        for at in 0..letters.len() {
            for other in ['7', 'Z', 'U', 'あ'] {
                if letters[at] == other || letters[at] == '-' {
                    continue;
                }
                let mut slip = letters.clone();
                slip[at] = other;
                let slip: String = slip.into_iter().collect();
                assert_eq!(RecoveryCode::from_text(&slip), Err(NoCode), "{slip}");
            }
        }
        for wrong in ["", "R", "R-", &text[..text.len() - 1], &format!("{text}0"), &text.replacen('R', "J", 1)] {
            assert_eq!(RecoveryCode::from_text(wrong), Err(NoCode), "{wrong}");
            assert_eq!(Invitation::from_text(wrong), Err(NoCode), "{wrong}");
        }
    }

    /// Computed apart, with the purposes under which transfer files were packed before.
    #[test]
    fn a_transfer_file_that_was_packed_before_opens_with_its_code() {
        let code = MovingCode::from_text("M-0C1G-60R3-0C1G-60R3-0C1G-60R3-0CW3-2G8").unwrap();
        assert_eq!(code.secret, [3; 16]);
        assert_eq!(*code.key().to_hex(), "4d381e624156a644a3ec35883550e0f664f3ad89deb74d5cfc2ebf2c2cc5d95c");
    }

    #[test]
    fn keys_follow_from_code_notebook_and_purpose() {
        let print = RecoveryCode::from_bytes([3; 16]);
        let other = NotebookId::from_slice(&[8; 16]).unwrap();
        assert_eq!(print.keys(notebook()), RecoveryCode::from_bytes([3; 16]).keys(notebook()));
        assert_ne!(print.keys(notebook()), print.keys(other));
        assert_ne!(print.keys(notebook()), print.drawer());
    }
}
