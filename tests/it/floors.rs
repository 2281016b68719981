//! The house is: an arrow only points down, nothing hides one, and no file outgrows its idea.

use std::path::{Path, PathBuf};

/// Where a top-level module lives; what is missing here does not exist.
const FLOORS: &[(&str, u8)] = &[
    ("limits", 0),
    ("manifest", 0),
    ("diagnostic", 0),
    ("edit", 0),
    ("api", 0),
    ("couple", 1),
    ("project", 2),
    ("render", 3),
    ("compare", 4),
    ("drift", 4),
    ("listing", 4),
    ("migrate", 4),
    ("cli", 5),
    ("krm", 5),
    ("watch", 5),
];

/// On one floor, who may look at whom, and at what of it (empty: everything).
const NEIGHBOURS: &[(&str, &str, &[&str])] = &[
    ("api", "manifest", &[]),
    ("api", "diagnostic", &[]),
    ("cli", "watch", &[]),
    ("edit", "manifest", &[]),
    ("edit", "diagnostic", &["Help", "lines"]),
    (
        "diagnostic",
        "manifest",
        &[
            "Flaw",
            "NotReadable",
            "Place",
            "ReadError",
            "Span",
            "SourceId",
        ],
    ),
];

fn floor(module: &str) -> Option<u8> {
    FLOORS
        .iter()
        .find(|(name, _)| *name == module)
        .map(|(_, floor)| *floor)
}

pub(crate) fn rust_files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The code alone: no comments.
pub(crate) fn code(text: &str) -> String {
    text.lines()
        .map(|line| line.split("//").next().unwrap())
        .collect::<Vec<_>>()
        .join("\n")
}

/// The paths behind every `crate::`, a group taken apart: `crate::{a::{B, C}, d}` gives `a::B`,
/// `a::C`, `d`.
fn arrows(code: &str) -> Vec<String> {
    paths(code, "crate::")
}

/// The same behind another beginning of paths.
pub(crate) fn paths(code: &str, beginning: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices(beginning) {
        if !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$') {
            unfold("", &code[at + beginning.len()..], &mut found);
        }
    }
    found
}

/// Reads one path or group and returns what follows it.
fn unfold<'a>(prefix: &str, text: &'a str, out: &mut Vec<String>) -> &'a str {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = rest.trim_start().trim_start_matches(',').trim_start();
            if let Some(after) = rest.strip_prefix('}') {
                return after;
            }
            let before = rest.len();
            rest = unfold(prefix, rest, out);
            assert!(rest.len() < before, "cannot read {rest:.60}");
        }
    }
    let end = text
        .find(|c: char| !c.is_alphanumeric() && c != '_' && c != '*')
        .unwrap_or(text.len());
    let path = if prefix.is_empty() {
        text[..end].to_owned()
    } else {
        format!("{prefix}::{}", &text[..end])
    };
    if let Some(rest) = text[end..].strip_prefix("::")
        && !rest.starts_with('<')
    {
        return unfold(&path, rest, out);
    }
    out.push(path);
    let rest = text[end..].trim_start();
    match rest.strip_prefix("as ") {
        Some(alias) => {
            alias.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_' || c == ' ')
        }
        None => &text[end..],
    }
}

/// What is wrong with one file of one module.
fn faults(module: &str, text: &str) -> Vec<String> {
    let code = code(text);
    let mut faults = Vec::new();
    if code.contains("super::super") {
        faults.push("`super::super`: write the path from `crate`".to_owned());
    }
    let own = floor(module)
        .unwrap_or_else(|| panic!("the module {module} stands on no floor: add it to FLOORS"));
    for path in arrows(&code) {
        let mut steps = path.split("::");
        let target = steps.next().unwrap();
        if target == module || target == "limits" {
            continue;
        }
        let item = steps.next().unwrap_or_default();
        let allowed = match floor(target) {
            None => false,
            Some(other) if other == own => {
                let neighbour = NEIGHBOURS
                    .iter()
                    .find(|(from, to, _)| (*from, *to) == (module, target));
                neighbour.is_some_and(|(_, _, items)| items.is_empty() || items.contains(&item))
            }
            Some(other) => other < own,
        };
        if !allowed {
            faults.push(format!(
                "an arrow that does not point down: `crate::{path}`"
            ));
        }
    }
    for (at, _) in code.match_indices("pub use crate::") {
        let target = &code[at + "pub use crate::".len()..];
        if !target.starts_with(&format!("{module}::")) {
            faults.push(format!(
                "a re-export across floors: `pub use crate::{}`",
                target.lines().next().unwrap()
            ));
        }
    }
    faults
}

#[test]
fn every_arrow_points_down() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut files, mut wrong) = (0, Vec::new());
    for path in rust_files(&src) {
        let relative = path.strip_prefix(&src).unwrap();
        let first = relative.iter().next().unwrap().to_str().unwrap();
        let module = first.strip_suffix(".rs").unwrap_or(first);
        if module == "lib" || module == "main" {
            continue;
        }
        files += 1;
        let text = std::fs::read_to_string(&path).unwrap();
        wrong.extend(
            faults(module, &text)
                .iter()
                .map(|fault| format!("src/{}: {fault}", relative.display())),
        );
    }
    assert!(files > 10, "the sources were not found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_file_outgrows_its_idea() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let long: Vec<String> = ["src", "tests"]
        .iter()
        .flat_map(|dir| rust_files(&root.join(dir)))
        .map(|path| {
            (
                std::fs::read_to_string(&path).unwrap().lines().count(),
                path,
            )
        })
        .filter(|(lines, _)| *lines > 600)
        .map(|(lines, path)| format!("{}: {lines} lines", path.display()))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn sees_every_kind_of_arrow() {
    for (module, text) in [
        ("api", "use crate::couple::Value;"),
        ("couple", "fn f() { crate::project::project() }"),
        ("couple", "use crate::{api::{Plug, Socket}, render};"),
        ("manifest", "use crate::diagnostic::Diagnostic;"),
        ("manifest", "use crate::diagnostic::Code;"),
        ("diagnostic", "use crate::manifest::Tree;"),
        ("manifest", "use crate::api;"),
        ("manifest", "use crate::edit::Edits;"),
        ("edit", "use crate::diagnostic::Diagnostic;"),
        ("edit", "use crate::couple::EnvEntry;"),
        ("project", "use super::super::render;"),
        ("render", "pub use crate::couple::Value;"),
        ("couple", "use crate::{\n    api as a,\n    cli::run,\n};"),
    ] {
        assert!(!faults(module, text).is_empty(), "{module}: {text}");
    }
    for (module, text) in [
        (
            "render",
            "use crate::{api::{self, Plug}, couple::Value as V, limits};",
        ),
        ("project", "use crate::project::lens; // crate::render"),
        (
            "manifest",
            "pub use crate::manifest::tree::Tree; use crate::limits;",
        ),
        ("cli", "fn f() -> Vec<crate::render::Source> { x }"),
    ] {
        assert_eq!(
            faults(module, text),
            Vec::<String>::new(),
            "{module}: {text}"
        );
    }
}
