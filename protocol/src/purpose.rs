//! What keys, hashes and signatures are for: every purpose, one by one, so that none of them ever means two things.
//!
//! A purpose is `ayumi <label> 2`. A few that belong to files on a device are older: a file that was written with them must open.

/// Defines the purposes, and [`ALL`] from the same lines.
macro_rules! purposes {
    ($($(#[doc = $doc:literal])+ $name:ident = $purpose:literal;)+) => {
        $($(#[doc = $doc])+ pub const $name: &str = $purpose;)+

        /// Every purpose, in the order of the table in `docs/protocol.md`.
        pub const ALL: &[&str] = &[$($name),+];
    };
}

purposes! {
    /// A signature and a key: an envelope.
    ENVELOPE = "ayumi envelope 2";
    /// A signature: a control statement.
    CONTROL = "ayumi control 2";
    /// A signature by the keys that come: new keys.
    REKEY = "ayumi rekey 2";
    /// A signature of a server: where a log ends.
    END = "ayumi end 2";
    /// A signature of a server: that a notebook is gone.
    GONE = "ayumi gone 2";
    /// A signature: an answer to a challenge.
    SESSION = "ayumi session 2";
    /// A signature of a server: a challenge.
    CHALLENGE = "ayumi challenge 2";
    /// A signature and a pair of keys: a drawer.
    DRAWER = "ayumi drawer 2";
    /// A hash: the name of a pair of keys.
    KEY = "ayumi key 2";
    /// A hash: a server's key.
    SERVER_KEY = "ayumi server key 2";
    /// A hash: a notebook's id.
    NOTEBOOK = "ayumi notebook 2";
    /// A hash: a notebook that is gone.
    GONE_NOTEBOOK = "ayumi gone notebook 2";
    /// A hash: what a change says.
    LEAF = "ayumi leaf 2";
    /// A hash: everything that an author wrote.
    AUTHOR_HASH = "ayumi author hash 2";
    /// A hash: a log up to a place.
    LOG = "ayumi log 2";
    /// A hash: a ticket of a municipality.
    ADMISSION = "ayumi admission 2";
    /// A hash: the name of a drawer.
    DRAWER_NAME = "ayumi drawer name 2";
    /// A hash: where an author's blob lies.
    BLOB_SLOT = "ayumi blob slot 2";
    /// A hash: what lies there.
    BLOB = "ayumi blob 2";
    /// A hash: the name of a notebook's snapshots.
    SNAPSHOT_NAME = "ayumi snapshot name 2";
    /// A hash: the name of a notebook's archive.
    ARCHIVE_NAME = "ayumi archive name 2";
    /// A hash: where all authors' lines end in an archive.
    ARCHIVE = "ayumi archive 2";
    /// A hash: a word that an archive proves, as a device notes it.
    ARCHIVED = "ayumi archived 2";
    /// A hash: the check bytes of a code.
    CODE = "ayumi code 2";
    /// A key: what is left of an envelope.
    OPENING = "ayumi opening 2";
    /// A key: a label.
    LABEL = "ayumi label 2";
    /// The info of a wrap.
    WRAP = "ayumi wrap 2";
    /// A key that is told: the commitment to an epoch's key.
    EPOCH_COMMITMENT = "ayumi epoch commitment 2";
    /// A pair of keys: an invitation.
    INVITE = "ayumi invite 2";
    /// A key: an invitation's proof.
    INVITE_PROOF = "ayumi invite proof 2";
    /// A pair of keys: a print.
    PRINT = "ayumi print 2";
    /// A key: a print's proof.
    PRINT_PROOF = "ayumi print proof 2";
    /// A key: what is wrapped for a code.
    RELEASE = "ayumi release 2";
    /// A key: what lies in a drawer.
    DRAWER_CONTENT = "ayumi drawer content 2";
    /// A key that is told: a photo's name.
    PHOTO_NAME = "ayumi photo name 2";
    /// A key that is told: a thumbnail's name.
    THUMBNAIL_NAME = "ayumi thumbnail name 2";
    /// A key: a photo, or a thumbnail.
    PHOTO = "ayumi photo 2";
    /// A key: a photo's salt, or a thumbnail's.
    PHOTO_SALT = "ayumi photo salt 2";
    /// A key and a prologue: two devices side by side.
    NEARBY = "ayumi nearby 2";
    /// A key that never leaves a server: its challenges and tokens.
    SERVER_TOKENS = "ayumi server tokens 2";
    /// A signature of a municipality's root keys: a root statement.
    ROOT = "ayumi root 2";
    /// A hash: a municipality's root keys.
    ROOT_KEYS = "ayumi root keys 2";
    /// A signature of a municipality's feed key: a manifest.
    MANIFEST = "ayumi manifest 2";
    /// A hash: a row of a municipality's audit chain.
    AUDIT = "ayumi audit 2";
    /// A signature of a municipality's feed key: the heads of its audit chains.
    OFFICE_HEAD = "ayumi office head 2";
    /// A hash: a session of somebody at an office, or a browser that signed in before.
    OFFICE_SESSION = "ayumi office session 2";
    /// A hash: a link by which somebody at an office comes in, or the code beside it.
    OFFICE_LINK = "ayumi office link 2";
    /// A hash: where tries to sign in at an office are counted.
    OFFICE_TRIES = "ayumi office tries 2";
    /// What is sealed: somebody's second factor.
    OFFICE_FACTOR = "ayumi office factor 2";
    /// What is sealed: the words of a line, as an office keeps them.
    OFFICE_WORDS = "ayumi office words 2";
    /// What is sealed: a thread's key, as an office keeps it.
    OFFICE_THREAD_KEY = "ayumi office thread key 2";
    /// A hash: the check bytes of a transfer file's code. Files that were packed before open with it.
    BOX_CODE = "ayumi code 1";
    /// A key: a transfer file. Files that were packed before open with it.
    BOX = "ayumi moving box 1";
    /// The salt of a device's file. Files that were written before open with it.
    FILE_SALT = "ayumi file salt 1";
    /// A hash: an entry's name in a FHIR file. Files that were exported before name their entries so.
    FHIR_ENTRY = "ayumi fhir entry 1";
    /// A hash: a resource's name in a FHIR file. Files that were exported before name theirs so.
    FHIR_RESOURCE = "ayumi fhir resource 1";
}

/// The purposes of files on a device, which stay as they were first written.
pub const OF_FILES: &[&str] = &[BOX_CODE, BOX, FILE_SALT, FHIR_ENTRY, FHIR_RESOURCE];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_purpose_means_two_things() {
        let distinct: BTreeSet<&str> = ALL.iter().copied().collect();
        assert_eq!(distinct.len(), ALL.len());
        // With a zero byte, or an ending, behind it none becomes another one.
        for (one, other) in ALL.iter().flat_map(|one| ALL.iter().map(move |other| (one, other))) {
            for ending in ["", "\0", " sign", " agree"] {
                assert!(one == other && ending.is_empty() || format!("{one}{ending}") != **other, "{one}, {other}");
            }
        }
    }

    #[test]
    fn the_table_of_purposes_is_this_list() {
        let page = include_str!("../../docs/protocol.md");
        let rows = page.lines().filter_map(|line| line.strip_prefix("| `ayumi "));
        let listed: Vec<String> = rows.filter_map(|row| Some(format!("ayumi {}", row.split_once('`')?.0))).collect();
        assert_eq!(listed, ALL);
    }

    #[test]
    fn every_purpose_is_of_this_version_but_those_of_files() {
        for purpose in ALL {
            let label = purpose.strip_prefix("ayumi ").and_then(|rest| rest.strip_suffix(" 2"));
            let plain = |label: &str| label.bytes().all(|c| c == b' ' || c.is_ascii_lowercase());
            assert!(OF_FILES.contains(purpose) || label.is_some_and(plain), "{purpose}");
        }
    }
}
