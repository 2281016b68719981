//! Makes text from outside fit to be printed: whatever its author wrote, it is data in a terminal,
//! a log and a page.
//!
//! A piece (a name, a message, a line of a manifest) goes through [`line`], [`lines`] or [`code`]
//! where a format places it. The whole is a [`Printable`], which is all that the doors of the
//! programs accept.

use std::ops::{Range, RangeInclusive};

/// What is shown where a character may not be.
const HIDDEN: char = '\u{fffd}';
/// Bytes of the name of a CI system that are looked at.
const LONGEST_COMMAND: usize = 32;
/// What is shown where a text may not be.
const REDACTED: char = '…';

/// A whole output: it holds no character that a terminal, a log or an editor obeys or hides, but
/// ends of lines, tabs and, where it is styled, colours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Printable(String);

impl Printable {
    /// A text without colours.
    pub fn plain(text: &str) -> Self {
        Self(swept(text, |c| {
            c.is_ascii_whitespace() && c != '\r' && c != '\u{c}'
        }))
    }

    /// A text whose colours are kept (ECMA-48 §8.3.117, SGR), and no other command to a terminal.
    pub fn styled(text: &str) -> Self {
        let mut pieces = text.split("\u{1b}[");
        let mut whole = Self::plain(pieces.next().unwrap_or_default()).0;
        for piece in pieces {
            let digits = piece.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
            if digits.starts_with('m') {
                whole.push_str("\u{1b}[");
            } else {
                whole.push(HIDDEN);
                whole.push('[');
            }
            whole.push_str(&Self::plain(piece).0);
        }
        Self(whole)
    }

    /// JSON: nothing is lost, since a character that is not to be printed is written as an escape.
    pub fn json(text: &str) -> Self {
        Self(json(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A piece on one line: an end of a line in it is shown as `\n`.
pub fn line(text: &str) -> String {
    lines(&text.replace("\r\n", "\n").replace('\n', "\\n"))
}

/// A piece that has lines.
pub fn lines(text: &str) -> String {
    let text = if text.contains('\r') {
        &text.replace("\r\n", "\n")
    } else {
        text
    };
    text.split('\n')
        .map(|line| window(line, &[]).text.replace('\t', "    "))
        .collect::<Vec<_>>()
        .join("\n")
}

/// A piece as a code span of GitHub's Markdown, also within a table: in one, nothing is markup, an
/// address, a mention, an emoji or a formula.
pub fn code(text: &str) -> String {
    // a backslash before the one that escapes a bar would take it away
    let text = line(text)
        .replace('\\', if text.contains('|') { "\u{fffd}" } else { "\\" })
        .replace('|', "\\|");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) || text.is_empty() {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// JSON in which a character that is not to be printed is an escape, and one of a command to a CI
/// log: it can only be within a string.
pub(super) fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let rest = &text[at..];
        let command = out.ends_with('#') && is_command(rest);
        if command || is_hidden(c) && c != '\n' && c != '\t' {
            let mut units = [0; 2];
            c.encode_utf16(&mut units)
                .iter()
                .for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
        } else {
            out.push(c);
        }
    }
    out
}

/// Whether a text, behind a `#`, makes a command to the log of a CI system: `##[group]`,
/// `##vso[task]`, `##teamcity[message]`.
fn is_command(text: &str) -> bool {
    let Some(word) = text.strip_prefix('#') else {
        return false;
    };
    let name = word
        .bytes()
        .take(LONGEST_COMMAND)
        .take_while(u8::is_ascii_alphanumeric)
        .count();
    word.as_bytes().get(name) == Some(&b'[')
}

/// Whether a terminal, a log or an editor obeys a character, or shows nothing where it is.
///
/// Control characters of 7 and 8 bits, separators of lines, what only annotates, and what a text is
/// drawn without: those that change its direction, joiners, fillers, selectors of a variant and
/// tags (Unicode's `Default_Ignorable_Code_Point`).
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{fff9}'..='\u{fffb}')
        || IGNORABLE.iter().any(|range| range.contains(&c))
}

/// <https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt>
const IGNORABLE: [RangeInclusive<char>; 17] = [
    '\u{ad}'..='\u{ad}',
    '\u{34f}'..='\u{34f}',
    '\u{61c}'..='\u{61c}',
    '\u{115f}'..='\u{1160}',
    '\u{17b4}'..='\u{17b5}',
    '\u{180b}'..='\u{180f}',
    '\u{200b}'..='\u{200f}',
    '\u{202a}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{3164}'..='\u{3164}',
    '\u{fe00}'..='\u{fe0f}',
    '\u{feff}'..='\u{feff}',
    '\u{ffa0}'..='\u{ffa0}',
    '\u{fff0}'..='\u{fff8}',
    '\u{1bca0}'..='\u{1bca3}',
    '\u{1d173}'..='\u{1d17a}',
    '\u{e0000}'..='\u{e0fff}',
];

/// Some lines as they may be shown, character for character.
pub(super) struct Window {
    pub(super) text: String,
    /// What was replaced, in order.
    replaced: Vec<Replaced>,
}

/// Where something is, in the original and in the text that is shown.
struct Replaced {
    start: usize,
    end: usize,
    shown_start: usize,
    shown_end: usize,
}

impl Window {
    /// Where an offset into the original is in the text.
    pub(super) fn at(&self, offset: usize) -> usize {
        let before = self
            .replaced
            .partition_point(|replaced| replaced.start < offset);
        let Some(last) = before.checked_sub(1).map(|last| &self.replaced[last]) else {
            return offset;
        };
        if offset < last.end {
            last.shown_start
        } else {
            last.shown_end + (offset - last.end)
        }
    }
}

impl Window {
    /// Shows one character for all that is hidden side by side.
    fn hide(&mut self, start: usize, end: usize) {
        if let Some(last) = self.replaced.last_mut()
            && last.end == start
            && self.text[last.shown_start..].starts_with(REDACTED)
        {
            last.end = end;
            return;
        }
        let shown_start = self.text.len();
        self.text.push(REDACTED);
        self.replaced.push(Replaced {
            start,
            end,
            shown_start,
            shown_end: self.text.len(),
        });
    }
}

/// What of a line was read: a command of GitHub Actions begins with two colons, whatever blanks are
/// before them.
enum Start {
    Blank,
    Colon,
    Past,
}

/// Lines with their tabs; of what is hidden in them (ranges in order) each line is `…`.
///
/// Of a command to the log of a CI system (`::add-mask::` where a line begins, `##[group]`,
/// `##vso[task]`) one character is replaced.
pub(super) fn window(text: &str, hidden: &[Range<usize>]) -> Window {
    let mut hidden = hidden.iter().peekable();
    let mut window = Window {
        text: String::with_capacity(text.len()),
        replaced: Vec::new(),
    };
    let mut start = Start::Blank;
    for (at, c) in text.char_indices() {
        let rest = &text[at..];
        while hidden.next_if(|range| range.end <= at).is_some() {}
        if c != '\n' && hidden.peek().is_some_and(|range| range.contains(&at)) {
            start = Start::Past;
            window.hide(at, at + c.len_utf8());
            continue;
        }
        let command = match c {
            ':' => matches!(start, Start::Colon),
            '#' => window.text.ends_with('#') && is_command(rest),
            _ => false,
        };
        start = match start {
            _ if c == '\n' => Start::Blank,
            Start::Blank if c.is_whitespace() => Start::Blank,
            Start::Blank if c == ':' => Start::Colon,
            _ => Start::Past,
        };
        let kept = c == '\n' || c == '\t' || rest.starts_with("\r\n");
        if command || is_hidden(c) && !kept {
            let shown_start = window.text.len();
            window.text.push(HIDDEN);
            let (end, shown_end) = (at + c.len_utf8(), window.text.len());
            window.replaced.push(Replaced {
                start: at,
                end,
                shown_start,
                shown_end,
            });
        } else {
            window.text.push(c);
        }
    }
    window
}

/// A text in which the characters that are not to be printed are replaced, but for those that are
/// kept.
fn swept(text: &str, kept: impl Fn(char) -> bool) -> String {
    text.chars()
        .map(|c| if is_hidden(c) && !kept(c) { HIDDEN } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All that no output may hold, ends of lines and tabs apart.
    const HOSTILE: &str = "\0\u{7}\u{8}\u{b}\u{c}\r\u{1b}[31m\u{7f}\u{85}\u{9b}2J\u{9d}\u{ad}\u{61c}\u{200b}\u{200e}\u{200f}\
        \u{2028}\u{2029}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2060}\u{2066}\u{2067}\u{2068}\u{2069}\u{feff}\u{e0041}";

    #[test]
    fn no_character_that_is_obeyed_is_left() {
        let hidden = |text: &str| text.chars().any(|c| is_hidden(c) && c != '\n');
        for shown in [
            line(HOSTILE),
            lines(HOSTILE),
            code(HOSTILE),
            window(HOSTILE, &[]).text,
            json(HOSTILE),
            Printable::plain(HOSTILE).0,
            Printable::json(HOSTILE).0,
        ] {
            assert!(!hidden(&shown), "{shown:?}");
        }
        let colours = HOSTILE.matches("\u{1b}[").count();
        assert_eq!(
            Printable::styled(HOSTILE)
                .0
                .chars()
                .filter(|&c| is_hidden(c))
                .count(),
            colours
        );
        assert_eq!(
            Printable::styled("\u{1b}[2J\u{1b}[1;31mé\u{1b}[0m\u{1b}]0;x").0,
            "\u{fffd}[2J\u{1b}[1;31mé\u{1b}[0m\u{fffd}]0;x"
        );
    }

    #[test]
    fn what_a_text_is_drawn_without_is_shown() {
        for invisible in [
            '\u{34f}',
            '\u{115f}',
            '\u{17b4}',
            '\u{180b}',
            '\u{200c}',
            '\u{200d}',
            '\u{3164}',
            '\u{fe00}',
            '\u{fe0f}',
            '\u{ffa0}',
            '\u{1d173}',
            '\u{e0100}',
            '\u{e01ef}',
        ] {
            assert_eq!(
                line(&format!("we{invisible}b")),
                "we\u{fffd}b",
                "{:x}",
                u32::from(invisible)
            );
        }
        assert_eq!(line("é – 😀 ключ 鍵"), "é – 😀 ключ 鍵");
    }

    #[test]
    fn a_piece_of_one_line_is_one_line() {
        assert_eq!(line("a\nb\r\nc\rd\te"), "a\\nb\\nc\u{fffd}d    e");
        assert_eq!(lines("a\nb\r\nc\te"), "a\nb\nc    e");
        for plain in [
            "kind: Plug",
            "é – `x` 100 %",
            "::",
            "http://a",
            "a ## b",
            "#[x]",
        ] {
            assert_eq!(lines(plain).replace(HIDDEN, ":"), plain);
        }
    }

    #[test]
    fn a_log_of_ci_is_not_commanded() {
        for text in [
            "::add-mask::x",
            "  \u{a0}::stop-commands::x",
            "a ##[add-mask]x",
            "###[x]",
            "##vso[task.setvariable]",
            "##VSO[task.setvariable]",
            "###teamcity[blockOpened name='x']",
            "a\n ::error::",
        ] {
            let shown = lines(text);
            let commands = shown
                .lines()
                .any(|line| line.trim_start().starts_with("::"));
            let other = ["##[", "##vso[", "##VSO[", "##teamcity["]
                .iter()
                .any(|command| shown.contains(command));
            assert!(!commands && !other, "{shown}");
            assert_eq!(shown.chars().count(), text.chars().count());
        }
        assert_eq!(lines("a::b"), "a::b");
    }

    #[test]
    fn a_place_in_a_window_is_the_same_place_where_it_is_shown() {
        let text = "a\u{9b}b\u{e0041}c\u{1b}d::";
        let shown = window(text, &[]);
        for piece in ["b", "c", "d", "::"] {
            let at = text.find(piece).unwrap();
            assert!(shown.text[shown.at(at)..].starts_with(piece), "{piece}");
        }
        assert_eq!(shown.at(text.len()), shown.text.len());
    }

    #[test]
    fn of_what_is_hidden_each_line_is_one_character() {
        let text = "a: hunter2 # x\nb: |\n  hunter3\n  hunter4\nc: hunter5";
        let range =
            |from: &str, to: &str| text.find(from).unwrap()..text.find(to).unwrap() + to.len();
        let shown = window(
            text,
            &[
                range("hunter2", "hunter2"),
                range("|", "hunter4"),
                range("hunter5", "hunter5"),
            ],
        );
        assert_eq!(shown.text, "a: … # x\nb: …\n…\n…\nc: …");
        assert_eq!(
            &shown.text[shown.at(range("hunter2", "hunter2").start)
                ..shown.at(range("hunter2", "hunter2").end)],
            "…"
        );
        assert!(shown.text[shown.at(text.find("unter5").unwrap())..].starts_with('…'));
        assert_eq!(shown.at(text.len()), shown.text.len());
    }

    #[test]
    fn code_ends_where_it_should() {
        assert_eq!(code("web"), "`web`");
        assert_eq!(code("`a``b"), "``` `a``b ```");
        assert_eq!(code("a|b"), "`a\\|b`");
        assert_eq!(code("a\\|b"), "`a\u{fffd}\\|b`");
        assert_eq!(code(""), "`  `");
        assert_eq!(code("a\nb"), "`a\\nb`");
    }

    #[test]
    fn json_means_the_same() {
        let hostile = format!("{HOSTILE}##[group]###vso[a]");
        let text = json(&serde_json::to_string(&hostile).unwrap());
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), hostile);
        assert!(!text.contains("##[") && !text.contains("##vso["), "{text}");
    }
}
