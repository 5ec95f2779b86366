//! Amounts as people write them: a number and a unit, or two of each (`7lb 3oz`, `7キロ350`, `37度5分`, `1時間30分`).
//!
//! What is read comes in the unit that is asked for. A unit that is not known, or that measures something else, is an error
//! and never taken for the one that is asked for. Sizes: kilogram, metre and litre are each other's powers of ten; a pound is
//! 453.59237 g and an inch 25.4 mm by the international agreement of 1959; the fluid ounce is the American one, 29.5735295625 mL
//! (a British one is 4 % less).

use unicode_normalization::UnicodeNormalization;

use super::reason::Reason;

/// What a unit measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quantity {
    Mass,
    Length,
    Volume,
    Time,
    Heat,
}

/// A unit: its names, and how much of the base (g, mm, mL, minute) it is.
struct Unit {
    names: &'static [&'static str],
    size: f64,
    /// Whether an amount in it is seldom a round one in ours, so that it is rounded to what is kept.
    foreign: bool,
}

const fn unit(names: &'static [&'static str], size: f64) -> Unit {
    Unit { names, size, foreign: false }
}

const fn foreign(names: &'static [&'static str], size: f64) -> Unit {
    Unit { names, size, foreign: true }
}

const MASS: &[Unit] = &[
    unit(&["g", "グラム", "ぐらむ", "gm", "gms", "gram", "grams"], 1.0),
    unit(&["kg", "キロ", "きろ", "キログラム", "kgs", "kilo", "kilos", "kilogram", "kilograms"], 1000.0),
    unit(&["mg", "ミリグラム"], 0.001),
    foreign(&["lb", "lbs", "pound", "pounds", "ポンド", "[lb_av]"], 453.592_37),
    foreign(&["oz", "ozs", "ounce", "ounces", "オンス", "[oz_av]"], 28.349_523_125),
    foreign(&["st", "stone", "stones"], 6_350.293_18),
];
const LENGTH: &[Unit] = &[
    unit(&["mm", "ミリ", "みり", "ミリメートル", "millimeter", "millimeters", "millimetre", "millimetres"], 1.0),
    unit(
        &["cm", "センチ", "せんち", "センチメートル", "cms", "centimeter", "centimeters", "centimetre", "centimetres"],
        10.0,
    ),
    unit(&["m", "メートル", "meter", "meters", "metre", "metres"], 1000.0),
    foreign(&["in", "inch", "inches", "インチ", "\"", "''", "″", "′′", "”", "[in_i]"], 25.4),
    foreign(&["ft", "feet", "foot", "フィート", "'", "′", "’", "[ft_i]"], 304.8),
];
const VOLUME: &[Unit] = &[
    unit(
        &["ml", "cc", "ミリリットル", "ミリ", "みり", "mls", "milliliter", "milliliters", "millilitre", "millilitres"],
        1.0,
    ),
    unit(&["l", "リットル", "liter", "liters", "litre", "litres"], 1000.0),
    unit(&["dl", "デシリットル"], 100.0),
    unit(&["cl"], 10.0),
    foreign(
        &["oz", "floz", "fl.oz", "fl_oz", "ounce", "ounces", "fluidounce", "fluidounces", "オンス", "[foz_us]"],
        29.573_529_562_5,
    ),
];
const TIME: &[Unit] = &[
    unit(&["min", "分", "分間", "ふん", "ぷん", "m", "mins", "minute", "minutes"], 1.0),
    unit(&["h", "時間", "じかん", "hr", "hrs", "hour", "hours"], 60.0),
    foreign(&["s", "秒", "秒間", "びょう", "sec", "secs", "second", "seconds"], 1.0 / 60.0),
];
/// Degrees: each name of ours, and those of Fahrenheit.
const CELSIUS: &[&str] = &["°c", "度", "ど", "c", "°", "degc", "degreesc", "celsius", "摂氏", "摂氏度", "cel", "度c"];
const FAHRENHEIT: &[&str] = &["°f", "f", "degf", "degreesf", "fahrenheit", "華氏", "華氏度", "[degf]"];

/// Other names of units that are of one size only.
const PLAIN: &[(&str, &[&str])] = &[
    ("years", &["歳", "才", "年", "year", "y", "yr", "yrs"]),
    ("weeks", &["週", "週間", "week", "w", "wk", "wks"]),
    ("days", &["日", "日間", "day", "d"]),
    ("per day", &["本", "本/日", "/日", "perday"]),
    ("kg/m2", &["kg/m²", "kg/m^2"]),
    ("px", &["pixels", "ピクセル"]),
    // What is only counted.
    ("", &["回", "回目", "かい", "かいめ", "本"]),
];

/// The second unit of an amount in two: which of the first it may follow, how many of it make one of the first, and how many
/// digits it has where its name is left out (`7キロ350`); 0 if it is never left out.
const FINER: &[(&str, &str, f64, usize)] = &[
    ("kg", "g", 1000.0, 3),
    ("lb", "oz", 16.0, 0),
    ("st", "lb", 14.0, 0),
    ("m", "cm", 100.0, 2),
    ("cm", "mm", 10.0, 1),
    ("ft", "in", 12.0, 0),
    ("l", "ml", 1000.0, 3),
    ("h", "min", 60.0, 2),
    ("min", "s", 60.0, 0),
];

impl Quantity {
    const ALL: [Self; 5] = [Self::Mass, Self::Length, Self::Volume, Self::Time, Self::Heat];

    const fn units(self) -> &'static [Unit] {
        match self {
            Self::Mass => MASS,
            Self::Length => LENGTH,
            Self::Volume => VOLUME,
            Self::Time => TIME,
            Self::Heat => &[],
        }
    }

    /// The quantity that one of our own units measures.
    fn of(own: &str) -> Option<Self> {
        match own {
            "g" | "kg" => Some(Self::Mass),
            "mm" | "cm" => Some(Self::Length),
            "mL" => Some(Self::Volume),
            "min" => Some(Self::Time),
            "°C" => Some(Self::Heat),
            _ => None,
        }
    }

    fn unit(self, name: &str) -> Option<&'static Unit> {
        self.units().iter().find(|unit| unit.names.contains(&name))
    }
}

/// A number as it may be meant, in the unit that was asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Amount {
    /// How much.
    pub(crate) number: f64,
    /// Whether it was written in a unit whose amounts are seldom round in ours: then it is rounded to what is kept.
    pub(crate) rounded: bool,
}

/// Reads an amount in this unit. Usually one; two where a comma stands for thousands or for a point (`7,350`): the range of what
/// is measured then says which.
///
/// # Errors
/// [`Reason::NotANumber`], [`Reason::UnknownUnit`].
pub(crate) fn read(text: &str, own: &str) -> Result<Vec<Amount>, Reason> {
    // A small or circled digit beside others would become one of them: 7² is not 72.
    if own != "kg/m2" && text.chars().any(is_odd_digit) {
        return Err(Reason::NotANumber);
    }
    let folded = folded(text);
    // The one unit of ours that holds a digit.
    let bare = if own == "kg/m2" { folded.strip_suffix(own).unwrap_or(&folded) } else { &folded };
    let parts = parts(bare).ok_or(Reason::NotANumber)?;
    match parts.as_slice() {
        [(number, word)] => {
            let (word, half) = match word.strip_suffix('半') {
                Some(word) if number.bytes().all(|b| b.is_ascii_digit()) => (word, 0.5),
                _ => (word.as_str(), 0.0),
            };
            let readings = numbers(number).ok_or(Reason::NotANumber)?;
            readings.into_iter().map(|number| convert(number + half, word, own)).collect()
        }
        [(first, large), (second, small)] => Ok(vec![two(first, large, second, small, own)?]),
        _ => Err(Reason::NotANumber),
    }
}

/// Whether a word names a unit of anything, so that it can be told from other words behind a name.
pub(crate) fn is_unit(word: &str) -> bool {
    let name = name(word);
    let plain = |(own, others): &(&str, &[&str])| !own.is_empty() && (*own == name || others.contains(&name.as_str()));
    let heat = CELSIUS.contains(&name.as_str()) || FAHRENHEIT.contains(&name.as_str());
    PLAIN.iter().any(plain)
        || heat
        || name == "mmhg"
        || Quantity::ALL.iter().any(|quantity| quantity.unit(&name).is_some())
}

/// Whether two words name the same unit.
pub(crate) fn same_unit(one: &str, other: &str, own: &str) -> bool {
    let (one, other) = (name(one), name(other));
    let place = |name: &str| convert(1.0, name, own).ok().map(|amount| amount.number.to_bits());
    one == other || (place(&one).is_some() && place(&one) == place(&other))
}

/// Whether the second unit counts what is left over of the first (`lb` and `oz`), so that two columns hold one amount.
pub(crate) fn counts_the_rest(large: &str, small: &str, own: &str) -> bool {
    let Some(quantity) = Quantity::of(own) else { return false };
    let pair = (quantity.unit(&name(large)), quantity.unit(&name(small)));
    let (Some(large), Some(small)) = pair else { return false };
    large.foreign && small.foreign && finer(large, small).is_some()
        || large.names.contains(&"h") && finer(large, small).is_some()
}

/// Width and case do not matter; `½` is .5, a degree is a degree however it was typed, and between two digits a Japanese
/// keyboard's `。` and `、` are a point and a comma.
fn folded(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let is_digit = |c: char| c.nfkc().all(|c| c.is_ascii_digit());
    let mut signs = text.trim().chars().peekable();
    let mut before = None;
    while let Some(sign) = signs.next() {
        let after_digit = before.is_some_and(is_digit);
        let between = after_digit && signs.peek().copied().is_some_and(is_digit);
        match (sign, fraction(sign)) {
            (_, Some(fraction)) => {
                plain.push_str(if after_digit { "" } else { "0" });
                plain.push_str(fraction);
            }
            ('º' | '˚', _) => plain.push('°'),
            ('。' | '｡', _) if between => plain.push('.'),
            ('、' | '､', _) if between => plain.push(','),
            _ => plain.push(sign),
        }
        before = Some(sign);
    }
    plain.nfkc().flat_map(char::to_lowercase).collect()
}

/// The sign of a fraction that ounces and pounds are written with.
const fn fraction(sign: char) -> Option<&'static str> {
    match sign {
        '¼' => Some(".25"),
        '½' => Some(".5"),
        '¾' => Some(".75"),
        _ => None,
    }
}

/// A sign that folding would make a digit of, and that is none as people write numbers.
fn is_odd_digit(sign: char) -> bool {
    let plain = sign.is_ascii_digit() || ('０'..='９').contains(&sign) || fraction(sign).is_some();
    !plain && sign.nfkc().any(|c| c.is_ascii_digit())
}

/// A unit's name as it stands in the tables.
fn name(word: &str) -> String {
    folded(word)
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect::<String>()
        .trim_end_matches(['.', ',', '、', 'と'])
        .to_owned()
}

/// Cuts `7 lb, 3.5 oz` into numbers and the words behind them. `None` if a word stands first, or two numbers side by side.
fn parts(folded: &str) -> Option<Vec<(String, String)>> {
    let mut parts: Vec<(String, String)> = Vec::new();
    let mut rest = folded;
    while !rest.is_empty() {
        let sign = usize::from(parts.is_empty() && rest.starts_with(['-', '+']));
        let digits = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',');
        let end = rest.char_indices().skip(sign).find(|(_, c)| !digits(*c)).map_or(rest.len(), |(at, _)| at);
        let (number, behind) = rest.split_at(end);
        let end = behind.find(|c: char| c.is_ascii_digit()).unwrap_or(behind.len());
        let (word, next) = behind.split_at(end);
        let without_name = name(word).is_empty() && !next.is_empty();
        if !number.bytes().any(|b| b.is_ascii_digit()) || without_name {
            return None;
        }
        parts.push((number.trim_end_matches(',').to_owned(), name(word)));
        rest = next;
    }
    Some(parts).filter(|parts| !parts.is_empty())
}

/// What digits can mean: one number, or two where one comma and three digits may be thousands or a point.
fn numbers(digits: &str) -> Option<Vec<f64>> {
    let well_formed = |text: &str| text.bytes().any(|b| b.is_ascii_digit()) && !text.ends_with('.');
    let parse = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite() && well_formed(text));
    let Some((whole, tail)) = digits.split_once(',') else { return parse(digits).map(|number| vec![number]) };
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let bare = whole.trim_start_matches(['-', '+']);
    if !plain(bare) {
        return None;
    }
    let (groups, decimals) = tail.split_once('.').map_or((tail, ""), |(groups, decimals)| (groups, decimals));
    let in_threes = bare.len() <= 3 && groups.split(',').all(|group| plain(group) && group.len() == 3);
    let thousands = || {
        let joined = format!("{whole}{}", groups.replace(',', ""));
        parse(&if tail.contains('.') { format!("{joined}.{decimals}") } else { joined })
    };
    match (in_threes, plain(tail)) {
        (true, true) => Some(vec![thousands()?, parse(&format!("{whole}.{tail}"))?]),
        (true, false) => thousands().map(|number| vec![number]),
        (false, true) => parse(&format!("{whole}.{tail}")).map(|number| vec![number]),
        (false, false) => None,
    }
}

/// One number in a unit that may be left out.
fn convert(number: f64, word: &str, own: &str) -> Result<Amount, Reason> {
    let exact = |number| Ok(Amount { number, rounded: false });
    if word.is_empty() || word == own.to_lowercase() {
        return exact(number);
    }
    let Some(quantity) = Quantity::of(own) else {
        let known = PLAIN.iter().any(|(unit, names)| *unit == own && names.contains(&word));
        return if known { exact(number) } else { Err(Reason::UnknownUnit) };
    };
    if quantity == Quantity::Heat {
        return match (CELSIUS.contains(&word), FAHRENHEIT.contains(&word)) {
            (true, _) => exact(number),
            (_, true) => Ok(Amount { number: (number - 32.0) * 5.0 / 9.0, rounded: true }),
            _ => Err(Reason::UnknownUnit),
        };
    }
    let (given, wanted) = (quantity.unit(word), quantity.unit(&own.to_lowercase()));
    let (Some(given), Some(wanted)) = (given, wanted) else { return Err(Reason::UnknownUnit) };
    Ok(Amount { number: scaled(number, given.size, wanted.size), rounded: given.foreign })
}

/// Divides by whole powers where it can, which keeps decimals as they were written.
fn scaled(number: f64, from: f64, to: f64) -> f64 {
    if to > from && (to / from).fract() == 0.0 { number / (to / from) } else { number * (from / to) }
}

fn finer(large: &Unit, small: &Unit) -> Option<f64> {
    let pair = FINER.iter().find(|(first, second, ..)| large.names.contains(first) && small.names.contains(second));
    pair.map(|(_, _, per, _)| *per)
}

/// An amount in two units. The first is a whole number, the second less than one of the first.
fn two(first: &str, large: &str, second: &str, small: &str, own: &str) -> Result<Amount, Reason> {
    let whole = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<f64>().ok()).flatten();
    let first = whole(first).ok_or(Reason::NotANumber)?;
    let quantity = Quantity::of(own).ok_or(Reason::UnknownUnit)?;
    if quantity == Quantity::Heat {
        // 37度5分 is said of tenths.
        let tenths = second.len() == 1 && CELSIUS.contains(&large) && matches!(small, "分" | "ぶ" | "");
        let tenth = whole(second).filter(|_| tenths).ok_or(Reason::UnknownUnit)?;
        return Ok(Amount { number: (first * 10.0 + tenth) / 10.0, rounded: false });
    }
    let large = quantity.unit(large).ok_or(Reason::UnknownUnit)?;
    let implied = FINER.iter().find(|(name, _, _, digits)| large.names.contains(name) && *digits == second.len());
    let small = match small {
        "" => quantity.unit(implied.filter(|_| whole(second).is_some()).ok_or(Reason::UnknownUnit)?.1),
        name => quantity.unit(name),
    };
    let small = small.ok_or(Reason::UnknownUnit)?;
    let per = finer(large, small).ok_or(Reason::UnknownUnit)?;
    let one = numbers(second).filter(|readings| readings.len() == 1).ok_or(Reason::NotANumber)?;
    let rest = one.first().copied().filter(|rest| (0.0..per).contains(rest)).ok_or(Reason::OutOfRange)?;
    let wanted = quantity.unit(&own.to_lowercase()).ok_or(Reason::UnknownUnit)?;
    let number = scaled(first * per + rest, small.size, wanted.size);
    Ok(Amount { number, rounded: large.foreign || small.foreign })
}

#[cfg(test)]
#[path = "amount_tests.rs"]
mod tests;
