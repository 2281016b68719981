//! Defines the report of a migration: the outcome for each part of each object.

use crate::diagnostic::{Help, Subject};
use crate::manifest::Place;

/// What became of everything, in the order of the input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MigrationReport {
    /// One line for each part.
    pub lines: Vec<ReportLine>,
}

/// What became of one part of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportLine {
    /// Where it is in the input.
    pub at: Place,
    /// What became of it.
    pub outcome: MigrationOutcome,
    /// Whose part it is.
    pub subject: Subject,
    /// The fact.
    pub message: String,
    /// What to do, or what to write instead.
    pub help: Option<Help>,
}

/// What became of a part of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MigrationOutcome {
    /// It is there, and means the same.
    CarriedOver,
    /// What is there now means something else, or it had no effect and is gone.
    Changed,
    /// It is not there any more, and somebody has to decide what to write instead.
    NoCounterpart,
}

impl MigrationOutcome {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::CarriedOver, Self::Changed, Self::NoCounterpart];

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::CarriedOver => "carried over",
            Self::Changed => "changed",
            Self::NoCounterpart => "no counterpart",
        }
    }
}

impl MigrationReport {
    /// Adds a line.
    pub(super) fn add(
        &mut self,
        outcome: MigrationOutcome,
        subject: &Subject,
        at: Place,
        message: impl Into<String>,
    ) {
        self.lines.push(ReportLine {
            at,
            outcome,
            subject: subject.clone(),
            message: message.into(),
            help: None,
        });
    }

    /// Adds what to do to the last line.
    pub(super) fn help(&mut self, help: impl Into<Help>) {
        if let Some(line) = self.lines.last_mut() {
            line.help = Some(match line.help.take() {
                Some(before) => before.and(help),
                None => help.into(),
            });
        }
    }

    /// How many lines have an outcome.
    pub fn count(&self, outcome: MigrationOutcome) -> usize {
        let lines = self.lines.iter();
        lines.filter(|line| line.outcome == outcome).count()
    }
}
