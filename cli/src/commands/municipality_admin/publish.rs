//! `municipality-admin publish` and `preview`: a folder of content becomes an edition, or every reason why not.

use std::path::{Path, PathBuf};

use ayumi_core::app::ports::{Clock, SystemClock};
use ayumi_core::app::{Edition, EditionFile, NoticePreview, check_edition};
use ayumi_server::feed::folder::Folder;
use ayumi_server::feed::keys::FeedKeys;
use serde_json::{Value, json};

use super::place::{failed, keys_folder, now_ms};
use crate::args::GlobalArgs;
use crate::output::{Failure, hint, print, read_file, time};

#[derive(Debug, clap::Args)]
pub(crate) struct PreviewOptions {
    /// The folder of content
    pub folder: PathBuf,
    /// Sample families, as fixtures/municipal/families.toml has them
    #[arg(long, value_name = "FILE")]
    pub samples: PathBuf,
    /// The server's data, with the edition that is published
    #[arg(long, value_name = "DIR", default_value = "ayumi-server")]
    pub data: PathBuf,
    /// Who will publish it, once for each; urgent notices need two
    #[arg(long, value_name = "NAME")]
    pub by: Vec<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct PublishOptions {
    /// The server's data
    pub data: PathBuf,
    /// The folder of the keys (default: DATA-keys beside the data)
    #[arg(long, value_name = "DIR")]
    pub keys: Option<PathBuf>,
    /// The folder of content; without it the edition of before is signed once more
    #[arg(long, value_name = "FOLDER")]
    pub from: Option<PathBuf>,
    /// Who publishes it, once for each; urgent notices need two
    #[arg(long, value_name = "NAME")]
    pub by: Vec<String>,
    /// The oldest version of the app that may begin something new here, such as 1.4.0; it acts after fourteen days
    #[arg(long, value_name = "VERSION")]
    pub oldest_client: Option<String>,
}

fn feed_of(data: &Path) -> Folder {
    Folder::at(data.join("feed"))
}

pub(super) fn preview(args: &GlobalArgs, options: &PreviewOptions) -> Result<(), Failure> {
    let edition = edition(&options.folder, &feed_of(&options.data), &options.by)?;
    let samples = String::from_utf8_lossy(&read_file(&options.samples)?).into_owned();
    let today = args.today.unwrap_or_else(|| SystemClock.today());
    let shown = edition.preview(&samples, today, args.locale).map_err(|problem| {
        Failure::Wrong("{file}: {problem}", vec![("file", options.samples.display().to_string()), ("problem", problem)])
    })?;
    let row = |preview: &NoticePreview| json!({"notice": preview.notice, "families": preview.families});
    print(args, &shown.iter().map(row).collect::<Value>(), || shown.iter().map(text).collect())
}

fn text(preview: &NoticePreview) -> String {
    let families = preview.families.iter().map(|family| {
        let mark = if family.shown { "○" } else { "―" };
        let why: Vec<&str> = family.reasons.iter().map(|reason| reason.words.as_str()).collect();
        format!("  {mark} {}: {}\n", family.family, why.join(" / "))
    });
    format!("{}\n{}", preview.notice, families.collect::<String>())
}

pub(super) fn run(args: &GlobalArgs, options: &PublishOptions) -> Result<(), Failure> {
    let keys = FeedKeys::load(&keys_folder(options.keys.as_deref(), &options.data)?).map_err(failed)?;
    if let Some(days) = keys.ends_within_days(now_ms() / 1000) {
        hint(&format!("ayumi: warning: the feed key ends within {days} days: ayumi municipality-admin keys rotate"));
    }
    let folder = feed_of(&options.data);
    let files = match &options.from {
        Some(from) => Some(edition(from, &folder, &options.by)?.files),
        None => None,
    };
    let oldest = options.oldest_client.as_deref().map(|text| {
        let wrong = |_| Failure::Input("--oldest-client: allowed: a version such as 1.4.0".into());
        text.parse().map_err(wrong)
    });
    let manifest = folder.publish(&keys, files.as_deref(), oldest.transpose()?, now_ms() / 1000).map_err(failed)?;
    let bytes: u64 = manifest.files.iter().map(|file| file.length).sum();
    let expires = time(manifest.expires.saturating_mul(1000));
    let value = json!({
        "edition": manifest.place().to_string(),
        "made_at": time(manifest.made.saturating_mul(1000)),
        "expires_at": expires,
        "files": manifest.files.len(),
        "bytes": bytes,
    });
    print(args, &value, || {
        format!("edition {}: {} files, {bytes} bytes, fresh until {expires}\n", manifest.place(), manifest.files.len())
    })
}

/// Reads a folder and checks it beside what is published; every problem is told, a line each.
fn edition(from: &Path, feed: &Folder, people: &[String]) -> Result<Edition, Failure> {
    let mut texts = Vec::new();
    collect(from, "", &mut texts)?;
    let former: Vec<EditionFile> = feed.files().map_err(failed)?;
    check_edition(&texts, &former, people, now_ms()).map_err(|problems| {
        problems.iter().for_each(|problem| hint(&problem.to_string()));
        let count = problems.len();
        Failure::Wrong("nothing was published; problems: {count}", vec![("count", count.to_string())])
    })
}

/// Reads the content files of a folder and those below it, in the order of their paths. Hidden files are left out.
fn collect(folder: &Path, below: &str, texts: &mut Vec<(String, String)>) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::File(folder.display().to_string(), error.kind());
    let entries = std::fs::read_dir(folder).map_err(failed)?.collect::<Result<Vec<_>, _>>().map_err(failed)?;
    let mut names: Vec<String> = entries.iter().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    for name in names.into_iter().filter(|name| !name.starts_with('.')) {
        let (path, inside) = (folder.join(&name), format!("{below}{name}"));
        if path.is_dir() {
            collect(&path, &format!("{inside}/"), texts)?;
        } else if name.ends_with(".toml") {
            let text = String::from_utf8(read_file(&path)?);
            let text = text
                .map_err(|_| Failure::Wrong("{file}: no text in UTF-8", vec![("file", path.display().to_string())]))?;
            texts.push((inside, text));
        } else {
            return Err(Failure::Wrong(
                "{file}: not a content file; allowed: .toml",
                vec![("file", path.display().to_string())],
            ));
        }
    }
    Ok(())
}
