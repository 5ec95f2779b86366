//! Rust source as the structure tests see it: files of a crate, and the files that each of them names.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Returns the repository's root.
pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// Returns a path relative to the repository's root, with forward slashes.
pub(super) fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/")
}

/// Lists the files below a folder with one of these endings, without build output.
pub(super) fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut listed = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return listed };
    for entry in entries {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !["target", "node_modules"].contains(&name.as_str()) && !name.starts_with('.') {
            listed.extend(files(&path, endings));
        } else if endings.iter().any(|ending| name.ends_with(ending)) {
            listed.push(path);
        }
    }
    listed.sort();
    listed
}

/// Reads a source file without comments, the inside of strings, and its own unit tests.
pub(super) fn code(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    without_tests(&without_comments_and_strings(&text))
}

/// Blanks comments and the inside of strings, so that only code is left; line numbers stay.
pub(super) fn without_comments_and_strings(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut i = 0;
    while i < chars.len() {
        let rest = &chars[i..];
        if rest.starts_with(&['/', '/']) {
            while i < chars.len() && chars[i] != '\n' {
                i += 1;
            }
        } else if rest.starts_with(&['/', '*']) {
            i += 2;
            while i < chars.len() && !chars[i..].starts_with(&['*', '/']) {
                if chars[i] == '\n' {
                    out.push('\n');
                }
                i += 1;
            }
            i += 2;
        } else if let Some(hashes) = raw_string(&chars, i) {
            let end: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
            i += 2 + hashes;
            while i < chars.len() && !chars[i..].starts_with(&end) {
                if chars[i] == '\n' {
                    out.push('\n');
                }
                i += 1;
            }
            i += end.len();
            out.push_str("\"\"");
        } else if chars[i] == '"' {
            i += 1;
            while i < chars.len() && chars[i] != '"' {
                if chars[i] == '\\' {
                    i += 1;
                }
                if chars.get(i) == Some(&'\n') {
                    out.push('\n');
                }
                i += 1;
            }
            i += 1;
            out.push_str("\"\"");
        } else if chars[i] == '\'' && (chars.get(i + 2) == Some(&'\'') || chars.get(i + 1) == Some(&'\\')) {
            // A character, not a lifetime.
            i += if chars.get(i + 1) == Some(&'\\') { 3 } else { 2 };
            while i < chars.len() && chars[i] != '\'' {
                i += 1;
            }
            i += 1;
            out.push_str("' '");
        } else {
            out.push(chars[i]);
            i += 1;
        }
    }
    out
}

/// Returns the number of hashes of a raw string that begins here.
fn raw_string(chars: &[char], at: usize) -> Option<usize> {
    let before = at.checked_sub(1).map(|before| chars[before]);
    if chars[at] != 'r' || before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
        return None;
    }
    let hashes = chars[at + 1..].iter().take_while(|c| **c == '#').count();
    (chars.get(at + 1 + hashes) == Some(&'"')).then_some(hashes)
}

/// Blanks `#[cfg(test)] mod … { … }`.
fn without_tests(code: &str) -> String {
    let Some(start) = code.find("#[cfg(test)]\nmod ") else { return code.to_owned() };
    let Some(open) = code[start..].find(['{', ';']).map(|at| start + at) else { return code.to_owned() };
    if code[open..].starts_with(';') {
        return format!("{}{}", &code[..start], without_tests(&code[open..]));
    }
    let mut depth = 0;
    let end = code[open..].char_indices().find_map(|(at, c)| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        (depth == 0).then_some(open + at + 1)
    });
    let end = end.unwrap_or(code.len());
    let lines = "\n".repeat(code[start..end].matches('\n').count());
    format!("{}{lines}{}", &code[..start], without_tests(&code[end..]))
}

/// A `use` declaration's or an expression's path, absolute in its crate: `["store", "open", "Db"]`.
type CratePath = Vec<String>;

/// One crate's files as modules.
pub(super) struct Crate {
    /// Module path → file.
    modules: BTreeMap<CratePath, PathBuf>,
    /// Names that a module passes on: (module, name) → where it comes from.
    passed_on: BTreeMap<(CratePath, String), CratePath>,
    /// For each module: the paths that it names, without those that it only passes on.
    named: BTreeMap<CratePath, BTreeSet<CratePath>>,
}

impl Crate {
    /// Reads the crate in a folder's `src`.
    pub(super) fn read(folder: &str) -> Self {
        let source = root().join(folder).join("src");
        let mut modules = BTreeMap::new();
        for path in files(&source, &[".rs"]) {
            let inside = path.strip_prefix(&source).unwrap().with_extension("");
            let mut module: CratePath = inside.iter().map(|part| part.to_string_lossy().into_owned()).collect();
            let last = module.last().cloned().unwrap_or_default();
            if last.ends_with("tests") || last == "testing" {
                continue;
            }
            if last == "mod" || (module.len() == 1 && ["lib", "main"].contains(&last.as_str())) {
                module.pop();
            }
            modules.insert(module, path);
        }
        let mut read = Self { modules, passed_on: BTreeMap::new(), named: BTreeMap::new() };
        let modules: Vec<(CratePath, PathBuf)> = read.modules.clone().into_iter().collect();
        for (module, path) in modules {
            let (named, passed_on) = read.paths(&module, &code(&path));
            for (name, from) in passed_on {
                read.passed_on.insert((module.clone(), name), from);
            }
            read.named.insert(module, named);
        }
        read
    }

    /// Returns the files that each file names, by path from the repository's root.
    pub(super) fn edges(&self) -> BTreeMap<String, BTreeSet<String>> {
        let file = |module: &CratePath| relative(&self.modules[module]);
        let mut edges = BTreeMap::new();
        for (module, named) in &self.named {
            let targets = named.iter().filter_map(|path| self.home(path)).filter(|target| target != module);
            edges.insert(file(module), targets.map(|target| file(&target)).collect());
        }
        edges
    }

    /// Returns the module in which a path's name is defined, followed through what is passed on.
    fn home(&self, path: &CratePath) -> Option<CratePath> {
        let mut path = path.clone();
        for _ in 0..8 {
            let depth = (0..=path.len()).rev().find(|depth| self.modules.contains_key(&path[..*depth]))?;
            let module = path[..depth].to_vec();
            let Some(name) = path.get(depth) else { return Some(module) };
            let Some(from) = self.passed_on.get(&(module.clone(), name.clone())) else { return Some(module) };
            path = from.iter().chain(&path[depth + 1..]).cloned().collect();
        }
        None
    }

    /// Returns what a module's code names, and what it passes on with `pub use`.
    fn paths(&self, module: &CratePath, code: &str) -> (BTreeSet<CratePath>, Vec<(String, CratePath)>) {
        let tokens = tokens(code);
        let (mut named, mut passed_on) = (BTreeSet::new(), Vec::new());
        let mut i = 0;
        while i < tokens.len() {
            if tokens[i] == "use" {
                let end = i + tokens[i..].iter().position(|token| token == ";").unwrap_or(tokens.len() - i);
                let public = passes_on(&tokens[..i]);
                for (path, alias) in leaves(&tokens[i + 1..end]) {
                    let Some(path) = self.absolute(module, &path) else { continue };
                    let name = alias.or_else(|| path.last().cloned()).unwrap_or_default();
                    if public {
                        passed_on.push((name, path));
                    } else {
                        named.insert(path);
                    }
                }
                i = end;
            } else if (i == 0 || tokens[i - 1] != "::") && tokens.get(i + 1).is_some_and(|token| token == "::") {
                let mut path = vec![tokens[i].clone()];
                while tokens.get(i + 1).is_some_and(|token| token == "::")
                    && tokens.get(i + 2).is_some_and(|token| is_word(token))
                {
                    path.push(tokens[i + 2].clone());
                    i += 2;
                }
                named.extend(self.absolute(module, &path));
                i += 1;
            } else {
                i += 1;
            }
        }
        (named, passed_on)
    }

    /// Makes a path absolute; `None` for what another crate has.
    fn absolute(&self, module: &CratePath, path: &[String]) -> Option<CratePath> {
        let mut base = module.clone();
        let mut rest = path;
        match path.first()?.as_str() {
            "crate" => (base, rest) = (Vec::new(), &path[1..]),
            "self" => rest = &path[1..],
            "super" => {
                while rest.first().is_some_and(|part| part == "super") {
                    base.pop();
                    rest = &rest[1..];
                }
            }
            child => {
                let below: CratePath = module.iter().cloned().chain([child.to_owned()]).collect();
                self.modules.contains_key(&below).then_some(())?;
            }
        }
        base.extend(rest.iter().filter(|part| *part != "*" && *part != "self").cloned());
        Some(base)
    }
}

/// Whether the tokens before a `use` make it a passing-on: `pub` or `pub(…)`.
fn passes_on(before: &[String]) -> bool {
    match before.last().map(String::as_str) {
        Some("pub") => true,
        Some(")") => {
            let open = before.iter().rposition(|token| token == "(").unwrap_or_default();
            open > 0 && before[open - 1] == "pub"
        }
        _ => false,
    }
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

fn tokens(code: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut chars = code.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_alphanumeric() || c == '_' {
            let mut word = c.to_string();
            while let Some(next) = chars.next_if(|next| next.is_alphanumeric() || *next == '_') {
                word.push(next);
            }
            tokens.push(word);
        } else if c == ':' && chars.next_if_eq(&':').is_some() {
            tokens.push("::".into());
        } else if !c.is_whitespace() {
            tokens.push(c.into());
        }
    }
    tokens
}

/// Takes a `use` tree apart: each leaf's path, and its other name.
fn leaves(tree: &[String]) -> Vec<(Vec<String>, Option<String>)> {
    let mut listed = Vec::new();
    let mut prefix = Vec::new();
    let mut i = 0;
    while i < tree.len() {
        match tree[i].as_str() {
            "::" => {}
            "{" => {
                let mut depth = 0;
                let mut parts = vec![Vec::new()];
                for token in &tree[i..] {
                    match token.as_str() {
                        "{" => depth += 1,
                        "}" => depth -= 1,
                        "," if depth == 1 => {
                            parts.push(Vec::new());
                            continue;
                        }
                        _ => {}
                    }
                    if depth > 1 || (depth == 1 && token != "{") || (token == "}" && depth == 1) {
                        parts.last_mut().unwrap().push(token.clone());
                    }
                }
                for part in parts.iter().filter(|part| !part.is_empty()) {
                    for (path, alias) in leaves(part) {
                        listed.push((prefix.iter().cloned().chain(path).collect(), alias));
                    }
                }
                return listed;
            }
            "as" => {
                let alias = tree.get(i + 1).cloned();
                return vec![(prefix, alias)];
            }
            word => prefix.push(word.to_owned()),
        }
        i += 1;
    }
    vec![(prefix, None)]
}

/// Returns the groups of files that name each other in a circle.
pub(super) fn circles(edges: &BTreeMap<String, BTreeSet<String>>) -> Vec<Vec<String>> {
    let reach = |from: &String| {
        let mut seen = BTreeSet::new();
        let mut open: Vec<&String> = edges[from].iter().collect();
        while let Some(file) = open.pop() {
            if seen.insert(file.clone()) {
                open.extend(edges.get(file).into_iter().flatten());
            }
        }
        seen
    };
    let reached: BTreeMap<&String, BTreeSet<String>> = edges.keys().map(|file| (file, reach(file))).collect();
    let mut circles = BTreeSet::new();
    for (file, targets) in &reached {
        let group: BTreeSet<String> = targets
            .iter()
            .filter(|target| reached.get(target).is_some_and(|back| back.contains(*file)))
            .cloned()
            .collect();
        if group.len() > 1 {
            circles.insert(group.into_iter().collect::<Vec<_>>());
        }
    }
    circles.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_tree_falls_into_its_leaves() {
        let tree = tokens("crate::a::{self, b::{C, D as E}, f}");
        let leaves: Vec<String> = leaves(&tree).into_iter().map(|(path, _)| path.join("/")).collect();
        assert_eq!(leaves, ["crate/a/self", "crate/a/b/C", "crate/a/b/D", "crate/a/f"]);
    }

    #[test]
    fn comments_and_strings_are_no_code() {
        let code =
            without_comments_and_strings("let a = \"crate::b\"; // crate::c\nlet d = r#\"x\"y\"#; 'e' /* f\n */ g");
        assert_eq!(code, "let a = \"\"; \nlet d = \"\"; ' ' \n g");
    }

    #[test]
    fn a_circle_is_found() {
        let edges = [("a", vec!["b"]), ("b", vec!["c"]), ("c", vec!["b"])];
        let edges = edges.map(|(file, named)| (file.to_owned(), named.into_iter().map(str::to_owned).collect())).into();
        assert_eq!(circles(&edges), [["b", "c"]]);
    }
}
