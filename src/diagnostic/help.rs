//! Defines the help of a diagnostic, line by line: a quoted text never begins a line.

use std::borrow::Cow;

use super::{Subject, clipped};
use crate::limits;

/// What to do about it, with lines to paste.
///
/// A text that is made at run time is one line: an end of a line in it came with what it quotes,
/// and is shown as `\n`. Lines are written in the source: as a literal, or with `lines!`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Help {
    /// As the command line prints it.
    text: String,
    parts: Vec<HelpPart>,
}

/// A part of a help.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum HelpPart {
    /// A line of words.
    Line(Vec<Word>),
    /// Lines to paste.
    Paste(Paste),
}

/// A word of a sentence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Word {
    /// Text.
    Text(String),
    /// A setting, which each host spells in its own way.
    Setting(Setting),
    /// The setting of the namespace, with its value.
    InNamespace(String),
}

/// A setting that a remedy names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    /// Where the catalogue is.
    Catalogue,
    /// The namespace of objects that have none.
    Namespace,
    /// Removing what was written for absent Plugs.
    OrphansUndo,
    /// Leaving what was written for absent Plugs.
    OrphansKeep,
    /// Declaring that all Plugs are in the stream.
    PlugsInStream,
    /// Keeping Plugs, Sockets and Interfaces in the output.
    IntegrationsKeep,
    /// Overwriting entries that were edited by hand.
    DiscardEdits,
    /// Coupling ServiceBindings.
    CoupleServiceBindings,
    /// Leaving our own kinds out of the output.
    IntegrationsDrop,
    /// Marking our own kinds as local in the output.
    IntegrationsLocal,
}

/// Who prints a help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// The command line, which has flags.
    CommandLine,
    /// A KRM function, which has a functionConfig.
    Function,
}

/// Lines to paste into an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Paste {
    /// The object.
    pub into: Subject,
    /// How they go into it.
    pub fits: PasteMode,
    /// The path of a member that the lines replace under another name.
    pub in_place_of: Option<String>,
    /// The lines, as YAML.
    pub lines: Vec<String>,
}

/// How lines go into an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PasteMode {
    /// Members of the object, merged into what it has; a list takes the place of the list there.
    Merge,
    /// Members of the object; the value at this path takes the place of the one there.
    Replace(&'static str),
    /// Items, added to the list of this path.
    Items(&'static str),
    /// Members of the item at this path, as `spec.bind.env[1]`, merged into what it has; lines that
    /// are an item take its place.
    Item(String),
    /// A document of its own, beside the object.
    Beside,
}

impl Setting {
    /// As a host spells it.
    fn spelled(self, host: Host) -> &'static str {
        match (self, host) {
            (Self::Catalogue, Host::CommandLine) => "`--catalog PATH`",
            (Self::Catalogue, Host::Function) => {
                "items annotated `integration.rock8s.com/catalog: \"true\"`"
            }
            (Self::Namespace, Host::CommandLine) => "`-n NAMESPACE`",
            (Self::Namespace, Host::Function) => "`namespace` of the functionConfig",
            (Self::OrphansUndo, Host::CommandLine) => "`--orphans undo`",
            (Self::OrphansUndo, Host::Function) => "`orphans: undo` in the functionConfig",
            (Self::OrphansKeep, Host::CommandLine) => "`--orphans keep`",
            (Self::OrphansKeep, Host::Function) => "`orphans: keep` in the functionConfig",
            (Self::PlugsInStream, Host::CommandLine) => "`--plugs stream`",
            (Self::PlugsInStream, Host::Function) => "`plugs: stream` in the functionConfig",
            (Self::IntegrationsKeep, Host::CommandLine) => "`--integrations keep`",
            (Self::IntegrationsKeep, Host::Function) => {
                "`integrations: keep` in the functionConfig"
            }
            (Self::DiscardEdits, Host::CommandLine) => "`coupler render --discard-edits …`",
            (Self::DiscardEdits, Host::Function) => "`discardEdits: true` in the functionConfig",
            (Self::CoupleServiceBindings, Host::CommandLine) => "`--service-bindings couple`",
            (Self::CoupleServiceBindings, Host::Function) => {
                "`serviceBindings: couple` in the functionConfig"
            }
            (Self::IntegrationsDrop, Host::CommandLine) => "`--integrations drop`",
            (Self::IntegrationsDrop, Host::Function) => {
                "`integrations: drop` in the functionConfig"
            }
            (Self::IntegrationsLocal, Host::CommandLine) => "`--integrations local-config`",
            (Self::IntegrationsLocal, Host::Function) => {
                "`integrations: local-config` in the functionConfig"
            }
        }
    }
}

impl From<&'static str> for Word {
    fn from(text: &'static str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Word {
    fn from(text: String) -> Self {
        Self::Text(token(&text))
    }
}

impl From<Setting> for Word {
    fn from(setting: Setting) -> Self {
        Self::Setting(setting)
    }
}

impl Paste {
    /// Members to merge into an object.
    pub fn merge(into: Subject, lines: Help) -> Self {
        Self::new(into, PasteMode::Merge, lines)
    }

    /// A value to write in place of another.
    pub fn replace(into: Subject, path: &'static str, lines: Help) -> Self {
        Self::new(into, PasteMode::Replace(path), lines)
    }

    /// Items to add to a list of an object.
    pub fn items(into: Subject, path: &'static str, lines: Help) -> Self {
        Self::new(into, PasteMode::Items(path), lines)
    }

    /// Members to merge into an item of a list, or the item itself behind its `- `.
    pub fn item(into: Subject, path: String, lines: Help) -> Self {
        Self::new(into, PasteMode::Item(path), lines)
    }

    /// A document to put beside an object.
    pub fn beside(into: Subject, lines: Help) -> Self {
        Self::new(into, PasteMode::Beside, lines)
    }

    fn new(into: Subject, fits: PasteMode, lines: Help) -> Self {
        Self {
            into,
            fits,
            in_place_of: None,
            lines: lines.into_lines(),
        }
    }

    /// The lines replace the member at this path, which has another name.
    #[must_use]
    pub fn in_place_of(self, path: String) -> Self {
        let in_place_of = Some(path);
        Self {
            in_place_of,
            ..self
        }
    }

    /// Whether something is left to be filled in.
    pub fn has_blanks(&self) -> bool {
        self.lines.iter().any(|line| line.contains('…'))
    }
}

impl Help {
    /// These lines.
    pub fn of_lines(lines: impl IntoIterator<Item = String>) -> Self {
        let words = lines.into_iter().map(|line| vec![Word::from(line)]);
        Self::of_parts(words.map(HelpPart::Line).collect())
    }

    /// One line of these words.
    pub fn of_words<const N: usize>(words: [Word; N]) -> Self {
        Self::of_parts(vec![HelpPart::Line(words.into())])
    }

    fn of_parts(parts: Vec<HelpPart>) -> Self {
        let text = text(&parts, Host::CommandLine);
        Self { text, parts }
    }

    /// Adds lines of another.
    #[must_use]
    pub fn and(mut self, more: impl Into<Self>) -> Self {
        self.parts.extend(more.into().parts);
        Self::of_parts(self.parts)
    }

    /// Adds lines to paste.
    #[must_use]
    pub fn paste(mut self, paste: Paste) -> Self {
        self.parts.push(HelpPart::Paste(paste));
        Self::of_parts(self.parts)
    }

    /// The text, with its lines, as the command line prints it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What to do in one sentence, without the lines that it introduces.
    pub fn summary(&self) -> Option<String> {
        let HelpPart::Line(words) = self.parts.first()? else {
            return None;
        };
        let words = spelled(words, Host::CommandLine);
        Some(match words.strip_suffix(':') {
            Some(introduction) => introduction.to_owned(),
            None => words,
        })
    }

    /// The text, with its lines, as a host prints it.
    pub fn text_for(&self, host: Host) -> String {
        text(&self.parts, host)
    }

    /// Its lines, as the command line prints them.
    fn into_lines(self) -> Vec<String> {
        let Self { text, .. } = self;
        text.lines().map(str::to_owned).collect()
    }

    /// What is to be pasted, in order: each is a way out of its own.
    pub fn pastes(&self) -> impl Iterator<Item = &Paste> {
        self.parts.iter().filter_map(|part| match part {
            HelpPart::Paste(paste) => Some(paste),
            HelpPart::Line(_) => None,
        })
    }

    /// The same with other lines in place of those to paste.
    #[must_use]
    pub fn with_pastes(self, mut replace: impl FnMut(&Paste) -> Option<Self>) -> Self {
        let mut parts = Vec::new();
        for part in self.parts {
            match &part {
                HelpPart::Paste(paste) => match replace(paste) {
                    Some(other) => parts.extend(other.parts),
                    None => parts.push(part),
                },
                HelpPart::Line(_) => parts.push(part),
            }
        }
        Self::of_parts(parts)
    }

    /// The same where it is known which namespace is meant.
    #[must_use]
    pub fn in_namespace(mut self, name: &str) -> Self {
        for part in &mut self.parts {
            if let HelpPart::Line(words) = part {
                for word in words {
                    if *word == Word::Setting(Setting::Namespace) {
                        *word = Word::InNamespace(token(name));
                    }
                }
            }
        }
        Self::of_parts(self.parts)
    }

    /// The lines that are not to be pasted, as the command line prints them.
    pub fn sentences(&self) -> Vec<String> {
        let line = |part: &HelpPart| match part {
            HelpPart::Line(words) => Some(spelled(words, Host::CommandLine)),
            HelpPart::Paste(_) => None,
        };
        self.parts.iter().filter_map(line).collect()
    }

    /// As much of it as a person reads: as a diagnostic keeps it.
    #[must_use]
    pub fn clipped(mut self) -> Self {
        if self.text.len() > limits::WORDS_BYTES {
            let mut room = limits::WORDS_BYTES;
            self.parts.retain(|part| {
                let length = part_length(part);
                let fits = length <= room;
                room = room.saturating_sub(length);
                fits || matches!(part, HelpPart::Line(_))
            });
            for part in &mut self.parts {
                if let HelpPart::Line(words) = part {
                    for word in words {
                        if let Word::Text(text) = word {
                            *text = clipped(std::mem::take(text));
                        }
                    }
                }
            }
            self.text = clipped(self.text);
        }
        self
    }
}

fn part_length(part: &HelpPart) -> usize {
    match part {
        HelpPart::Line(_) => 0,
        HelpPart::Paste(paste) => paste.lines.iter().map(String::len).sum(),
    }
}

/// A line as a host prints it.
fn spelled(words: &[Word], host: Host) -> String {
    let words = words.iter().map(|word| match (word, host) {
        (Word::Text(text), _) => Cow::Borrowed(text.as_str()),
        (Word::Setting(setting), _) => Cow::Borrowed(setting.spelled(host)),
        (Word::InNamespace(name), Host::CommandLine) => Cow::Owned(format!("`-n {name}`")),
        (Word::InNamespace(name), Host::Function) => {
            Cow::Owned(format!("`namespace: {name}` in the functionConfig"))
        }
    });
    words.collect()
}

/// The parts as a host prints them.
fn text(parts: &[HelpPart], host: Host) -> String {
    let mut lines: Vec<String> = Vec::new();
    for (position, part) in parts.iter().enumerate() {
        match part {
            HelpPart::Line(words) => lines.push(spelled(words, host)),
            HelpPart::Paste(paste) => {
                if lines.last().is_some_and(|line| !line.is_empty()) {
                    lines.push(String::new());
                }
                lines.extend(paste.lines.iter().cloned());
                if position + 1 < parts.len() {
                    lines.push(String::new());
                }
            }
        }
    }
    lines.join("\n")
}

impl std::ops::Deref for Help {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl From<&'static str> for Help {
    fn from(written: &'static str) -> Self {
        let lines = written.split('\n').map(|line| vec![Word::from(line)]);
        Self::of_parts(lines.map(HelpPart::Line).collect())
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

/// A [`Help`] of one line of words.
macro_rules! words {
    ($($word:expr),+ $(,)?) => {
        $crate::diagnostic::Help::of_words([$($crate::diagnostic::Word::from($word)),+])
    };
}
pub(crate) use words;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_host_spells_a_setting_in_its_own_way() {
        let help = words!["set ", Setting::Namespace].and("or not");
        assert_eq!(help.as_str(), "set `-n NAMESPACE`\nor not");
        assert_eq!(
            help.text_for(Host::Function),
            "set `namespace` of the functionConfig\nor not"
        );
    }

    #[test]
    fn a_summary_leaves_out_what_it_introduces() {
        let paste = Paste::merge(Subject::default(), lines![("spec: {{}}")]);
        let help = words!["add one, or set ", Setting::Namespace, ":"].paste(paste.clone());
        let summary = "add one, or set `-n NAMESPACE`";
        assert_eq!(help.summary().as_deref(), Some(summary));
        assert_eq!(
            Help::from("remove it").summary().as_deref(),
            Some("remove it")
        );
        assert_eq!(Help::default().paste(paste).summary(), None);
    }

    #[test]
    fn what_is_to_be_pasted_is_apart_from_the_sentences() {
        let paste = Paste::merge(Subject::default(), lines![("spec:"), ("  name: {}", "…")]);
        let help = Help::from("write:").paste(paste.clone()).and("or else:");
        assert_eq!(help.as_str(), "write:\n\nspec:\n  name: …\n\nor else:");
        assert_eq!(help.pastes().collect::<Vec<_>>(), [&paste]);
        assert!(paste.has_blanks());
    }

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
