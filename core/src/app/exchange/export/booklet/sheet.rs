//! Sheets of A5: blocks are put on them one after the other, so that the contents can name pages without asking a browser,
//! and two sheets fit side by side on A4.

use std::fmt::Write as _;
use std::rc::Rc;

use crate::app::insight::chart_svg::escape;

/// Width of the words on a sheet, mm.
pub(super) const WIDTH: f64 = 122.0;
/// Height of the words on a sheet, mm.
pub(super) const HEIGHT: f64 = 181.0;
/// A chapter begins on a new sheet if less than this is left, mm.
const BEGINNING: f64 = 45.0;

/// What a booklet is printed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Paper {
    /// A5, the size of the handbook.
    #[default]
    A5,
    /// A4 across, two pages of A5 on each sheet.
    A4,
}

impl Paper {
    /// Returns its stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Self::A5 => "a5",
            Self::A4 => "a4",
        }
    }

    /// Reads it from its key; `None` for an unknown one.
    pub fn from_key(key: &str) -> Option<Self> {
        [Self::A5, Self::A4].into_iter().find(|paper| paper.key() == key)
    }

    pub(super) const fn rule(self) -> &'static str {
        match self {
            Self::A5 => "@page { size: A5 portrait; margin: 0; }",
            Self::A4 => "@page { size: A4 landscape; margin: 0; }",
        }
    }
}

/// What stands around rows: a table with its head, which is written again where it goes on on another sheet.
#[derive(Debug)]
pub(super) struct Frame {
    /// Opening tag.
    pub(super) open: String,
    /// Closing tag.
    pub(super) close: &'static str,
    /// The row of heads, without `<thead>`; may be empty.
    pub(super) head: String,
    /// Its height, mm.
    pub(super) head_height: f64,
}

/// What stays together on a sheet.
#[derive(Debug)]
pub(super) struct Block {
    /// Its markup.
    pub(super) html: String,
    /// Its height, mm.
    pub(super) height: f64,
    /// Whether it goes with the next one, as a heading does.
    pub(super) holds_next: bool,
    /// The frame that it is a row of.
    pub(super) frame: Option<Rc<Frame>>,
    /// A picture may be drawn so much smaller, and no more, where a sheet has less room for it.
    pub(super) shrinks_to: Option<f64>,
}

/// Stands in a picture's markup for its style, which says how wide it is on paper.
pub(super) const STYLE_HERE: &str = "\u{3}";

impl Block {
    /// A block by itself.
    pub(super) const fn new(html: String, height: f64) -> Self {
        Self { html, height, holds_next: false, frame: None, shrinks_to: None }
    }

    /// Makes a picture small enough for the room that is left, if that is not too small for it.
    fn fit(&mut self, room: f64) {
        let Some(least) = self.shrinks_to else { return };
        let mut style = String::new();
        if (least..self.height).contains(&room) {
            let _ = write!(style, " style=\"--wide:{:.1}mm\"", WIDTH * room / self.height);
            self.height = room;
        }
        self.html = self.html.replace(STYLE_HERE, &style);
    }

    /// A heading: it goes with the next block.
    pub(super) const fn heading(html: String, height: f64) -> Self {
        Self { html, height, holds_next: true, frame: None, shrinks_to: None }
    }

    /// A row of a frame.
    pub(super) fn row(html: String, height: f64, frame: &Rc<Frame>) -> Self {
        Self { html, height, holds_next: false, frame: Some(Rc::clone(frame)), shrinks_to: None }
    }
}

/// A chapter: a line in the contents.
#[derive(Debug)]
pub(super) struct Chapter {
    /// Anchor of its heading.
    pub(super) id: String,
    /// Its name.
    pub(super) title: String,
    /// What is in it.
    pub(super) blocks: Vec<Block>,
}

/// Sheets on which blocks are put.
#[derive(Debug, Default)]
pub(super) struct Sheets {
    done: Vec<String>,
    open: String,
    used: f64,
    frame: Option<Rc<Frame>>,
}

impl Sheets {
    /// Puts a chapter on sheets; returns the number of the sheet that it begins on, counted from 0.
    pub(super) fn put(&mut self, chapter: Chapter, heading_height: f64) -> usize {
        let heading = format!("<h2 id=\"{}\">{}</h2>\n", chapter.id, escape(&chapter.title));
        if HEIGHT - self.used < BEGINNING {
            self.turn(None);
        }
        let mut blocks = vec![Block::heading(heading, heading_height)];
        blocks.extend(chapter.blocks);
        let mut begins = None;
        while !blocks.is_empty() {
            let together = blocks.iter().position(|block| !block.holds_next).map_or(blocks.len(), |last| last + 1);
            let rest = blocks.split_off(together);
            let mut group = std::mem::replace(&mut blocks, rest);
            let ahead: f64 = group.iter().rev().skip(1).map(|block| block.height).sum();
            if let Some(last) = group.last_mut() {
                last.fit(HEIGHT - self.used - ahead);
            }
            let height: f64 = group.iter().map(|block| block.height).sum();
            if self.used > 0.0 && self.used + height + self.frame_height(group.last()) > HEIGHT {
                self.turn(group.first().and_then(|block| block.frame.as_ref()));
            }
            begins.get_or_insert(self.done.len());
            for block in group {
                self.block(&block);
            }
        }
        begins.unwrap_or(self.done.len())
    }

    /// A chapter's last rows may leave room for its heads only on this sheet.
    fn frame_height(&self, block: Option<&Block>) -> f64 {
        let frame = block.and_then(|block| block.frame.as_ref());
        frame.filter(|frame| !self.is_open(frame)).map_or(0.0, |frame| frame.head_height)
    }

    fn is_open(&self, frame: &Rc<Frame>) -> bool {
        self.frame.as_ref().is_some_and(|open| Rc::ptr_eq(open, frame))
    }

    fn block(&mut self, block: &Block) {
        if !block.frame.as_ref().is_some_and(|frame| self.is_open(frame)) {
            self.close();
            if let Some(frame) = &block.frame {
                self.begin(frame, "");
            }
        }
        self.open.push_str(&block.html);
        self.used += block.height;
    }

    fn begin(&mut self, frame: &Rc<Frame>, class: &str) {
        self.open.push_str(&frame.open);
        if !frame.head.is_empty() {
            let _ = writeln!(self.open, "<thead{class}>{}</thead>", frame.head);
        }
        self.used += frame.head_height;
        self.frame = Some(Rc::clone(frame));
    }

    fn close(&mut self) {
        if let Some(frame) = self.frame.take() {
            self.open.push_str(frame.close);
        }
    }

    /// Begins another sheet; a frame that the next block is a row of goes on there, with its heads for paper alone.
    fn turn(&mut self, next: Option<&Rc<Frame>>) {
        let goes_on = next.filter(|frame| self.is_open(frame)).cloned();
        self.close();
        self.done.push(std::mem::take(&mut self.open));
        self.used = 0.0;
        if let Some(frame) = goes_on {
            self.begin(&frame, " class=\"again\"");
        }
    }

    /// The sheets, in order.
    pub(super) fn finish(mut self) -> Vec<String> {
        self.close();
        if !self.open.is_empty() {
            self.done.push(self.open);
        }
        self.done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chapter(id: &str, heights: &[f64]) -> Chapter {
        let blocks = heights.iter().enumerate().map(|(n, height)| Block::new(format!("[{id}{n}]"), *height)).collect();
        Chapter { id: id.into(), title: id.into(), blocks }
    }

    #[test]
    fn a_chapter_begins_where_the_contents_say() {
        let mut sheets = Sheets::default();
        let pages = [chapter("a", &[60.0, 60.0]), chapter("b", &[80.0, 80.0]), chapter("c", &[10.0])]
            .map(|chapter| sheets.put(chapter, 10.0));
        assert_eq!(
            pages,
            [0, 1, 2],
            "130 of 181 are used: b's heading goes with its first block; too little is left for c"
        );
        let sheets = sheets.finish();
        assert_eq!(sheets.len(), 3);
        for (sheet, id) in sheets.iter().zip(["a", "b", "c"]) {
            assert!(sheet.contains(&format!("<h2 id=\"{id}\">")), "{sheet}");
        }
    }

    #[test]
    fn a_picture_is_drawn_smaller_before_a_sheet_stays_empty() {
        let picture = || Block { shrinks_to: Some(120.0), ..Block::new(format!("<figure{STYLE_HERE}>"), 160.0) };
        let of = |id: &str, blocks| Chapter { id: id.into(), title: id.into(), blocks };
        let mut sheets = Sheets::default();
        let pages = [chapter("a", &[30.0]), of("b", vec![picture()]), of("c", vec![picture()])]
            .map(|chapter| sheets.put(chapter, 10.0));
        assert_eq!(pages, [0, 0, 1], "131 are left for 160");
        let sheets = sheets.finish();
        assert!(sheets[0].contains("<figure style=\"--wide:99.9mm\">") && sheets[1].contains("<figure>"), "{sheets:?}");
    }

    #[test]
    fn a_table_goes_on_with_its_heads_and_no_row_is_lost() {
        let frame =
            Rc::new(Frame { open: "<table>".into(), close: "</table>", head: "<tr></tr>".into(), head_height: 5.0 });
        let blocks = (0..50).map(|n| Block::row(format!("<tr>{n}</tr>"), 10.0, &frame)).collect();
        let mut sheets = Sheets::default();
        assert_eq!(sheets.put(Chapter { id: "t".into(), title: "t".into(), blocks }, 10.0), 0);
        let sheets = sheets.finish();
        assert_eq!(sheets.len(), 3, "16, 17 and 17 rows");
        for (n, sheet) in sheets.iter().enumerate() {
            assert_eq!(sheet.matches("<table>").count(), sheet.matches("</table>").count());
            assert_eq!(sheet.matches("class=\"again\"").count(), usize::from(n > 0));
        }
        let all = sheets.concat();
        assert!((0..50).all(|n| all.contains(&format!("<tr>{n}</tr>"))));
    }
}
