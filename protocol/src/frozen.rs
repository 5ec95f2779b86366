//! Wire forms are frozen: what another team's client writes must read here for ever.

/// Compares bytes with `fixtures/protocol/NAME.hex`. A new form gets a new file; an old one is never changed.
pub(crate) fn is(name: &str, bytes: &[u8]) {
    let path = format!("{}/../fixtures/protocol/{name}.hex", env!("CARGO_MANIFEST_DIR"));
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let text = std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{path} is missing; it would hold {hex}"));
    let expected: String = text.lines().filter(|line| !line.starts_with('#')).flat_map(str::chars).collect();
    assert!(expected.trim() == hex, "{name} has changed: {hex}");
}
