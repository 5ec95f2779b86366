//! What one field may hold: type, unit, range; and how a person types it.
//!
//! Ranges catch slips of the finger (a weight in grams where kilograms are asked); they are wide on purpose and say
//! nothing about health. They are a choice of this project, not figures from a source.

use serde_json::Value;

use super::NumberRange;
use super::amount;
use super::date::{ApproxDate, Gestation, fold, parse_date};
use super::reason::Reason;
use super::times::{read_minute, read_time};
use super::value::{Answer, BloodPressure, FieldValue, Teeth};
use super::{Invalid, limits};

/// Type of a field, with unit and range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FieldType {
    /// Text of at most this many characters.
    Text(usize),
    /// Whole number.
    Integer {
        /// Smallest.
        min: i64,
        /// Greatest.
        max: i64,
        /// Unit, or empty.
        unit: &'static str,
    },
    /// Number with at most so many decimals.
    Decimal {
        /// Smallest.
        min: f64,
        /// Greatest.
        max: f64,
        /// Decimals.
        decimals: u8,
        /// Unit, or empty.
        unit: &'static str,
    },
    /// Calendar date.
    Date,
    /// Date of achievement with "about" precision.
    ApproxDate,
    /// Local date and time to the minute.
    DateTime,
    /// Time of day.
    Time,
    /// Weeks and days of pregnancy.
    Gestation,
    /// One of these keys.
    Code(&'static [&'static str]),
    /// Any of these keys.
    Flags(&'static [&'static str]),
    /// Yes or no.
    YesNo,
    /// Yes, no, or "cannot say".
    YesNoUnsure,
    /// `120/75`, mmHg.
    BloodPressure,
    /// Findings by tooth, each one of these keys.
    Teeth(&'static [&'static str]),
    /// Another entry's id.
    Reference,
}

/// One field of a kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FieldDef {
    /// Stable key, in JSON and in label files.
    pub key: &'static str,
    /// What it may hold.
    pub field_type: FieldType,
    /// Which measurement of the baby or child it is, if it is one.
    pub measured: Option<Measured>,
}

/// A field as a measurement of the baby or child, in the unit of its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// What was measured.
    pub quantity: Quantity,
    /// Key of the field with the day of the measurement; without it, or if it is unanswered, the entry's own day.
    pub day: Option<&'static str>,
}

/// What is measured of a baby or child, and shown on growth charts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// 体重
    Weight,
    /// 身長
    Length,
    /// 頭囲
    Head,
    /// 胸囲
    Chest,
    /// 推定胎児体重
    FetalWeight,
}

impl FieldType {
    /// A word for it, as `entry kinds` shows it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Integer { .. } => "integer",
            Self::Decimal { .. } => "number",
            Self::Date => "date",
            Self::ApproxDate => "approximate_date",
            Self::DateTime => "datetime",
            Self::Time => "time",
            Self::Gestation => "gestation",
            Self::Code(_) => "code",
            Self::Flags(_) => "flags",
            Self::YesNo => "yes_no",
            Self::YesNoUnsure => "yes_no_unsure",
            Self::BloodPressure => "blood_pressure",
            Self::Teeth(_) => "teeth",
            Self::Reference => "entry",
        }
    }

    /// Its unit, or empty.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Integer { unit, .. } | Self::Decimal { unit, .. } => unit,
            Self::BloodPressure => "mmHg",
            _ => "",
        }
    }

    /// The numbers that it takes, if it takes numbers.
    pub fn range(self) -> Option<NumberRange> {
        let (min, max, unit) = match self {
            Self::Integer { min, max, unit } => (min as f64, max as f64, unit),
            Self::Decimal { min, max, unit, .. } => (min, max, unit),
            _ => return None,
        };
        Some(NumberRange { min, max, unit: unit.to_owned() })
    }

    /// The keys that it chooses from, if it does.
    pub const fn options(self) -> &'static [&'static str] {
        match self {
            Self::Code(options) | Self::Flags(options) | Self::Teeth(options) => options,
            Self::YesNo => &["yes", "no"],
            Self::YesNoUnsure => &["yes", "no", "unsure"],
            _ => &[],
        }
    }

    /// What is allowed, in words for a message.
    pub fn allowed(self) -> String {
        match self {
            Self::Text(max) => format!("text of at most {max} characters"),
            Self::Integer { min, max, unit } => format!("whole number from {min} to {max} {unit}").trim_end().into(),
            Self::Decimal { min, max, decimals, unit } => {
                let range = format!("number from {min} to {max} {unit}");
                format!("{}, at most {decimals} decimals", range.trim_end())
            }
            Self::Date => "date such as 2024-05-03 or 令和6年5月3日".into(),
            Self::ApproxDate => "date, \"2024-05-03~\" for about, \"2024-05\" for a month, or \"unknown\"".into(),
            Self::DateTime => "date and time such as 2024-05-03T14:05".into(),
            Self::Time => "time such as 14:05".into(),
            Self::Gestation => "weeks and days such as 38w2d, up to 45w0d".into(),
            Self::Code(options) => format!("one of {}", options.join(", ")),
            Self::Flags(options) => format!("any of {} (with commas between)", options.join(", ")),
            Self::YesNo => "yes or no".into(),
            Self::YesNoUnsure => "yes, no or unsure".into(),
            Self::BloodPressure => "pressure such as 120/75, 40 to 300 over 20 to 200 mmHg".into(),
            Self::Teeth(options) => format!("teeth by FDI number such as 16:{}", options.join(" 26:")),
            Self::Reference => "id of an entry".into(),
        }
    }
}

impl FieldDef {
    /// A field that is no measurement of the child.
    pub const fn new(key: &'static str, field_type: FieldType) -> Self {
        Self { key, field_type, measured: None }
    }

    /// Reads what a person typed or a spreadsheet holds. Empty clears the field (`null`).
    pub fn read(&self, text: &str) -> Result<Value, Invalid> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Ok(Value::Null);
        }
        self.read_some(trimmed).map_err(|reason| self.invalid(text).because(reason))
    }

    /// Checks a JSON value (import, bindings) and brings it into the stored form.
    pub fn validate(&self, value: &Value) -> Result<Value, Invalid> {
        let checked = match value {
            Value::Null => Ok(Value::Null),
            Value::String(text) => return self.read(text),
            Value::Number(number)
                if matches!(self.field_type, FieldType::Integer { .. } | FieldType::Decimal { .. }) =>
            {
                number.as_f64().ok_or(Reason::NotANumber).and_then(|number| self.number(number))
            }
            Value::Bool(yes) if matches!(self.field_type, FieldType::YesNo | FieldType::YesNoUnsure) => {
                Ok(if *yes { Answer::Yes } else { Answer::No }.to_json())
            }
            Value::Array(_) => {
                Vec::<String>::from_json(value).and_then(|keys| self.flags(&keys)).ok_or(Reason::NotAnOption)
            }
            Value::Object(_) => Teeth::from_json(value).and_then(|teeth| self.teeth(teeth)).ok_or(Reason::NotTeeth),
            _ => Err(Reason::Unfit),
        };
        checked.map_err(|reason| self.invalid(&value.to_string()).because(reason))
    }

    fn invalid(&self, given: &str) -> Invalid {
        Invalid { range: self.field_type.range(), ..Invalid::new(self.key, given, self.field_type.allowed()) }
    }

    fn read_some(&self, text: &str) -> Result<Value, Reason> {
        match self.field_type {
            FieldType::Text(max) => read_text(text, max).ok_or(Reason::TooLong),
            FieldType::Integer { .. } | FieldType::Decimal { .. } => self.amount(text),
            FieldType::Date => parse_date(text).map(|date| date.to_json()).ok_or(Reason::NotADate),
            FieldType::ApproxDate => ApproxDate::parse(text).map(|date| date.to_json()).ok_or(Reason::NotADate),
            FieldType::DateTime => read_minute(text).map(|time| time.to_json()).ok_or(Reason::NotATime),
            FieldType::Time => read_time(text).map(|time| time.to_json()).ok_or(Reason::NotATime),
            FieldType::Gestation => Gestation::parse(text).map(|weeks| weeks.to_json()).ok_or(Reason::NotWeeks),
            FieldType::Code(_) => self.option(text).map(Value::from).ok_or(Reason::NotAnOption),
            FieldType::Flags(_) => {
                let keys: Vec<String> =
                    text.split([',', '、', ';']).map(str::trim).filter(|k| !k.is_empty()).map(str::to_owned).collect();
                self.flags(&keys).ok_or(Reason::NotAnOption)
            }
            FieldType::YesNo | FieldType::YesNoUnsure => {
                self.option(answer_key(&fold(text))).map(Value::from).ok_or(Reason::NotAnOption)
            }
            FieldType::BloodPressure => read_pressure(text).map(|bp| bp.to_json()).ok_or(Reason::NotAPressure),
            FieldType::Teeth(_) => {
                let tooth = |part: &str| {
                    let (number, found) = part.split_once([':', '='])?;
                    Some((fold(number).parse().ok()?, found.to_owned()))
                };
                let parts = text.split([',', ' ', '、', '　']).filter(|part| !part.is_empty());
                let teeth: Option<Teeth> = parts.map(tooth).collect();
                teeth.and_then(|teeth| self.teeth(teeth)).ok_or(Reason::NotTeeth)
            }
            FieldType::Reference => {
                text.parse::<super::EntryId>().map(|id| Value::from(id.to_string())).map_err(|_| Reason::NotAnId)
            }
        }
    }

    /// The key that a person means: exact, or the common spelling of a sign.
    fn option(&self, text: &str) -> Option<&'static str> {
        let options = self.field_type.options();
        let folded = fold(text);
        let meant = match folded.as_str() {
            "+-" | "±" | "+/-" => "±",
            "ー" | "−" | "‐" | "(-)" => "-",
            "(+)" => "+",
            "2+" => "++",
            other => other,
        };
        options.iter().find(|key| **key == text || key.eq_ignore_ascii_case(meant)).copied()
    }

    fn flags(&self, keys: &[String]) -> Option<Value> {
        if !matches!(self.field_type, FieldType::Flags(_)) {
            return None;
        }
        let mut known = keys.iter().map(|key| self.option(key)).collect::<Option<Vec<_>>>()?;
        known.sort_unstable();
        known.dedup();
        Some(Value::from(known))
    }

    fn teeth(&self, teeth: Teeth) -> Option<Value> {
        let FieldType::Teeth(_) = self.field_type else { return None };
        let known = |(tooth, found): (u8, String)| {
            let (quadrant, place) = (tooth / 10, tooth % 10);
            let exists = matches!((quadrant, place), (1..=4, 1..=8) | (5..=8, 1..=5));
            Some((tooth, self.option(&found).filter(|_| exists)?.to_owned()))
        };
        teeth.into_iter().map(known).collect::<Option<Teeth>>().map(|teeth| teeth.to_json())
    }

    /// A number in the field's own unit.
    fn number(&self, number: f64) -> Result<Value, Reason> {
        let Some(range) = self.field_type.range() else { return Err(Reason::Unfit) };
        if !number.is_finite() {
            return Err(Reason::NotANumber);
        }
        // Both ends of a range of whole numbers fit exactly in a float.
        if number < range.min || number > range.max {
            return Err(Reason::OutOfRange);
        }
        let rounded = self.rounded(number);
        if (number - rounded).abs() >= 1e-9 {
            return Err(Reason::TooFine);
        }
        Ok(match self.field_type {
            FieldType::Integer { .. } => Value::from(rounded as i64),
            _ => Value::from(rounded),
        })
    }

    /// To the decimals that are kept.
    fn rounded(&self, number: f64) -> f64 {
        let decimals = match self.field_type {
            FieldType::Decimal { decimals, .. } => decimals,
            _ => 0,
        };
        let scale = 10_f64.powi(i32::from(decimals));
        (number * scale).round() / scale
    }

    /// A number with, perhaps, a unit behind it; another unit of the same thing is converted.
    fn amount(&self, text: &str) -> Result<Value, Reason> {
        // Plain digits need no folding.
        if text.bytes().all(|b| b.is_ascii_digit() || b == b'.') && !text.ends_with('.') {
            return text.parse().map_err(|_| Reason::NotANumber).and_then(|number| self.number(number));
        }
        let readings = amount::read(text, self.field_type.unit())?;
        let fit = |amount: &amount::Amount| {
            self.number(if amount.rounded { self.rounded(amount.number) } else { amount.number })
        };
        let mut fitting: Vec<Value> = readings.iter().filter_map(|amount| fit(amount).ok()).collect();
        fitting.dedup();
        match (fitting.pop(), fitting.is_empty()) {
            (Some(only), true) => Ok(only),
            (Some(_), false) => Err(Reason::Ambiguous),
            // None fits: the last reading, with a point, says why.
            (None, _) => readings.last().map_or(Err(Reason::NotANumber), fit),
        }
    }
}

fn answer_key(folded: &str) -> &str {
    match folded {
        "はい" | "有" | "あり" | "y" | "true" | "1" => "yes",
        "いいえ" | "無" | "なし" | "n" | "false" | "0" => "no",
        "何ともいえない" | "なんともいえない" | "わからない" => "unsure",
        other => other,
    }
}

/// Text without control characters (line breaks and tabs stay), if it is short enough.
fn read_text(text: &str, max: usize) -> Option<Value> {
    let fits =
        |text: &str| text.len() <= max.min(limits::TEXT_CHARS) || text.chars().count() <= max.min(limits::TEXT_CHARS);
    if !text.chars().any(char::is_control) {
        return fits(text).then(|| Value::from(text));
    }
    let clean: String =
        text.replace("\r\n", "\n").chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    // Blanks that the removed signs had hidden; nothing at all is an unanswered field.
    match clean.trim() {
        "" => Some(Value::Null),
        bare => fits(bare).then(|| Value::from(bare)),
    }
}

fn read_pressure(text: &str) -> Option<BloodPressure> {
    let folded = fold(text);
    let (systolic, diastolic) = folded.trim_end_matches("mmHg").split_once(['/', '-'])?;
    let pressure = BloodPressure { systolic: systolic.parse().ok()?, diastolic: diastolic.parse().ok()? };
    let plausible = (40..=300).contains(&pressure.systolic)
        && (20..=200).contains(&pressure.diastolic)
        && pressure.systolic > pressure.diastolic;
    plausible.then_some(pressure)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEIGHT: FieldDef =
        FieldDef::new("weight", FieldType::Decimal { min: 0.2, max: 150.0, decimals: 3, unit: "kg" });
    const SIGN: FieldDef = FieldDef::new("u_protein", FieldType::Code(&["-", "±", "+", "++"]));
    const WORRY: FieldDef = FieldDef::new("worry", FieldType::YesNoUnsure);
    const TEETH: FieldDef = FieldDef::new("chart", FieldType::Teeth(&["sound", "decayed"]));
    const BP: FieldDef = FieldDef::new("bp", FieldType::BloodPressure);
    const BORN: FieldDef = FieldDef::new("datetime", FieldType::DateTime);
    const FLAGS: FieldDef = FieldDef::new("history", FieldType::Flags(&["diabetes", "heart"]));

    #[test]
    fn what_people_type() {
        for (field, text, expected) in [
            (WEIGHT, "9.1", Some("9.1")),
            (WEIGHT, "９．１ｋｇ", Some("9.1")),
            (WEIGHT, "3050g", Some("3.05")),
            (WEIGHT, "3050", None),
            (WEIGHT, "-3", None),
            (WEIGHT, "9.12345", None),
            (WEIGHT, "9.1cm", None),
            (WEIGHT, "NaN", None),
            (WEIGHT, "inf", None),
            (WEIGHT, "1e3", None),
            (WEIGHT, "", Some("null")),
            (SIGN, "±", Some("\"±\"")),
            (SIGN, "＋", Some("\"+\"")),
            (SIGN, "+-", Some("\"±\"")),
            (SIGN, "+++", None),
            (WORRY, "はい", Some("\"yes\"")),
            (WORRY, "何ともいえない", Some("\"unsure\"")),
            (WORRY, "maybe", None),
            (TEETH, "16:decayed 85:sound", Some("{\"16\":\"decayed\",\"85\":\"sound\"}")),
            (TEETH, "19:decayed", None),
            (TEETH, "16:gold", None),
            (BP, "120/75", Some("\"120/75\"")),
            (BP, "75/120", None),
            (BORN, "2024-05-03T14:05", Some("\"2024-05-03T14:05\"")),
            (BORN, "令和6年5月3日 14時5分", Some("\"2024-05-03T14:05\"")),
            (BORN, "令和6年5月3日14時5分", Some("\"2024-05-03T14:05\"")),
            (BORN, "2024-05-03 14:05:59", Some("\"2024-05-03T14:05\"")),
            (BORN, "2024-05-03", None),
            (FLAGS, "heart、diabetes,heart", Some("[\"diabetes\",\"heart\"]")),
            (FLAGS, "heart,unknown", None),
        ] {
            let read = field.read(text);
            assert_eq!(read.as_ref().ok().map(ToString::to_string).as_deref(), expected, "{}: {text}", field.key);
            if let Err(error) = read {
                assert_eq!((error.field.as_str(), error.given.as_str()), (field.key, text));
                assert!(!error.allowed.is_empty());
            }
        }
    }

    #[test]
    fn control_signs_are_taken_out_and_leave_no_blanks() {
        let note = FieldDef::new("note", FieldType::Text(10));
        for (typed, kept) in [
            ("a\u{8}\u{8}\u{1} \u{8}", Value::from("a")),
            ("\u{8} \u{7}", Value::Null),
            ("一\r\n二\t三", Value::from("一\n二\t三")),
        ] {
            assert_eq!(note.read(typed), Ok(kept.clone()), "{typed:?}");
            assert_eq!(note.validate(&kept), Ok(kept), "what is kept reads as itself");
        }
        assert!(note.read("十一文字になることばです").is_err());
        assert!(note.read("十文字のことばです。").is_ok());
    }

    #[test]
    fn json_is_checked_like_typing() {
        assert_eq!(WEIGHT.validate(&Value::from(9.1)), Ok(Value::from(9.1)));
        assert!(WEIGHT.validate(&Value::from(9100)).is_err());
        assert!(WEIGHT.validate(&Value::from(true)).is_err());
        assert_eq!(WORRY.validate(&Value::from(false)), Ok(Value::from("no")));
        assert!(FLAGS.validate(&serde_json::json!({"16": "decayed"})).is_err());
        assert!(TEETH.validate(&serde_json::json!(["decayed"])).is_err());
    }
}
