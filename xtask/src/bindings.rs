//! Kotlin and Swift: the library as it ships, what is generated from it, and the tests of both languages against it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::process::{Outcome, cargo, command, make_folder, root, run, say};
use crate::{swift, tools};

/// What the C parts are compiled with: unwinding ends at the border to C, and of zstd's compressors only those of the
/// levels in use.
const C_FLAGS: &str = "-fno-asynchronous-unwind-tables -fno-unwind-tables -DHUF_FORCE_DECOMPRESS_X1 \
    -DZSTD_FORCE_DECOMPRESS_SEQUENCES_SHORT -DZSTD_EXCLUDE_GREEDY_BLOCK_COMPRESSOR -DZSTD_EXCLUDE_LAZY_BLOCK_COMPRESSOR \
    -DZSTD_EXCLUDE_LAZY2_BLOCK_COMPRESSOR -DZSTD_EXCLUDE_BTLAZY2_BLOCK_COMPRESSOR -DZSTD_EXCLUDE_BTOPT_BLOCK_COMPRESSOR \
    -DZSTD_EXCLUDE_BTULTRA_BLOCK_COMPRESSOR";

/// The library's name; Macs build the XCFramework, so they generate too.
const LIBRARY: &str = if cfg!(target_os = "macos") { "libayumi_ffi.dylib" } else { "libayumi_ffi.so" };

/// Everything that was built: `lib`, `kotlin`, `swift`, `api.txt`.
fn built() -> PathBuf {
    root().join("target/bindings")
}

/// This machine's target, as rustc calls it.
fn host() -> Result<String, String> {
    let out = Command::new("rustc").arg("-vV").output().map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let line = text.lines().find_map(|line| line.strip_prefix("host: "));
    line.map(str::to_owned).ok_or_else(|| "rustc does not say for which machine it is".into())
}

/// The library with its symbols, as `cargo xtask bindings` leaves it.
pub(crate) fn library() -> Result<PathBuf, String> {
    Ok(root().join("target").join(host()?).join("phone").join(LIBRARY))
}

/// Builds the library as it ships, and everything that is generated from it.
pub(crate) fn build() -> Outcome {
    let host = host()?;
    let variable = host.replace('-', "_");
    let home = std::env::var("CARGO_HOME").or_else(|_| std::env::var("HOME").map(|home| format!("{home}/.cargo")));
    // No path of whoever builds it stands in what ships.
    let mut flags = format!("--remap-path-prefix={}=ayumi", root().display());
    if let Ok(home) = home {
        flags += &format!(" --remap-path-prefix={home}=cargo");
    }
    if host == "x86_64-unknown-linux-gnu" {
        // Rust's own linker here, lld as in the NDK: equal functions once, relocations in their short form.
        flags += " -Clink-arg=-Wl,--icf=all -Clink-arg=-Wl,-z,pack-relative-relocs";
    }
    let mut library =
        command("cargo", &["rustc", "--quiet", "--package", "ayumi-ffi", "--lib", "--crate-type", "cdylib"]);
    library.args(["--profile", "phone", "--target", &host]);
    library.env(format!("CARGO_TARGET_{}_RUSTFLAGS", variable.to_uppercase()), flags);
    library.env(format!("CFLAGS_{variable}"), C_FLAGS);
    run(&mut library)?;
    generate()
}

fn generate() -> Outcome {
    let folder = root().join("target/generator");
    run(command("cargo", &["build", "--quiet", "--locked", "--manifest-path", "bindings/generator/Cargo.toml"])
        .arg("--target-dir")
        .arg(&folder))?;
    let library = library()?;
    run(Command::new(folder.join("debug/ayumi-generator")).arg(&library).arg(built()).current_dir(root()))?;
    let shipped = built().join("lib").join(LIBRARY);
    make_folder(&built().join("lib"))?;
    // Apple's tool would take what others link against, too.
    let less: &[&str] = if cfg!(target_os = "macos") { &["-x"] } else { &[] };
    run(Command::new("strip").args(less).arg("-o").arg(&shipped).arg(&library))?;
    let size = fs::metadata(&shipped).map_or(0, |file| file.len());
    say(&format!("library as it ships: {:.2} MB", size as f64 / 1e6));
    let package = root().join("bindings/swift/Sources");
    for (ending, to) in [("swift", "AyumiGenerated"), ("h", "AyumiFFI"), ("modulemap", "AyumiFFI")] {
        make_folder(&package.join(to))?;
        for file in files(&built().join("swift"), ending)? {
            let name = file.file_name().unwrap_or_default().to_owned();
            fs::copy(&file, package.join(to).join(name)).map_err(|error| error.to_string())?;
        }
    }
    Ok(())
}

/// The exported surface changes on purpose only.
pub(crate) fn golden(accept: bool) -> Outcome {
    let (made, kept) = (built().join("api.txt"), root().join("bindings/api.golden"));
    if accept {
        fs::copy(made, kept).map_err(|error| error.to_string())?;
        return Ok(());
    }
    let read = |path: &Path| fs::read_to_string(path).unwrap_or_default();
    let (made, kept) = (read(&made), read(&kept));
    if made == kept {
        say(&format!("exported surface: {} lines, as in bindings/api.golden", made.lines().count()));
        return Ok(());
    }
    let differ = |a: &str, b: &str, sign: char| -> Vec<String> {
        a.lines().filter(|line| !b.lines().any(|other| other == *line)).map(|line| format!("{sign} {line}")).collect()
    };
    for line in differ(&kept, &made, '-').into_iter().chain(differ(&made, &kept, '+')).take(40) {
        say(&line);
    }
    Err("the exported surface has changed; if on purpose: cargo xtask bindings accept".into())
}

/// Builds, then plays the tests of both languages, then compares the journeys.
pub(crate) fn test() -> Outcome {
    build()?;
    golden(false)?;
    let server = Server::start()?;
    for language in ["kotlin", "swift"] {
        let _ = fs::remove_dir_all(root().join("target/journeys").join(language));
    }
    crate::process::timed("kotlin", || kotlin(&server.address))?;
    crate::process::timed("swift", || swift::test(&server.address, &built().join("lib")))?;
    agree()
}

fn kotlin(server: &str) -> Outcome {
    tools::java()?;
    let reports = root().join("target/kotlin/surefire-reports");
    let _ = fs::remove_dir_all(&reports);
    let mut tests = Command::new("mvn");
    tests.args(["--quiet", "--batch-mode", "test"]).current_dir(root().join("bindings/kotlin"));
    run(tests.env("AYUMI_TEST_SERVER", server))?;
    let mut count = 0;
    for report in files(&reports, "xml")? {
        let text = fs::read_to_string(&report).map_err(|error| error.to_string())?;
        count += text.matches("<testcase ").count();
    }
    say(&format!("kotlin: {count} tests"));
    if count == 0 { Err("no Kotlin test ran".into()) } else { Ok(()) }
}

/// The answers of the three languages, bit for bit.
fn agree() -> Outcome {
    let folder = root().join("target/journeys");
    let mut steps = 0;
    let rust = files(&folder.join("rust"), "txt")?;
    for file in &rust {
        let name = file.file_name().unwrap_or_default();
        let read = |language: &str| fs::read_to_string(folder.join(language).join(name)).unwrap_or_default();
        let expected = read("rust");
        for language in ["kotlin", "swift"] {
            let found = read(language);
            let pair = expected.lines().zip(found.lines()).find(|(a, b)| a != b);
            if let Some((rust, other)) = pair {
                return Err(format!("{}: Rust answers\n{rust}\n{language} answers\n{other}", name.display()));
            }
            if expected != found {
                return Err(format!("{}: {language} did not play it to its end", name.display()));
            }
        }
        steps += expected.lines().count();
    }
    if rust.is_empty() {
        return Err("no journey was played in Rust: run the tests first".into());
    }
    say(&format!("{} journeys, {steps} steps: Rust, Kotlin and Swift answer alike, bit for bit", rust.len()));
    Ok(())
}

/// A real municipal server for the tests of both languages.
struct Server {
    child: Child,
    address: String,
    folder: PathBuf,
}

impl Server {
    fn start() -> Result<Self, String> {
        cargo(&["build", "--quiet", "--package", "ayumi"])?;
        let folder = root().join("target/bindings/server");
        let _ = fs::remove_dir_all(&folder);
        make_folder(&folder)?;
        let mut serve = Command::new(root().join("target/debug/ayumi"));
        serve.args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--address-rate",
            "1000000",
            "--device-rate",
            "1000000",
            "--open-quota",
            "1024",
            "--data",
        ]);
        let mut child =
            serve.arg(&folder).stderr(Stdio::piped()).spawn().map_err(|error| format!("ayumi serve: {error}"))?;
        let mut lines = BufReader::new(child.stderr.take().ok_or("no stderr")?).lines();
        let said = lines.next().and_then(Result::ok).unwrap_or_default();
        std::thread::spawn(move || lines.for_each(drop));
        let address = said.split("http://").nth(1).map(|address| format!("http://{}", address.trim()));
        Ok(Self { child, address: address.ok_or(format!("ayumi serve said: {said}"))?, folder })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Files of a folder with an ending, in order; none if there is no such folder.
fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, String> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(Vec::new()) };
    let mut found: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    found.retain(|path| path.extension().is_some_and(|it| it == ending));
    found.sort();
    Ok(found)
}
