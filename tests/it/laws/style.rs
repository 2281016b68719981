//! One value, many ways to write it: block or flow, quoted or not, JSON, any indentation, with
//! comments, as null or absent.

use super::mutate::Random;

/// A value whose text is chosen when it is written.
#[derive(Clone, Debug)]
pub(super) enum Y {
    /// A string, quoted where it must be, and where chance wants it.
    Text(String),
    /// A number or a boolean.
    Word(String),
    /// A text of lines, `|` where a block may be.
    Lines(String),
    Null,
    List(Vec<Y>),
    Map(Vec<(String, Y)>),
}

pub(super) fn text(text: impl Into<String>) -> Y {
    Y::Text(text.into())
}

pub(super) fn map<const N: usize>(members: [(&str, Y); N]) -> Y {
    Y::Map(
        members
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
    )
}

impl Y {
    pub(super) fn push(&mut self, key: &str, value: Y) {
        let Self::Map(members) = self else {
            panic!("no map")
        };
        members.push((key.to_owned(), value));
    }

    /// A Plug names the Socket of its Interface, unless it names one.
    pub(super) fn name_socket(&mut self) {
        let Self::Map(members) = self else { return };
        let spec = members.iter_mut().find(|(key, _)| key == "spec");
        let Some((_, Self::Map(spec))) = spec else {
            return;
        };
        if spec.iter().any(|(key, _)| key == "socket") {
            return;
        }
        let is_postgresql = spec
            .iter()
            .any(|(key, value)| key == "interface" && format!("{value:?}").contains("postgresql"));
        let name = if is_postgresql { "pg" } else { "thing" };
        spec.push(("socket".to_owned(), map([("name", text(name))])));
    }

    /// Whether it is an object of this kind.
    pub(super) fn is_kind(&self, wanted: &str) -> bool {
        let Self::Map(members) = self else {
            return false;
        };
        let kind = members.iter().find(|(key, _)| key == "kind");
        kind.is_some_and(|(_, kind)| matches!(kind, Self::Text(kind) if kind == wanted))
    }

    /// Adds a member to the map under a key.
    pub(super) fn push_to(&mut self, holder: &str, key: &str, value: Self) {
        let Self::Map(members) = self else {
            panic!("no map")
        };
        for (name, held) in members {
            if name == holder {
                return held.push(key, value);
            }
        }
    }

    /// The same value with the keys of every map in another order.
    pub(super) fn shuffled(&self, random: &mut Random) -> Self {
        match self {
            Self::List(items) => {
                Self::List(items.iter().map(|item| item.shuffled(random)).collect())
            }
            Self::Map(members) => {
                let mut members: Vec<_> = members
                    .iter()
                    .map(|(k, v)| (k.clone(), v.shuffled(random)))
                    .collect();
                shuffle(random, &mut members);
                Self::Map(members)
            }
            other => other.clone(),
        }
    }

    /// As JSON, on one line or many.
    pub(super) fn json(&self, random: &mut Random) -> String {
        let value = self.value();
        match random.below(2) {
            0 => serde_json::to_string(&value).unwrap(),
            _ => serde_json::to_string_pretty(&value).unwrap(),
        }
    }

    fn value(&self) -> serde_json::Value {
        match self {
            Self::Text(text) | Self::Lines(text) => text.as_str().into(),
            Self::Word(word) => serde_json::from_str(word).unwrap(),
            Self::Null => serde_json::Value::Null,
            Self::List(items) => items.iter().map(Self::value).collect(),
            Self::Map(members) => members
                .iter()
                .map(|(k, v)| (k.clone(), v.value()))
                .collect(),
        }
    }

    /// As a block at this indentation; what is before it is the beginning of a line or a dash.
    pub(super) fn block(&self, random: &mut Random, indent: usize, out: &mut String) {
        let mut writer = Writer {
            step: 1 + random.below(4),
            dash: random.below(3),
            calm: random.below(3) == 0,
            ends_lines: false,
            random,
        };
        match self {
            Self::Map(members) => writer.members(members, indent, out),
            other => panic!("{other:?} is no object"),
        }
    }
}

pub(super) fn shuffle<T>(random: &mut Random, items: &mut [T]) {
    for at in (1..items.len()).rev() {
        items.swap(at, random.below(at + 1));
    }
}

struct Writer<'a> {
    random: &'a mut Random,
    /// How much deeper a map in a map is.
    step: usize,
    /// How much deeper than its key a list's dashes are.
    dash: usize,
    /// No comments and blank lines.
    calm: bool,
    /// Whether a text of lines ends here: what is as deep as these is a part of it.
    ends_lines: bool,
}

impl Writer<'_> {
    fn one_in(&mut self, n: usize) -> bool {
        self.random.below(n) == 0
    }

    fn begin(&mut self, indent: usize, out: &mut String) {
        let ends_lines = std::mem::take(&mut self.ends_lines);
        if out.ends_with('\n') || out.is_empty() {
            if !self.calm && self.one_in(9) {
                let deepest = if ends_lines { indent } else { indent + 2 };
                let blanks = self.random.below(deepest + 1);
                *out += &" ".repeat(blanks);
                *out += self
                    .random
                    .pick(&["# note: 'x'\n", "# - name: OLD\n", "\n", "#\n"]);
            }
            *out += &" ".repeat(indent);
        }
    }

    fn end(&mut self, out: &mut String) {
        *out += if self.calm {
            "\n"
        } else {
            self.random.pick(&["\n", "\n", "\n", "  # why\n", " \n"])
        };
    }

    fn members(&mut self, members: &[(String, Y)], indent: usize, out: &mut String) {
        for (key, value) in members {
            self.begin(indent, out);
            *out += &self.key(key);
            out.push(':');
            self.value(value, indent, out);
        }
    }

    fn key(&mut self, key: &str) -> String {
        match self.random.below(12) {
            0 => format!("\"{key}\""),
            1 => format!("'{key}'"),
            _ => key.to_owned(),
        }
    }

    /// What follows a key.
    fn value(&mut self, value: &Y, indent: usize, out: &mut String) {
        let flow = self.one_in(6) && !has_lines(value);
        match value {
            Y::Map(members) if !members.is_empty() && !flow => {
                self.end(out);
                self.members(members, indent + self.step, out);
            }
            Y::List(items) if !items.is_empty() && !flow => {
                self.end(out);
                for item in items {
                    self.item(item, indent + self.dash, out);
                }
            }
            Y::Lines(lines) => {
                *out += " |\n";
                for line in lines.lines() {
                    *out += &" ".repeat(if line.is_empty() {
                        0
                    } else {
                        indent + self.step
                    });
                    *out += line;
                    out.push('\n');
                }
                self.ends_lines = true;
            }
            Y::Null => {
                *out += self.random.pick(&["", " null", " ~", " Null", " NULL"]);
                self.end(out);
            }
            other => {
                out.push(' ');
                self.flow(other, out);
                self.end(out);
            }
        }
    }

    fn item(&mut self, item: &Y, dash: usize, out: &mut String) {
        self.begin(dash, out);
        out.push('-');
        match item {
            Y::Map(members) if !members.is_empty() && (has_lines(item) || !self.one_in(6)) => {
                if !self.one_in(8) {
                    let blanks = 1 + if self.one_in(5) {
                        self.random.below(3)
                    } else {
                        0
                    };
                    *out += &" ".repeat(blanks);
                    self.members(members, dash + 1 + blanks, out);
                } else {
                    self.end(out);
                    let deeper = 1 + self.random.below(3);
                    self.members(members, dash + deeper, out);
                }
            }
            other => self.value(other, dash, out),
        }
    }

    fn flow(&mut self, value: &Y, out: &mut String) {
        match value {
            Y::Text(text) | Y::Lines(text) => *out += &self.token(text),
            Y::Word(word) => *out += word,
            Y::Null => *out += self.random.pick(&["null", "~"]),
            Y::List(items) => {
                *out += self.random.pick(&["[", "[", "[ "]);
                for (n, item) in items.iter().enumerate() {
                    *out += if n == 0 { "" } else { ", " };
                    self.flow(item, out);
                }
                *out += self.random.pick(&["]", "]", " ]"]);
            }
            Y::Map(members) => {
                *out += self.random.pick(&["{", "{", "{ "]);
                for (n, (key, item)) in members.iter().enumerate() {
                    *out += if n == 0 { "" } else { ", " };
                    *out += &format!("{}: ", self.key(key));
                    self.flow(item, out);
                }
                *out += self.random.pick(&["}", "}", " }"]);
            }
        }
    }

    fn token(&mut self, text: &str) -> String {
        let word = |b: u8| b.is_ascii_alphanumeric() || b"-_./".contains(&b);
        // YAML 1.1 and 1.2 read these differently when they are plain
        let word_of_1_1 =
            ["on", "off", "yes", "no", "y", "n", "true", "false", "null"].contains(&text);
        let plain = !word_of_1_1
            && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
            && text.bytes().all(word);
        match self.random.below(6) {
            0..4 if plain => text.to_owned(),
            0..3 if !text.contains('\n') => format!("'{}'", text.replace('\'', "''")),
            _ => serde_json::to_string(text).unwrap(),
        }
    }
}

fn has_lines(value: &Y) -> bool {
    match value {
        Y::Lines(_) => true,
        Y::List(items) => items.iter().any(has_lines),
        Y::Map(members) => members.iter().any(|(_, value)| has_lines(value)),
        _ => false,
    }
}
