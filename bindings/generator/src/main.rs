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
    fs::write(Path::new(folder).join("api.txt"), surface::of(library)?)?;
    Ok(())
}
