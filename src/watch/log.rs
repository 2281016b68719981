//! Writes the log of a watcher: lines on standard error, as text or as JSON, with names only, never
//! a value.

use std::io::Write as _;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::diagnostic::{Printable, printable};

/// The format of the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// `2026-11-25T10:00:00Z info ready kinds=12`
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Which part of the watcher writes it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Log(pub(super) LogFormat);

impl Log {
    pub(super) fn info(self, message: &str, fields: &[(&str, &str)]) {
        self.say("info", message, fields);
    }

    pub(super) fn warn(self, message: &str, fields: &[(&str, &str)]) {
        self.say("warning", message, fields);
    }

    fn say(self, level: &str, message: &str, fields: &[(&str, &str)]) {
        let time = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let line = line(self.0, &time, level, message, fields);
        // who closed it does not want to hear
        let _ = std::io::stderr().lock().write_all(line.as_str().as_bytes());
    }
}

fn line(
    format: LogFormat,
    time: &str,
    level: &str,
    message: &str,
    fields: &[(&str, &str)],
) -> Printable {
    match format {
        LogFormat::Text => {
            let fields: String = fields
                .iter()
                .map(|(key, value)| format!(" {key}={}", quoted(value)))
                .collect();
            Printable::plain(&format!(
                "{time} {level} {}{fields}\n",
                printable::line(message)
            ))
        }
        LogFormat::Json => {
            let said = [("time", time), ("level", level), ("message", message)];
            let all = said
                .iter()
                .chain(fields)
                .map(|(key, value)| ((*key).to_owned(), Value::from(*value)));
            Printable::json(&format!("{}\n", Value::Object(all.collect::<Map<_, _>>())))
        }
    }
}

/// A value that would not be read as one word is in quotes.
fn quoted(value: &str) -> String {
    // the quotes show an end of a line by themselves
    let value = &printable::lines(value);
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '"' && c != '=';
    if !value.is_empty() && value.chars().all(plain) {
        value.to_owned()
    } else {
        format!("{value:?}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_whatever_is_in_it() {
        let fields = [("plug", "mongo"), ("note", "a \"b\"\nc")];
        let text = line(LogFormat::Text, "T", "info", "decoupled", &fields);
        assert_eq!(
            text.as_str(),
            "T info decoupled plug=mongo note=\"a \\\"b\\\"\\nc\"\n"
        );
        let json = line(LogFormat::Json, "T", "info", "decoupled", &fields);
        let json = json.as_str();
        assert_eq!(json.lines().count(), 1);
        let read: Value = serde_json::from_str(json).unwrap();
        assert_eq!(
            (&read["level"], &read["note"]),
            (&"info".into(), &"a \"b\"\nc".into())
        );
    }
}
