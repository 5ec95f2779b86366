//! Codes as pictures, to show or to print.

use std::path::Path;

use crate::output::{Failure, write_file};

/// Draws a code as SVG.
pub(crate) fn of_code(code: &str) -> Result<String, Failure> {
    let picture = qrcode::QrCode::with_error_correction_level(code.as_bytes(), qrcode::EcLevel::M);
    let picture = picture.map_err(|_| Failure::Other("the code is too long for a picture".into()))?;
    Ok(picture.render::<qrcode::render::svg::Color<'_>>().min_dimensions(320, 320).build())
}

/// Text as it stands in a picture: names of others are shown as they are, and do nothing.
fn escaped(text: &str) -> String {
    let plain = text.chars().filter(|c| !c.is_control()).collect::<String>();
    plain.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Writes a page with a code to print, and small lines under it.
pub(crate) fn write_page(path: &Path, code: &str, lines: &[&str], below: &[String]) -> Result<(), Failure> {
    let picture = of_code(code)?;
    // The picture is a document of its own: its head goes, the rest stands in ours.
    let inner = picture.split_once("?>").map_or(picture.as_str(), |(_, rest)| rest);
    let mut text = String::new();
    for (i, line) in lines.iter().enumerate() {
        let y = 420 + i * 26;
        text += &format!("<text x=\"300\" y=\"{y}\" text-anchor=\"middle\" font-size=\"17\">{}</text>", escaped(line));
    }
    let groups: Vec<&str> = code.split('-').collect();
    for (i, part) in groups.chunks(5).enumerate() {
        let (y, part) = (540 + i * 34, part.join("-"));
        text += &format!(
            "<text x=\"300\" y=\"{y}\" text-anchor=\"middle\" font-size=\"24\" font-family=\"monospace\">{part}</text>"
        );
    }
    let under = 540 + groups.len().div_ceil(5) * 34;
    for (i, line) in below.iter().enumerate() {
        let y = under + i * 20;
        text += &format!("<text x=\"300\" y=\"{y}\" text-anchor=\"middle\" font-size=\"13\">{}</text>", escaped(line));
    }
    let height = 680.max(under + below.len() * 20 + 20);
    let page = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 600 {height}\" font-family=\"sans-serif\"><rect width=\"600\" height=\"{height}\" \
         fill=\"#fff\"/><svg x=\"120\" y=\"30\" width=\"360\" height=\"360\" viewBox=\"0 0 360 360\">{inner}</svg>{text}</svg>\n"
    );
    write_file(path, page.as_bytes())
}
