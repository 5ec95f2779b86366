//! The codes that are written and read, each with the place where it was found. A code that was found nowhere is not here.
//!
//! LOINC: © Regenstrief Institute, Inc. and the LOINC Committee. MEDIS: © MEDIS-DC. CVX: CDC, public domain.

use crate::model::field::Quantity;

/// LOINC.
pub const LOINC: &str = "http://loinc.org";
/// Units.
pub const UCUM: &str = "http://unitsofmeasure.org";
/// Vaccines of the CDC.
pub const CVX: &str = "http://hl7.org/fhir/sid/cvx";
/// HL7's categories of observations.
pub const CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/observation-category";
/// JP Core's first category; `body-measurement` is fixed there for body measurements.
pub const JP_CATEGORY: &str = "http://jpfhir.jp/fhir/core/CodeSystem/JP_SimpleObservationCategory_CS";
/// JP Core's second category.
pub const JP_BODY_CATEGORY: &str = "http://jpfhir.jp/fhir/core/CodeSystem/JP_ObservationBodyMeasurementCategory_CS";
/// JP Core's codes of body measurements (MEDIS).
pub const JP_BODY: &str = "http://jpfhir.jp/fhir/core/CodeSystem/JP_ObservationBodyMeasurementCode_CS";

/// A body measurement as FHIR says it.
#[derive(Debug, Clone, Copy)]
pub struct BodyCode {
    /// What is measured.
    pub quantity: Quantity,
    /// LOINC code and name; `None` where no code was found that means this.
    pub loinc: Option<(&'static str, &'static str)>,
    /// JP Core's code, by unit.
    pub jp: &'static [(&'static str, &'static str)],
    /// JP Core's second category.
    pub jp_category: &'static str,
    /// Where the codes were found.
    pub source: &'static str,
}

const R4_AND_JP: &str = "HL7 FHIR R4, profile vitalsigns and its list of codes; JP Core 1.2.0, \
    JP_ObservationBodyMeasurementCode_CS, JP_ObservationBodyMeasurementCategory_CS";

/// The body measurements that are written. LOINC 8280-0, sometimes given for the chest, is the waist's: the chest has JP Core's
/// code alone.
pub static BODY: [BodyCode; 4] = [
    BodyCode {
        quantity: Quantity::Weight,
        loinc: Some(("29463-7", "Body weight")),
        jp: &[("kg", "31000296"), ("g", "31000297")],
        jp_category: "weight",
        source: R4_AND_JP,
    },
    BodyCode {
        quantity: Quantity::Length,
        loinc: Some(("8302-2", "Body height")),
        jp: &[("cm", "31000298")],
        jp_category: "height",
        source: R4_AND_JP,
    },
    BodyCode {
        quantity: Quantity::Head,
        loinc: Some(("9843-4", "Head Occipital-frontal circumference")),
        jp: &[("cm", "31006116")],
        jp_category: "head-circumference",
        source: R4_AND_JP,
    },
    BodyCode {
        quantity: Quantity::Chest,
        loinc: None,
        jp: &[("cm", "31000299")],
        jp_category: "chest-circumference",
        source: "JP Core 1.2.0, JP_ObservationBodyMeasurementCode_CS",
    },
];

/// LOINC code and name of the body's temperature. Source: HL7 FHIR R4, profile vitalsigns.
pub const TEMPERATURE: (&str, &str) = ("8310-5", "Body temperature");
/// LOINC code of a document's section. Source: HL7 FHIR R4, value set doc-section-codes.
pub const VITAL_SIGNS_SECTION: &str = "8716-3";
/// LOINC code of a document's section. Source: HL7 FHIR R4, value set doc-section-codes.
pub const IMMUNISATIONS_SECTION: &str = "11369-6";

/// What an observation of others is, as far as a handbook has a place for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// A measurement of the growth record.
    Body(Quantity),
    /// The body's temperature.
    Temperature,
}

/// Codes of others that are read: system, code, what it means, where it was found.
pub static READ: [(&str, &str, Meaning, &str); 13] = [
    (LOINC, "29463-7", Meaning::Body(Quantity::Weight), "HL7 FHIR R4, profile bodyweight"),
    (LOINC, "3141-9", Meaning::Body(Quantity::Weight), "HL7 FHIR R4, observation-example: body weight measured"),
    (
        LOINC,
        "8339-4",
        Meaning::Body(Quantity::Weight),
        "HL7 US Vital Records Common Library 1.1; Nictiz bc-BirthWeight",
    ),
    (LOINC, "8302-2", Meaning::Body(Quantity::Length), "HL7 FHIR R4, profile bodyheight"),
    (LOINC, "8306-3", Meaning::Body(Quantity::Length), "HL7 FHIR R4, profile bodyheight: body height lying"),
    (LOINC, "9843-4", Meaning::Body(Quantity::Head), "HL7 FHIR R4, profile headcircum"),
    (LOINC, "8310-5", Meaning::Temperature, "HL7 FHIR R4, profile bodytemp"),
    (JP_BODY, "31000296", Meaning::Body(Quantity::Weight), "JP Core 1.2.0"),
    (JP_BODY, "31000297", Meaning::Body(Quantity::Weight), "JP Core 1.2.0"),
    (JP_BODY, "31002900", Meaning::Body(Quantity::Weight), "JP Core 1.2.0"),
    (JP_BODY, "31000298", Meaning::Body(Quantity::Length), "JP Core 1.2.0"),
    (JP_BODY, "31006116", Meaning::Body(Quantity::Head), "JP Core 1.2.0"),
    (JP_BODY, "31000299", Meaning::Body(Quantity::Chest), "JP Core 1.2.0"),
];

/// JP Core's code of a weight at birth.
pub const JP_BIRTH_WEIGHT: &str = "31002900";

/// Products whose CVX code has the same parts; where ours says no more than the disease, the code of an unspecified formulation.
/// Others (Japanese encephalitis, influenza) are not given one: the CDC's codes are of other products. Neither is nirsevimab: its
/// codes are by dose, which ours does not say. Source: CDC, CVX code set (HL7 US Core 3.1.1, us-core-vaccines-cvx; from 213 on, and
/// 167, 182, as of 2025-09-03).
pub static CVX_OF: [(&str, &str); 35] = [
    ("mmr", "03"),
    ("mr", "04"),
    ("measles", "05"),
    ("rubella", "06"),
    ("mumps", "07"),
    ("hepb", "08"),
    ("ipv", "10"),
    ("bcg", "19"),
    ("dpt", "20"),
    ("varicella", "21"),
    ("cholera", "26"),
    ("dt", "28"),
    ("hbig", "30"),
    ("yellow_fever", "37"),
    ("hib", "48"),
    ("hpv4", "62"),
    ("hepa", "85"),
    ("rabies", "90"),
    ("typhoid", "91"),
    ("palivizumab", "93"),
    ("tetanus", "112"),
    ("rotateq", "116"),
    ("hpv2", "118"),
    ("rotarix", "119"),
    ("dpt_ipv_hib", "120"),
    ("dpt_ipv", "130"),
    ("pcv13", "133"),
    ("hpv9", "165"),
    ("meningococcus", "167"),
    ("opv", "182"),
    ("covid19", "213"),
    ("pcv15", "215"),
    ("pcv20", "216"),
    ("tick_encephalitis", "222"),
    ("rsv_maternal", "305"),
];

/// Products that the CDC gives the code of another one: the same vaccine, given for another reason.
static AS: [(&str, &str); 1] = [("hepb_mother", "hepb")];

/// CVX code of a product.
pub fn cvx_of(product: &str) -> Option<&'static str> {
    let product = AS.iter().find(|(known, _)| *known == product).map_or(product, |(_, vaccine)| vaccine);
    CVX_OF.iter().find(|(known, _)| *known == product).map(|(_, code)| *code)
}

/// Product with a CVX code; a leading zero may be missing.
pub fn product_of(cvx: &str) -> Option<&'static str> {
    let bare = cvx.trim_start_matches('0');
    CVX_OF.iter().find(|(_, code)| code.trim_start_matches('0') == bare).map(|(product, _)| *product)
}

/// What a code of others means, if it is read.
pub fn meaning(system: &str, code: &str) -> Option<Meaning> {
    READ.iter().find(|(known, name, ..)| *known == system && *name == code).map(|(_, _, meaning, _)| *meaning)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::kind::Record as _;
    use crate::model::kinds::Immunisation;

    #[test]
    fn every_code_has_its_source_and_stands_once() {
        assert!(READ.iter().all(|(.., source)| !source.is_empty()));
        assert!(BODY.iter().all(|body| !body.source.is_empty()));
        let read: BTreeSet<_> = READ.iter().map(|(system, code, ..)| (system, code)).collect();
        assert_eq!(read.len(), READ.len());
        assert_eq!(CVX_OF.iter().map(|(_, code)| code).collect::<BTreeSet<_>>().len(), CVX_OF.len());
    }

    #[test]
    fn every_product_that_is_coded_is_one_of_the_form() {
        let options = Immunisation::KIND.field("vaccine").map_or(&[][..], |field| field.field_type.options());
        let coded = CVX_OF.iter().map(|(product, _)| product).chain(AS.iter().flat_map(|(one, other)| [one, other]));
        assert_eq!(coded.filter(|product| !options.contains(product)).collect::<Vec<_>>(), Vec::<&&str>::new());
    }

    /// HL7 US Core, us-core-vaccines-cvx, and the text of the CDC's page.
    #[test]
    fn a_waist_is_no_chest() {
        let chest = BODY.iter().find(|body| body.quantity == Quantity::Chest).unwrap();
        assert_eq!(chest.loinc, None);
        assert_eq!(meaning(LOINC, "8280-0"), None);
    }

    #[test]
    fn what_is_written_is_read_as_the_same() {
        for body in &BODY {
            let loinc = body.loinc.iter().map(|(code, _)| (LOINC, *code));
            for (system, code) in loinc.chain(body.jp.iter().map(|(_, code)| (JP_BODY, *code))) {
                assert_eq!(meaning(system, code), Some(Meaning::Body(body.quantity)), "{code}");
            }
        }
        for (product, code) in CVX_OF {
            assert_eq!((cvx_of(product), product_of(code)), (Some(code), Some(product)));
        }
        assert_eq!((cvx_of("hepb_mother"), product_of("08")), (Some("08"), Some("hepb")));
        assert_eq!((product_of("3"), product_of("207"), product_of("")), (Some("mmr"), None, None));
    }
}
