//! Words shown to people: content files, never code. Read when first needed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use once_cell::sync::Lazy;

use crate::furigana;
use crate::model::date::months_and_days;
use crate::model::field::FieldDef;
use crate::model::kind::{COMMON, KindDef, ON};
use crate::model::text::fold_without_readings;

/// A language that words are shown in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi(name = "Language"))]
pub enum Locale {
    /// 日本語
    #[default]
    Ja,
    /// やさしい日本語
    JaEasy,
    /// English
    En,
}

impl Locale {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Ja, Self::JaEasy, Self::En];

    /// Returns its stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::JaEasy => "ja-easy",
            Self::En => "en",
        }
    }

    /// Reads it from its key; `None` for an unknown one.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|locale| locale.key() == key)
    }
}

type Words = HashMap<String, [String; 3]>;

/// A file of words. A test parses each; an unreadable one (which cannot be shipped) holds no words.
fn parse(text: &str) -> Words {
    let value: serde_json::Value = toml::from_str(&furigana::plain(text)).unwrap_or_default();
    serde_json::from_value(value).unwrap_or_default()
}

static FORM: Lazy<Words> = Lazy::new(|| parse(&crate::packed::packed_text!("texts/form.toml")));
static GROWTH: Lazy<Words> = Lazy::new(|| parse(&crate::packed::packed_text!("texts/growth.toml")));
static BOOKLET: Lazy<Words> = Lazy::new(|| parse(&crate::packed::packed_text!("texts/booklet.toml")));
static ERRORS: Lazy<Words> = Lazy::new(|| parse(&crate::packed::packed_text!("texts/errors.toml")));
static FHIR: Lazy<Words> = Lazy::new(|| parse(&crate::packed::packed_text!("texts/fhir.toml")));
static MEMBERS: Lazy<Words> = Lazy::new(|| parse(&crate::packed::packed_text!("texts/members.toml")));
static MUNICIPAL: Lazy<Words> = Lazy::new(|| parse(&crate::packed::packed_text!("texts/municipal.toml")));
static INSIGHT: Lazy<Words> = Lazy::new(|| parse(&crate::packed::packed_text!("texts/insight.toml")));

/// Other names of options: those that are not their labels.
static NAMES: Lazy<HashMap<String, Vec<String>>> = Lazy::new(|| {
    let value: serde_json::Value = toml::from_str(&crate::packed::packed_text!("texts/names.toml")).unwrap_or_default();
    serde_json::from_value(value).unwrap_or_default()
});

fn look_up<'a>(words: &'a Words, keys: &[&str], locale: Locale) -> Option<&'a str> {
    let template = keys.iter().find_map(|key| words.get(*key))?;
    Some(&template[locale as usize])
}

/// Label of a kind; its key if there is none (a kind of a newer version).
pub fn kind_label(kind: &str, locale: Locale) -> String {
    look_up(&FORM, &[kind], locale).unwrap_or(kind).to_owned()
}

/// Label of a field.
pub fn field_label(kind: &str, field: &str, locale: Locale) -> String {
    let keys = [format!("{kind}.{field}"), format!("*.{field}")];
    look_up(&FORM, &[&keys[0], &keys[1]], locale).unwrap_or(field).to_owned()
}

/// Label of an option.
pub fn option_label(kind: &str, field: &str, option: &str, locale: Locale) -> String {
    let keys = [format!("{kind}.{field}={option}"), format!("*.{field}={option}"), format!("={option}")];
    look_up(&FORM, &[&keys[0], &keys[1], &keys[2]], locale).unwrap_or(option).to_owned()
}

/// Words of the growth part.
pub fn growth(key: &str, locale: Locale) -> &'static str {
    look_up(&GROWTH, &[key], locale).unwrap_or_default()
}

/// Returns words of the printed booklet.
pub fn booklet(key: &str, locale: Locale) -> &'static str {
    look_up(&BOOKLET, &[key], locale).unwrap_or_default()
}

/// A date as it is written out.
pub fn long_date(date: NaiveDate, locale: Locale) -> String {
    date.format(if locale == Locale::En { "%-d %B %Y" } else { "%Y年%-m月%-d日" }).to_string()
}

/// An age in words: days in the first month, then months, from the first birthday on years and months.
pub fn age_words(born: NaiveDate, on: NaiveDate, locale: Locale) -> Option<String> {
    let (months, days) = months_and_days(born, on)?;
    let (key, years) = match months {
        0 => ("age.days", 0),
        1..=11 => ("age.months", 0),
        _ if months % 12 == 0 => ("age.years", months / 12),
        _ => ("age.years_months", months / 12),
    };
    let rest = if years > 0 { months % 12 } else { months };
    let words = booklet(key, locale);
    let words =
        words.replace("{d}", &days.to_string()).replace("{m}", &rest.to_string()).replace("{y}", &years.to_string());
    Some(counted(words, locale))
}

/// What to tell a parent of an error, by its code.
pub fn error(code: &str, locale: Locale) -> &'static str {
    look_up(&ERRORS, &[code], locale).unwrap_or_default()
}

/// Returns words of FHIR documents, and of why something was not taken from one.
pub fn fhir(key: &str, locale: Locale) -> &'static str {
    look_up(&FHIR, &[key], locale).unwrap_or_default()
}

/// Returns words about members and codes.
pub fn members(key: &str, locale: Locale) -> &'static str {
    look_up(&MEMBERS, &[key], locale).unwrap_or_default()
}

/// Returns words about a municipality's feed and its notices. No municipality replaces them.
pub fn municipal(key: &str, locale: Locale) -> &'static str {
    look_up(&MUNICIPAL, &[key], locale).unwrap_or_default()
}

/// Words of self-check, vaccines, agenda and desks. A municipality may replace them: see
/// [`crate::content::Content::word`].
pub fn insight(key: &str, locale: Locale) -> &'static str {
    look_up(&INSIGHT, &[key], locale).unwrap_or_default()
}

/// The keys of these words.
pub fn insight_keys() -> BTreeSet<String> {
    INSIGHT.keys().cloned().collect()
}

/// These words in Japanese, by key.
pub(crate) fn insight_in_japanese() -> BTreeMap<String, String> {
    INSIGHT.iter().map(|(key, words)| (key.clone(), words[0].clone())).collect()
}

/// English says "1 year" and "2 years"; the words of a text stand in the plural.
pub(crate) fn counted(words: String, locale: Locale) -> String {
    if locale != Locale::En {
        return words;
    }
    let mut after_one = false;
    let singular = |word: &str| -> String {
        let one = std::mem::replace(&mut after_one, word == "1");
        let bare = word.strip_suffix('s').filter(|bare| one && ["day", "week", "month", "year"].contains(bare));
        bare.unwrap_or(word).to_owned()
    };
    words.split(' ').map(singular).collect::<Vec<_>>().join(" ")
}

/// A name as it is compared: width, kana, blanks, and readings behind kanji do not matter.
fn bare_name(text: &str) -> String {
    fold_without_readings(text).chars().filter(|c| !c.is_whitespace()).collect()
}

/// The field of a kind that a person names: by key or by label in any language, with its readings, without, or by these alone.
pub fn field_by_name(kind: &KindDef, name: &str) -> Option<&'static str> {
    let name = name.trim();
    let fields = || std::iter::once(&ON).chain(kind.fields).chain(COMMON);
    let wanted = Lazy::new(|| bare_name(name));
    let labels = |key: &str| Locale::ALL.map(|locale| field_label(kind.id, key, locale));
    let exactly = |key: &str| labels(key).iter().any(|label| label == name);
    let nearly = |key: &str| {
        !wanted.is_empty()
            && labels(key).iter().any(|label| [bare_name(label), bare_name(&furigana::aloud(label))].contains(&wanted))
    };
    let found = fields().find(|f| f.key.eq_ignore_ascii_case(name));
    found.or_else(|| fields().find(|f| exactly(f.key))).or_else(|| fields().find(|f| nearly(f.key))).map(|f| f.key)
}

/// The option of a field that a person names: by key, by label in any language, or by another name that is common. `None` if none
/// is meant, or several are.
pub fn option_by_name(kind: &KindDef, field: &FieldDef, name: &str) -> Option<&'static str> {
    let plain = |text: &str| -> String {
        let folded = bare_name(text);
        // How it is given, as it stands on a label: ゴービック水性懸濁注シリンジ.
        let forms = ["水性懸濁", "内用液", "皮下注", "筋注", "注しりんじ", "注0", "点鼻液"];
        let end = forms.iter().filter_map(|form| folded.find(form)).filter(|at| *at > 0).min();
        let folded = folded.get(..end.unwrap_or(folded.len())).unwrap_or_default();
        folded.strip_suffix("わくちん").unwrap_or(folded).to_owned()
    };
    let wanted = plain(name);
    let called = |option: &str| {
        let label = |locale: &Locale| {
            let label = option_label(kind.id, field.key, option, *locale);
            plain(&label) == wanted || plain(&furigana::aloud(&label)) == wanted
        };
        let others = NAMES.get(&format!("{}.{}={option}", kind.id, field.key));
        plain(option) == wanted
            || Locale::ALL.iter().any(label)
            || others.is_some_and(|names| names.iter().any(|other| plain(other) == wanted))
    };
    let mut meant = field.field_type.options().iter().copied().filter(|option| called(option));
    meant.next().filter(|_| !wanted.is_empty() && meant.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::kinds::KINDS;

    #[test]
    fn every_label_is_there_in_every_language() {
        for (name, text) in [
            ("form", include_str!("../content/texts/form.toml")),
            ("growth", include_str!("../content/texts/growth.toml")),
            ("booklet", include_str!("../content/texts/booklet.toml")),
            ("fhir", include_str!("../content/texts/fhir.toml")),
            ("members", include_str!("../content/texts/members.toml")),
            ("insight", include_str!("../content/texts/insight.toml")),
            ("municipal", include_str!("../content/texts/municipal.toml")),
        ] {
            let words: Words = toml::from_str(&furigana::plain(text)).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert!(words.values().flatten().all(|word| !word.trim().is_empty()), "{name}: an empty word");
        }
        let mut missing = Vec::new();
        for kind in KINDS {
            if !FORM.contains_key(kind.id) {
                missing.push(kind.id.to_owned());
            }
            for field in kind.fields.iter().chain(COMMON).chain([&ON]) {
                let keys = [format!("{}.{}", kind.id, field.key), format!("*.{}", field.key)];
                if !keys.iter().any(|key| FORM.contains_key(key)) {
                    missing.push(keys[0].clone());
                }
                for option in field.field_type.options() {
                    let keys = [
                        format!("{}.{}={option}", kind.id, field.key),
                        format!("*.{}={option}", field.key),
                        format!("={option}"),
                    ];
                    if !keys.iter().any(|key| FORM.contains_key(key)) {
                        missing.push(keys[0].clone());
                    }
                }
            }
        }
        assert_eq!(missing, Vec::<String>::new());
    }

    #[test]
    fn what_is_filled_in_is_in_every_language() {
        for words in [&*FORM, &*GROWTH, &*BOOKLET, &*ERRORS, &*FHIR, &*MEMBERS, &*INSIGHT, &*MUNICIPAL] {
            for (key, three) in words {
                let names = |text: &str| -> BTreeSet<String> {
                    text.split('{')
                        .skip(1)
                        .filter_map(|part| part.split_once('}'))
                        .map(|(name, _)| name.to_owned())
                        .collect()
                };
                assert!(three.iter().all(|text| names(text) == names(&three[0])), "{key}: {three:?}");
            }
        }
    }

    /// A field answers to each of its labels, and to the label without its readings.
    #[test]
    fn a_field_is_known_by_its_label_with_and_without_readings() {
        let mut read = 0;
        for kind in KINDS {
            for field in kind.fields.iter().chain(COMMON).chain([&ON]) {
                let label = field_label(kind.id, field.key, Locale::JaEasy);
                let without = furigana::without(&label);
                read += usize::from(without != label);
                // Two fields of a kind may have one label; then the first is meant by both names.
                assert_eq!(field_by_name(kind, &without), field_by_name(kind, &label), "{}.{}", kind.id, field.key);
                assert!(field_by_name(kind, &label).is_some(), "{label}");
            }
        }
        assert!(read > 20, "{read} labels with readings");
        let growth = KINDS.iter().find(|kind| kind.id == "growth").unwrap();
        for name in [
            "体重",
            "体重(たいじゅう)",
            "体重（タイジュウ）",
            "{体重|たいじゅう}",
            "たいじゅう",
            " 体 重 ",
            "WEIGHT",
            "Ｗｅｉｇｈｔ",
        ] {
            assert_eq!(field_by_name(growth, name), Some("weight"), "{name}");
        }
        assert_eq!(field_by_name(growth, "(たいじゅう)"), None);
    }

    #[test]
    fn one_is_one_in_english() {
        for (words, wanted) in [
            ("1 years 1 months", "1 year 1 month"),
            ("about 11 months", "about 11 months"),
            ("21 weeks 1 days", "21 weeks 1 day"),
            ("1 times", "1 times"),
        ] {
            assert_eq!(counted(words.to_owned(), Locale::En), wanted);
        }
        assert_eq!(counted("1 days".to_owned(), Locale::Ja), "1 days");
    }

    #[test]
    fn other_names_are_of_options_and_each_names_one() {
        for (key, names) in &*NAMES {
            let (path, option) = key.split_once('=').unwrap();
            let (kind, field) = path.split_once('.').unwrap();
            let kind = KINDS.iter().find(|known| known.id == kind).unwrap();
            for name in names {
                assert_eq!(option_by_name(kind, kind.field(field).unwrap(), name), Some(option), "{key}: {name}");
            }
        }
        assert!(NAMES.len() > 10);
    }

    #[test]
    fn no_label_is_left_over() {
        let known = |key: &str| {
            let (path, option) = key.split_once('=').map_or((key, None), |(p, o)| (p, Some(o)));
            let (kind, field) = path.split_once('.').unwrap_or((path, ""));
            KINDS.iter().any(|k| {
                (kind.is_empty() || kind == "*" || k.id == kind)
                    && (field.is_empty() && option.is_none()
                        || k.fields.iter().chain(COMMON).chain([&ON]).any(|f| {
                            (field.is_empty() || f.key == field)
                                && option.is_none_or(|o| f.field_type.options().contains(&o))
                        }))
            })
        };
        let left: Vec<&String> = FORM.keys().filter(|key| !known(key)).collect();
        assert!(left.is_empty(), "{left:?}");
    }
}
