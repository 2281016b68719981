//! Writes diagnostics for a person, as rustc does, with only a few lines around each place.

use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};

use super::group::group;
use super::places::Places;
use super::printable::{self, line as clean};
use super::{Affected, Diagnostic, Label, Severity, SourceText, Subject, affected};
use crate::limits;
use crate::manifest::Place;

/// How the text is to look.
#[derive(Clone, Copy, Debug, Default)]
pub struct TextOptions<'a> {
    /// With colours.
    pub colour: bool,
    /// Whether infos are shown.
    pub infos: bool,
    /// What the errors mean for the run, for the last line: `nothing was written`.
    pub consequence: &'a str,
}

/// Bytes of a line that is still shown (cut to the width of a terminal around the place); of a
/// longer one only the position.
const LINE: usize = 4 << 10;
/// Labels of one document this close are shown together, with the lines between them.
const NEAR: usize = 6;

/// All diagnostics of a run, sorted as they come, one cause shown once, with a last line that
/// counts them; empty if there is nothing to report.
///
/// `sources` are what the labels' places count.
pub fn text(
    diagnostics: &[Diagnostic],
    sources: &[SourceText<'_>],
    options: &TextOptions<'_>,
) -> String {
    let renderer = if options.colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let mut places = Places::new(sources);
    places.hide(diagnostics);
    let shown = group(
        diagnostics
            .iter()
            .filter(|d| options.infos || d.severity != Severity::Info),
    );
    let mut out = String::new();
    for (first, others) in &shown.groups {
        let report = renderer.render(&[report(first, others, &mut places)]);
        report.lines().for_each(|line| {
            out.push_str(line.trim_end());
            out.push('\n');
        });
        out.push('\n');
    }
    if shown.more > 0 {
        let rest = format!("{} more, not shown", shown.more);
        out.push_str(&renderer.render(&[Group::with_title(Level::NOTE.primary_title(rest))]));
        out.push('\n');
    }
    if let Some((level, line)) = summary(diagnostics, options.consequence) {
        out.push_str(&renderer.render(&[Group::with_title(level.primary_title(line))]));
        out.push('\n');
    }
    out
}

/// `3 errors, 1 warning; nothing was written`
fn summary(diagnostics: &[Diagnostic], consequence: &str) -> Option<(Level<'static>, String)> {
    let count = |severity| {
        diagnostics
            .iter()
            .filter(|d| d.severity == severity)
            .count()
    };
    let plural = |n: usize, noun: &str| format!("{n} {noun}{}", if n == 1 { "" } else { "s" });
    match (count(Severity::Error), count(Severity::Warning)) {
        (0, 0) => None,
        (0, warnings) => Some((Level::WARNING, plural(warnings, "warning"))),
        (errors, warnings) => {
            let mut line = plural(errors, "error");
            if warnings > 0 {
                line += &format!(", {}", plural(warnings, "warning"));
            }
            if !consequence.is_empty() {
                line += &format!("; {consequence}");
            }
            Some((Level::ERROR, line))
        }
    }
}

/// The report of one group; the first label's place is the one the reader is sent to.
fn report<'a>(first: &Diagnostic, others: &[&Diagnostic], places: &mut Places<'a>) -> Group<'a> {
    let level = match first.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let mut group = Group::with_title(
        level
            .primary_title(clean(&first.message))
            .id(first.code.as_str()),
    );
    let mut notes = Vec::new();
    let mut labels: Vec<&Label> = first.labels.iter().take(limits::LABELS).collect();
    let mut kind = AnnotationKind::Primary;
    while !labels.is_empty() {
        let (element, left) = snippet(&labels, kind, places, &mut notes);
        group = group.elements(element);
        labels = left;
        kind = AnnotationKind::Context;
    }
    notes.extend(others_of(first, others, places));
    group = group.elements(notes.into_iter().map(|note| Level::NOTE.message(note)));
    match &first.help {
        Some(help) => group.element(Level::HELP.message(printable::lines(help))),
        None => group,
    }
}

/// The first label's lines with all labels near it, and the labels that are still to be shown.
fn snippet<'a, 'l>(
    labels: &[&'l Label],
    kind: AnnotationKind,
    places: &mut Places<'a>,
    notes: &mut Vec<String>,
) -> (Option<Element<'a>>, Vec<&'l Label>) {
    let (first, others) = (labels[0], &labels[1..]);
    let Some((index, spot)) = places.find(first.place) else {
        return (None, others.to_vec());
    };
    let line = spot.start.line - 1;
    if let Some(from) = spot.origin.map(clean) {
        let plain = format!("from {from}");
        let note = if kind == AnnotationKind::Primary {
            plain.clone()
        } else {
            format!("line {} is from {from}", line + 1)
        };
        if !notes.contains(&plain) && !notes.contains(&note) {
            notes.push(note);
        }
    }
    let bounded = index.line_range(line).len() <= LINE;
    if !bounded || !(spot.quotable || spot.key.is_some()) {
        if !first.text.is_empty() {
            notes.push(format!("line {}: {}", line + 1, clean(&first.text)));
        }
        let origin = Origin::path(clean(index.name))
            .line(line + 1)
            .char_column(spot.start.column);
        return (Some(origin.into()), others.to_vec());
    }
    if let Some(key) = spot.key {
        let start = key.len() - key.trim_start_matches([' ', '-']).len();
        let mark = kind.span(start..key.len() - 1).label(words(first));
        let snippet = Snippet::source(key)
            .path(clean(index.name))
            .line_start(line + 1)
            .annotation(mark);
        return (Some(snippet.into()), others.to_vec());
    }
    let mut lines = line..line + 1;
    let mut marks = vec![(spot.span, kind, first)];
    let mut left = Vec::new();
    for &label in others {
        let near = places
            .find(label.place)
            .filter(|_| label.place.source == first.place.source)
            .and_then(|(index, other)| {
                let line = other.start.line - 1;
                let wider = lines.start.min(line)..lines.end.max(line + 1);
                let near = other.document == spot.document && wider.len() <= lines.len() + NEAR;
                let bounded = near
                    && wider
                        .clone()
                        .all(|line| index.line_range(line).len() <= LINE);
                bounded.then_some((wider, other.span))
            });
        match near {
            Some((wider, span)) => {
                lines = wider;
                marks.push((span, AnnotationKind::Context, label));
            }
            None => left.push(label),
        }
    }
    let Some((index, _)) = places.find(first.place) else {
        return (None, left);
    };
    let (source, from) = index.lines(lines.clone());
    let hidden = places.hidden(first.place.source, from..from + source.len());
    let Some((index, _)) = places.find(first.place) else {
        return (None, left);
    };
    let window = printable::window(source, &hidden);
    let marks = marks.into_iter().map(|(span, kind, label)| {
        // a label on a whole block marks its first line
        let end = index.line_range(index.line_of(span.start)).end;
        let start = span.start.min(end);
        kind.span(window.at(start - from)..window.at(span.end.clamp(start, end) - from))
            .label(words(label))
    });
    let marks: Vec<_> = marks.collect();
    let snippet = Snippet::source(window.text)
        .path(clean(index.name))
        .line_start(lines.start + 1)
        .annotations(marks);
    (Some(snippet.into()), left)
}

/// ``2 more Plugs have this error: `shop/b` (b.yaml:3), `shop/c` (c.yaml:3)``: those that share its
/// cause, and those of the others of its group.
fn others_of(
    first: &Diagnostic,
    others: &[&Diagnostic],
    places: &mut Places<'_>,
) -> Option<String> {
    if others.is_empty() {
        let sentence = first.others()?;
        return Some(with_list(
            &sentence,
            first.also.iter().map(named_place),
            places,
        ));
    }
    let all = others.iter().flat_map(|other| {
        let own = NamedPlace {
            subject: other.subject.as_ref(),
            at: other.labels.first().map(|label| label.place),
        };
        std::iter::once(own).chain(other.also.iter().map(named_place))
    });
    let all = first.also.iter().map(named_place).chain(all);
    let count = all.clone().count();
    let kind = others[0].subject.as_ref().map_or("place", |s| &s.kind);
    let sentence = affected::sentence(count, " more", kind, first.severity);
    Some(with_list(&sentence, all, places))
}

/// An object that has an error, and where.
#[derive(Clone, Copy)]
struct NamedPlace<'d> {
    subject: Option<&'d Subject>,
    at: Option<Place>,
}

fn named_place(affected: &Affected) -> NamedPlace<'_> {
    NamedPlace {
        subject: Some(&affected.subject),
        at: affected.at,
    }
}

/// A sentence, and the first of those whom it is about.
fn with_list<'d>(
    sentence: &str,
    all: impl Iterator<Item = NamedPlace<'d>>,
    places: &mut Places<'_>,
) -> String {
    let mut list: Vec<String> = Vec::new();
    for other in all.map(|other| called(other, places)) {
        if list.len() == limits::CANDIDATES {
            list.push("…".to_owned());
            break;
        }
        if !list.contains(&other) {
            list.push(other);
        }
    }
    format!("{}: {}", clean(sentence), list.join(", "))
}

fn called(NamedPlace { subject, at }: NamedPlace<'_>, places: &mut Places<'_>) -> String {
    let name = subject.map(|subject| clean(&subject.quoted()));
    let place = at.and_then(|at| places.find(at));
    let place = place.map(|(index, spot)| format!("{}:{}", clean(index.name), spot.start.line));
    match (name, place) {
        (Some(name), Some(place)) => format!("{name} ({place})"),
        (name, place) => name
            .or(place)
            .unwrap_or_else(|| "without a place".to_owned()),
    }
}

fn words(label: &Label) -> Option<String> {
    (!label.text.is_empty()).then(|| clean(&label.text))
}

#[cfg(test)]
#[path = "text/tests.rs"]
mod tests;
