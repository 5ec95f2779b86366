//! Who answers at a desk.

use serde::Deserialize;

/// Who answers at a desk: the closed list of the thread protocol, which a test compares. It stands here, too, since the build
/// reads packs without the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profession {
    /// 医師
    Doctor,
    /// 助産師
    Midwife,
    /// 保健師
    PublicHealthNurse,
    /// 看護師
    Nurse,
    /// 歯科衛生士
    DentalHygienist,
    /// 管理栄養士・栄養士
    Dietitian,
    /// 心理職
    Psychologist,
    /// 保育士
    ChildcareWorker,
    /// 社会福祉士・相談員
    SocialWorker,
    /// 事務職員
    Clerk,
}

impl Profession {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Doctor,
        Self::Midwife,
        Self::PublicHealthNurse,
        Self::Nurse,
        Self::DentalHygienist,
        Self::Dietitian,
        Self::Psychologist,
        Self::ChildcareWorker,
        Self::SocialWorker,
        Self::Clerk,
    ];

    /// Returns its stable key; its name stands under `profession.KEY`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Doctor => "doctor",
            Self::Midwife => "midwife",
            Self::PublicHealthNurse => "public_health_nurse",
            Self::Nurse => "nurse",
            Self::DentalHygienist => "dental_hygienist",
            Self::Dietitian => "dietitian",
            Self::Psychologist => "psychologist",
            Self::ChildcareWorker => "childcare_worker",
            Self::SocialWorker => "social_worker",
            Self::Clerk => "clerk",
        }
    }
}
