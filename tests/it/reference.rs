//! Writes the reference of the book out of the sources, and compares it with the pages that are
//! there. `COUPLER_BLESS=1` writes the pages.

mod built_in_adapters;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use coupler::api::{self, KindField};
use coupler::diagnostic::Code;
use coupler::project::{Update, WORKLOAD_KINDS};
use serde_json::Value;

const HEADER: &str = "<!-- Generated: COUPLER_BLESS=1 cargo test --test it reference:: -->\n\n";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Compares a page with what it must be.
fn hold(name: &str, text: &str) {
    let path = root().join("docs/src/reference").join(name);
    let text = format!("{HEADER}{}\n", text.trim_end());
    if std::env::var_os("COUPLER_BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        there == text,
        "docs/src/reference/{name} is stale: COUPLER_BLESS=1 cargo test --test it reference::"
    );
}

/// A text as a cell of a table; what is code in it needs no escape of `<`.
fn cell(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let parts = line.split('`').enumerate().map(|(i, part)| match i % 2 {
        0 => part.replace('<', "&lt;"),
        _ => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("`").replace('|', "\\|")
}

/// A text as a sentence; an address as its first word is kept as it is.
fn sentence(text: &str) -> String {
    let text = text.trim_end_matches('.');
    let word = text.split(' ').next().unwrap_or_default();
    if word.contains("://") {
        return format!("{text}.");
    }
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}

/// What a page about a kind begins with.
struct Kind {
    name: &'static str,
    page: &'static str,
    example: &'static str,
}

const KINDS: [Kind; 5] = [
    Kind {
        name: "Plug",
        page: "plug.md",
        example: include_str!("reference/plug.yaml"),
    },
    Kind {
        name: "Socket",
        page: "socket.md",
        example: include_str!("reference/socket.yaml"),
    },
    Kind {
        name: "Interface",
        page: "interface.md",
        example: include_str!("reference/interface.yaml"),
    },
    Kind {
        name: "Adapter",
        page: "adapter.md",
        example: include_str!("reference/adapter.yaml"),
    },
    Kind {
        name: "Coupler",
        page: "coupler.md",
        example: include_str!("reference/coupler.yaml"),
    },
];

/// The rows of a field and of what is below it.
fn rows(field: &KindField, above: &str, out: &mut String) {
    for below in &field.fields {
        let list = if below.type_name.starts_with("[]") {
            "[]"
        } else {
            ""
        };
        let path = format!("{above}{}", below.name);
        let mut meaning = cell(&sentence(&below.description));
        if !below.values.is_empty() {
            meaning.push_str(&format!(" One of `{}`.", below.values.join("`, `")));
        }
        if below.required {
            meaning.push_str(" **Required.**");
        }
        if let Some(default) = &below.default {
            meaning.push_str(&format!(" Default: `{}`.", plain(default)));
        }
        let type_name = &below.type_name;
        let since = below.since.unwrap_or_default();
        out.push_str(&format!(
            "| `{path}` | *{type_name}*: {meaning} | {since} |\n"
        ));
        rows(below, &format!("{path}{list}."), out);
    }
}

fn kind_page(kind: &Kind) -> String {
    let Kind { name, example, .. } = kind;
    let field = KindField::of_kind(name).unwrap();
    let mut text = format!(
        "# {name}\n\n{}\n\n`apiVersion: {}`, `kind: {name}`.\n\n## Fields\n\n\
         | field | type and meaning | since |\n|---|---|---|\n",
        sentence(&field.description),
        api::API_VERSION,
    );
    rows(&field, "", &mut text);
    let lower = name.to_lowercase();
    text.push_str(&format!(
        "\n`coupler schema {lower}` prints the JSON Schema, for editors.\n\n\
         ## Example\n\nEvery field is used at least once.\n\n```yaml\n{}\n```\n",
        example.trim_end()
    ));
    text
}

#[test]
fn the_pages_of_the_kinds_are_what_the_crds_define() {
    for kind in &KINDS {
        hold(kind.page, &kind_page(kind));
    }
}

/// A version that is not later than this one.
fn is_reached(version: &str) -> bool {
    let number = |text: &str| semver::Version::parse(text).unwrap();
    number(version) <= number(env!("CARGO_PKG_VERSION"))
}

#[test]
fn the_table_of_versions_has_every_field() {
    let path = root().join("src/api/since.txt");
    let table = std::fs::read_to_string(&path).unwrap();
    let known: BTreeMap<&str, &str> = table
        .lines()
        .map(|line| line.split_once(' ').unwrap())
        .collect();
    let mut fields = KindField::paths();
    fields.sort();
    // a field that the table has not is new in this version
    let line = |field: &String| {
        let since = known.get(field.as_str()).copied();
        format!("{field} {}\n", since.unwrap_or(env!("CARGO_PKG_VERSION")))
    };
    let expected: String = fields.iter().map(line).collect();
    if std::env::var_os("COUPLER_BLESS").is_some() {
        std::fs::write(&path, &expected).unwrap();
    }
    assert!(
        table == expected,
        "src/api/since.txt lacks a field or has one too many: COUPLER_BLESS=1 cargo test --test it reference::"
    );
    assert!(known.values().all(|version| is_reached(version)));
    for kind in KINDS {
        let field = KindField::of_kind(kind.name).unwrap();
        assert_eq!(
            field.since,
            known.get(kind.name.to_lowercase().as_str()).copied()
        );
        let spec = format!("{}.spec", kind.name.to_lowercase());
        assert_eq!(field.fields[0].since, known.get(spec.as_str()).copied());
    }
    for name in api::library_names() {
        assert!(is_reached(api::library_since(name).unwrap()), "{name}");
    }
}

/// The fields that no value has.
fn unused(field: &KindField, values: &[&Value], above: &str) -> Vec<String> {
    let mut missing = Vec::new();
    for below in &field.fields {
        let path = format!("{above}{}", below.name);
        let found = values.iter().filter_map(|value| value.get(&below.name));
        let found: Vec<&Value> = found
            .flat_map(|value| {
                value
                    .as_array()
                    .map_or(vec![value], |list| list.iter().collect())
            })
            .collect();
        match found.is_empty() {
            true => missing.push(path),
            false => missing.extend(unused(below, &found, &format!("{path}."))),
        }
    }
    missing
}

#[test]
fn the_example_of_a_kind_uses_every_field_and_is_right() {
    for kind in KINDS {
        let objects: Vec<Value> = kind
            .example
            .split("---\n")
            .map(|object| serde_yaml::from_str(object).unwrap())
            .collect();
        let values: Vec<&Value> = objects.iter().collect();
        let field = KindField::of_kind(kind.name).unwrap();
        let missing = unused(&field, &values, "");
        assert!(
            missing.is_empty(),
            "{}: not in the example: {}",
            kind.name,
            missing.join(", ")
        );
        let schema: Value = serde_json::from_str(&api::editor_schema(kind.name).unwrap()).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        for object in &objects {
            let wrong: Vec<String> = validator
                .iter_errors(object)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(wrong.is_empty(), "{}: {}", kind.name, wrong.join("\n"));
        }
    }
}

/// What a key of a schema is, in a row.
fn key_row(name: &str, schema: &Value, required: bool) -> String {
    let text = |member: &str| schema.get(member).and_then(Value::as_str);
    let type_name = match text("type").unwrap_or("any") {
        "array" => {
            let items = schema.pointer("/items/type").and_then(Value::as_str);
            format!("[]{}", items.unwrap_or("any"))
        }
        other => other.to_owned(),
    };
    let mut notes = Vec::new();
    if required {
        notes.push("required".to_owned());
    }
    if schema.get("writeOnly") == Some(&Value::Bool(true)) {
        notes.push("secret".to_owned());
    }
    if text("format") == Some("url-safe") {
        notes.push("safe in a URL".to_owned());
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        let values: Vec<String> = values
            .iter()
            .map(|value| format!("`{}`", plain(value)))
            .collect();
        notes.push(format!("one of {}", values.join(", ")));
    }
    if let Some(default) = schema.get("default") {
        notes.push(format!("default `{}`", plain(default)));
    }
    notes.insert(0, format!("*{type_name}*"));
    let about = text("description").map(|text| format!(": {}", cell(&sentence(text))));
    let about = about.unwrap_or_default();
    format!("| `{name}` | {}{about} |\n", notes.join(", "))
}

/// A value as a person writes it.
fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn keys(schema: &Value) -> String {
    let required = schema.get("required").and_then(Value::as_array);
    let required: Vec<&str> = required
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let properties = schema.get("properties").and_then(Value::as_object);
    let rows: String = properties
        .into_iter()
        .flatten()
        .map(|(name, schema)| key_row(name, schema, required.contains(&name.as_str())))
        .collect();
    match rows.is_empty() {
        true => "No keys.\n".to_owned(),
        false => format!("| key | type and meaning |\n|---|---|\n{rows}"),
    }
}

#[test]
fn the_page_of_the_built_in_interfaces_is_what_they_define() {
    let mut text =
        "# Built-in Interfaces\n\nThese Interfaces need no manifest. A Plug or a Socket \
                    names one by its name. *Secret* keys must come from a Secret.\n"
            .to_owned();
    for name in api::library_names() {
        let object: Value = serde_yaml::from_str(api::library(name).unwrap()).unwrap();
        let about = object.pointer("/spec/description").and_then(Value::as_str);
        let since = api::library_since(name).unwrap();
        let about = sentence(about.unwrap());
        text.push_str(&format!("\n## {name}\n\n{about} Built in since {since}.\n"));
        for version in object["spec"]["versions"].as_array().unwrap() {
            let number = version["version"].as_str().unwrap();
            text.push_str(&format!(
                "\nVersion {number}. A Socket gives:\n\n{}\nA Plug may ask with `config`:\n\n{}",
                keys(&version["socket"]),
                keys(&version["plug"])
            ));
        }
    }
    hold("interfaces.md", &text);
}

/// A page as a part of another: its title one level lower, its other headings as bold text, which
/// the table of contents leaves out, and its commands for the reader alone.
fn part(page: &str) -> String {
    let mut code = false;
    let mut text = String::new();
    for line in page.lines() {
        if line.starts_with("```") {
            code = !code;
        }
        if line == "```sh" {
            text.push_str("```sh ignore");
        } else if let (false, Some(heading)) = (code, line.strip_prefix("## ")) {
            text.push_str(&format!("**{heading}**"));
        } else if !code && line.starts_with("# ") {
            text.push('#');
            text.push_str(line);
        } else {
            text.push_str(line);
        }
        text.push('\n');
    }
    text
}

#[test]
fn the_page_of_the_codes_has_each_page() {
    let mut codes = Code::ALL.to_vec();
    codes.sort_by_key(|code| code.as_str());
    let mut text = "# Codes\n\nEach error and warning has a code. `coupler explain CODE` prints \
                    the same text.\n\n| code | meaning |\n|---|---|\n"
        .to_owned();
    for code in &codes {
        let name = code.as_str();
        text.push_str(&format!(
            "| [`{name}`](#{name}) | {} |\n",
            cell(&sentence(code.fact()))
        ));
    }
    for code in &codes {
        text.push('\n');
        text.push_str(part(code.page()).trim_end());
        text.push('\n');
    }
    hold("codes.md", &text);
}

fn help(words: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_coupler"))
        .args(words)
        .arg("--help")
        .env_remove("COLUMNS")
        .env_remove("CLICOLOR_FORCE")
        .output()
        .unwrap();
    assert!(output.status.success(), "{words:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The commands that a help lists.
fn commands(help: &str) -> Vec<String> {
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    listed
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .filter(|name| !["", "help"].contains(name))
        .map(str::to_owned)
        .collect()
}

/// The commands and those below them, each with its help.
fn command_parts(above: &[&str], text: &mut String) {
    for name in commands(&help(above)) {
        // `watch` is a feature, which has a page of its own
        if name == "watch" {
            continue;
        }
        let words: Vec<&str> = above.iter().copied().chain([name.as_str()]).collect();
        let page = help(&words);
        let title = words.join(" ");
        text.push_str(&format!(
            "\n## coupler {title}\n\n```text\n{}\n```\n",
            page.trim_end()
        ));
        command_parts(&words, text);
    }
}

#[test]
fn the_page_of_the_commands_is_their_help() {
    let mut text = format!(
        "# Commands\n\n```text\n{}\n```\n\n`coupler watch` is a Cargo feature: \
         [Drift in the cluster](../guides/drift.md).\n",
        without_watch(&help(&[]))
    );
    command_parts(&[], &mut text);
    hold("commands.md", &text);
}

/// A help without the line of the command that is a feature.
fn without_watch(help: &str) -> String {
    let lines: Vec<&str> = help
        .lines()
        .filter(|line| !line.starts_with("  watch "))
        .collect();
    lines.join("\n").trim_end().to_owned()
}

#[test]
fn the_page_of_the_workloads_is_the_table() {
    let mut text = "# Workload kinds\n\nA Plug can name these kinds. All versions of a group are \
                    read alike. Containers and init containers get variables.\n\n\
                    | kind | apiVersion | what a change does |\n|---|---|---|\n"
        .to_owned();
    for known in &WORKLOAD_KINDS {
        let effect = match known.update {
            Update::Rolls => "the controller replaces the pods",
            Update::RollsUnlessOnDelete => {
                "the controller replaces the pods, unless `spec.updateStrategy.type` is `OnDelete`"
            }
            Update::NewRevision => {
                "a new revision has it, unless `spec.template.metadata.name` is the name of one that there is"
            }
            Update::NewPods => "new pods have it",
            Update::NextRun => "the next run has it",
            Update::ByController => panic!("{} is built in", known.kind),
            Update::Immutable => "the cluster refuses it: delete and create the object",
        };
        let versions = known.api_versions.join("`, `");
        text.push_str(&format!("| {} | `{versions}` | {effect} |\n", known.kind));
    }
    text.push_str(
        "\nAny other kind needs a [mapping](../guides/workload-mapping.md); without one it is the error \
         [`unsupported-workload`](codes.md#unsupported-workload).\n",
    );
    hold("workloads.md", &text);
}

/// A constant's value, as a person reads it.
fn number(expression: &str) -> String {
    let value = match expression.split_once(" << ") {
        Some((number, shift)) => {
            let number: u64 = number.trim().parse().unwrap();
            number << shift.trim().parse::<u32>().unwrap()
        }
        None => expression.replace('_', "").parse().unwrap(),
    };
    let units = [(30, "Gi"), (20, "Mi"), (10, "Ki")];
    let unit = units
        .iter()
        .find(|(shift, _)| value % (1 << shift) == 0 && expression.contains("<<"));
    if let Some((shift, unit)) = unit {
        return format!("{} {unit}B", value >> shift);
    }
    let digits = value.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| std::str::from_utf8(group).unwrap())
        .collect();
    groups.join(",")
}

#[test]
fn the_page_of_the_limits_is_the_table() {
    let source = std::fs::read_to_string(root().join("src/limits.rs")).unwrap();
    let mut text = "# Limits\n\nThese are the limits on the input. Beyond most of them, coupler reports the error \
                    [`limit-exceeded`](codes.md#limit-exceeded); the limits of what is shown only \
                    shorten the output.\n\n| limit | value |\n|---|---|\n"
        .to_owned();
    let (mut words, mut seen) = (String::new(), 0);
    for line in source.lines() {
        if let Some(doc) = line.strip_prefix("///") {
            words.push_str(doc);
        } else if let Some((_, expression)) = line.split_once(" = ") {
            let value = number(expression.trim_end_matches(';'));
            text.push_str(&format!("| {} | {value} |\n", cell(&words)));
            words.clear();
            seen += 1;
        }
    }
    assert_eq!(seen, source.matches("pub const").count());
    hold("limits.md", &text);
}

#[test]
fn the_guide_to_argo_cd_lists_every_variable_that_is_read() {
    let guide = std::fs::read_to_string(root().join("docs/src/guides/argocd.md")).unwrap();
    let source = std::fs::read_to_string(root().join("src/cli/argocd.rs")).unwrap();
    let read: Vec<&str> = source
        .split("variable(\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert!(read.len() > 2, "{read:?}");
    for name in read {
        assert!(guide.contains(&format!("`{name}`")), "{name}");
    }
}
