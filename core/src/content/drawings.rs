//! Line drawings of what a child does: `content/drawings/`, one file for each name that items give as `picture`.

use once_cell::sync::Lazy;

use crate::packed::packed_text;

/// A line for each: its name, a blank, the drawing. The build made it.
static ALL: Lazy<String> = Lazy::new(|| packed_text!("drawings"));

/// Returns a drawing as SVG; `None` for a name without one.
///
/// It has no colour of its own: its lines are `currentColor`, which is the colour of the text around it. Its field is
/// 120 by 120, and it is made to be read at that many pixels. It holds `path` and `circle` only, and in paths the
/// absolute `M`, `L`, `Q`, `C` and `Z`, so that a shell without SVG draws it in a few lines.
pub fn drawing(name: &str) -> Option<&'static str> {
    ALL.lines().filter_map(|line| line.split_once(' ')).find(|(known, _)| *known == name).map(|(_, svg)| svg)
}
