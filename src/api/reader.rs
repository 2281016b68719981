//! Reads the tree of one object with types: every mistake becomes a diagnostic with a path and a
//! place, and reading continues.

use serde_json::Value;

use super::rules::Rule;
use super::shape::elsewhere;
use super::{API_VERSION, Spanned, suggest};
use crate::diagnostic::{Code, Diagnostic, Help, Subject, printable};
use crate::limits;
use crate::manifest::scalar::{self, Scalar};
use crate::manifest::stream::type_of;
use crate::manifest::{Kind, NodeId, Place, Span, Style, Tree};

/// Characters of a name or a text that a message shows.
const SHOWN: usize = 64;

/// One object of ours while it is read.
pub(super) struct ObjectReader<'t> {
    pub(super) tree: &'t Tree<'t>,
    pub(super) root: NodeId,
    base: Place,
    /// Its `kind`, or that of the list whose item it is.
    pub(super) kind: String,
    /// The same of `apiVersion`.
    pub(super) api_version: String,
    pub(super) errors: Vec<Diagnostic>,
    /// Set once an alias or a tag was reported: what reads as missing or wrong then only follows
    /// from it.
    pub(super) muted: bool,
    /// Plain texts that readers disagree on, and why.
    pub(super) doubts: Vec<(Span, &'static str, Help)>,
    /// Numbers and booleans that are passed on in another spelling.
    pub(super) rewritten: Vec<Rewritten>,
    /// Fields that do not exist: their holder, and what was probably meant. What that misses only
    /// follows.
    strays: Vec<(NodeId, Option<&'static str>)>,
    /// Nodes that were read as JSON so far.
    json_nodes: usize,
}

/// A value that a container sees in another spelling.
pub(super) struct Rewritten {
    pub(super) node: NodeId,
    /// What the container sees.
    pub(super) seen: String,
}

impl<'t> ObjectReader<'t> {
    pub(super) fn new(tree: &'t Tree<'t>, root: NodeId, base: Place) -> Self {
        let found = type_of(tree, root);
        let kind = match &found {
            Some(found) => found.kind.clone().into_owned(),
            None => text_at(tree, root, &["kind"])
                .unwrap_or("object")
                .to_owned(),
        };
        let api_version = match found {
            Some(found) => found.api_version.into_owned(),
            None => text_at(tree, root, &["apiVersion"])
                .unwrap_or(API_VERSION)
                .to_owned(),
        };
        Self {
            tree,
            root,
            base,
            kind: short(&kind),
            api_version,
            errors: Vec::new(),
            muted: false,
            doubts: Vec::new(),
            rewritten: Vec::new(),
            strays: Vec::new(),
            json_nodes: 0,
        }
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        if !self.full() {
            let subject = self.subject();
            self.errors.push(diagnostic.on(subject));
        }
    }

    /// Whether no further mistake of this object is to be reported.
    pub(super) fn full(&self) -> bool {
        self.muted || self.errors.len() >= limits::DIAGNOSTICS
    }

    pub(super) fn subject(&self) -> Subject {
        let text = |path: &[&str]| text_at(self.tree, self.root, path);
        Subject {
            api_version: self.api_version.clone(),
            kind: match self.kind.as_str() {
                "object" => String::new(),
                kind => kind.to_owned(),
            },
            namespace: text(&["metadata", "namespace"])
                .filter(|n| !n.is_empty())
                .map(str::to_owned),
            name: text(&["metadata", "name"]).unwrap_or_default().to_owned(),
        }
    }

    /// Where a span of this document is in its source.
    pub(super) fn place(&self, span: Span) -> Place {
        let start = self.base.span.start;
        Place {
            source: self.base.source,
            span: Span {
                start: start + span.start,
                end: start + span.end,
            },
        }
    }

    /// Where a label for a node points: the value on one line, else its key, else its first line.
    pub(super) fn at(&self, id: NodeId) -> Place {
        let node = self.tree.node(id);
        let one_line = node.style != Style::Block
            && !node.span.is_empty()
            && !self.tree.slice(node.span).contains('\n');
        let span = match node.key {
            Some(key) if !one_line => self.first_line(key),
            _ => self.first_line(node.span),
        };
        self.place(span)
    }

    pub(super) fn first_line(&self, span: Span) -> Span {
        let line = self
            .tree
            .slice(span)
            .lines()
            .next()
            .unwrap_or_default()
            .trim_end();
        Span {
            start: span.start,
            end: span.start + line.len() as u32,
        }
    }

    /// The node's path in the object as a person writes it: `spec.versions[0].version`.
    pub(super) fn path(&self, id: NodeId) -> String {
        let mut steps = Vec::new();
        let mut at = id;
        while at != self.root {
            steps.push(match self.tree.key(at) {
                Some(key)
                    if key
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)) =>
                {
                    format!(".{}", short(key))
                }
                Some(key) => format!("['{}']", short(key)),
                None => format!("[{}]", self.position(at)),
            });
            let Some(holder) = self.tree.parent(at) else {
                break;
            };
            at = holder;
        }
        let path: String = steps.into_iter().rev().collect();
        path.strip_prefix('.').map(str::to_owned).unwrap_or(path)
    }

    /// Which child of its holder a node is.
    pub(super) fn position(&self, id: NodeId) -> usize {
        let holder = self.tree.parent(id);
        let position = holder.and_then(|holder| self.tree.children(holder).position(|c| c == id));
        position.unwrap_or_default()
    }

    /// The path of a field that a mapping does not have.
    fn below(&self, holder: NodeId, field: &str) -> String {
        let path = self.path(holder);
        if path.is_empty() {
            field.to_owned()
        } else {
            format!("{path}.{field}")
        }
    }

    /// The scalar's type as Kubernetes reads it; `None` for collections.
    pub(super) fn scalar(&self, id: NodeId) -> Option<Scalar<'t>> {
        self.tree.resolved(id)
    }

    fn found(&self, id: NodeId) -> String {
        let text = self.tree.str(id).map(short).unwrap_or_default();
        match (self.tree.kind(id), self.scalar(id)) {
            (Kind::Mapping, _) => "an object".to_owned(),
            (Kind::Sequence, _) => "a list".to_owned(),
            (Kind::Alias, _) => "an alias".to_owned(),
            (_, None | Some(Scalar::Null)) => "empty".to_owned(),
            (_, Some(Scalar::Str(""))) => "the empty text".to_owned(),
            (_, Some(Scalar::Str(_))) if self.looks_otherwise(id) => format!("the text `{text}`"),
            (_, Some(Scalar::Str(_))) => format!("`{text}`"),
            (_, Some(Scalar::Bool(_))) => format!("the boolean `{text}`"),
            (_, Some(_)) => format!("the number `{text}`"),
        }
    }

    /// Whether a text would be something else without its quotes.
    fn looks_otherwise(&self, id: NodeId) -> bool {
        let text = self.tree.str(id).unwrap_or_default();
        !matches!(scalar::resolve(text, Style::Plain), Scalar::Str(_))
    }

    /// The member under a key. Aliases and merge keys of our objects are refused as such.
    pub(super) fn member(&self, holder: NodeId, key: &str) -> Option<NodeId> {
        self.tree.read_member(holder, key).known().ok().flatten()
    }

    /// `invalid-field`: what the value must be, and what it is.
    pub(super) fn invalid(&mut self, id: NodeId, must: &str, help: Option<Help>) {
        if !self.full() {
            let found = self.found(id);
            self.invalid_as(id, must, found, help);
        }
    }

    /// `invalid-field` of a value that is described like this.
    pub(super) fn invalid_as(&mut self, id: NodeId, must: &str, found: String, help: Option<Help>) {
        let path = match self.path(id) {
            path if path.is_empty() => "the document".to_owned(),
            path => format!("`{path}`"),
        };
        let message = format!("{path} must be {must}, and is {found}");
        let mut diagnostic = Diagnostic::error(Code::InvalidField, message).at(self.at(id), found);
        if let Some(help) = help {
            diagnostic = diagnostic.help(help);
        }
        self.report(diagnostic);
    }

    /// `invalid-field` of a value that has another shape than its field: the lines give it the
    /// right one.
    pub(super) fn misshapen(&mut self, id: NodeId, must: &str) {
        if !self.full() {
            let help = self.shape_help(id);
            self.invalid(id, must, help);
        }
    }

    /// `missing-field`, with the lines that give it.
    pub(super) fn missing(&mut self, holder: NodeId, field: &'static str) {
        self.missing_value(holder, field, None);
    }

    /// `missing-field` of a field whose value is known, as a token of YAML.
    pub(super) fn missing_value(
        &mut self,
        holder: NodeId,
        field: &'static str,
        value: Option<&str>,
    ) {
        if self.full() || self.strays.contains(&(holder, Some(field))) {
            return;
        }
        let message = format!("`{}` is missing", self.below(holder, field));
        let label = format!("has no `{field}`");
        let error = Diagnostic::error(Code::MissingField, message).at(self.at(holder), label);
        self.report(match self.member_paste(holder, field, value) {
            Some(paste) => error.help(Help::from("add it:").paste(paste)),
            None => error,
        });
    }

    /// The members of an object, in the order of `names`; any other is `unknown-field`.
    pub(super) fn fields<const N: usize>(
        &mut self,
        id: NodeId,
        names: [&'static str; N],
    ) -> Option<[Option<NodeId>; N]> {
        if self.tree.kind(id) != Kind::Mapping {
            self.misshapen(id, "an object");
            return None;
        }
        let mut found = [None; N];
        for child in self.tree.children(id) {
            let key = self.tree.key(child).unwrap_or_default();
            match names.iter().position(|&name| name == key) {
                Some(at) => found[at] = Some(child),
                None if self.full() => {}
                None => self.unknown(id, child, &names),
            }
        }
        Some(found)
    }

    fn unknown(&mut self, holder: NodeId, member: NodeId, names: &[&'static str]) {
        let key = self.tree.key(member).unwrap_or_default();
        let near = suggest(key, names.iter().copied());
        let renamed = near.and_then(|near| self.renamed_paste(holder, member, near));
        self.strays.push((holder, near));
        let holder = match self.path(holder) {
            path if path.is_empty() => with_article(&self.kind),
            path => format!("`{path}` of {}", with_article(&self.kind)),
        };
        let message = format!("{holder} has no field `{}`", short(key));
        let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
        let fields = format!("its fields are {}", names.join(", "));
        let help = match renamed {
            Some(paste) => Help::from("correct its name:").paste(paste).and(fields),
            None => fields.into(),
        };
        let help = match (near, elsewhere(key)) {
            (None, Some(path)) => help.and(format!("there is a field `{path}`")),
            _ => help,
        };
        self.report(
            Diagnostic::error(Code::UnknownField, message)
                .at_unknown(self.key(member).at, near, "no such field")
                .help(help),
        );
    }

    /// Exactly one of these members.
    pub(super) fn exactly_one(
        &mut self,
        holder: NodeId,
        members: &[(&'static str, Option<NodeId>)],
    ) -> bool {
        let given: Vec<_> = members
            .iter()
            .filter_map(|(name, id)| id.map(|id| (*name, id)))
            .collect();
        if given.len() == 1 {
            return true;
        }
        if self.full() || given.is_empty() && self.strays.iter().any(|(stray, _)| *stray == holder)
        {
            return false;
        }
        let quoted = |name: &str| format!("`{name}`");
        let names: Vec<_> = members.iter().map(|(name, _)| quoted(name)).collect();
        let message = format!(
            "`{}` must have exactly one of {}",
            self.path(holder),
            names.join(", ")
        );
        let diagnostic = match (&given[..], members) {
            ([], [(first, _), ..]) => {
                let error = Diagnostic::error(Code::MissingField, message)
                    .at(self.at(holder), "has none of them");
                match self.member_paste(holder, first, None) {
                    Some(paste) => error.help(Help::from("add one of them:").paste(paste)),
                    None => error,
                }
            }
            _ => {
                let error = Diagnostic::error(Code::InvalidField, message);
                let error = given.iter().fold(error, |error, (name, id)| {
                    error.at(self.key(*id).at, format!("`{name}` is given"))
                });
                let given: Vec<_> = given.iter().map(|(name, _)| quoted(name)).collect();
                error.help(format!("keep one of {}", given.join(", ")))
            }
        };
        self.report(diagnostic);
        false
    }

    /// A text that keeps a rule. One that breaks it is reported and returned: others may refer to
    /// it by that name.
    pub(super) fn text(&mut self, id: NodeId, rule: &Rule) -> Option<Spanned<String>> {
        match self.scalar(id) {
            Some(Scalar::Str(text)) => {
                let length = text.chars().count();
                if length < rule.least || length > rule.most || !(rule.test)(text) {
                    self.invalid(id, rule.must, None);
                }
                Some(Spanned {
                    value: text.to_owned(),
                    at: self.at(id),
                })
            }
            Some(Scalar::Null) | None => {
                self.misshapen(id, rule.must);
                None
            }
            Some(_) => {
                self.misshapen(id, "text");
                None
            }
        }
    }

    /// Any JSON.
    pub(super) fn json(&mut self, id: NodeId) -> Option<Value> {
        self.json_nodes += self.tree.size(id);
        if self.json_nodes > limits::JSON_NODES {
            self.too_large(
                id,
                format!(
                    "the values of one object have more than {} nodes",
                    limits::JSON_NODES
                ),
            );
            return None;
        }
        match self.tree.json(id) {
            Ok(value) => Some(value),
            Err(span) => {
                let message = format!(
                    "`{}` contains a number that JSON does not have",
                    self.path(id)
                );
                self.report(
                    Diagnostic::error(Code::InvalidField, message)
                        .at(self.place(span), "no JSON number"),
                );
                None
            }
        }
    }

    /// More than is read of one object.
    pub(super) fn too_large(&mut self, id: NodeId, why: String) {
        let message = format!("`{}` is larger than coupler can read", self.path(id));
        self.report(
            Diagnostic::error(Code::LimitExceeded, message)
                .at(self.at(id), "too large")
                .help(why),
        );
    }

    pub(super) fn boolean(&mut self, id: Option<NodeId>) -> bool {
        let Some(id) = id else { return false };
        if let Some(Scalar::Bool(value)) = self.scalar(id) {
            return value;
        }
        self.misshapen(id, "`true` or `false`");
        false
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy + Default>(
        &mut self,
        id: Option<NodeId>,
        words: &[(&str, T)],
    ) -> T {
        let Some(id) = id else { return T::default() };
        let given = match self.scalar(id) {
            Some(Scalar::Str(text)) => text,
            _ => "",
        };
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == given) {
            return *value;
        }
        let names: Vec<_> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
        let must = names.join(" or ");
        if self.full() {
            return T::default();
        }
        let near = suggest(given, words.iter().map(|(word, _)| *word));
        let (advice, meant): (_, Vec<_>) = match near {
            Some(word) => (Help::from(format!("did you mean `{word}`?")), vec![word]),
            None => (
                Help::from("write one of them:"),
                words.iter().map(|(word, _)| *word).collect(),
            ),
        };
        let pastes = meant
            .into_iter()
            .filter_map(|word| self.token_paste(id, word));
        let help = pastes.fold(advice, Help::paste);
        self.invalid(id, &must, Some(help));
        T::default()
    }
}

/// The text at a path, for a message: what is behind an alias or a merge key is refused elsewhere.
fn text_at<'t>(tree: &'t Tree<'_>, root: NodeId, path: &[&str]) -> Option<&'t str> {
    tree.read_text(root, path).known().ok().flatten()
}

pub(super) fn with_article(noun: &str) -> String {
    format!(
        "{} {noun}",
        if noun.starts_with(['A', 'E', 'I', 'O', 'U']) {
            "an"
        } else {
            "a"
        }
    )
}

/// A text as a message shows it: short, on one line.
pub(super) fn short(text: &str) -> String {
    let end = text.char_indices().nth(SHOWN).map(|(end, _)| end);
    let mut shown = printable::line(&text[..end.unwrap_or(text.len())]);
    if end.is_some() {
        shown.push('…');
    }
    shown
}
