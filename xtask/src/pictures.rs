//! The printed handbook as a reader sees it: a browser lays it out, complaints are looked for in its own measures, and pictures
//! are left to be looked at.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Outcome, cargo, make_folder, root, say, timed};
use crate::tools;

const MEASURE: &str = include_str!("../../tests/pictures/measure.js");
/// Widths of phones, CSS px.
const PHONES: [u32; 2] = [320, 390];
/// The highest picture that a browser takes.
const HIGHEST: u32 = 16_000;
const LOCALES: [&str; 3] = ["ja", "ja-easy", "en"];

pub(crate) fn step(long: bool) -> Outcome {
    let browser = tools::browser()?;
    cargo(&["build", "--quiet", "--package", "ayumi"])?;
    let locales = if long { &LOCALES[..] } else { &LOCALES[..1] };
    if !long {
        say("one language, one phone and A5 (--long looks at all)");
    }
    let mut wrong = Vec::new();
    for locale in locales {
        timed(locale, || {
            let pictures =
                Pictures { browser: browser.clone(), folder: root().join("target/pictures").join(locale), long };
            wrong.extend(pictures.of_a_family(locale)?);
            Ok(())
        })?;
    }
    say(&format!("pictures: {}", root().join("target/pictures").display()));
    if wrong.is_empty() { Ok(()) } else { Err(format!("{} complaints:\n{}", wrong.len(), wrong.join("\n"))) }
}

struct Pictures {
    browser: PathBuf,
    folder: PathBuf,
    long: bool,
}

impl Pictures {
    /// The files of the demo's family, each laid out for phones and paper.
    fn of_a_family(&self, locale: &str) -> Result<Vec<String>, String> {
        let _ = std::fs::remove_dir_all(&self.folder);
        make_folder(&self.folder)?;
        let demo = self.folder.join("demo");
        let program = root().join("target/debug/ayumi");
        let out = Command::new(&program).args(["--locale", locale, "--json", "demo", "--keep"]).arg(&demo).output();
        let out = out.map_err(|error| format!("the demo did not start: {error}"))?;
        if !out.status.success() {
            return Err(format!("the demo ended with {}: {}", out.status, String::from_utf8_lossy(&out.stderr)));
        }
        let told = String::from_utf8_lossy(&out.stdout).into_owned();
        let mut wrong = Vec::new();
        let files: &[&str] = if self.long {
            &["handbook-1", "handbook-2", "handbook-3", "handbook-pregnancy", "nursery-1"]
        } else {
            &["handbook-1", "handbook-2", "nursery-1"]
        };
        for name in files {
            let html = read(&demo.join(format!("{name}.html")))?;
            for width in PHONES.into_iter().take(if self.long { 2 } else { 1 }) {
                wrong.extend(self.phone(name, &html, width)?);
            }
            wrong.extend(self.paper(name, &html, "a5", 560)?);
        }
        if self.long {
            let twin = told.split("\"twin\":").nth(1).and_then(|rest| rest.split('"').nth(1)).unwrap_or_default();
            let file = self.folder.join("two-on-a4.html");
            let mut export = Command::new(&program);
            export.arg("--home").arg(demo.join("phone")).args([
                "--today",
                "2026-04-20",
                "--locale",
                locale,
                "export",
                twin,
            ]);
            export.args(["--format", "html", "--paper", "a4", "--out"]).arg(&file);
            crate::process::run(&mut export)?;
            wrong.extend(self.paper("handbook-2", &read(&file)?, "a4", 1130)?);
        }
        Ok(wrong)
    }

    fn phone(&self, name: &str, html: &str, width: u32) -> Result<Vec<String>, String> {
        let name = format!("{name}-{width}px");
        self.look(&name, &with_script(html, "screen"), width)
    }

    /// The rules for print on a screen of the paper's width; and the browser's own pages are as many as our sheets.
    fn paper(&self, name: &str, html: &str, paper: &str, width: u32) -> Result<Vec<String>, String> {
        let name = format!("{name}-{paper}");
        let as_printed = html.replace("@media print", "@media all").replace("@media screen", "@media speech");
        let mut wrong = self.look(&name, &with_script(&as_printed, "paper"), width)?;
        let source = self.write(&format!("{name}.html"), html)?;
        let pdf = self.folder.join(format!("{name}.pdf"));
        self.run(&["--no-pdf-header-footer", &format!("--print-to-pdf={}", pdf.display())], &source)?;
        let bytes = std::fs::read(&pdf).map_err(|error| format!("{}: {error}", pdf.display()))?;
        let text = String::from_utf8_lossy(&bytes);
        let pages = text.matches("/Type /Page\n").count();
        let sheets = html.matches("<div class=\"sheet\">").count();
        let wanted = if paper == "a4" { sheets.div_ceil(2) } else { sheets };
        if pages != wanted {
            wrong.push(format!("{name}: {pages} printed pages, {wanted} wanted"));
        }
        if self.long {
            let grey = as_printed.replace("</head>", "<style>html { filter: grayscale(1); }</style></head>");
            self.look(&format!("{name}-grey"), &with_script(&grey, "paper"), width)?;
        }
        Ok(wrong)
    }

    /// Lays a page out, reads the complaints, and takes its picture.
    fn look(&self, name: &str, html: &str, width: u32) -> Result<Vec<String>, String> {
        let file = self.write(&format!("{name}.probe.html"), html)?;
        let dom = self.run(&[&format!("--window-size={width},900"), "--dump-dom"], &file)?;
        let told = dom.rsplit_once("<pre id=\"complaints\">").and_then(|(_, rest)| rest.split("</pre>").next());
        let told = told.ok_or_else(|| format!("{name}: the page was not measured"))?.trim();
        let (complaints, last) = told.rsplit_once('\n').unwrap_or(("", told));
        let height = last.split(", ").nth(1).and_then(|words| words.split(' ').next()).and_then(|px| px.parse().ok());
        let height: u32 = height.ok_or_else(|| format!("{name}: no height: {last}"))?;
        let picture = self.folder.join(format!("{name}.png"));
        let size = format!("--window-size={width},{}", height.min(HIGHEST));
        self.run(&[&size, "--hide-scrollbars", &format!("--screenshot={}", picture.display())], &file)?;
        Ok(complaints.lines().filter(|line| !line.is_empty()).map(|line| format!("{name}: {line}")).collect())
    }

    fn write(&self, name: &str, html: &str) -> Result<PathBuf, String> {
        let file = self.folder.join(name);
        std::fs::write(&file, html).map_err(|error| format!("{}: {error}", file.display()))?;
        Ok(file)
    }

    fn run(&self, options: &[&str], file: &Path) -> Result<String, String> {
        let mut command = Command::new(&self.browser);
        // The pages are our own; root has no sandbox.
        command
            .args(["--headless", "--no-sandbox", "--disable-gpu"])
            .args(options)
            .arg(format!("file://{}", file.display()));
        let out = command.output().map_err(|error| format!("{command:?} did not start: {error}"))?;
        if !out.status.success() {
            return Err(format!("{command:?} ended with {}", out.status));
        }
        Ok(String::from_utf8_lossy(&out.stdout).into_owned())
    }
}

fn with_script(html: &str, mode: &str) -> String {
    html.replace("</body>", &format!("<script>const MODE = \"{mode}\";\n{MEASURE}</script></body>"))
}

fn read(file: &Path) -> Result<String, String> {
    std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))
}
