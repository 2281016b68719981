//! Runs `coupler explain`: prints the page of a code, a field, an Interface or a built-in Adapter.

mod adapter;
mod field;
mod interface;

use super::args::{Color, Explain, Format};
use super::exit::Exit;
use super::fault::{Error, Errors, TypedContext};
use super::input::{self, Given, ReadOptions};
use super::known_interfaces::KnownInterfaces;
use super::print;
use super::read::Named;
use super::report::{Infos, Reporting};
use crate::api::{self, KindField};
use crate::diagnostic::{Code, Help, Printable, lines};
use crate::limits;
use crate::manifest::stream::Stream;
use crate::render::{Role, Source};

/// Prints the page that is asked for.
pub(super) fn explain(args: &Explain, color: Color) -> Exit {
    let report = Reporting::new(Format::Text, color, Infos::Hidden);
    report.end(print_page(args, &report).map(|()| Exit::Success))
}

fn print_page(args: &Explain, report: &Reporting) -> Result<(), Errors> {
    let page = match (&args.word, args.recursive) {
        (None, _) => codes(),
        (Some(word), true) => field::tree(word).ok_or_else(|| not_a_field(word))?,
        (Some(word), false) => page(word, args, report)?,
    };
    Ok(print::page(&Printable::plain(&page))?)
}

/// The page of a word. Where Interfaces are read, the word is one of them first.
fn page(word: &str, args: &Explain, report: &Reporting) -> Result<String, Errors> {
    let code = word
        .trim_start_matches("error[")
        .trim_start_matches("warning[")
        .trim_start_matches("info[")
        .trim_end_matches(']');
    let known = interfaces(args, report)?;
    if args.reads() {
        let interface = known.find(word).ok_or_else(|| not_read(word, &known))?;
        return Ok(interface::page(&interface));
    }
    if let Some(code) = Code::parse(code) {
        return Ok(code.page().to_owned());
    }
    let interface = || {
        known
            .find(word)
            .map(|interface| interface::page(&interface))
    };
    if word == adapter::ALL {
        return Ok(adapter::list());
    }
    let page = field::page(word)
        .or_else(interface)
        .or_else(|| adapter::page(word));
    page.ok_or_else(|| unknown(code).into())
}

impl Explain {
    /// Whether manifests are to be read.
    fn reads(&self) -> bool {
        !self.paths.is_empty() || !self.catalog.is_empty()
    }
}

/// The Interfaces of the manifests that are given, and the built-in ones.
fn interfaces(args: &Explain, report: &Reporting) -> Result<KnownInterfaces, Errors> {
    if !args.reads() {
        return Ok(KnownInterfaces::default());
    }
    let options = ReadOptions {
        command: "explain",
        plain: args.plain,
        settings: None,
        mappings: None,
    };
    let paths: Vec<_> = args.paths.iter().cloned().map(Named::ByUser).collect();
    let catalogue: Vec<_> = args.catalog.iter().cloned().map(Named::ByUser).collect();
    let given = match paths.is_empty() {
        false => Given::Paths(&paths),
        true => Given::Printed(Source {
            name: String::new(),
            text: String::new(),
            role: Role::Stream,
        }),
    };
    let read = input::collect(given, &catalogue, options)?;
    report.warnings(&read.warnings);
    let mut stream = Stream::default();
    for (id, source) in (0..).zip(&read.sources) {
        stream.add(id, &source.text, source.role == Role::Catalogue);
    }
    Ok(KnownInterfaces::new(&stream, &read.sources))
}

/// Every word that has a page.
pub(super) fn words() -> Vec<String> {
    let codes = Code::ALL.iter().map(|code| code.as_str().to_owned());
    let interfaces = api::library_names().map(str::to_owned);
    let adapters = api::built_in_adapters().iter();
    let adapters = adapters.map(|known| known.name.to_owned());
    let all = codes.chain(interfaces).chain([adapter::ALL.to_owned()]);
    all.chain(adapters).chain(KindField::paths()).collect()
}

/// All codes, a line each.
fn codes() -> String {
    let width = Code::ALL
        .iter()
        .map(|code| code.as_str().len())
        .max()
        .unwrap_or(0);
    let mut codes: Vec<_> = Code::ALL.to_vec();
    codes.sort_by_key(|code| code.as_str());
    codes
        .iter()
        .map(|code| format!("{:width$}  {}\n", code.as_str(), code.fact()))
        .collect()
}

fn not_a_field(word: &str) -> Error {
    let fault = Error::msg(format!("no field is called `{word}`"));
    did_you_mean(fault, word, &KindField::paths())
}

fn unknown(word: &str) -> Error {
    let fault = Error::msg(format!(
        "no code, field, built-in Interface or Adapter is called `{word}`"
    ));
    did_you_mean(fault, word, &words())
}

/// The error of a name that no Interface has.
fn not_read(word: &str, known: &KnownInterfaces) -> Error {
    let names = known.names();
    let fault = Error::msg(known.unknown(word));
    fault.help(lines![
        ("Interfaces: {}", names.join(", ")),
        ("to see what is wrong with one that was read:"),
        ("  coupler check PATH")
    ])
}

/// Adds the words that were probably meant: fields whose last step is the word, or the nearest
/// one.
fn did_you_mean(fault: Error, word: &str, words: &[String]) -> Error {
    let last = format!(".{word}");
    let mut near: Vec<&String> = words
        .iter()
        .filter(|known| known.ends_with(&last))
        .take(limits::CANDIDATES)
        .collect();
    if near.is_empty() {
        let nearest = api::suggest(word, words.iter().map(String::as_str));
        near.extend(words.iter().filter(|known| Some(known.as_str()) == nearest));
    }
    if near.is_empty() {
        return fault.help(lines![
            ("all codes:"),
            ("  coupler explain --list"),
            ("all fields of a kind:"),
            ("  coupler explain plug --recursive"),
            (
                "built-in Interfaces: {}",
                api::library_names().collect::<Vec<_>>().join(", ")
            ),
            ("built-in Adapters, for the objects of operators:"),
            ("  coupler explain adapters"),
            ("an Interface of your own:"),
            ("  coupler explain {word} --catalog PATH")
        ]);
    }
    let lines = near
        .into_iter()
        .map(|near| format!("  coupler explain {near}"));
    fault.help(Help::from("did you mean one of these?").and(Help::of_lines(lines)))
}
