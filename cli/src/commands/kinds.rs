//! `entry kinds`: what a handbook keeps: kinds of entries, their fields, types, units, ranges.

use ayumi_core::app::{About, COMMON, FieldDef, FieldType, KINDS, KindDef, Locale, NotebookType, WrittenBy, texts};
use serde_json::{Value, json};

use crate::args::GlobalArgs;
use crate::output::{Failure, print};
use crate::words::say;

pub(super) fn run(args: &GlobalArgs, wanted: Option<&str>) -> Result<(), Failure> {
    let kinds: Vec<&KindDef> =
        KINDS.iter().filter(|kind| kind.id != "profile" && wanted.is_none_or(|id| id == kind.id)).collect();
    if let (Some(id), true) = (wanted, kinds.is_empty()) {
        return Err(Failure::Wrong(
            "kind: \"{given}\" does not fit; allowed: a kind of \"ayumi entry kinds\"",
            vec![("given", id.to_owned())],
        ));
    }
    let values: Vec<Value> = kinds.iter().map(|kind| kind_json(kind, args.locale)).collect();
    let value = if wanted.is_some() { values.first().cloned().unwrap_or_default() } else { Value::from(values) };
    print(args, &value, || kinds.iter().map(|kind| kind_text(kind, args.locale, wanted.is_some())).collect())
}

fn kind_json(kind: &KindDef, locale: Locale) -> Value {
    let field = |field: &FieldDef| {
        let mut value = json!({
            "field": field.key,
            "label": texts::field_label(kind.id, field.key, locale),
            "type": field.field_type.name(),
            "allowed": allowed(kind, field, locale),
        });
        if !field.field_type.unit().is_empty() {
            value["unit"] = field.field_type.unit().into();
        }
        match field.field_type {
            FieldType::Integer { min, max, .. } => (value["min"], value["max"]) = (min.into(), max.into()),
            FieldType::Decimal { min, max, decimals, .. } => {
                (value["min"], value["max"], value["decimals"]) = (min.into(), max.into(), decimals.into());
            }
            FieldType::Text(max) => value["max_characters"] = max.into(),
            _ => {}
        }
        if !field.field_type.options().is_empty() {
            let option =
                |key: &&str| json!({"key": key, "label": texts::option_label(kind.id, field.key, key, locale)});
            value["options"] = field.field_type.options().iter().map(option).collect();
        }
        value
    };
    json!({
        "kind": kind.id,
        "label": texts::kind_label(kind.id, locale),
        "notebooks": kind.notebooks.iter().map(|t| t.key()).collect::<Vec<_>>(),
        "about": match kind.about { About::Mother => "mother", About::Child => "child", About::Family => "family" },
        "written_by": match kind.written_by {
            WrittenBy::Guardian => "guardian",
            WrittenBy::Clinic => "clinic",
            WrittenBy::Municipality => "municipality",
        },
        "once": kind.once,
        "fields": kind.fields.iter().chain(COMMON).map(field).collect::<Vec<_>>(),
    })
}

fn kind_text(kind: &KindDef, locale: Locale, whole: bool) -> String {
    let notebook = |t: &NotebookType| match locale {
        Locale::En => t.key().to_owned(),
        locale => texts::option_label("profile", "notebook_type", t.key(), locale),
    };
    let notebooks: Vec<String> = kind.notebooks.iter().map(notebook).collect();
    let mut text = format!("{}  {}  ({})\n", kind.id, texts::kind_label(kind.id, locale), notebooks.join(", "));
    if whole {
        for field in kind.fields.iter().chain(COMMON) {
            let label = texts::field_label(kind.id, field.key, locale);
            text += &format!("  {:<28} {label}: {}\n", field.key, allowed(kind, field, locale));
        }
    }
    text
}

/// What a field may hold, in the chosen language; options with their labels.
fn allowed(kind: &KindDef, field: &FieldDef, locale: Locale) -> String {
    if locale == Locale::En {
        return field.field_type.allowed();
    }
    let option = |key: &&str| match texts::option_label(kind.id, field.key, key, locale) {
        label if label == *key => label,
        label => format!("{key}({label})"),
    };
    let options = || field.field_type.options().iter().map(option).collect::<Vec<_>>().join("、");
    let say = |blanks: &[(&str, &str)]| say(locale, &format!("allowed.{}", field.field_type.name()), blanks);
    match field.field_type {
        FieldType::Text(max) => say(&[("max", &max.to_string())]),
        FieldType::Integer { min, max, unit } => {
            say(&[("min", &min.to_string()), ("max", &max.to_string()), ("unit", unit)])
        }
        FieldType::Decimal { min, max, decimals, unit } => say(&[
            ("min", &min.to_string()),
            ("max", &max.to_string()),
            ("unit", unit),
            ("decimals", &decimals.to_string()),
        ]),
        FieldType::Code(_) | FieldType::Flags(_) | FieldType::Teeth(_) => say(&[("options", &options())]),
        _ => say(&[]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What every field allows is said in the chosen language: no English sentence is left in it.
    #[test]
    fn what_a_field_allows_is_said_in_every_language() {
        for (kind, locale) in KINDS.iter().flat_map(|kind| [Locale::Ja, Locale::JaEasy].map(|locale| (kind, locale))) {
            for field in kind.fields.iter().chain(COMMON) {
                let words = allowed(kind, field, locale);
                let english = [" of ", " from ", "such as", "at most", "one of", "yes or no", "allowed."];
                assert!(
                    !words.is_ascii() && !english.iter().any(|part| words.contains(part)),
                    "{}: {words}",
                    field.key
                );
                assert!(!words.contains('{'), "{words}");
            }
        }
    }
}
