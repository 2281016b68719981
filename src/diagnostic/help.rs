//! A remedy, line by line: whatever a line quotes, it begins no other.

/// What to do about it, with lines to paste.
///
/// A text that is made at run time is one line: an end of a line in it came with what it quotes,
/// and is shown as `\n`. Lines are written in the source: as a literal, or with `lines!`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Help(String);

impl Help {
    /// These lines.
    pub fn of_lines(lines: impl IntoIterator<Item = String>) -> Self {
        let mut help = String::new();
        for (at, line) in lines.into_iter().enumerate() {
            if at > 0 {
                help.push('\n');
            }
            help.push_str(&token(&line));
        }
        Self(help)
    }

    /// Adds lines of another.
    #[must_use]
    pub fn and(mut self, more: impl Into<Self>) -> Self {
        self.0.push('\n');
        self.0.push_str(&more.into().0);
        self
    }

    /// The text, with its lines.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same, owned.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl From<&'static str> for Help {
    fn from(written: &'static str) -> Self {
        Self(written.to_owned())
    }
}

impl From<String> for Help {
    fn from(line: String) -> Self {
        Self::of_lines([line])
    }
}

/// A text on one line.
fn token(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\n', "\\n")
}

/// A [`Help`] of lines, each written as the arguments of `format!`.
macro_rules! lines {
    ($(($($line:tt)*)),+ $(,)?) => {
        $crate::diagnostic::Help::of_lines([$(format!($($line)*)),+])
    };
}
pub(crate) use lines;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_written_in_the_source_begins_a_line() {
        let name = "a\n::error::b\r\nc";
        assert_eq!(Help::from("a:\n  b").as_str(), "a:\n  b");
        assert_eq!(
            Help::from(format!("rename `{name}`")).as_str(),
            "rename `a\\n::error::b\\nc`"
        );
        let help = lines![("rename `{name}`:"), ("  name: {}", name)].and(format!("not {name}"));
        let lines: Vec<&str> = help.as_str().lines().collect();
        let shown = "a\\n::error::b\\nc";
        assert_eq!(
            lines,
            [
                format!("rename `{shown}`:"),
                format!("  name: {shown}"),
                format!("not {shown}")
            ]
        );
    }
}
