//! Sections about the pregnancy and the mother.

use chrono::{NaiveDate, NaiveTime};

use super::shared::*;
use crate::model::date::Gestation;
use crate::model::field::FieldType;
use crate::model::kind::kind;
use crate::model::value::{Answer, BloodPressure, Teeth};

const ILLNESSES: FieldType =
    FieldType::Flags(&["hypertension", "kidney", "diabetes", "hepatitis", "heart", "thyroid", "mental", "other"]);
const HAD: FieldType = FieldType::Code(&["no", "yes", "vaccinated"]);
const HEALTH: FieldType = FieldType::Code(&["healthy", "not"]);
const CROWDING: FieldType = FieldType::Code(&["low", "normal", "high"]);
const GUM: FieldType = FieldType::Code(&["none", "guidance", "treatment"]);
const HOME: FieldType = FieldType::Code(&["house", "apartment", "other"]);
const HOUSEHOLD: FieldType = FieldType::Flags(&[
    "husband_partner",
    "children",
    "own_father",
    "own_mother",
    "their_father",
    "their_mother",
    "other",
]);
const ACCESS: FieldType = FieldType::Flags(&["walk", "car", "taxi", "bus", "train", "other"]);
const TEST_ITEMS: FieldType = FieldType::Code(&[
    "blood_type",
    "newborn_hearing",
    "hearing_retest",
    "congenital_cmv",
    "irregular_antibody",
    "cervical_cancer",
    "syphilis",
    "hbs_antigen",
    "hcv_antibody",
    "hiv_antibody",
    "rubella_antibody",
    "htlv1_antibody",
    "chlamydia_antigen",
    "group_b_strep",
    "newborn_metabolic",
    "other",
]);
/// The estimated weight of each baby of a pregnancy with several has a field of its own.
const FETAL_GRAMS: FieldType = whole(20, 8000, "g");
const HEARING: FieldType = FieldType::Code(&["pass", "refer"]);
/// Writing a result needs the woman's consent; "done, result not written" is a full answer.
const RESULT: FieldType = FieldType::Code(&["not_recorded", "recorded"]);

kind! {
    /// 妊婦の健康状態等: the mother's health before and at the start of the pregnancy.
    MotherHealth "mother_health" in PREGNANCY, Mother, by Guardian, once {
        height: f64 = cm(100.0, 220.0),
        weight: f64 = MOTHER_KG,
        bmi: f64 = FieldType::Decimal { min: 8.0, max: 90.0, decimals: 1, unit: "kg/m2" },
        married_age: i64 = whole(15, 80, "years"),
        history: Vec<String> = ILLNESSES,
        history_note: String = TEXT,
        infections_rubella: String = HAD,
        infections_measles: String = HAD,
        infections_varicella: String = HAD,
        surgery: Answer = YES_NO,
        surgery_note: String = TEXT,
        medicines: String = TEXT,
        allergies: String = TEXT,
        stress: Answer = YES_NO,
        worry: Answer = YES_NO,
        worry_note: String = TEXT,
        smoking_self: Answer = YES_NO,
        smoking_self_per_day: i64 = whole(0, 200, "per day"),
        smoking_household: Answer = YES_NO,
        smoking_household_per_day: i64 = whole(0, 200, "per day"),
        alcohol: Answer = YES_NO,
        alcohol_per_day: String = SHORT,
        partner_health: String = HEALTH,
        partner_health_note: String = TEXT,
    }
}

kind! {
    /// これまでの妊娠: one earlier pregnancy. The form has rows; each is an entry.
    PastBirth "past_birth" in PREGNANCY, Mother, by Guardian, many {
        outcome: String = SHORT,
        ga: Gestation = WEEKS,
        delivery: String = SHORT,
        weight: i64 = GRAMS,
        sex: String = FieldType::Code(&["female", "male", "unspecified"]),
        now: String = SHORT,
    }
}

kind! {
    /// 妊婦の職業と環境: work and home.
    MotherWork "mother_work" in PREGNANCY, Mother, by Guardian, once {
        job: String = TEXT,
        hours_from: NaiveTime = TIME,
        hours_to: NaiveTime = TIME,
        hours_shift: Answer = YES_NO,
        commute: String = SHORT,
        commute_minutes: i64 = whole(0, 600, "min"),
        commute_crowding: String = CROWDING,
        job_change: String = FieldType::Code(&["rested", "changed", "left", "unchanged"]),
        job_change_week: i64 = whole(0, 45, "weeks"),
        leave_from: NaiveDate = DATE,
        leave_to: NaiveDate = DATE,
        childcare_leave_mother_from: NaiveDate = DATE,
        childcare_leave_mother_to: NaiveDate = DATE,
        childcare_leave_father_from: NaiveDate = DATE,
        childcare_leave_father_to: NaiveDate = DATE,
        home: String = HOME,
        home_floor: i64 = whole(-5, 100, ""),
        home_lift: Answer = YES_NO,
        home_noise: String = FieldType::Code(&["quiet", "normal", "noisy"]),
        home_sun: String = FieldType::Code(&["good", "normal", "poor"]),
        household: Vec<String> = HOUSEHOLD,
        household_children: i64 = whole(0, 20, ""),
        household_other: i64 = whole(0, 30, ""),
    }
}

kind! {
    /// 妊婦自身の記録: her own notes. Personal: out of any sharing by default.
    PregDiary "preg_diary" in PREGNANCY, Mother, by Guardian, once {
        lmp: NaiveDate = DATE,
        first_visit: NaiveDate = DATE,
        quickening: NaiveDate = DATE,
        edd: NaiveDate = DATE,
        month_notes_3: String = TEXT,
        month_notes_4: String = TEXT,
        month_notes_5: String = TEXT,
        month_notes_6: String = TEXT,
        month_notes_7: String = TEXT,
        month_notes_8: String = TEXT,
        month_notes_9: String = TEXT,
        month_notes_10: String = TEXT,
        access: Vec<String> = ACCESS,
        access_minutes: i64 = whole(0, 600, "min"),
        helpers: String = TEXT,
        feelings: String = TEXT,
    }
}

kind! {
    /// 妊娠中の経過: one prenatal visit.
    PrenatalVisit "prenatal_visit" in PREGNANCY, Mother, by Clinic, many {
        ga: Gestation = WEEKS,
        fundal_height: f64 = cm(5.0, 60.0),
        abdominal_circ: f64 = cm(40.0, 200.0),
        bp: BloodPressure = BP,
        oedema: String = SIGN,
        u_protein: String = SIGN,
        u_sugar: String = SIGN,
        weight: f64 = MOTHER_KG,
        efw: i64 = FETAL_GRAMS => FetalWeight,
        efw_2: i64 = FETAL_GRAMS => FetalWeight,
        efw_3: i64 = FETAL_GRAMS => FetalWeight,
        efw_4: i64 = FETAL_GRAMS => FetalWeight,
        other_tests: String = TEXT,
        instructions: String = TEXT,
        facility: String = SHORT,
    }
}

kind! {
    /// 検査の記録: one test of mother or newborn.
    Test "tests" in EITHER, Mother, by Clinic, many {
        item: String = TEST_ITEMS,
        result: String = RESULT,
        note: String = TEXT,
        abo_rh: String = FieldType::Code(&["A+", "A-", "B+", "B-", "O+", "O-", "AB+", "AB-"]),
        hearing_r: String = HEARING,
        hearing_l: String = HEARING,
        hearing_method: String = FieldType::Code(&["automated_abr", "oae", "other"]),
        retest_on: NaiveDate = DATE,
    }
}

kind! {
    /// 父親や周囲の方の記録: notes of the father and others (new in 2023).
    OthersRecord "others_record" in EITHER, Family, by Guardian, many {
        text: String = TEXT,
        written_by: String = SHORT,
    }
}

kind! {
    /// 両親学級等の受講記録: one class.
    Class "classes" in PREGNANCY, Family, by Guardian, many {
        subject: String = SHORT,
        note: String = SHORT,
    }
}

kind! {
    /// 妊娠中と産後の歯の状態: one dental check of the mother.
    DentalMaternal "dental_maternal" in PREGNANCY, Mother, by Clinic, many {
        ga_or_pp_week: i64 = whole(0, 200, "weeks"),
        after_birth: Answer = YES_NO,
        caries: Answer = YES_NO,
        caries_count: i64 = whole(0, 32, ""),
        tartar: Answer = YES_NO,
        gum: String = GUM,
        chart: Teeth = FieldType::Teeth(&["sound", "decayed", "treated", "lost"]),
        note: String = TEXT,
        facility: String = SHORT,
    }
}

kind! {
    /// 出産後の母体の経過: one check of the mother after birth.
    MotherPostpartum "mother_postpartum" in EITHER, Mother, by Clinic, many {
        involution: String = FieldType::Code(&["good", "not"]),
        lochia: String = FieldType::Code(&["normal", "not"]),
        breast: String = TEXT,
        bp: BloodPressure = BP,
        u_protein: String = SIGN,
        u_sugar: String = SIGN,
        weight: f64 = MOTHER_KG,
        epds: String = FieldType::Code(&["done", "not"]),
        epds_note: String = TEXT,
    }
}

kind! {
    /// 母親自身の記録: her own notes after birth.
    MotherSelfPostpartum "mother_self_postpartum" in EITHER, Mother, by Guardian, once {
        mood: Answer = WORRY,
        free: String = TEXT,
        dates_bath: NaiveDate = DATE,
        dates_housework: NaiveDate = DATE,
        dates_work: NaiveDate = DATE,
        dates_menses: NaiveDate = DATE,
        family_planning: Answer = YES_NO,
        family_planning_by: String = SHORT,
        family_planning_on: NaiveDate = DATE,
    }
}

kind! {
    /// 産後ケアの記録: one use of postnatal care (new in 2023).
    PostnatalCare "postnatal_care" in EITHER, Mother, by Clinic, many {
        r#type: String = FieldType::Code(&["stay", "day", "visit"]),
        place: String = SHORT,
        purpose: String = SHORT,
        days_left: i64 = whole(0, 60, "days"),
        note: String = TEXT,
    }
}

kind! {
    /// 子育て相談機関の利用記録: one use of a consultation desk (new in 2023).
    ConsultOrg "consult_org" in EITHER, Family, by Guardian, many {
        summary: String = TEXT,
        place: String = SHORT,
    }
}
