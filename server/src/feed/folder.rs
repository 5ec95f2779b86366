//! Editions in a folder: files by their hash, which never change, and the manifest that names them. What is served changes in
//! one moment, by the name of one file.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ayumi_municipal::feed::next_edition;
use ayumi_protocol::Hex;
use ayumi_protocol::municipal::feed::chain;
use ayumi_protocol::municipal::feed::manifest::is_signed;
use ayumi_protocol::municipal::feed::{ClientVersion, FeedFile, Manifest, Signed};
use ayumi_sqlcipher::private;

use super::keys::{FeedKeys, reached};
use super::{FeedError, read, write_whole};

const MANIFEST: &str = "manifest";
/// The manifest before: phones may be on their way through its files.
const BEFORE: &str = "manifest.before";
const ROOTS: &str = "roots";
const FILES: &str = "files";
const LOCK: &str = "publish.lock";

/// A feed's folder.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
}

/// What a folder holds, verified.
#[derive(Debug, Clone)]
pub struct Published {
    /// The manifest.
    pub manifest: Manifest,
    /// As it is served.
    pub signed: Signed,
    /// The file of root statements, as it is served.
    pub roots: Vec<u8>,
    /// The files of this edition and of the one before.
    pub files: Vec<(Hex<32>, Vec<u8>)>,
}

impl Folder {
    /// Names a folder, which need not be there yet.
    pub fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads what is published, as a phone would verify it; `None` before the first edition.
    ///
    /// # Errors
    /// [`FeedError::Refused`] for what no phone takes; [`FeedError::Io`].
    pub fn published(&self) -> Result<Option<Published>, FeedError> {
        let (Some(bytes), Some(roots)) = (read(&self.path.join(MANIFEST))?, read(&self.path.join(ROOTS))?) else {
            return Ok(None);
        };
        let (manifest, signed) = Manifest::from_bytes(&bytes)?;
        let statements = chain::from_bytes(&roots)?;
        // A statement that came since names another key; the manifest is of one of them.
        let named = statements.iter().filter_map(|signed| chain::begin(signed).ok());
        let of_it = |statement: &ayumi_protocol::municipal::feed::RootStatement| {
            statement.feed.number == manifest.key && is_signed(&signed, &statement.feed)
        };
        reached(&statements)?;
        if !named.into_iter().any(|reached| of_it(&reached.statement)) {
            return Err(FeedError::OtherFeed);
        }
        let mut files = Vec::new();
        for file in &manifest.files {
            let body = self.file(file.hash)?;
            file.verify(&body)?;
            files.push((file.hash, body));
        }
        let before = read(&self.path.join(BEFORE))?.and_then(|bytes| Manifest::from_bytes(&bytes).ok());
        for file in before.into_iter().flat_map(|(before, _)| before.files) {
            let known = files.iter().any(|(hash, _)| *hash == file.hash);
            if let Some(body) = self.file(file.hash).ok().filter(|body| !known && file.verify(body).is_ok()) {
                files.push((file.hash, body));
            }
        }
        Ok(Some(Published { manifest, signed, roots, files }))
    }

    fn file(&self, hash: Hex<32>) -> Result<Vec<u8>, FeedError> {
        Ok(std::fs::read(self.path.join(FILES).join(hash.to_string()))?)
    }

    /// Returns the files of the edition that is published, by path, as they are served.
    ///
    /// # Errors
    /// As [`Self::published`].
    pub fn files(&self) -> Result<Vec<(String, Vec<u8>)>, FeedError> {
        let Some(published) = self.published()? else { return Ok(Vec::new()) };
        let body = |file: &FeedFile| {
            let found = published.files.iter().find(|(hash, _)| *hash == file.hash);
            found.map(|(_, body)| (file.path.clone(), body.clone()))
        };
        Ok(published.manifest.files.iter().filter_map(body).collect())
    }

    /// Signs and publishes an edition: its files first, then the root statements, then the manifest. Without files it is the
    /// same once more, fresh again.
    ///
    /// # Errors
    /// [`FeedError`], each of its kinds; nothing is served of what was refused.
    pub fn publish(
        &self,
        keys: &FeedKeys,
        files: Option<&[(String, Vec<u8>)]>,
        oldest_client: Option<ClientVersion>,
        now: u64,
    ) -> Result<Manifest, FeedError> {
        private::folder(&self.path)?;
        private::folder(&self.path.join(FILES))?;
        let _lock = private::lock(&self.path.join(LOCK))?.ok_or(FeedError::InUse)?;
        let before = self.published()?.map(|published| published.manifest);
        let root = keys.newest();
        if before
            .as_ref()
            .is_some_and(|before| before.municipality != root.municipality || before.key > root.feed.number)
        {
            return Err(FeedError::OtherFeed);
        }
        let listed = match (files, &before) {
            (Some(files), _) => files.iter().map(|(path, bytes)| FeedFile::of(path.as_str(), bytes)).collect(),
            (None, Some(before)) => before.files.clone(),
            (None, None) => Vec::new(),
        };
        let mut manifest = next_edition(before.as_ref(), root, now, listed)?;
        manifest.oldest_client = oldest_client.or(manifest.oldest_client);
        // A key that cannot sign leaves a signature that is refused.
        let signed = manifest.seal(&root.feed, |bytes| keys.sign(bytes).unwrap_or([0; 64]))?;
        for (file, (_, bytes)) in manifest.files.iter().zip(files.unwrap_or_default()) {
            write_whole(&self.path.join(FILES), &file.hash.to_string(), bytes)?;
        }
        if let Some(bytes) = read(&self.path.join(MANIFEST))? {
            write_whole(&self.path, BEFORE, &bytes)?;
        }
        write_whole(&self.path, ROOTS, &keys.roots_file())?;
        write_whole(&self.path, MANIFEST, &signed.to_bytes())?;
        self.tidy(&manifest, before.as_ref())?;
        Ok(manifest)
    }

    /// Deletes the files that neither this edition nor the one before names.
    fn tidy(&self, manifest: &Manifest, before: Option<&Manifest>) -> Result<(), FeedError> {
        let listed = manifest.files.iter().chain(before.into_iter().flat_map(|before| &before.files));
        let named: BTreeSet<String> = listed.map(|file| file.hash.to_string()).collect();
        for entry in std::fs::read_dir(self.path.join(FILES))? {
            let entry = entry?;
            if entry.file_name().to_str().is_none_or(|name| !named.contains(name)) {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}
