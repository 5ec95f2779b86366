//! SMART Health Cards: the text of a QR code (`shc:/…`), a `.smart-health-card` file, or the token itself. The signature is
//! not checked, which what comes in says.
//!
//! Format: SMART Health Cards Framework 1.4 (<https://spec.smarthealth.cards>).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Map, Value};

/// What a card may hold once it is unpacked. A QR code holds some kilobytes.
pub const CARD_BYTES: usize = 1024 * 1024;
/// How many cards one file may hold.
pub const CARDS: usize = 100;
/// How many QR codes one card may be cut into.
const PARTS: usize = 100;
/// With which the text of a QR code begins.
pub const PREFIX: &str = "shc:/";

/// A card, unpacked.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    /// Who says to have made it; at most 100 characters.
    pub issuer: String,
    /// The FHIR bundle in it.
    pub bundle: Map<String, Value>,
}

/// Why a card cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadCard {
    /// It is none.
    NotOne,
    /// It unpacks to more than a card holds, or there are too many.
    TooLarge,
    /// A part of a QR code that was cut into several is missing.
    PartMissing,
}

#[derive(Deserialize)]
struct File {
    #[serde(rename = "verifiableCredential")]
    tokens: Vec<String>,
}

#[derive(Deserialize)]
struct Header {
    #[serde(default)]
    zip: String,
}

#[derive(Deserialize)]
struct Payload {
    iss: String,
    vc: Credential,
}

#[derive(Deserialize)]
struct Credential {
    #[serde(rename = "credentialSubject")]
    subject: Subject,
}

#[derive(Deserialize)]
struct Subject {
    #[serde(rename = "fhirBundle")]
    bundle: Map<String, Value>,
}

/// Whether a text looks like one or more cards.
pub fn is_one(text: &str) -> bool {
    let token = |text: &str| text.starts_with("eyJ") && text.bytes().filter(|b| *b == b'.').count() == 2;
    text.get(..PREFIX.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(PREFIX))
        || token(text)
        || text.starts_with('{') && text.contains("\"verifiableCredential\"") && !text.contains("\"resourceType\"")
}

/// Reads the cards of a text.
///
/// # Errors
/// [`BadCard`].
pub fn read(text: &str) -> Result<Vec<Card>, BadCard> {
    let tokens = if text.starts_with('{') {
        serde_json::from_str::<File>(text).map_err(|_| BadCard::NotOne)?.tokens
    } else {
        let mut words = text.split_whitespace().peekable();
        if words.peek().is_some_and(|word| word.starts_with("eyJ")) {
            words.map(str::to_owned).collect()
        } else {
            scanned(words)?
        }
    };
    match tokens.len() {
        0 => Err(BadCard::NotOne),
        count if count > CARDS => Err(BadCard::TooLarge),
        _ => tokens.iter().map(|token| unpack(token)).collect(),
    }
}

/// Tokens from the texts of QR codes, each alone or in numbered parts (`shc:/2/3/…`) that follow each other in any order.
fn scanned<'a>(codes: impl Iterator<Item = &'a str>) -> Result<Vec<String>, BadCard> {
    let mut tokens = Vec::new();
    let mut parts: Vec<Option<String>> = Vec::new();
    for code in codes {
        let (begin, rest) = code.split_at_checked(PREFIX.len()).ok_or(BadCard::NotOne)?;
        if !begin.eq_ignore_ascii_case(PREFIX) {
            return Err(BadCard::NotOne);
        }
        let mut split = rest.split('/');
        match (split.next(), split.next(), split.next(), split.next()) {
            (Some(digits), None, ..) if parts.is_empty() => tokens.push(letters(digits)?),
            (Some(number), Some(count), Some(digits), None) => {
                let number: usize = number.parse().map_err(|_| BadCard::NotOne)?;
                let count: usize = count.parse().map_err(|_| BadCard::NotOne)?;
                if count > PARTS || number == 0 || number > count || !parts.is_empty() && parts.len() != count {
                    return Err(BadCard::PartMissing);
                }
                parts.resize(count, None);
                parts[number - 1] = Some(letters(digits)?);
                if parts.iter().all(Option::is_some) {
                    tokens.push(std::mem::take(&mut parts).into_iter().flatten().collect());
                }
            }
            _ => return Err(BadCard::PartMissing),
        }
        if tokens.len() > CARDS {
            return Err(BadCard::TooLarge);
        }
    }
    if parts.is_empty() { Ok(tokens) } else { Err(BadCard::PartMissing) }
}

/// Two digits for each letter, counted from `-`.
fn letters(digits: &str) -> Result<String, BadCard> {
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    let letter = |pair: &[u8; 2]| {
        let number = pair.iter().all(u8::is_ascii_digit).then(|| (pair[0] - b'0') * 10 + (pair[1] - b'0'))?;
        (number <= b'z' - b'-').then(|| char::from(number + b'-'))
    };
    pairs.iter().map(letter).collect::<Option<String>>().filter(|_| rest.is_empty()).ok_or(BadCard::NotOne)
}

/// A compact token: header, payload, and a signature that is not looked at.
fn unpack(token: &str) -> Result<Card, BadCard> {
    let mut parts = token.trim().split('.');
    let (Some(header), Some(payload), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(BadCard::NotOne);
    };
    let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| BadCard::NotOne);
    let header: Header = serde_json::from_slice(&decoded(header)?).map_err(|_| BadCard::NotOne)?;
    let payload = match header.zip.as_str() {
        "DEF" => inflate(&decoded(payload)?)?,
        "" => decoded(payload)?,
        _ => return Err(BadCard::NotOne),
    };
    if payload.len() > CARD_BYTES {
        return Err(BadCard::TooLarge);
    }
    let payload: Payload = serde_json::from_slice(&payload).map_err(|_| BadCard::NotOne)?;
    let issuer = payload.iss.chars().filter(|c| !c.is_control()).take(100).collect();
    Ok(Card { issuer, bundle: payload.vc.subject.bundle })
}

/// Raw DEFLATE, and no more of it than a card holds.
fn inflate(packed: &[u8]) -> Result<Vec<u8>, BadCard> {
    use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_with_limit};
    decompress_to_vec_with_limit(packed, CARD_BYTES).map_err(|error| match error.status {
        TINFLStatus::HasMoreOutput => BadCard::TooLarge,
        _ => BadCard::NotOne,
    })
}
