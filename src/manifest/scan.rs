//! Splits a source into its documents without parsing it, and reads the kind of each.
//!
//! A `---` at column 0, before a blank or the end of its line, always begins a document: no scalar
//! can hold it (YAML 1.2 §9.1.2).

use memchr::memmem;

use super::SourceId;

mod head;
pub(super) mod line;

pub use head::Head;
use head::Scanner;
use line::is_mark;

/// One document of a source: a slice, and the kind that it declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Document<'a> {
    /// Whose document.
    pub source: SourceId,
    /// From its own `---` line, if it has one, to the next one: the slices of a source are the
    /// source.
    pub text: &'a str,
    /// Where it begins in the source.
    pub start: u32,
    /// What the scan found.
    pub head: Head<'a>,
}

/// Splits a source into its documents.
pub fn scan(source: SourceId, text: &str) -> Vec<Document<'_>> {
    documents(source, text, starts(text)).collect()
}

/// Whether a source has no documents: the first that is there is the last that is looked at.
pub fn is_empty(text: &str) -> bool {
    let starts = starts(text);
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    // what is odd is looked for in each document, not in all of the source before
    let scanner = Scanner::of_each();
    starts
        .iter()
        .zip(ends)
        .all(|(&start, end)| scanner.head(&text[start..end]) == Head::Empty)
}

/// The documents that begin at these [`starts`], one by one. Empty ones in a row count as one.
pub(super) fn documents(
    source: SourceId,
    text: &str,
    starts: Vec<usize>,
) -> impl Iterator<Item = Document<'_>> {
    let scanner = Scanner::new(text);
    let mut starts = starts.into_iter().peekable();
    let slices = std::iter::from_fn(move || {
        let start = starts.next()?;
        let text = &text[start..starts.peek().map_or(text.len(), |&end| end)];
        Some(Document {
            source,
            text,
            start: start as u32,
            head: scanner.head(text),
        })
    });
    let mut slices = slices.peekable();
    std::iter::from_fn(move || {
        let mut document = slices.next()?;
        while document.head == Head::Empty
            && let Some(next) = slices.next_if(|next| next.head == Head::Empty)
        {
            let start = document.start as usize;
            document.text = &text[start..start + document.text.len() + next.text.len()];
        }
        Some(document)
    })
}

/// Where the documents of a source begin: never two at one place, and none in an empty source.
pub(super) fn starts(text: &str) -> Vec<usize> {
    if text.is_empty() {
        return Vec::new();
    }
    let marks = memmem::find_iter(text.as_bytes(), b"\n---").map(|at| at + 1);
    let mut starts: Vec<_> = [0]
        .into_iter()
        .chain(marks.filter(|&at| is_mark(&text[at..])))
        .collect();
    if starts.len() > 1 && first_content(text) == Some(b'%') {
        starts.remove(1); // directives belong to the document whose `---` they are before
    }
    let first = starts.get(1).map_or(text, |&end| &text[..end]);
    if first_content(first) == Some(b'{') {
        starts.splice(1..1, json_objects(first));
    }
    starts
}

/// The first byte that is neither a blank nor in a comment.
fn first_content(text: &str) -> Option<u8> {
    let text = text.trim_start_matches('\u{feff}');
    let line = text
        .lines()
        .map(str::trim_start)
        .find(|line| !line.is_empty() && !line.starts_with('#'));
    line.and_then(|line| line.bytes().next())
}

/// Where the second and further ones of several JSON objects begin; none if the text is anything
/// else.
fn json_objects(text: &str) -> Vec<usize> {
    let mut starts = Vec::new();
    let (mut depth, mut quoted, mut escaped, mut fresh) = (0_usize, false, false, false);
    for (at, b) in text.bytes().enumerate() {
        if quoted {
            quoted = escaped || b != b'"';
            escaped = !escaped && b == b'\\';
            continue;
        }
        // `{{` and `{a` are no JSON
        if std::mem::take(&mut fresh) && !matches!(b, b'"' | b'}') {
            fresh = b.is_ascii_whitespace();
            if !fresh {
                return Vec::new();
            }
        }
        match b {
            b'{' => {
                if depth == 0 {
                    starts.push(at);
                    fresh = true;
                }
                depth += 1;
            }
            b'[' if depth > 0 => depth += 1,
            b'}' | b']' if depth > 0 => depth -= 1,
            b'"' if depth > 0 => quoted = true,
            _ if depth > 0 || b.is_ascii_whitespace() => {}
            _ => return Vec::new(),
        }
    }
    if depth == 0 && !starts.is_empty() {
        starts.split_off(1)
    } else {
        Vec::new()
    }
}

#[cfg(test)]
mod tests;
