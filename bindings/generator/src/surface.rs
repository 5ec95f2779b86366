//! The exported surface as text, one line for each thing that an app can name. `bindings/api.golden` holds it.

use std::collections::BTreeSet;
use std::error::Error;

use uniffi_bindgen::macro_metadata::extract_from_library;
use uniffi_meta::{FieldMetadata, FnParamMetadata, Metadata, Type};

/// Reads a library and lists what it exports.
pub(crate) fn of(library: &str) -> Result<String, Box<dyn Error>> {
    let mut lines = BTreeSet::new();
    for item in extract_from_library(library.into())? {
        list(&item, &mut lines);
    }
    let mut text: String = lines.into_iter().collect::<Vec<_>>().join("\n");
    text.push('\n');
    Ok(text)
}

fn list(item: &Metadata, lines: &mut BTreeSet<String>) {
    match item {
        Metadata::Func(it) => {
            lines.insert(call("function", &it.name, it.is_async, &it.inputs, it.return_type.as_ref(), it.throws.as_ref()));
        }
        Metadata::Constructor(it) => {
            let name = format!("{}.{}", it.self_name, it.name);
            lines.insert(call("object", &name, it.is_async, &it.inputs, None, it.throws.as_ref()));
        }
        Metadata::Method(it) => {
            let name = format!("{}.{}", it.self_name, it.name);
            lines.insert(call("object", &name, it.is_async, &it.inputs, it.return_type.as_ref(), it.throws.as_ref()));
        }
        Metadata::TraitMethod(it) => {
            let name = format!("{}.{}", it.trait_name, it.name);
            lines.insert(call("trait", &name, it.is_async, &it.inputs, it.return_type.as_ref(), it.throws.as_ref()));
        }
        Metadata::Record(it) => {
            lines.extend(it.fields.iter().map(|field| format!("record {}.{}", it.name, told(field))));
        }
        Metadata::Enum(it) => lines.extend(it.variants.iter().map(|variant| {
            let fields: Vec<String> = variant.fields.iter().map(told).collect();
            let fields = if fields.is_empty() { String::new() } else { format!("({})", fields.join(", ")) };
            format!("enum {}.{}{fields}", it.name, variant.name)
        })),
        Metadata::CustomType(it) => {
            lines.insert(format!("type {} = {}", it.name, name(&it.builtin)));
        }
        _ => {}
    }
}

fn told(field: &FieldMetadata) -> String {
    let default = if field.default.is_some() { " = default" } else { "" };
    format!("{}: {}{default}", field.name, name(&field.ty))
}

fn call(
    what: &str,
    title: &str,
    is_async: bool,
    inputs: &[FnParamMetadata],
    returns: Option<&Type>,
    throws: Option<&Type>,
) -> String {
    let input = |input: &FnParamMetadata| {
        let default = if input.default.is_some() { " = default" } else { "" };
        format!("{}: {}{default}", input.name, name(&input.ty))
    };
    let inputs: Vec<String> = inputs.iter().map(input).collect();
    let waits = if is_async { "async " } else { "" };
    let returns = returns.map_or_else(String::new, |found| format!(" -> {}", name(found)));
    let throws = throws.map_or_else(String::new, |found| format!(" throws {}", name(found)));
    format!("{what} {title}({}) {waits}{returns}{throws}", inputs.join(", ")).replace("  ", " ").trim_end().to_owned()
}

fn name(found: &Type) -> String {
    match found {
        Type::Object { name, .. }
        | Type::Record { name, .. }
        | Type::Enum { name, .. }
        | Type::CallbackInterface { name, .. }
        | Type::Custom { name, .. } => name.clone(),
        Type::Optional { inner_type } => format!("{}?", name(inner_type)),
        Type::Sequence { inner_type } => format!("[{}]", name(inner_type)),
        Type::Map { key_type, value_type } => format!("[{}: {}]", name(key_type), name(value_type)),
        other => format!("{other:?}"),
    }
}
