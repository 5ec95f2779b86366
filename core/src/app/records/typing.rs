//! What people say instead of keys: a field or an option by its name, a day as it is called.

use std::borrow::Cow;

use chrono::NaiveDate;

use crate::model::date::day_named;
use crate::model::field::FieldType;
use crate::model::kind::KindDef;
use crate::texts;

/// Fields as they were said, with keys instead of names. What is no name of anything stays as it was typed, so that the error
/// shows it. Days such as 昨日 are understood if today is given.
pub(in crate::app) fn said<'a>(
    kind: &KindDef,
    fields: impl IntoIterator<Item = (&'a str, &'a str)>,
    today: Option<NaiveDate>,
) -> Vec<(Cow<'a, str>, Cow<'a, str>)> {
    let one = |(name, text): (&'a str, &'a str)| {
        let key = match kind.field(name) {
            Some(_) => Cow::Borrowed(name),
            None => texts::field_by_name(kind, name).map_or(Cow::Borrowed(name), Cow::Borrowed),
        };
        let text = value(kind, &key, text, today);
        (key, text)
    };
    fields.into_iter().map(one).collect()
}

fn value<'a>(kind: &KindDef, key: &str, text: &'a str, today: Option<NaiveDate>) -> Cow<'a, str> {
    let Some(field) = kind.field(key) else { return Cow::Borrowed(text) };
    let option = |text: &str| texts::option_by_name(kind, field, text);
    let changed = match field.field_type {
        FieldType::Code(_) | FieldType::YesNo | FieldType::YesNoUnsure if field.read(text).is_err() => {
            option(text).map(str::to_owned)
        }
        FieldType::Flags(_) if field.read(text).is_err() => {
            let named = text.split([',', '、', ';']).map(|part| option(part).unwrap_or(part).trim());
            Some(named.collect::<Vec<_>>().join(","))
        }
        FieldType::Date | FieldType::ApproxDate if field.read(text).is_err() => {
            today.and_then(|today| day_named(text, today)).map(|day| day.to_string())
        }
        _ => None,
    };
    changed.map_or(Cow::Borrowed(text), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::kinds;

    #[test]
    fn names_stand_for_keys() {
        let today = "2026-11-25".parse().ok();
        for (kind, name, text, expected) in [
            ("growth", "体重", "7.35", ("weight", "7.35")),
            ("growth", "測り方", "ねて", ("posture", "lying")),
            ("immunisation", "ワクチン", "五種混合", ("vaccine", "dpt_ipv_hib")),
            ("immunisation", "vaccine", "5種混合", ("vaccine", "dpt_ipv_hib")),
            ("immunisation", "vaccine", "４種混合ワクチン", ("vaccine", "dpt_ipv")),
            ("immunisation", "vaccine", "ヒブ", ("vaccine", "hib")),
            ("immunisation", "vaccine", "ﾋﾌﾞ", ("vaccine", "hib")),
            ("immunisation", "vaccine", "Ｂ型肝炎", ("vaccine", "hepb")),
            ("immunisation", "vaccine", "麻しん風しん", ("vaccine", "mr")),
            ("immunisation", "vaccine", "水痘", ("vaccine", "varicella")),
            ("immunisation", "vaccine", "みずぼうそう", ("vaccine", "varicella")),
            ("immunisation", "vaccine", "にほんのうえん", ("vaccine", "je")),
            ("immunisation", "vaccine", "ゴービック", ("vaccine", "dpt_ipv_hib")),
            // Of two products, or of three: nobody knows which.
            ("immunisation", "vaccine", "ロタ", ("vaccine", "ロタ")),
            ("immunisation", "vaccine", "肺炎球菌", ("vaccine", "肺炎球菌")),
            ("feeding", "what", "母乳", ("what", "breast")),
            ("feeding", "what", "ミルク", ("what", "formula")),
            ("milestone", "できたこと", "はいはい", ("what", "crawling")),
            ("wellchild", "hip_limited", "いいえ", ("hip_limited", "いいえ")),
            ("wellchild", "detailed_exam", "一昨日", ("detailed_exam", "2026-11-23")),
            ("growth", "horoscope", "lion", ("horoscope", "lion")),
        ] {
            let kind = kinds::find(kind).unwrap();
            let said = said(kind, [(name, text)], today);
            assert_eq!((said[0].0.as_ref(), said[0].1.as_ref()), expected, "{name}={text}");
        }
    }
}
