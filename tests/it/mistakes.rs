//! Mistakes that people make, and what coupler prints: each remedy that is lines to paste is
//! pasted, and the input then renders.
//!
//! A case is a directory of `testdata/mistakes`, named after the mistake: the input, what is
//! printed (`expected-diagnostics.txt`), and `pasted.yaml`, what is rendered once every remedy was
//! pasted. It also proves that the remedy worked. Where a remedy has a `…`, or there is none to
//! paste, `by-hand.txt` has the reason.

use std::path::Path;

use coupler::diagnostic::{Code, Diagnostic, Help, Paste, PasteMode, Severity, Subject};
use serde_yaml::{Mapping, Value};

use crate::case::{Case, documents};
use crate::golden::expect;

/// More rounds than a person would paste.
const ROUNDS: usize = 8;

#[test]
fn each_remedy_that_is_pasted_works() {
    let faults: Vec<String> = Case::in_directory("mistakes")
        .iter()
        .filter_map(|case| {
            let fault = judge(case).err()?;
            Some(format!("== {}\n{fault}", case.name()))
        })
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn judge(case: &Case) -> Result<(), String> {
    let first = case.run();
    expect(&case.dir.join("expected-diagnostics.txt"), &first.face)?;
    if !first.failed {
        return Err("it renders: there is no mistake in it".to_owned());
    }
    let by_hand = std::fs::read_to_string(case.dir.join("by-hand.txt")).unwrap_or_default();
    let pasted = case.dir.join("pasted.yaml");
    match paste_all(case) {
        Ok(text) if by_hand.trim().is_empty() => expect(&pasted, &text),
        Ok(_) => Err("it can be pasted, and `by-hand.txt` gives a reason why not".to_owned()),
        Err(why) if by_hand.trim().is_empty() => Err(why),
        Err(_) if pasted.exists() => {
            Err("`by-hand.txt` and `pasted.yaml` are both there".to_owned())
        }
        Err(_) => Ok(()),
    }
}

/// What is rendered once the first remedy of each error was pasted, round by round.
fn paste_all(case: &Case) -> Result<String, String> {
    let mut case = case.clone();
    for _ in 0..ROUNDS {
        let outcome = case.run();
        let is_error = |each: &&Diagnostic| each.severity == Severity::Error;
        let Some(error) = outcome.diagnostics.iter().find(is_error) else {
            return Ok(outcome.texts.concat());
        };
        let help = error.help.as_ref().ok_or("an error has no help")?;
        let mut pastes = help.pastes();
        let paste = pastes
            .find(|paste| !paste.has_blanks())
            .ok_or_else(|| format!("nothing to paste, or a `…` in it:\n{}", outcome.face))?;
        let texts: Vec<String> = case.stream().iter().map(|text| put(text, paste)).collect();
        if texts == case.stream() {
            return Err(format!(
                "the object to paste into is not there: {:?}",
                paste.into
            ));
        }
        case = case.with(&texts);
    }
    Err(format!("there are errors left:\n{}", case.run().face))
}

/// The stream, with the lines pasted into their object, or beside it.
fn put(text: &str, paste: &Paste) -> String {
    if paste.fits == PasteMode::Beside {
        let mut values = documents(text)
            .into_iter()
            .map(|document| serde_yaml::from_str(&document).unwrap());
        return match values.any(|mut value| put_into(&mut value, paste)) {
            true => format!("{}\n---\n{}\n", text.trim_end(), paste.lines.join("\n")),
            false => text.to_owned(),
        };
    }
    let documents = documents(text).into_iter().map(|document| {
        let mut value: Value = serde_yaml::from_str(&document).unwrap();
        match put_into(&mut value, paste) {
            true => serde_yaml::to_string(&value).unwrap(),
            false => document,
        }
    });
    documents.collect::<Vec<_>>().join("---\n")
}

/// Whether the lines went into this object, or into an item of this list.
fn put_into(value: &mut Value, paste: &Paste) -> bool {
    if let Some(Value::Sequence(items)) = value.get_mut("items") {
        return items.iter_mut().any(|item| put_into(item, paste));
    }
    if !is_subject(value, &paste.into) {
        return false;
    }
    let lines: Value = serde_yaml::from_str(&paste.lines.join("\n")).unwrap();
    if let Some(path) = &paste.in_place_of {
        let (holder, key) = path.rsplit_once('.').unwrap();
        let holder = value_at(value, holder).and_then(Value::as_mapping_mut);
        holder.and_then(|holder| holder.remove(key)).unwrap();
    }
    match &paste.fits {
        PasteMode::Beside => {}
        PasteMode::Merge => merge(value, lines),
        PasteMode::Replace(path) => {
            if let Some(old) = value_at(value, path) {
                *old = Value::Null;
            }
            merge(value, lines);
        }
        PasteMode::Items(path) => append(value, path, &lines),
        PasteMode::Item(path) => {
            let place = value_at(value, path).unwrap();
            match lines.get(0) {
                Some(item) => *place = item.clone(),
                None => merge(place, lines),
            }
        }
    }
    true
}

fn is_subject(document: &Value, subject: &Subject) -> bool {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let metadata = document.get("metadata").cloned().unwrap_or_default();
    text(document, "kind").as_ref() == Some(&subject.kind)
        && text(&metadata, "name").as_ref() == Some(&subject.name)
        && text(&metadata, "namespace") == subject.namespace
}

fn merge(into: &mut Value, lines: Value) {
    match (into, lines) {
        (Value::Mapping(into), Value::Mapping(lines)) => {
            for (key, value) in lines {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, lines) => *into = lines,
    }
}

/// The value at a path such as `spec.bind.env[1]`.
fn value_at<'v>(value: &'v mut Value, path: &str) -> Option<&'v mut Value> {
    let mut steps = path
        .split(['.', '['])
        .map(|step| step.trim_end_matches(']'));
    steps.try_fold(value, |value, step| match step.parse::<usize>() {
        Ok(index) => value.get_mut(index),
        Err(_) => value.get_mut(step),
    })
}

fn append(into: &mut Value, path: &str, items: &Value) {
    let mut place = into;
    for key in path.split('.') {
        if place.is_null() {
            *place = Value::Mapping(Mapping::new());
        }
        let members = place.as_mapping_mut().unwrap();
        place = members.entry(Value::from(key)).or_insert(Value::Null);
    }
    let mut all = place.as_sequence().cloned().unwrap_or_default();
    all.extend(items.as_sequence().cloned().unwrap_or_default());
    *place = Value::Sequence(all);
}

/// Whether a line is one of a manifest: a key with a value, or an item.
fn looks_like_yaml(line: &str) -> bool {
    let line = line.trim_start().trim_start_matches("- ");
    let is_key = |key: &str| !key.is_empty() && !key.contains([' ', '`']);
    line.starts_with('{') || line.split_once(':').is_some_and(|(key, _)| is_key(key))
}

fn each_help() -> impl Iterator<Item = (Case, Diagnostic)> {
    let cases = Case::all()
        .into_iter()
        .chain(Case::in_directory("mistakes"));
    cases.flat_map(|case| {
        let found = case.run().diagnostics.into_iter();
        found
            .filter(|each| each.help.is_some())
            .map(|each| (case.clone(), each))
            .collect::<Vec<_>>()
    })
}

#[test]
fn what_looks_like_lines_of_a_manifest_is_to_be_pasted() {
    let mut found = Vec::new();
    for (case, diagnostic) in each_help() {
        // a mapping to paste is a document of its own, and goes into no object
        if diagnostic.code == Code::UnsupportedWorkload {
            continue;
        }
        let sentences = diagnostic.help.iter().flat_map(Help::sentences);
        let lines = sentences.filter(|line| looks_like_yaml(line));
        found.extend(lines.map(|line| format!("{}: {line}", case.name())));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn each_remedy_of_a_golden_case_ends_its_error() {
    let mut tried = 0;
    let mut found = Vec::new();
    for (case, diagnostic) in each_help() {
        // what is written back has `on` without its quotes
        if diagnostic.severity == Severity::Info || diagnostic.code == Code::AmbiguousScalar {
            continue;
        }
        let help = diagnostic.help.as_ref().unwrap();
        // a further one may need those before it
        let mut with_all = case.clone();
        for paste in help.pastes().filter(|paste| !paste.has_blanks()) {
            tried += 1;
            let pasted = |case: &Case| {
                let texts = case.stream();
                let texts: Vec<String> = texts.iter().map(|text| put(text, paste)).collect();
                case.with(&texts)
            };
            let name = case.name();
            let alone = pasted(&case);
            with_all = pasted(&with_all);
            if alone.stream() == case.stream() {
                found.push(format!("{name}: nothing to paste into: {:?}", paste.into));
                continue;
            }
            let is_left = |each: &Diagnostic| {
                (each.code, &each.message, &each.subject)
                    == (diagnostic.code, &diagnostic.message, &diagnostic.subject)
            };
            let ends = |case: &Case| !case.run().diagnostics.iter().any(is_left);
            if !ends(&alone) && !ends(&with_all) {
                let lines = paste.lines.join("\n");
                found.push(format!("{name}: {} is left\n{lines}", diagnostic.message));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(tried > 60, "{tried} remedies were pasted");
}

#[test]
fn each_directory_says_what_becomes_of_its_remedy() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/mistakes");
    for entry in std::fs::read_dir(root).unwrap() {
        let dir = entry.unwrap().path();
        let is_there = |name: &str| dir.join(name).exists();
        assert!(is_there("expected-diagnostics.txt"), "{}", dir.display());
        assert!(
            is_there("pasted.yaml") != is_there("by-hand.txt"),
            "{}",
            dir.display()
        );
    }
}
