//! Readings beside kanji, as content files write them: `{頭|あたま}を 上げます`.
//!
//! Shown as text they become `頭(あたま)を 上げます`; a printed page can set them above the kanji. The state's guideline for
//! easy Japanese (文化庁・出入国在留管理庁, 2020) keeps the kanji and adds the reading.

use std::borrow::Cow;

const fn is_kanji(c: char) -> bool {
    matches!(c, '々' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}')
}

const fn is_kana(c: char) -> bool {
    matches!(c, 'ぁ'..='ん' | 'ァ'..='ー')
}

fn all(text: &str, is: fn(char) -> bool) -> bool {
    !text.is_empty() && text.chars().all(is)
}

/// Returns the text with each marked reading in brackets behind its kanji. What fills a text in, such as `{date}`, stays.
pub fn plain(marked: &str) -> Cow<'_, str> {
    if !marked.contains('|') {
        return Cow::Borrowed(marked);
    }
    let mut out = String::with_capacity(marked.len());
    let mut rest = marked;
    while let Some(start) = rest.find('{') {
        let (before, from) = rest.split_at(start);
        out.push_str(before);
        let inside = from.find('}').map(|end| (&from[1..end], &from[end + 1..]));
        let pair = inside.and_then(|(inside, after)| inside.split_once('|').map(|(kanji, kana)| (kanji, kana, after)));
        match pair.filter(|(kanji, kana, _)| all(kanji, is_kanji) && all(kana, is_kana)) {
            Some((kanji, kana, after)) => {
                out.extend([kanji, "(", kana, ")"]);
                rest = after;
            }
            None => {
                out.push('{');
                rest = &from[1..];
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Returns the text without the readings that [`plain`] put into it: what a search or a limit on length looks at.
pub fn without(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    parts(text, |part| match part {
        Part::Text(text) | Part::Read { kanji: text, .. } => out.push_str(text),
    });
    out
}

/// Returns a page with the readings set above their kanji. Pictures (`<svg>`) and the head keep them in brackets, where
/// markup cannot stand.
pub fn ruby(html: &str) -> String {
    let mut out = String::with_capacity(html.len() + html.len() / 4);
    let mut rest = html;
    loop {
        let next = ["<head>", "<svg"].into_iter().filter_map(|open| rest.find(open).map(|at| (at, open))).min();
        let Some((at, open)) = next else { break };
        let close = if open == "<svg" { "</svg>" } else { "</head>" };
        let end = rest[at..].find(close).map_or(rest.len(), |end| at + end);
        above(&rest[..at], &mut out);
        out.push_str(&rest[at..end]);
        rest = &rest[end..];
    }
    above(rest, &mut out);
    out
}

/// Returns the text as it is read: kana in the place of kanji whose reading stands there.
pub(crate) fn aloud(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    walk(text, |words, reading| out.push_str(reading.unwrap_or(words)));
    out
}

/// Calls `each` with what follows each other in a text: words, or kanji with the reading that stands above them on paper.
pub(crate) fn walk<'a>(text: &'a str, mut each: impl FnMut(&'a str, Option<&'a str>)) {
    parts(text, |part| match part {
        Part::Text(text) => each(text, None),
        Part::Read { kanji, kana } => each(kanji, Some(kana)),
    });
}

fn above(html: &str, out: &mut String) {
    parts(html, |part| match part {
        Part::Text(text) => out.push_str(text),
        Part::Read { kanji, kana } => {
            out.extend(["<ruby>", kanji, "<rp>(</rp><rt>", kana, "</rt><rp>)</rp></ruby>"]);
        }
    });
}

enum Part<'a> {
    Text(&'a str),
    Read { kanji: &'a str, kana: &'a str },
}

/// Splits a text at kanji that a reading in brackets follows.
fn parts<'a>(text: &'a str, mut each: impl FnMut(Part<'a>)) {
    let mut done = 0;
    let mut from = 0;
    while let Some(open) = text[from..].find('(').map(|at| from + at) {
        let kana_from = open + '('.len_utf8();
        from = kana_from;
        let Some(kana) = text[kana_from..].find(')').map(|end| &text[kana_from..kana_from + end]) else { break };
        let kanji_from = text[done..open]
            .char_indices()
            .rev()
            .take_while(|(_, c)| is_kanji(*c))
            .last()
            .map_or(open, |(at, _)| done + at);
        if kanji_from < open && all(kana, is_kana) {
            each(Part::Text(&text[done..kanji_from]));
            each(Part::Read { kanji: &text[kanji_from..open], kana });
            done = kana_from + kana.len() + ')'.len_utf8();
            from = done;
        }
    }
    each(Part::Text(&text[done..]));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marked_reading_stands_in_brackets_behind_its_kanji() {
        assert_eq!(plain("{頭|あたま}を {上|あ}げます"), "頭(あたま)を 上(あ)げます");
        assert_eq!(plain("{date}まで"), "{date}まで");
        assert_eq!(plain("{date}までに {届|とど}け"), "{date}までに 届(とど)け");
        for odd in ["{頭|", "{頭|head}", "a|b", "{|あ}", "{頭}", "{{頭|あたま}"] {
            assert_eq!(plain(odd).replace("頭(あたま)", "{頭|あたま}"), odd);
        }
    }

    #[test]
    fn a_search_does_not_see_the_readings() {
        assert_eq!(without("頭(あたま)を 上(あ)げます"), "頭を 上げます");
        assert_eq!(without("名前(ふりがな ではない)"), "名前(ふりがな ではない)");
        assert_eq!(without("寝返(ねがえ)り(体(からだ)を まわす)"), "寝返り(体を まわす)");
        assert_eq!(without("(あ)"), "(あ)");
    }

    #[test]
    fn a_page_sets_the_readings_above_the_kanji_and_leaves_pictures_and_head() {
        assert_eq!(
            ruby("<head><title>頭(あたま)</title></head><p>頭(あたま)</p><svg><text>頭(あたま)</text></svg>手(て)"),
            "<head><title>頭(あたま)</title></head><p><ruby>頭<rp>(</rp><rt>あたま</rt><rp>)</rp></ruby></p>\
             <svg><text>頭(あたま)</text></svg><ruby>手<rp>(</rp><rt>て</rt><rp>)</rp></ruby>"
        );
        assert!(ruby("<header>手(て)</header>").contains("<ruby>"), "a header is no head");
    }
}
