//! Who answers at a desk.

use serde::Deserialize;

/// Who answers at a desk: a closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profession {
    /// 保健師
    PublicHealthNurse,
    /// 助産師
    Midwife,
    /// 看護師
    Nurse,
    /// 医師
    Doctor,
    /// 歯科衛生士
    DentalHygienist,
    /// 管理栄養士・栄養士
    Dietitian,
    /// 心理職
    Psychologist,
    /// 社会福祉士・相談員
    SocialWorker,
    /// 保育士
    ChildcareWorker,
}

impl Profession {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::PublicHealthNurse,
        Self::Midwife,
        Self::Nurse,
        Self::Doctor,
        Self::DentalHygienist,
        Self::Dietitian,
        Self::Psychologist,
        Self::SocialWorker,
        Self::ChildcareWorker,
    ];

    /// Returns its stable key; its name stands under `profession.KEY`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::PublicHealthNurse => "public_health_nurse",
            Self::Midwife => "midwife",
            Self::Nurse => "nurse",
            Self::Doctor => "doctor",
            Self::DentalHygienist => "dental_hygienist",
            Self::Dietitian => "dietitian",
            Self::Psychologist => "psychologist",
            Self::SocialWorker => "social_worker",
            Self::ChildcareWorker => "childcare_worker",
        }
    }
}
