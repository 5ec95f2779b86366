//! Six words by which two people compare what their phones show: 66 bits of a hash, in words that a child knows.
//!
//! Each word stands for eleven bits: the upper six choose the first part, the lower five the second. "ゆき" and "うさぎ" make
//! "ゆきうさぎ". The list is frozen: two versions of the app show the same words.

use crate::key::{Hash, hash};

/// A part of a word, in hiragana and in English.
type Part = (&'static str, &'static str);

/// The first parts, by the upper six bits.
pub const FIRST: [Part; 64] = [
    ("あお", "blue"),
    ("あか", "red"),
    ("あき", "autumn"),
    ("あさ", "morning"),
    ("あじさい", "hydrangea"),
    ("あめ", "rain"),
    ("あんず", "apricot"),
    ("いずみ", "spring-water"),
    ("いちご", "strawberry"),
    ("うみ", "sea"),
    ("うめ", "plum"),
    ("おか", "hill"),
    ("おと", "sound"),
    ("おひさま", "sunny"),
    ("おもちゃ", "toy"),
    ("かえで", "maple"),
    ("かがみ", "mirror"),
    ("かぜ", "wind"),
    ("かみ", "paper"),
    ("きいろ", "yellow"),
    ("くさ", "grass"),
    ("くも", "cloud"),
    ("くり", "chestnut"),
    ("くるみ", "walnut"),
    ("ごま", "sesame"),
    ("こむぎ", "wheat"),
    ("さくら", "cherry"),
    ("さとう", "sugar"),
    ("しろ", "white"),
    ("すず", "bell"),
    ("すみれ", "violet"),
    ("そら", "sky"),
    ("たけ", "bamboo"),
    ("たんぽぽ", "dandelion"),
    ("ちゃいろ", "brown"),
    ("つき", "moon"),
    ("つばき", "camellia"),
    ("つゆ", "dew"),
    ("なつ", "summer"),
    ("なみ", "wave"),
    ("にじ", "rainbow"),
    ("にわ", "garden"),
    ("はちみつ", "honey"),
    ("はな", "flower"),
    ("はやし", "grove"),
    ("はる", "springtime"),
    ("ひかり", "light"),
    ("ひるま", "daytime"),
    ("ふえ", "flute"),
    ("ふゆ", "winter"),
    ("ぶどう", "grape"),
    ("ほし", "star"),
    ("まつ", "pine"),
    ("まめ", "bean"),
    ("みかん", "orange"),
    ("みどり", "green"),
    ("みなと", "harbour"),
    ("むぎわら", "straw"),
    ("もも", "peach"),
    ("もり", "forest"),
    ("やま", "mountain"),
    ("ゆうやけ", "sunset"),
    ("ゆき", "snow"),
    ("よぞら", "night"),
];

/// The second parts, by the lower five bits.
pub const SECOND: [Part; 32] = [
    ("あひる", "duck"),
    ("いす", "chair"),
    ("うさぎ", "rabbit"),
    ("うま", "horse"),
    ("おうち", "house"),
    ("かえる", "frog"),
    ("かご", "basket"),
    ("かさ", "umbrella"),
    ("かめ", "turtle"),
    ("きつね", "fox"),
    ("くじら", "whale"),
    ("くつ", "shoe"),
    ("こいぬ", "puppy"),
    ("こねこ", "kitten"),
    ("ことり", "bird"),
    ("こま", "top"),
    ("たぬき", "raccoon"),
    ("つばめ", "swallow"),
    ("つみき", "block"),
    ("てぶくろ", "mitten"),
    ("でんしゃ", "train"),
    ("とんぼ", "dragonfly"),
    ("はし", "bridge"),
    ("ひつじ", "sheep"),
    ("ふうせん", "balloon"),
    ("ふね", "boat"),
    ("ぼうし", "hat"),
    ("ぼたん", "button"),
    ("まり", "ball"),
    ("みち", "path"),
    ("りす", "squirrel"),
    ("りぼん", "ribbon"),
];

/// How many words there are to compare.
pub const COUNT: usize = 6;
/// How many bits each stands for.
const BITS: usize = 11;

/// How many words spell a key of 32 bytes: its 256 bits and eight that check them.
pub const KEY_WORDS: usize = 24;

/// Returns the numbers of the six words of a hash, each below 2,048.
pub fn numbers(hash: &Hash) -> [usize; COUNT] {
    numbers_of(hash)
}

fn numbers_of<const N: usize>(bytes: &[u8]) -> [usize; N] {
    let bit = |at: usize| usize::from(bytes[at / 8] >> (7 - at % 8) & 1);
    std::array::from_fn(|word| (word * BITS..(word + 1) * BITS).fold(0, |number, at| number << 1 | bit(at)))
}

fn hiragana(number: usize) -> String {
    [FIRST[number >> 5].0, SECOND[number & 31].0].concat()
}

/// Spells a key in words, to be written on paper and typed again: whoever reads them has the key.
pub fn spell(key: &[u8; 32]) -> [String; KEY_WORDS] {
    let mut bytes = key.to_vec();
    bytes.push(hash(key)[0]);
    numbers_of::<KEY_WORDS>(&bytes).map(hiragana)
}

/// Reads a key that was spelled, with anything but hiragana between the words; `None` if a word is wrong, missing or in
/// another place.
///
/// ```
/// use ayumi_protocol::words::{read_key, spell};
/// let paper = spell(&[7; 32]).join("、");
/// assert_eq!(read_key(&paper), Some([7; 32]));
/// assert_eq!(read_key(&paper.replacen("あ", "い", 1)), None);
/// ```
pub fn read_key(text: &str) -> Option<[u8; 32]> {
    let words = text.split(|c: char| !('ぁ'..='ん').contains(&c)).filter(|word| !word.is_empty());
    let number = |word: &str| (0..FIRST.len() * SECOND.len()).find(|number| hiragana(*number) == word);
    let numbers: Vec<usize> = words.map(number).collect::<Option<_>>()?;
    if numbers.len() != KEY_WORDS {
        return None;
    }
    let mut bytes = [0_u8; 33];
    for (at, bit) in numbers.iter().flat_map(|number| (0..BITS).rev().map(move |bit| number >> bit & 1)).enumerate() {
        bytes[at / 8] |= u8::try_from(bit).ok()? << (7 - at % 8);
    }
    let (key, check) = bytes.split_first_chunk::<32>()?;
    (check == [hash(key)[0]]).then_some(*key)
}

/// Returns the six words of a hash in hiragana.
///
/// ```
/// use ayumi_protocol::words;
/// assert_eq!(words::in_hiragana(&[0; 32])[0], "あおあひる");
/// assert_eq!(words::in_english(&[0xff; 32])[5], "night ribbon");
/// ```
pub fn in_hiragana(hash: &Hash) -> [String; COUNT] {
    numbers(hash).map(hiragana)
}

/// Returns the same words in English.
pub fn in_english(hash: &Hash) -> [String; COUNT] {
    numbers(hash).map(|number| [FIRST[number >> 5].1, SECOND[number & 31].1].join(" "))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// All words in order, each with a line feed.
    fn list(part: impl Fn(&Part, &Part) -> String) -> Vec<String> {
        FIRST.iter().flat_map(|first| SECOND.iter().map(|second| part(first, second)).collect::<Vec<_>>()).collect()
    }

    #[test]
    fn the_list_of_words_is_frozen_and_no_two_are_alike() {
        let hiragana = list(|first, second| [first.0, second.0].concat());
        let english = list(|first, second| [first.1, second.1].join(" "));
        for (words, expected) in [
            (&hiragana, "3af0120e3eaaa1b518c88658bccd464326bce0eddd889001c0cde16e97a191c8"),
            (&english, "7f22a8e66cf69447ba52e5d6cf325b7c70bdd19995257f387934fb9b06bd8582"),
        ] {
            assert_eq!(words.len(), 2048);
            assert_eq!(words.iter().collect::<BTreeSet<_>>().len(), 2048, "each word stands for one number");
            let text: String = words.iter().map(|word| format!("{word}\n")).collect();
            let found: String = hash(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(found, expected);
        }
        let kana = |c: char| ('ぁ'..='ん').contains(&c);
        assert!(hiragana.iter().all(|word| word.chars().all(kana) && (4..=8).contains(&word.chars().count())));
    }

    #[test]
    fn a_key_on_paper_is_read_again_and_no_other_word_passes_for_one() {
        for seed in 0..40_u8 {
            let key = hash(&[seed]);
            let words = spell(&key);
            assert_eq!(read_key(&words.join(" ")), Some(key));
            assert_eq!(
                read_key(&words.iter().enumerate().map(|(n, word)| format!("{n}. {word}\n")).collect::<String>()),
                Some(key)
            );
            let mut turned = words.clone();
            turned.swap(3, 4);
            assert!(read_key(&turned.join(" ")).is_none_or(|other| other != key));
            assert_eq!(read_key(&words[..23].join(" ")), None);
        }
        assert_eq!(read_key(""), None);
    }

    #[test]
    fn six_words_are_the_first_sixty_six_bits() {
        let mut bytes = [0; 32];
        let words = "00000000001 00000000010 00000000100 00000001000 00000010000 10000000000 111111";
        for (at, bit) in words.chars().filter(|c| *c != ' ').enumerate() {
            bytes[at / 8] |= u8::from(bit == '1') << (7 - at % 8);
        }
        assert_eq!(numbers(&bytes), [1, 2, 4, 8, 16, 1024]);
        for at in 66..256 {
            let mut other = bytes;
            other[at / 8] ^= 1 << (7 - at % 8);
            assert_eq!(numbers(&other), numbers(&bytes), "bit {at}");
        }
    }
}
