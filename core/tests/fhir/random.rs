//! Random handbooks of every kind of entry: written, read, equal. The documents are left for HAPI (`cargo xtask test --only
//! fhir`).

use std::collections::BTreeMap;

use ayumi_core::app::{FieldType, KINDS, Locale, NotebookType};
use ayumi_core::fhir::FileEntry;
use ayumi_core::fhir::open::open;
use ayumi_core::fhir::read::{own, read};
use ayumi_core::fhir::write::{Document, document};
use ayumi_core::model::kind::COMMON;
use ayumi_core::model::value::Fields;
use ayumi_play::{rounds, show};
use chrono::Days;
use serde_json::{Value, json};

use super::{day, fields, id, jp_core, root};

const HANDBOOKS: u64 = 200;
const SEED: u64 = 0x00F4_1404_2026;

const TEXTS: [&str; 8] = [
    "よく飲む",
    "<script>alert(1)</script> & \"引用\"",
    "一行目\n二行目\tタブ",
    "=1+1",
    "👶🏽 がわらった。髙﨑",
    "{{template}} ${x} %s \\ \u{202e}逆",
    "-",
    "0",
];

/// SplitMix64: small, and the same everywhere.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % n
    }

    fn pick<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[usize::try_from(self.below(all.len() as u64)).unwrap()]
    }

    fn date(&mut self) -> String {
        (day("2020-01-01") + Days::new(self.below(2000))).to_string()
    }

    fn time(&mut self) -> String {
        format!("{:02}:{:02}", self.below(24), self.below(60))
    }

    fn value(&mut self, field_type: FieldType) -> Value {
        match field_type {
            FieldType::Text(max) => {
                let text = self.pick(&TEXTS);
                let long = if self.below(9) == 0 { text.repeat(max / text.chars().count()) } else { text.to_owned() };
                long.trim().chars().take(max).collect::<String>().trim().into()
            }
            FieldType::Integer { min, max, .. } => {
                (min + i64::try_from(self.below(u64::try_from(max - min + 1).unwrap())).unwrap()).into()
            }
            FieldType::Decimal { min, max, decimals, .. } => {
                let scale = 10_f64.powi(decimals.into());
                let steps = ((max - min) * scale) as u64;
                ((((min * scale).round() + self.below(steps) as f64) / scale * scale).round() / scale).into()
            }
            FieldType::Date => self.date().into(),
            FieldType::ApproxDate => match self.below(4) {
                0 => "unknown".into(),
                1 => self.date()[..7].into(),
                2 => format!("{}~", self.date()).into(),
                _ => self.date().into(),
            },
            FieldType::DateTime => format!("{}T{}", self.date(), self.time()).into(),
            FieldType::Time => self.time().into(),
            FieldType::Gestation => format!("{}w{}d", 20 + self.below(22), self.below(7)).into(),
            FieldType::Code(options) => self.pick(options).into(),
            FieldType::Flags(options) => {
                let chosen: Vec<&str> = options.iter().copied().filter(|_| self.below(2) == 0).collect();
                let mut sorted = chosen;
                sorted.sort_unstable();
                sorted.into()
            }
            FieldType::YesNo => self.pick(&["yes", "no"]).into(),
            FieldType::YesNoUnsure => self.pick(&["yes", "no", "unsure"]).into(),
            FieldType::BloodPressure => format!("{}/{}", 90 + self.below(80), 50 + self.below(39)).into(),
            FieldType::Teeth(options) => {
                let tooth = |random: &mut Self| {
                    (format!("{}{}", 5 + random.below(4), 1 + random.below(5)), random.pick(options).into())
                };
                let count = self.below(4);
                Value::Object((0..count).map(|_| tooth(self)).collect())
            }
            FieldType::Reference => id(self.below(50)).to_string().into(),
        }
    }

    fn entry(&mut self, number: u64, notebook: NotebookType) -> FileEntry {
        let kinds: Vec<_> =
            KINDS.iter().filter(|kind| kind.id != "profile" && kind.notebooks.contains(&notebook)).collect();
        let kind = kinds[usize::try_from(self.below(kinds.len() as u64)).unwrap()];
        let mut fields = Fields::new();
        for field in kind.fields {
            if self.below(2) == 0 {
                fields.insert(field.key.replace('*', "walks_3"), self.value(field.field_type));
            }
        }
        for field in COMMON {
            if self.below(6) == 0 {
                fields.insert(field.key.into(), self.value(field.field_type));
            }
        }
        FileEntry { id: id(number), kind: kind.id.into(), on: Some(self.date().parse().unwrap()), fields }
    }
}

#[test]
fn random_handbooks_come_back_as_they_were() {
    let folder = root().join("target/fhir/documents");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let (mut entries_in_all, mut body) = (0, 0);
    for number in 0..rounds(HANDBOOKS) {
        let mut random = Random(SEED + number);
        let types = [NotebookType::Child, NotebookType::Child, NotebookType::Pregnancy, NotebookType::Private];
        let notebook = types[usize::try_from(random.below(4)).unwrap()];
        let mut profile = fields(json!({"notebook_type": notebook.key(), "name": random.pick(&TEXTS)}));
        for (key, value) in [
            ("born", random.date().into()),
            ("due", random.date().into()),
            ("multiple", json!(2)),
            ("sex", json!("unspecified")),
            ("gestation", json!("38w2d")),
        ] {
            if random.below(2) == 0 {
                profile.insert(key.into(), value);
            }
        }
        let entries: Vec<FileEntry> = (0..random.below(60)).map(|one| random.entry(1000 + one, notebook)).collect();
        let photos: BTreeMap<_, _> = entries
            .iter()
            .filter(|entry| entry.kind == "photo" && entry.fields.contains_key("sha256"))
            .map(|entry| (entry.id, vec![0xff, 0xd8, u8::try_from(number % 251).unwrap()]))
            .collect();
        let made = document(&Document {
            id: id(10_000 + number),
            person: id(20_000 + number),
            written: day("2026-04-20").and_hms_opt(9, 30, 0).unwrap(),
            locale: Locale::ALL[usize::try_from(random.below(3)).unwrap()],
            notebook,
            profile: &profile,
            entries: &entries,
            photos: &photos,
            next_doses: None,
        });
        body += jp_core::check(&made);
        let text = serde_json::to_string_pretty(&made).unwrap();
        std::fs::write(folder.join(format!("{number:03}.json")), &text).unwrap();

        let found = open(text.as_bytes()).unwrap();
        let said = own(&found).unwrap();
        assert_eq!((said.person, said.notebook, &said.profile), (id(20_000 + number), notebook, &profile), "{number}");
        let born = profile.get("born").and_then(Value::as_str).map(day);
        let reading = read(&found, born);
        let left: Vec<_> = reading
            .left
            .iter()
            .filter(|left| !["Composition", "Device", "RelatedPerson"].contains(&left.resource.as_str()))
            .collect();
        assert!(left.is_empty() && reading.unused.is_empty(), "{number}: {left:?} {:?}", reading.unused);
        let mut read: Vec<_> = reading.taken.iter().filter(|taken| taken.kind != "profile").collect();
        read.sort_by_key(|taken| taken.own);
        assert_eq!(read.len(), entries.len(), "{number}");
        for (read, entry) in read.iter().zip(&entries) {
            let got = (read.own, &read.kind, read.on, &read.fields);
            assert_eq!(got, (Some(entry.id), &entry.kind, entry.on, &entry.fields), "{number}");
            assert_eq!(read.picture.as_ref(), photos.get(&entry.id), "{number}");
        }
        entries_in_all += entries.len();
    }
    show(&format!(
        "fhir: {} handbooks from seed {SEED:#x}, {entries_in_all} entries, {body} body measurements",
        rounds(HANDBOOKS)
    ));
}
