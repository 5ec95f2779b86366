//! Sections about the growing child.

use chrono::NaiveDate;

use super::shared::*;
use crate::model::date::ApproxDate;
use crate::model::field::FieldType;
use crate::model::kind::kind;
use crate::model::value::{Answer, Teeth};

const CHECKUPS: FieldType =
    FieldType::Code(&["1m", "2m", "3-4m", "6-7m", "9-10m", "1y", "1y6m", "2y", "3y", "4y", "5y", "6y", "other"]);
/// Sight as a ring test gives it.
const VISION: FieldType = FieldType::Decimal { min: 0.01, max: 2.0, decimals: 2, unit: "" };
/// What a check-up found; not tested is an answer of its own.
const FINDING: FieldType = FieldType::Code(&["no_finding", "finding", "not_tested"]);
/// The products of the vaccine rules, and `other` with its name in `maker_lot`. The build writes them from
/// `content/vaccines/rules.toml`.
const VACCINES: FieldType = FieldType::Code(include!(concat!(env!("OUT_DIR"), "/vaccine_products.rs")));

kind! {
    /// 健康診査: one check-up, at an age point of the form or between.
    Wellchild "wellchild" in CHILD, Child, by Clinic, many {
        checkup: String = CHECKUPS,
        age: String = SHORT,
        weight: f64 = CHILD_KG => Weight,
        length: f64 = LENGTH => Length,
        chest: f64 = CHEST => Chest,
        head: f64 = HEAD => Head,
        nutrition: String = FieldType::Code(&["good", "guidance"]),
        feeding: String = FEEDING,
        weaning: String = FieldType::Code(&["not_begun", "under_way", "completed"]),
        still_breastfed: Answer = YES_NO,
        hip_limited: Answer = YES_NO,
        teeth: Teeth = FieldType::Teeth(&["sound", "decayed", "treated", "lost"]),
        caries_type: String = FieldType::Code(&["O", "O1", "O2", "A", "B", "C", "C1", "C2"]),
        teeth_dirt: String = FieldType::Code(&["clean", "some", "much"]),
        gums: String = SHORT,
        bite: String = SHORT,
        eyes_finding: Answer = YES_NO,
        eyes_note: String = SHORT,
        ears_finding: Answer = YES_NO,
        ears_note: String = SHORT,
        vision_r: f64 = VISION,
        vision_l: f64 = VISION,
        vision_method: String = FieldType::Code(&["rings", "pictures", "other"]),
        refraction: String = FINDING,
        refraction_note: String = SHORT,
        eye_position: String = FINDING,
        hearing: String = FINDING,
        hearing_method: String = FieldType::Code(&["whisper_pictures", "device", "other"]),
        teeth_to_treat: i64 = whole(0, 20, ""),
        u_protein: String = SIGN,
        u_blood: String = SIGN,
        u_sugar: String = SIGN,
        other_finding: Answer = YES_NO,
        first_molar: Answer = YES_NO,
        obs: String = FieldType::Code(&["healthy", "observe"]),
        note: String = TEXT,
        detailed_exam: NaiveDate = DATE,
        detailed_exam_result: String = TEXT,
        facility: String = SHORT,
    }
}

kind! {
    /// 身体発育の記録: one measurement. Weight in kg ("3050g" is understood), the rest in cm.
    Growth "growth" in CHILD, Child, by Guardian, many {
        weight: f64 = CHILD_KG => Weight,
        length: f64 = LENGTH => Length,
        posture: String = FieldType::Code(&["lying", "standing"]),
        head: f64 = HEAD => Head,
        chest: f64 = CHEST => Chest,
        note: String = TEXT,
        facility: String = SHORT,
    }
}

kind! {
    /// 予防接種の記録: one dose.
    Immunisation "immunisation" in EITHER, Child, by Clinic, many {
        vaccine: String = VACCINES,
        dose_no: i64 = whole(1, 9, ""),
        maker_lot: String = SHORT,
        site_note: String = SHORT,
        doctor: String = SHORT,
        remark: String = TEXT,
    }
}

kind! {
    /// 今までにかかった主な病気: one illness.
    Illness "illness" in CHILD, Child, by Guardian, many {
        name: String = SHORT,
        note: String = TEXT,
    }
}

kind! {
    /// はじめてできた日: a first time. Precision of the date is part of the answer.
    Milestone "milestone" in CHILD, Child, by Guardian, many {
        what: String = FieldType::Code(&[
            "smile", "head_control", "rolling_over", "sitting_alone", "crawling", "pulling_to_stand", "cruising",
            "standing_alone", "walking_alone", "first_word", "other",
        ]),
        achieved: ApproxDate = ABOUT,
        note: String = TEXT,
    }
}

kind! {
    /// 歯のはえた日: one tooth.
    Tooth "tooth" in CHILD, Child, by Guardian, many {
        tooth: i64 = whole(11, 85, "FDI"),
        came: ApproxDate = ABOUT,
        lost: ApproxDate = ABOUT,
        note: String = TEXT,
    }
}
