//! Refuses two types of one name: a name is one thing in the whole crate.

use std::collections::BTreeMap;
use std::path::Path;

use crate::floors::rust_files;

/// The name of a type that is defined in this line, at the top level of a module.
fn defined(line: &str) -> Option<&str> {
    let line = match line.strip_prefix("pub") {
        Some(rest) if rest.starts_with('(') => rest.split_once(") ")?.1,
        Some(rest) => rest.strip_prefix(' ')?,
        None => line,
    };
    let (keyword, rest) = line.split_once(' ')?;
    if !matches!(keyword, "struct" | "enum" | "trait" | "type" | "union") {
        return None;
    }
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
    Some(&rest[..end.unwrap_or(rest.len())])
}

#[test]
fn no_type_name_is_defined_twice() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in rust_files(&src) {
        let relative = path.strip_prefix(&src).unwrap();
        let name = relative.display().to_string();
        // `schema/cases.rs` and `kubectl_for_tests.rs` are compiled for tests alone
        let is_test = relative.iter().any(|step| {
            let step = step.to_str().unwrap();
            step.starts_with("tests") || step == "cases.rs" || step == "kubectl_for_tests.rs"
        });
        if is_test {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for line in text.lines() {
            if let Some(defined) = defined(line) {
                places
                    .entry(defined.to_owned())
                    .or_default()
                    .push(name.clone());
            }
        }
    }
    assert!(places.len() > 200, "the sources were not found");
    let twice: Vec<String> = places
        .into_iter()
        .filter(|(_, places)| places.len() > 1)
        .map(|(name, places)| format!("{name}: {}", places.join(", ")))
        .collect();
    assert!(twice.is_empty(), "{}", twice.join("\n"));
}

#[test]
fn sees_every_form_of_a_definition() {
    for (line, name) in [
        ("struct A;", Some("A")),
        ("pub enum B<'a> {", Some("B")),
        ("pub(super) trait C: D {", Some("C")),
        ("pub(in crate::couple) struct E(usize);", Some("E")),
        ("type F = u8;", Some("F")),
        ("    type Value = u8;", None),
        ("impl A for B {", None),
        ("use a::A;", None),
    ] {
        assert_eq!(defined(line), name, "{line}");
    }
}
