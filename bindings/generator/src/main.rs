//! Writes Kotlin, Swift and the listing of the surface from the compiled library: `generate LIBRARY FOLDER`.

mod surface;

use std::fs;
use std::path::Path;

use uniffi_bindgen::bindings::{
    GenerateOptions, SwiftBindingsOptions, TargetLanguage, generate, generate_swift_bindings,
};

/// Name of the module that Swift imports the C functions from.
const C_MODULE: &str = "AyumiFFI";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [library, folder] = words.as_slice() else { return Err("generate LIBRARY FOLDER".into()) };
    let (kotlin, swift) = (format!("{folder}/kotlin"), format!("{folder}/swift"));
    for folder in [&kotlin, &swift] {
        let _ = fs::remove_dir_all(folder);
        fs::create_dir_all(folder)?;
    }
    generate(GenerateOptions {
        languages: vec![TargetLanguage::Kotlin],
        source: library.into(),
        out_dir: kotlin.into(),
        config_override: None,
        format: false,
        crate_filter: None,
        metadata_no_deps: true,
    })?;
    generate_swift_bindings(SwiftBindingsOptions {
        generate_swift_sources: true,
        generate_headers: true,
        generate_modulemap: true,
        source: library.into(),
        out_dir: swift.into(),
        xcframework: false,
        module_name: Some(C_MODULE.into()),
        modulemap_filename: Some("module.modulemap".into()),
        metadata_no_deps: true,
        link_frameworks: Vec::new(),
        config: None,
    })?;
    for file in ["AyumiModel", "AyumiObjects"] {
        let path = format!("{folder}/swift/{file}.swift");
        fs::write(&path, faster(&fs::read_to_string(&path)?)?)?;
    }
    fs::write(Path::new(folder).join("api.txt"), surface::of(library)?)?;
    Ok(())
}

/// Generated Swift copies each number and each text through a buffer of its own; reading them where they lie makes a
/// page of entries several times faster. Fails when a new version of the generator writes something else there.
fn faster(swift: &str) -> Result<String, String> {
    let mut swift = swift.to_owned();
    for (from, to) in [
        (
            "    var value: T = 0
    let _ = withUnsafeMutableBytes(of: &value, { reader.data.copyBytes(to: $0, from: range)})
    reader.offset = range.upperBound",
            "    let value = reader.data.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: range.lowerBound, as: T.self) }
    reader.offset = range.upperBound",
        ),
        (
            "        return String(decoding: try readBytes(&buf, count: Int(len)), as: UTF8.self)",
            "        let range = buf.offset..<buf.offset + Int(len)
        guard buf.data.count >= range.upperBound else { throw UniffiInternalError.bufferOverflow }
        buf.offset = range.upperBound
        return buf.data.withUnsafeBytes { String(decoding: UnsafeRawBufferPointer(rebasing: $0[range]), as: UTF8.self) }",
        ),
    ] {
        if swift.matches(from).count() != 1 {
            return Err(format!("generated Swift has changed; look at bindings/generator again:\n{from}"));
        }
        swift = swift.replace(from, to);
    }
    Ok(swift)
}
