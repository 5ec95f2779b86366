//! Writes Kotlin and Swift from the compiled library: `generate kotlin …` and `generate swift …` are UniFFI's own generators.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words: Vec<String> = std::env::args().collect();
    let language = (words.len() > 1).then(|| words.remove(1)).unwrap_or_default();
    match language.as_str() {
        "kotlin" => Ok(uniffi::uniffi_bindgen_main()),
        "swift" => Ok(uniffi::uniffi_bindgen_swift()),
        _ => Err("generate kotlin|swift".into()),
    }
}
