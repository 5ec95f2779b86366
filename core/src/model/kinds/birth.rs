//! Sections about birth and the first weeks.

use chrono::{NaiveDate, NaiveDateTime};

use super::shared::*;
use crate::model::date::Gestation;
use crate::model::field::FieldType;
use crate::model::kind::kind;
use crate::model::value::Answer;

const SEX: FieldType = FieldType::Code(&["male", "female", "unspecified"]);

kind! {
    /// 表紙: the cover.
    Cover "cover" in EITHER, Family, by Municipality, once {
        issued_on: NaiveDate = DATE,
        number: String = SHORT,
        guardian_names: String = SHORT,
        guardian_names_kana: String = SHORT,
        guardian_names_2: String = SHORT,
        guardian_names_2_kana: String = SHORT,
        child_name: String = SHORT,
        child_name_kana: String = SHORT,
        birth_order: i64 = whole(1, 20, ""),
        child_birth_date: NaiveDate = DATE,
        child_sex: String = SEX,
    }
}

kind! {
    /// 子の保護者・出生届出済証明: guardians, addresses, the certificate of the birth report.
    GuardianBirthCert "guardian_birth_cert" in CHILD, Family, by Municipality, once {
        mother_name: String = SHORT,
        mother_born: NaiveDate = DATE,
        mother_job: String = SHORT,
        father_name: String = SHORT,
        father_born: NaiveDate = DATE,
        father_job: String = SHORT,
        other_guardian_name: String = SHORT,
        other_guardian_relation: String = SHORT,
        other_guardian_born: NaiveDate = DATE,
        residences_1: String = SHORT,
        residences_1_tel: String = SHORT,
        residences_2: String = SHORT,
        residences_2_tel: String = SHORT,
        residences_3: String = SHORT,
        residences_3_tel: String = SHORT,
        birth_place: String = SHORT,
        birth_date: NaiveDate = DATE,
        certified_on: NaiveDate = DATE,
        mayor: String = SHORT,
    }
}

kind! {
    /// 出産の状態: the birth. May hold a stillbirth or a death; never in a share by default.
    Delivery "delivery" in EITHER, Child, by Clinic, once {
        ga: Gestation = WEEKS,
        datetime: NaiveDateTime = MINUTE,
        course: String = FieldType::Code(&["cephalic", "breech", "other"]),
        method: String = SHORT,
        duration: i64 = whole(0, 20_000, "min"),
        bleeding: String = FieldType::Code(&["small", "medium", "large"]),
        bleeding_ml: i64 = whole(0, 20_000, "mL"),
        transfusion: Answer = YES_NO,
        transfusion_note: String = TEXT,
        sex: String = SEX,
        plurality: String = FieldType::Code(&["single", "multiple"]),
        plurality_order: i64 = whole(1, 8, ""),
        weight: i64 = GRAMS => Weight on datetime,
        length: f64 = cm(15.0, 70.0) => Length on datetime,
        chest: f64 = cm(10.0, 50.0) => Chest on datetime,
        head: f64 = cm(10.0, 60.0) => Head on datetime,
        findings: Vec<String> = FieldType::Flags(&["asphyxia_revived", "asphyxia_died", "stillbirth", "other"]),
        findings_note: String = TEXT,
        certificate: String = FieldType::Code(&["birth", "stillbirth", "birth_and_death"]),
        place: String = SHORT,
        attendants: String = SHORT,
        attendants_midwife: String = SHORT,
        attendants_other: String = SHORT,
    }
}

kind! {
    /// 早期新生児期の経過: one row of the first week, or the discharge.
    NeonateEarly "neonate_early" in CHILD, Child, by Clinic, many {
        age_days: i64 = whole(0, 60, "days"),
        weight: i64 = GRAMS => Weight,
        suck: String = SUCK,
        jaundice: String = FieldType::Code(&["none", "normal", "strong"]),
        other: String = TEXT,
        vitk_1: NaiveDate = DATE,
        vitk_2: NaiveDate = DATE,
        vitk_3: NaiveDate = DATE,
        abnormal: Answer = YES_NO,
        abnormal_note: String = TEXT,
        discharge_on: NaiveDate = DATE,
        discharge_weight: i64 = GRAMS => Weight on discharge_on,
        discharge_feeding: String = FEEDING,
        discharge_observe: String = TEXT,
        discharge_facility: String = SHORT,
        discharge_tel: String = SHORT,
    }
}

kind! {
    /// 後期新生児期の経過: one row of weeks 1 to 4, or the home visit.
    NeonateLate "neonate_late" in CHILD, Child, by Clinic, many {
        age_days: i64 = whole(0, 120, "days"),
        weight: i64 = GRAMS => Weight,
        suck: String = SUCK,
        feeding: String = FEEDING,
        visit_on: NaiveDate = DATE,
        visit_weight: i64 = GRAMS => Weight on visit_on,
        visit_length: f64 = cm(15.0, 80.0) => Length on visit_on,
        visit_chest: f64 = cm(10.0, 60.0) => Chest on visit_on,
        visit_head: f64 = cm(10.0, 60.0) => Head on visit_on,
        visit_feeding: String = FEEDING,
        visit_by: String = SHORT,
        note: String = TEXT,
    }
}

kind! {
    /// ビタミンK2シロップ: one dose; three in some clinics, once a week to three months in others.
    VitaminK "vitamin_k" in CHILD, Child, by Guardian, many {
        method: String = FieldType::Code(&["weekly", "three_times"]),
        dose_no: i64 = whole(1, 14, ""),
        note: String = TEXT,
    }
}

kind! {
    /// 便色の確認の記録: the stool colour card.
    Stool "stool" in CHILD, Child, by Guardian, many {
        colour_no: i64 = whole(1, 7, ""),
        note: String = TEXT,
    }
}
