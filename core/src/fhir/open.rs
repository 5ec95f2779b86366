//! A file as a list of resources: a bundle, bundles within it, one resource alone, or SMART Health Cards.

use std::collections::HashMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::card::{self, BadCard};

/// A file may be so large. Photos are in it.
pub const FILE_BYTES: usize = 256 * 1024 * 1024;
/// A file may hold so many resources.
pub const RESOURCES: usize = 100_000;
/// Bundles within bundles, so deep.
const DEPTH: usize = 4;

/// A resource of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// Its place in the file, from 1.
    pub place: u64,
    /// What it is: `Patient`, `Immunization`, …; empty if it does not say it.
    pub kind: String,
    /// What it is called in its bundle, if it is.
    pub url: Option<String>,
    /// Who made the card that it came in, if it came in one.
    pub card: Option<String>,
    /// Which bundle of the file it stands in: a reference means a resource of the same one.
    pub bundle: usize,
    /// All of it.
    pub body: Map<String, Value>,
}

impl Resource {
    /// Returns a text of it.
    pub fn text(&self, key: &str) -> &str {
        self.body.get(key).and_then(Value::as_str).unwrap_or_default()
    }
}

/// Why a file cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unopened {
    /// It is neither FHIR in JSON nor a card. Line and column where it ceases to be JSON; 0 where it is something else.
    NotFhir(usize, usize),
    /// It is larger than what is read, or unpacks to more.
    TooLarge,
    /// A part of a QR code is missing.
    PartMissing,
}

/// Whether the beginning of a file looks like FHIR or a card, and not like another JSON file.
pub fn looks_like_it(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let text = text.trim_start_matches('\u{feff}').trim();
    card::is_one(text) || text.starts_with('{') && serde_json::from_str::<Top>(text).is_ok_and(|top| top.kind.is_some())
}

/// The one element that tells FHIR from other JSON; nothing is kept.
#[derive(Deserialize)]
struct Top {
    #[serde(rename = "resourceType")]
    kind: Option<IgnoredAny>,
}

/// Opens a file.
///
/// # Errors
/// [`Unopened`].
pub fn open(bytes: &[u8]) -> Result<Vec<Resource>, Unopened> {
    if bytes.len() > FILE_BYTES {
        return Err(Unopened::TooLarge);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Unopened::NotFhir(0, 0))?;
    let text = text.trim_start_matches('\u{feff}').trim();
    let mut all = Resources::default();
    if card::is_one(text) {
        let cards = card::read(text).map_err(|error| match error {
            BadCard::NotOne => Unopened::NotFhir(0, 0),
            BadCard::TooLarge => Unopened::TooLarge,
            BadCard::PartMissing => Unopened::PartMissing,
        })?;
        for card in cards {
            all.add(card.bundle, None, Some(&card.issuer), 0, DEPTH)?;
        }
    } else {
        let body: Map<String, Value> =
            serde_json::from_str(text).map_err(|error| Unopened::NotFhir(error.line(), error.column()))?;
        if !body.contains_key("resourceType") {
            return Err(Unopened::NotFhir(0, 0));
        }
        all.add(body, None, None, 0, DEPTH)?;
    }
    Ok(all.found)
}

#[derive(Default)]
struct Resources {
    found: Vec<Resource>,
    bundles: usize,
}

impl Resources {
    /// Adds a resource, or, of a bundle, what is in it. `bundle` is the one that it stands in.
    fn add(
        &mut self,
        mut body: Map<String, Value>,
        url: Option<String>,
        card: Option<&str>,
        bundle: usize,
        depth: usize,
    ) -> Result<(), Unopened> {
        let kind = body.get("resourceType").and_then(Value::as_str).unwrap_or_default().to_owned();
        if kind == "Bundle" && depth > 0 && body.get("entry").is_some_and(Value::is_array) {
            self.bundles += 1;
            let inside = self.bundles;
            let Some(Value::Array(entries)) = body.remove("entry") else { return Ok(()) };
            for entry in entries {
                let Value::Object(mut entry) = entry else { return Err(Unopened::NotFhir(0, 0)) };
                let url = entry.get("fullUrl").and_then(Value::as_str).map(str::to_owned);
                if let Some(Value::Object(resource)) = entry.remove("resource") {
                    self.add(resource, url, card, inside, depth - 1)?;
                }
            }
            return Ok(());
        }
        if self.found.len() >= RESOURCES {
            return Err(Unopened::TooLarge);
        }
        let place = self.found.len() as u64 + 1;
        self.found.push(Resource { place, kind, url, card: card.map(str::to_owned), bundle, body });
        Ok(())
    }
}

/// Finds what a reference means: a resource of the same bundle, by its whole name or by `TYPE/ID`.
pub struct References<'a> {
    by_name: HashMap<(usize, String), &'a Resource>,
}

impl<'a> References<'a> {
    /// Over the resources of a file.
    pub fn new(all: &'a [Resource]) -> Self {
        let mut by_name = HashMap::new();
        for one in all {
            if let Some(url) = &one.url {
                by_name.entry((one.bundle, url.clone())).or_insert(one);
            }
            let id = one.text("id");
            if !id.is_empty() {
                by_name.entry((one.bundle, format!("{}/{id}", one.kind))).or_insert(one);
            }
        }
        Self { by_name }
    }

    /// Returns the resource that a reference of another means.
    pub fn find(&self, from: &Resource, reference: &str) -> Option<&'a Resource> {
        let whole = self.by_name.get(&(from.bundle, reference.to_owned()));
        whole.copied().or_else(|| {
            // An address ends with TYPE/ID, perhaps with a version behind it.
            let bare = reference.split("/_history").next().unwrap_or_default();
            let mut parts = bare.rsplit('/');
            let (id, kind) = (parts.next()?, parts.next()?);
            self.by_name.get(&(from.bundle, format!("{kind}/{id}"))).copied()
        })
    }
}
