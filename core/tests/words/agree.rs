//! A condition that stands in one language stands in the others: numbers, "without", "by oneself".

use std::collections::BTreeSet;

use super::{Text, items, plain, texts};

/// Words and what they count. "One" is an article as often as a number, so only what is more than one is compared.
const JAPANESE: [(&str, u32); 15] = [
    ("五種", 5),
    ("ふたつ", 2),
    ("二つ", 2),
    ("二度", 2),
    ("二通り", 2),
    ("ふたり", 2),
    ("二人", 2),
    ("両", 2),
    ("みっつ", 3),
    ("三人", 3),
    ("四人", 4),
    ("六つ", 6),
    ("六か", 6),
    ("五つ", 5),
    ("四つ", 4),
];
const ENGLISH: [(&str, u32); 30] = [
    ("two", 2),
    ("twice", 2),
    ("both", 2),
    ("second", 2),
    ("three", 3),
    ("third", 3),
    ("four", 4),
    ("fourth", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("twelve", 12),
    ("fourteen", 14),
    ("fifteen", 15),
    ("thirty", 30),
    ("january", 1),
    ("february", 2),
    ("march", 3),
    ("april", 4),
    ("june", 6),
    ("july", 7),
    ("august", 8),
    ("september", 9),
    ("october", 10),
    ("november", 11),
    ("december", 12),
    ("half", 0),
];

fn digits(text: &str) -> BTreeSet<u32> {
    let without_separators: String = {
        let chars: Vec<char> = text.chars().collect();
        let keep = |at: usize| {
            !(chars[at] == ','
                && at > 0
                && chars[at - 1].is_ascii_digit()
                && chars.get(at + 1).is_some_and(char::is_ascii_digit))
        };
        (0..chars.len()).filter(|at| keep(*at)).map(|at| chars[at]).collect()
    };
    let numbers = without_separators.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok());
    numbers.filter(|number| *number > 1).collect()
}

/// The numbers above one that a text names.
fn numbers(text: &str, english: bool) -> BTreeSet<u32> {
    let mut found = digits(text);
    if english {
        let lower = text.to_lowercase();
        let words: BTreeSet<&str> = lower.split(|c: char| !c.is_ascii_alphabetic()).collect();
        found.extend(
            ENGLISH.iter().filter(|(word, number)| *number > 1 && words.contains(word)).map(|(_, number)| *number),
        );
    } else {
        found.extend(JAPANESE.iter().filter(|(word, _)| text.contains(word)).map(|(_, number)| *number));
        // 数日 is said as 2〜3日 where words must be plain.
        if text.contains("2〜3日") {
            found.retain(|number| ![2, 3].contains(number));
        }
    }
    found
}

/// A text without what somebody says in it.
fn unspoken(text: &str) -> String {
    let mut out = String::new();
    let mut said = 0_u32;
    for part in text.split_inclusive(['「', '」', '\'']) {
        let bare = part.trim_end_matches(['「', '」', '\'']);
        if said == 0 {
            out.push_str(bare);
        }
        said = match part.chars().last() {
            Some('「') => said + 1,
            Some('」') => said.saturating_sub(1),
            // An apostrophe within a word opens nothing.
            Some('\'') if said > 0 => said - 1,
            Some('\'') if !bare.ends_with(char::is_alphabetic) => 1,
            _ => said,
        };
    }
    out
}

/// Whether something is "without", or "not".
fn refused(text: &str, english: bool) -> bool {
    let text = unspoken(text);
    if english {
        const WORDS: [&str; 10] =
            ["not", "no", "never", "without", "nobody", "nothing", "outside", "with little", "seldom", "out of sight"];
        let lower = format!(" {} ", text.to_lowercase().replace(|c: char| !c.is_ascii_alphabetic(), " "));
        return WORDS.iter().any(|word| lower.contains(&format!(" {word} "))) || lower.contains("keep your child from");
    }
    // Words that only look like it.
    let bare = [
        "かもしれない",
        "少ない",
        "危ない",
        "あぶない",
        "いない いない ばあ",
        "くださいませんか",
        "「まだ」",
        "泣",
        "ごめんなさい",
    ]
    .iter()
    .fold(text, |text, word| text.replace(word, ""));
    ["ずに", "ないで", "なしで", "なしの", "ない", "ません", "なく"].iter().any(|word| bare.contains(word))
}

/// Whether it is done by oneself.
fn alone(text: &str, english: bool) -> bool {
    let words: &[&str] = if english {
        &["alone", "by themselves", "on their own"]
    } else {
        &["ひとりで", "一人で", "自分で", "じぶんで", "自分から"]
    };
    let lower = text.to_lowercase();
    words.iter().any(|word| lower.contains(word))
}

/// In which way the languages differ; `None` if they do not.
fn differ(words: &[String; 3], whole: bool) -> Option<String> {
    let plain = words.each_ref().map(|text| plain(text));
    let is_english = [false, false, true];
    let all: Vec<_> = plain.iter().zip(is_english).map(|(text, english)| numbers(text, english)).collect();
    if all.iter().any(|numbers| *numbers != all[0]) {
        return Some(format!("numbers {all:?}"));
    }
    if !whole {
        return None;
    }
    for (what, holds) in [("not, without", refused as fn(&str, bool) -> bool), ("by oneself", alone)] {
        let all: Vec<bool> = plain.iter().zip(is_english).map(|(text, english)| holds(text, english)).collect();
        if all.iter().any(|one| *one != all[0]) {
            return Some(format!("{what} {all:?}"));
        }
    }
    None
}

/// Texts whose numbers cannot be the same, and why.
const OTHERWISE: [(&str, &str); 5] = [
    ("m_one_foot3.look", "いち、に、さん is counted aloud"),
    ("insight:event.INT_2", "Japan counts months of 28 days; weeks say it in English"),
    ("insight:event.WC_18M", "1歳6か月 is 18 months in English"),
    ("growth:chart.source.jp2023", "令和5 is 2023"),
    ("errors:invalid.not_a_date", "the era is an example in Japanese only"),
];

fn disagreeing(all: Vec<Text>, whole: fn(&str) -> bool) -> Vec<String> {
    let known = |place: &str| OTHERWISE.iter().any(|(known, _)| *known == place);
    all.into_iter()
        .filter(|text| !known(&text.place))
        .filter_map(|text| {
            Some(format!("{}: {} {:?}", text.place, differ(&text.words, whole(&text.place))?, text.words))
        })
        .collect()
}

/// Words.md A13: "without hands", "5 to 10 seconds", "alone" were lost, and the answer was read as that to the full question.
#[test]
fn what_a_child_does_has_the_same_conditions_in_three_languages() {
    let wrong = disagreeing(items(), |place| place.ends_with(".text"));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn questions_of_the_form_have_the_same_conditions_in_three_languages() {
    let questions = texts("form").into_iter().filter(|text| text.words[0].ends_with('か')).collect();
    let wrong = disagreeing(questions, |_| true);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn days_limits_and_doses_are_the_same_in_three_languages() {
    // Names of vaccines and options are other names in another language.
    let named = |place: &str| place.contains('=') || place.starts_with("insight:series.");
    let all = ["insight", "growth", "members", "errors", "fhir", "booklet"].into_iter().flat_map(texts);
    let wrong = disagreeing(all.filter(|text| !named(&text.place)).collect(), |_| false);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_condition_that_is_lost_is_seen() {
    let three = |ja: &str, easy: &str, en: &str| [ja, easy, en].map(str::to_owned);
    for (words, why) in [
        (
            three("手を使わずに、階段をのぼる", "{階段|かいだん}を {上|あ}がります", "climbs stairs without hands"),
            "without",
        ),
        (
            three("片足で5〜10秒立つ", "{片足|かたあし}で {立|た}ちます", "stands on one foot for 5 to 10 seconds"),
            "numbers",
        ),
        (three("ひとりで食べる", "{食|た}べます", "eats alone"), "by oneself"),
        (three("積み木を2つ重ねる", "{積|つ}み{木|き}を 2つ {重|かさ}ねます", "stacks three blocks"), "numbers"),
        (three("8週間は休めます", "8{週間|しゅうかん} {休|やす}めます", "The law keeps six weeks free"), "numbers"),
    ] {
        assert!(differ(&words, true).is_some_and(|found| found.contains(why)), "{words:?}");
    }
    let same =
        three("ふたつのことばを、ひとりで言う", "ことばを 2つ、{一人|ひとり}で {言|い}います", "says two words alone");
    assert_eq!(differ(&same, true), None);
}
