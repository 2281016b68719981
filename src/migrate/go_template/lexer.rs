//! Cuts an action of a Go template into tokens.

/// A token of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum GoToken {
    /// `.a.b`; `.` alone has no steps.
    Field(Vec<String>),
    /// A quoted text, decoded.
    Text(String),
    /// A number, as it is written.
    Number(String),
    /// The name of a function, or a keyword.
    Word(String),
    /// `|`
    Pipe,
    /// `(`
    Open,
    /// `)`, and the fields behind it.
    Close(Vec<String>),
}

/// The tokens of an action without its delimiters.
pub(super) fn tokens(action: &str) -> Result<Vec<GoToken>, String> {
    let mut tokens = Vec::new();
    let mut rest = action.trim_start();
    while let Some(first) = rest.chars().next() {
        let token;
        (token, rest) = match first {
            '|' => (GoToken::Pipe, &rest[1..]),
            '(' => (GoToken::Open, &rest[1..]),
            ')' => {
                let (steps, after) = steps(&rest[1..]);
                (GoToken::Close(steps), after)
            }
            '.' if !rest[1..].starts_with(|c: char| c.is_ascii_digit()) => {
                let (steps, after) = steps(rest);
                match steps.is_empty() {
                    true => (GoToken::Field(steps), &rest[1..]),
                    false => (GoToken::Field(steps), after),
                }
            }
            '"' => quoted(&rest[1..])?,
            '`' => {
                let (text, after) = rest[1..].split_once('`').ok_or(UNCLOSED)?;
                (GoToken::Text(text.to_owned()), after)
            }
            '0'..='9' | '+' | '-' | '.' => {
                let (number, after) =
                    word(rest, |c| c.is_ascii_alphanumeric() || "+-._".contains(c));
                (GoToken::Number(number.to_owned()), after)
            }
            c if is_letter(c) => {
                let (name, after) = word(rest, |c| is_letter(c) || c.is_ascii_digit());
                (GoToken::Word(name.to_owned()), after)
            }
            '$' => return Err("coupler's templates have no variables".to_owned()),
            other => return Err(format!("`{other}` is not known here")),
        };
        tokens.push(token);
        rest = rest.trim_start();
    }
    Ok(tokens)
}

const UNCLOSED: &str = "a quoted text has no end";

fn is_letter(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn word(text: &str, is_part: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !is_part(c)).unwrap_or(text.len()))
}

/// The names behind dots at the beginning of a text.
fn steps(mut text: &str) -> (Vec<String>, &str) {
    let mut steps = Vec::new();
    while let Some(after) = text.strip_prefix('.') {
        let (name, rest) = word(after, |c| is_letter(c) || c.is_ascii_digit());
        if name.is_empty() {
            break;
        }
        steps.push(name.to_owned());
        text = rest;
    }
    (steps, text)
}

/// Reads a text in double quotes, of which the first is read already.
fn quoted(text: &str) -> Result<(GoToken, &str), String> {
    let mut out = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((GoToken::Text(out), &text[at + 1..])),
            '\\' => match chars.next().map(|(_, escaped)| escaped) {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some('r') => out.push('\r'),
                Some(same @ ('"' | '\\' | '\'')) => out.push(same),
                Some(other) => return Err(format!("the escape `\\{other}` is not known")),
                None => break,
            },
            c => out.push(c),
        }
    }
    Err(UNCLOSED.to_owned())
}
