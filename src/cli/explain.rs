//! Runs `coupler explain`: prints the page of a code, a field or a built-in Interface.

mod field;
mod interface;

use super::args::Explain;
use super::fault::{Error, TypedContext};
use crate::api::{self, KindField};
use crate::diagnostic::{Code, Help, lines};
use crate::limits;

/// The requested page.
pub(super) fn page(args: &Explain) -> Result<String, Error> {
    let Some(word) = &args.word else {
        return Ok(codes());
    };
    if args.recursive {
        return field::tree(word).ok_or_else(|| not_a_field(word));
    }
    let code = word
        .trim_start_matches("error[")
        .trim_start_matches("warning[")
        .trim_start_matches("info[")
        .trim_end_matches(']');
    if let Some(code) = Code::parse(code) {
        return Ok(code.page().to_owned());
    }
    field::page(word)
        .or_else(|| interface::page(word))
        .ok_or_else(|| unknown(code))
}

/// Every word that has a page.
pub(super) fn words() -> Vec<String> {
    let codes = Code::ALL.iter().map(|code| code.as_str().to_owned());
    let interfaces = api::library_names().map(str::to_owned);
    codes.chain(interfaces).chain(KindField::paths()).collect()
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
    let fault = Error::msg(format!("no code, field or Interface is called `{word}`"));
    did_you_mean(fault, word, &words())
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
            )
        ]);
    }
    let lines = near
        .into_iter()
        .map(|near| format!("  coupler explain {near}"));
    fault.help(Help::from("did you mean one of these?").and(Help::of_lines(lines)))
}
