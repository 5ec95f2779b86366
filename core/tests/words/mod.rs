//! Every word for parents, as the content files write it: the three languages say the same, nothing frightens or compares, easy
//! Japanese keeps the state's guideline (文化庁・出入国在留管理庁, 2020).

mod agree;

use std::collections::{BTreeMap, BTreeSet};

use ayumi_core::content::Content;

/// A text by its place: 日本語, やさしい日本語, English, with readings as `{頭|あたま}`.
pub(crate) struct Text {
    pub(crate) place: String,
    pub(crate) words: [String; 3],
}

fn file(path: &str) -> toml::Table {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("content").join(path);
    std::fs::read_to_string(&path).unwrap().parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn three(value: &toml::Value) -> Option<[String; 3]> {
    let all: Vec<String> = value.as_array()?.iter().filter_map(|one| Some(one.as_str()?.to_owned())).collect();
    all.try_into().ok()
}

/// Items of the self-check: what a child does, how to look, how to play.
pub(crate) fn items() -> Vec<Text> {
    let mut all = Vec::new();
    for area in ["motor", "language", "social", "daily_life"] {
        let file = file(&format!("checks/{area}.toml"));
        for item in file["item"].as_array().unwrap() {
            for part in ["text", "look", "play"] {
                let place = format!("{}.{part}", item["id"].as_str().unwrap());
                all.push(Text { place, words: three(&item[part]).unwrap() });
            }
        }
    }
    all
}

/// Words of a file of texts, by `FILE:KEY`.
pub(crate) fn texts(name: &str) -> Vec<Text> {
    let file = file(&format!("texts/{name}.toml"));
    let text = |(key, value): (&String, &toml::Value)| Text {
        place: format!("{name}:{key}"),
        words: three(value).unwrap_or_else(|| panic!("{name}:{key}: three languages")),
    };
    file.iter().map(text).collect()
}

fn desks() -> Vec<Text> {
    let file = file("agenda/desks.toml");
    let mut all = Vec::new();
    for desk in file["desk"].as_array().unwrap() {
        let id = desk["id"].as_str().unwrap();
        for (key, value) in
            desk.as_table().unwrap().iter().filter(|(key, _)| !["topics", "sources"].contains(&key.as_str()))
        {
            all.extend(three(value).map(|words| Text { place: format!("desk {id}.{key}"), words }));
        }
    }
    all
}

const FILES: [&str; 7] = ["form", "insight", "growth", "booklet", "errors", "members", "fhir"];

fn everything() -> Vec<Text> {
    let mut all = items();
    all.extend(FILES.into_iter().flat_map(texts));
    all.extend(desks());
    assert!(all.len() > 1500, "{}", all.len());
    all
}

/// Splits a marked text into what is read as it stands, and kanji with their readings.
fn pieces(marked: &str) -> (String, Vec<(String, String)>) {
    let (mut bare, mut read, mut rest) = (String::new(), Vec::new(), marked);
    while let Some((before, after)) = rest.split_once('{') {
        bare.push_str(before);
        let (inside, behind) = after.split_once('}').unwrap_or((after, ""));
        match inside.split_once('|') {
            Some((kanji, kana)) => read.push((kanji.to_owned(), kana.to_owned())),
            None => bare.push('□'),
        }
        rest = behind;
    }
    bare.push_str(rest);
    (bare, read)
}

/// The text as somebody reads it who needs no readings.
pub(crate) fn plain(marked: &str) -> String {
    let mut out = String::new();
    let mut rest = marked;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let (inside, behind) = after.split_once('}').unwrap_or((after, ""));
        out.push_str(inside.split_once('|').map_or("", |(kanji, _)| kanji));
        rest = behind;
    }
    out.push_str(rest);
    out
}

const fn is_kanji(c: char) -> bool {
    matches!(c, '々' | '\u{4e00}'..='\u{9fff}')
}

/// Words that imitate sounds: who learns Japanese does not know them. The name of a game may be one, explained.
const SOUNDS: [&str; 21] = [
    "ぶくぶく",
    "がらがら",
    "ガラガラ",
    "カチカチ",
    "こちょこちょ",
    "とんとん",
    "ゆらゆら",
    "ぐるぐる",
    "ぽーい",
    "ちょきん",
    "ぱちぱち",
    "ふわふわ",
    "ざらざら",
    "ぶーぶー",
    "ぎゅー",
    "ぴょん",
    "タッカ",
    "あわあわ",
    "すっぽん",
    "あちち",
    "ぐらぐら",
];

/// What is wrong with a text in easy Japanese.
fn not_easy(words: &str) -> Option<String> {
    let (bare, read) = pieces(words);
    if let Some(c) = bare.chars().find(|c| is_kanji(*c)) {
        return Some(format!("{c} has no reading"));
    }
    if let Some((kanji, kana)) = read.iter().find(|(kanji, kana)| !kanji.chars().all(is_kanji) || kana.is_empty()) {
        return Some(format!("{kanji}|{kana}"));
    }
    SOUNDS.iter().find(|sound| words.contains(**sound)).map(|sound| format!("{sound} imitates a sound"))
}

#[test]
fn easy_japanese_has_a_reading_at_each_kanji_and_no_words_that_imitate_sounds() {
    let wrong: Vec<String> =
        everything().iter().filter_map(|text| Some(format!("{}: {}", text.place, not_easy(&text.words[1])?))).collect();
    assert_eq!(wrong, Vec::<String>::new());
    for (fault, why) in [
        ("{頭|あたま}を上げます", "上 has no reading"),
        ("{頭を|あたまを} あげます", "頭を|あたまを"),
        ("いっしょに ぶくぶくします", "imitates"),
    ] {
        assert!(not_easy(fault).is_some_and(|found| found.contains(why)), "{fault}");
    }
}

/// The official word is kept and explained, so that it can be said at the desk: what is a name for an office in Japanese stands
/// in easy Japanese with the same kanji.
#[test]
fn easy_japanese_keeps_the_official_words() {
    const OFFICIAL: [&str; 25] = [
        "妊婦のための支援給付",
        "産前休業",
        "産後休業",
        "死産届",
        "産婦健診",
        "産後ケア",
        "出生届",
        "低体重児",
        "養育医療",
        "児童手当",
        "健康保険",
        "医療費助成",
        "出産育児一時金",
        "在留資格",
        "新生児訪問",
        "新生児聴覚検査",
        "先天性代謝異常",
        "国籍留保",
        "就学時健診",
        "定期接種",
        "教育委員会",
        "母子健康手帳",
        "離乳食",
        "推定体重",
        "出産予定日",
    ];
    let squeezed = |text: &str| plain(text).replace(' ', "");
    let lost: Vec<String> = everything()
        .iter()
        .filter(|text| !text.place.starts_with("fhir:") && !text.place.starts_with("errors:"))
        .flat_map(|text| {
            let (ja, easy) = (squeezed(&text.words[0]), squeezed(&text.words[1]));
            let missing = OFFICIAL.iter().filter(move |word| ja.contains(**word) && !easy.contains(**word));
            missing.map(|word| format!("{}: {word}", text.place)).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(lost, Vec::<String>::new());
}

/// What a child does is said in a whole sentence: です・ます.
#[test]
fn what_a_child_does_is_said_politely_in_easy_japanese() {
    for text in items().iter().filter(|text| text.place.ends_with(".text")) {
        let words = plain(&text.words[1]);
        let outside = words
            .split('(')
            .enumerate()
            .map(|(n, part)| if n == 0 { part } else { part.split_once(')').map_or("", |(_, after)| after) });
        let sentence: String = outside.collect();
        assert!(["ます", "です", "ません"].iter().any(|end| sentence.ends_with(end)), "{}: {words}", text.place);
    }
}

/// Where a word that frightens or compares must stand: in an official name, under a chart that says what its lines are, or to say
/// that something is *not* one.
const ALLOWED: [(&str, &str); 12] = [
    ("booklet:nursery.note", "diagnos"),
    ("booklet:nursery.note", "診断"),
    ("form:=birth_and_death", "診断"),
    ("form:=newborn_metabolic", "異常"),
    ("insight:event.NBS", "異常"),
    ("form:mother_postpartum.lochia=normal", "正常"),
    ("growth:chart.percentile", "%"),
    ("growth:chart.percentiles", "%"),
    ("growth:chart.percentiles", "percent"),
    ("growth:chart.source.jp2000", "percent"),
    ("growth:chart.source.jp2023", "percent"),
    ("growth:chart.source.who", "percent"),
];

fn frightening<'a>(words: &[String; 3], avoid: &'a [String]) -> Vec<&'a str> {
    let lower: Vec<String> = words.iter().map(|text| plain(text).to_lowercase()).collect();
    avoid.iter().map(String::as_str).filter(|word| lower.iter().any(|text| text.contains(word))).collect()
}

#[test]
fn no_word_frightens_or_compares() {
    let avoid = Content::default().checks().avoid.clone();
    let found: BTreeSet<(String, String)> = everything()
        .iter()
        .flat_map(|text| {
            frightening(&text.words, &avoid)
                .into_iter()
                .map(|word| (text.place.clone(), word.to_owned()))
                .collect::<Vec<_>>()
        })
        .collect();
    let allowed: BTreeSet<(String, String)> =
        ALLOWED.iter().map(|(place, word)| ((*place).to_owned(), (*word).to_owned())).collect();
    let new: Vec<_> = found.difference(&allowed).collect();
    assert!(new.is_empty(), "{new:#?}");
    let unused: Vec<_> = allowed.difference(&found).collect();
    assert!(unused.is_empty(), "allowed for nothing: {unused:#?}");
    let fault = ["発達が遅れています", "{発達|はったつ}が おくれて います", "a delay"].map(str::to_owned);
    assert!(!frightening(&fault, &avoid).is_empty());
}

/// Nobody's household is taken for granted in what a carer is asked about the child.
#[test]
fn questions_are_for_households_of_every_kind() {
    const OF_ONE_KIND: [&str; 12] = [
        "ママ",
        "パパ",
        "お母さん",
        "お父さん",
        "おかあさん",
        "おとうさん",
        "祖父母",
        "夫",
        "mummy",
        "daddy",
        "mother",
        "father",
    ];
    let questions =
        texts("form").into_iter().filter(|text| text.place.starts_with("form:*.") && text.words[0].ends_with('か'));
    let all = items().into_iter().chain(questions);
    // A child's first words are what they are.
    let mut found: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for text in all {
        let here = |word: &&&str| {
            text.words.iter().any(|words| plain(words).replace("大丈夫", "").to_lowercase().contains(**word))
        };
        let words: Vec<&str> = OF_ONE_KIND.iter().filter(here).copied().collect();
        if !words.is_empty() {
            found.insert(text.place, words);
        }
    }
    assert_eq!(found.keys().map(String::as_str).collect::<Vec<_>>(), ["form:*.several_meaningful_words"], "{found:?}");
}
