//! Parses paths into a document, as users write them: `spec.ports[0].port`, `data['tls.crt']`,
//! `spec.ports[name=web].port`.

use std::fmt;

use super::{Kind, NodeId, NotReadable, Tree};
use crate::limits;

/// One step down.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// `.key` or `['key']`: a member of a mapping.
    Key(String),
    /// `[0]`: an item of a list, counted from zero.
    Index(usize),
    /// `[key=value]`: the one item of a list whose `key` is `value`.
    Match {
        /// The key of the item.
        key: String,
        /// Its text.
        value: String,
    },
    /// `[+]`: a new item of a list. Only what is written has it, as its last step.
    Append,
}

/// How far a path led that does not lead to a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missed {
    /// How many steps were found.
    pub matched: usize,
    /// The node at the end of these.
    pub deepest: NodeId,
    /// What is in the way, where the next step may be there and cannot be read.
    pub not_readable: Option<NotReadable>,
}

/// Reads a path to something that is there, or that is made.
///
/// # Errors
/// What is wrong, and at which character of the path.
pub fn parse(path: &str) -> Result<Vec<Step>, String> {
    let steps = parse_written(path)?;
    match steps.last() {
        Some(Step::Append) => Err("`[+]` is a new item, and cannot be read".to_owned()),
        _ => Ok(steps),
    }
}

/// Reads a path to something that is written: its last step may be a new item.
///
/// # Errors
/// What is wrong, and at which character of the path.
pub fn parse_written(path: &str) -> Result<Vec<Step>, String> {
    if path.len() > limits::PATH_BYTES {
        return Err(format!("a path of more than {} bytes", limits::PATH_BYTES));
    }
    let mut reader = PathParser { path, rest: path };
    let mut steps = Vec::new();
    while !reader.rest.is_empty() || steps.is_empty() {
        if steps.len() == limits::DEPTH {
            return Err(reader.wrong(&format!("more than {} steps", limits::DEPTH)));
        }
        if steps.last() == Some(&Step::Append) {
            return Err(reader.wrong("`[+]` is a new item and must be the last step"));
        }
        steps.push(match reader.eat('[') {
            true => reader.bracket()?,
            false if steps.is_empty() || reader.eat('.') => {
                Step::Key(reader.word("a key", ends_word)?.to_owned())
            }
            false => return Err(reader.wrong("expected `.` or `[`")),
        });
    }
    Ok(steps)
}

/// The node at the end of a path.
///
/// # Errors
/// How far the path led.
pub fn find(tree: &Tree<'_>, root: NodeId, steps: &[Step]) -> Result<NodeId, Missed> {
    let mut deepest = root;
    for (matched, step) in steps.iter().enumerate() {
        deepest = down(tree, deepest, step).ok_or_else(|| Missed {
            matched,
            deepest,
            not_readable: hidden(tree, deepest, step),
        })?;
    }
    Ok(deepest)
}

fn down(tree: &Tree<'_>, id: NodeId, step: &Step) -> Option<NodeId> {
    match step {
        Step::Key(key) => tree.written_member(id, key),
        Step::Index(index) => tree.item(id, *index),
        Step::Match { key, value } => match tree.items_with(id, key, value) {
            [one, None] => one,
            _ => None,
        },
        Step::Append => None,
    }
}

/// What may hold a step that is not written in a node.
fn hidden(tree: &Tree<'_>, id: NodeId, step: &Step) -> Option<NotReadable> {
    let items = match step {
        Step::Match { .. } => Some(tree.children(id)),
        Step::Key(_) | Step::Index(_) | Step::Append => None,
    };
    tree.opaque(id)
        .or_else(|| items?.find_map(|item| tree.opaque(item)))
}

/// How far a path leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Walked {
    /// How many of its steps are there.
    pub matched: usize,
    /// The node at the end of these.
    pub deepest: NodeId,
}

/// Follows a path as far as it leads.
///
/// # Errors
/// Whether a step is there cannot be read.
pub fn walk(tree: &Tree<'_>, root: NodeId, path: &[Step]) -> Result<Walked, NotReadable> {
    let mut walked = Walked {
        matched: 0,
        deepest: root,
    };
    for step in path {
        match next(tree, walked.deepest, step)? {
            Some(deepest) => walked.deepest = deepest,
            None => break,
        }
        walked.matched += 1;
    }
    Ok(walked)
}

fn next(tree: &Tree<'_>, node: NodeId, step: &Step) -> Result<Option<NodeId>, NotReadable> {
    match step {
        Step::Key(key) => tree.read_member(node, key).known(),
        Step::Index(index) => match tree.opaque(node) {
            Some(why) if tree.kind(node) != Kind::Mapping => Err(why),
            _ => Ok(tree.item(node, *index)),
        },
        Step::Match { key, value } => match tree.items_with(node, key, value) {
            [Some(one), None] => Ok(Some(one)),
            [_, Some(_)] => Ok(None),
            [None, None] => {
                let items = tree.children(node).filter_map(|item| tree.opaque(item));
                match tree.opaque(node).into_iter().chain(items).next() {
                    Some(why) => Err(why),
                    None => Ok(None),
                }
            }
        },
        Step::Append => Ok(None),
    }
}

/// Whether several items of a list have this text under a key.
pub fn is_repeated(tree: &Tree<'_>, list: NodeId, key: &str, value: &str) -> bool {
    tree.items_with(list, key, value)[1].is_some()
}

/// The path of a node from the root, items by their position.
pub fn path_of(tree: &Tree<'_>, root: NodeId, node: NodeId) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut at = node;
    while at != root
        && let Some(parent) = tree.parent(at)
    {
        steps.push(match tree.key(at) {
            Some(key) => Step::Key(key.to_owned()),
            None => {
                let position = tree.children(parent).position(|item| item == at);
                Step::Index(position.unwrap_or_default())
            }
        });
        at = parent;
    }
    steps.reverse();
    steps
}

/// Steps as a path that [`parse`] reads.
pub struct Path<'a>(pub &'a [Step]);

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if !is_word(key) => write!(f, "[{}]", quoted(key))?,
                Step::Key(key) if n == 0 => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Append => f.write_str("[+]")?,
                Step::Match { key, value } => {
                    let part = |text: &str| {
                        if is_word(text) {
                            text.to_owned()
                        } else {
                            quoted(text)
                        }
                    };
                    write!(f, "[{}={}]", part(key), part(value))?;
                }
            }
        }
        Ok(())
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Whether a text needs no quotes in a path.
fn is_word(text: &str) -> bool {
    !text.is_empty() && !text.contains(ends_word)
}

fn ends_word(c: char) -> bool {
    matches!(c, '.' | '[' | ']' | '=' | '\'' | '"') || c.is_whitespace() || c.is_control()
}

struct PathParser<'a> {
    path: &'a str,
    rest: &'a str,
}

impl<'a> PathParser<'a> {
    fn eat(&mut self, c: char) -> bool {
        let rest = self.rest.strip_prefix(c);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// What is between brackets, and the closing one.
    fn bracket(&mut self) -> Result<Step, String> {
        if let Some(rest) = self.rest.strip_prefix("+]") {
            self.rest = rest;
            return Ok(Step::Append);
        }
        let digits = self.rest.len()
            - self
                .rest
                .trim_start_matches(|c: char| c.is_ascii_digit())
                .len();
        let step = if digits > 0 && self.rest[digits..].starts_with(']') {
            let index = self.rest[..digits]
                .parse()
                .map_err(|_| self.wrong("too large a number"))?;
            self.rest = &self.rest[digits..];
            Step::Index(index)
        } else {
            let is_quoted = self.rest.starts_with(['\'', '"']);
            let key = self.text("a number, a quoted key or `key=value`")?;
            if self.eat('=') {
                Step::Match {
                    key,
                    value: self.text("a value")?,
                }
            } else if is_quoted {
                Step::Key(key)
            } else if self.rest.is_empty() {
                return Err(self.wrong("expected `]`"));
            } else {
                return Err(self.wrong("expected `=`; a key in brackets needs quotes"));
            }
        };
        if self.eat(']') {
            Ok(step)
        } else {
            Err(self.wrong("expected `]`"))
        }
    }

    /// A word, or anything in quotes; there a doubled quote is one.
    fn text(&mut self, what: &str) -> Result<String, String> {
        let Some(quote) = self.rest.chars().next().filter(|c| matches!(c, '\'' | '"')) else {
            // between brackets a dot needs no quotes
            return self
                .word(what, |c| c != '.' && ends_word(c))
                .map(str::to_owned);
        };
        let mut text = String::new();
        self.eat(quote);
        loop {
            let Some(end) = self.rest.find(quote) else {
                return Err(self.wrong("the quote is never closed"));
            };
            text.push_str(&self.rest[..end]);
            self.rest = &self.rest[end + 1..];
            if !self.eat(quote) {
                return Ok(text);
            }
            text.push(quote);
        }
    }

    fn word(&mut self, what: &str, ends: impl Fn(char) -> bool) -> Result<&'a str, String> {
        let end = self.rest.find(ends).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        if word.is_empty() {
            return Err(self.wrong(&format!("expected {what}")));
        }
        self.rest = rest;
        Ok(word)
    }

    fn wrong(&self, what: &str) -> String {
        let at = self.path[..self.path.len() - self.rest.len()]
            .chars()
            .count()
            + 1;
        format!("{what} at character {at} of the path")
    }
}

#[cfg(test)]
mod tests;
