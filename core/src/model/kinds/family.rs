//! What a family writes besides the form.

use chrono::NaiveTime;

use super::shared::*;
use crate::model::field::FieldType;
use crate::model::kind::kind;

kind! {
    /// 日記: a day, in words.
    Diary "diary" in ANY, Family, by Guardian, many {
        text: String = TEXT,
        mood: String = FieldType::Code(&["good", "so_so", "hard"]),
    }
}

kind! {
    /// 授乳・食事: one meal or feed.
    Feeding "feeding" in CHILD, Child, by Guardian, many {
        at: NaiveTime = TIME,
        what: String = FieldType::Code(&["breast", "formula", "expressed", "weaning_food", "meal", "other"]),
        amount_ml: i64 = whole(0, 2000, "mL"),
        minutes: i64 = whole(0, 300, "min"),
        note: String = TEXT,
    }
}

kind! {
    /// ねんね: one sleep.
    Sleep "sleep" in CHILD, Child, by Guardian, many {
        from: NaiveTime = TIME,
        to: NaiveTime = TIME,
        note: String = TEXT,
    }
}

kind! {
    /// 体温: one reading.
    Temperature "temperature" in ANY, Child, by Guardian, many {
        at: NaiveTime = TIME,
        value: f64 = FieldType::Decimal { min: 30.0, max: 45.0, decimals: 1, unit: "°C" },
        note: String = TEXT,
    }
}

kind! {
    /// 写真: one photo, by itself or with another entry. The pixels are kept apart; the entry holds what is written about them.
    Photo "photo" in ANY, Family, by Guardian, many {
        of: String = FieldType::Reference,
        caption: String = TEXT,
        width: i64 = whole(1, 100_000, "px"),
        height: i64 = whole(1, 100_000, "px"),
        bytes: i64 = whole(1, 100_000_000, "bytes"),
        sha256: String = FieldType::Text(64),
        thumb_sha256: String = FieldType::Text(64),
    }
}

kind! {
    /// かかりつけ・緊急連絡先: someone to call.
    Contact "contact" in ANY, Family, by Guardian, many {
        name: String = SHORT,
        role: String = FieldType::Code(&["doctor", "dentist", "midwife", "clinic", "emergency", "desk", "family", "other"]),
        tel: String = SHORT,
        address: String = SHORT,
        hours: String = SHORT,
        note: String = TEXT,
    }
}

kind! {
    /// きもち: a carer's own feelings. Private notebook only.
    Feelings "feelings" in PRIVATE, Mother, by Guardian, many {
        text: String = TEXT,
        mood: String = FieldType::Code(&["good", "so_so", "hard"]),
    }
}

kind! {
    /// 問診票・アンケート: answers kept as the family gave them.
    Questionnaire "questionnaire" in ANY, Family, by Guardian, many {
        title: String = SHORT,
        answers: String = TEXT,
        sent_to: String = SHORT,
    }
}
