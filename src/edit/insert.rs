//! Insertions: additions to a tree, turned into edits of the bytes it was read from.

use super::edits::Edits;
use super::lines;
use super::prove;
use super::value::{Member, Value, block_item, block_member, inline_member, is_json};
use crate::manifest::obstacle::Obstacle;
use crate::manifest::{Kind, NodeId, Span, Style, Tree};

/// One addition.
#[derive(Clone, Debug)]
pub enum Insertion<'a> {
    /// New items of a list, before one of its items or last in it.
    Items {
        /// The list.
        list: NodeId,
        /// The item that they precede.
        before: Option<NodeId>,
        /// The items.
        items: Vec<Value<'a>>,
    },
    /// New members of a mapping, before one of its members or last in it.
    Members {
        /// The mapping.
        map: NodeId,
        /// The member that they precede.
        before: Option<NodeId>,
        /// The members.
        members: Vec<Member<'a>>,
    },
    /// A value in the place of a scalar, of a collection on one line, or of nothing.
    Set {
        /// What stands there.
        node: NodeId,
        /// What is to stand there.
        value: Value<'a>,
    },
    /// A member in the place of another, under its own key or a new one.
    Replace {
        /// What stands there.
        member: NodeId,
        /// What is to stand there.
        with: Member<'a>,
    },
}

/// Why a document cannot be edited, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is in the way, relative to the document.
    pub span: Span,
    /// The fact.
    pub message: String,
    /// The remedy.
    pub help: String,
}

impl Insertion<'_> {
    /// The node that it changes.
    pub fn target(&self) -> NodeId {
        match self {
            Self::Items { list, .. } => *list,
            Self::Members { map, .. } => *map,
            Self::Set { node, .. } => *node,
            Self::Replace { member, .. } => *member,
        }
    }
}

/// The edits that make insertions. Those that end at one offset must come innermost first.
///
/// # Errors
/// What cannot be edited safely.
pub fn insert(
    tree: &Tree<'_>,
    insertions: &[Insertion<'_>],
    edits: &mut Edits,
) -> Result<(), Refusal> {
    let mut writer = Writer {
        tree,
        text: tree.text(),
        json: is_json(tree),
        edits,
    };
    for insertion in insertions {
        reachable(tree, insertion.target())?;
        match insertion {
            Insertion::Items {
                list,
                before,
                items,
            } => writer.items(*list, *before, items)?,
            Insertion::Members {
                map,
                before,
                members,
            } => writer.members(*map, *before, members)?,
            Insertion::Set { node, value } => writer.set(*node, value)?,
            Insertion::Replace { member, with } => writer.replace(*member, with)?,
        }
    }
    Ok(())
}

/// The text with these insertions, proved.
///
/// # Errors
/// What cannot be edited safely.
pub fn inserted(tree: &Tree<'_>, insertions: &[Insertion<'_>]) -> Result<String, Refusal> {
    let mut edits = Edits::default();
    insert(tree, insertions, &mut edits)?;
    let text = edits.apply(tree.text());
    match Tree::read(&text) {
        Ok(new) if prove::is_inserted(tree, &new, insertions) => Ok(text),
        _ => {
            let target = insertions.first().map(Insertion::target);
            Err(Refusal {
                span: target.map(|target| tree.span(target)).unwrap_or_default(),
                message: "what is added here would not be read as it is meant".to_owned(),
                help: "write it out in the usual form".to_owned(),
            })
        }
    }
}

/// Refuses a node whose change would change something else too, or whose meaning is made elsewhere.
///
/// # Errors
/// What stands in the way.
pub fn reachable(tree: &Tree<'_>, id: NodeId) -> Result<(), Refusal> {
    let Some((span, found)) = tree.obstacle(id) else {
        return Ok(());
    };
    let holder =
        std::iter::successors(Some(id), |&id| tree.parent(id)).find(|&id| tree.span(id) == span);
    let key = holder.and_then(|id| tree.key(id)).unwrap_or("…");
    let token = tree.slice(span);
    let (message, help) = match found {
        Obstacle::Alias => (
            format!("the alias `{token}` stands here"),
            format!("write out what it stands for:\n  {key}: # what `{token}` says"),
        ),
        Obstacle::Anchor => {
            let name = holder.and_then(|id| anchor(tree, id)).unwrap_or("…");
            (
                format!(
                    "an alias elsewhere repeats what stands here, so `*{name}` would change with it"
                ),
                format!(
                    "write it out where `*{name}` stands, and drop the anchor:\n  {key}: # without `&{name}`"
                ),
            )
        }
        Obstacle::Merge => (
            "a merge key brings in what stands elsewhere, and an edit could hide it".to_owned(),
            "write the merged keys out in the place of the line with `<<:`".to_owned(),
        ),
        Obstacle::Tag => (
            "a tag says how this is to be read".to_owned(),
            format!("drop the tag:\n  {key}: # without `!…`"),
        ),
    };
    Err(Refusal {
        span,
        message,
        help,
    })
}

/// Refuses a document that not every reader reads as it is written: what an edit is right for,
/// another reader may not see.
///
/// # Errors
/// What readers disagree on.
pub fn certain(tree: &Tree<'_>) -> Result<(), Refusal> {
    if let Some(span) = tree.anchored_key() {
        let message = "this key has an anchor, which an edit could take away".to_owned();
        let help = "drop the anchor, and write the key out where it is repeated".to_owned();
        return Err(Refusal {
            span,
            message,
            help,
        });
    }
    let Some(span) = tree.doubtful() else {
        return Ok(());
    };
    let message = "a tag says how this is to be read, and not every reader obeys it".to_owned();
    let help = "write the value as it is meant, without the tag: manifests of Kubernetes need none"
        .to_owned();
    Err(Refusal {
        span,
        message,
        help,
    })
}

/// The name of the anchor before a member's value.
fn anchor<'t>(tree: &Tree<'t>, member: NodeId) -> Option<&'t str> {
    let from = lines::after_colon(tree, member);
    let before = tree.text().get(from..tree.span(member).start as usize)?;
    before
        .split_whitespace()
        .find_map(|word| word.strip_prefix('&'))
}

/// How much deeper than its key the dashes of a list of this mapping stand: as in the mapping's
/// other lists, else as in the list that holds it.
pub(super) fn dash_offset(tree: &Tree<'_>, mapping: NodeId) -> usize {
    let offset = |member: NodeId| {
        let node = tree.node(member);
        let key = node.key?;
        (node.kind == Kind::Sequence && node.style == Style::Block).then(|| {
            let column = |at: u32| lines::column(tree.text(), at as usize);
            column(node.span.start).saturating_sub(column(key.start))
        })
    };
    let own = tree.children(mapping).filter_map(offset).last();
    own.or_else(|| tree.parent(mapping).and_then(offset))
        .unwrap_or(0)
}

struct Writer<'t, 'e> {
    tree: &'t Tree<'t>,
    text: &'t str,
    json: bool,
    edits: &'e mut Edits,
}

impl Writer<'_, '_> {
    fn items(
        &mut self,
        list: NodeId,
        before: Option<NodeId>,
        items: &[Value<'_>],
    ) -> Result<(), Refusal> {
        let pieces = |json| {
            items
                .iter()
                .map(move |item| written(|out| item.inline(out, json)))
        };
        if self.tree.node(list).style == Style::Flow {
            return self.flow(list, before, &pieces(self.json).collect::<Vec<_>>());
        }
        let first = self.tree.span(list).start as usize;
        if !lines::leads(self.text, first) {
            return Err(self.refuse(
                list,
                "a list begins in the middle of a line",
                "begin the list on a line of its own",
            ));
        }
        let column = lines::column(self.text, first);
        let at = match before {
            None => lines::end(self.text, self.tree.span(list).end as usize),
            Some(before) => self.above(before),
        };
        let newline = lines::newline(self.text, at);
        self.lines(
            at,
            column,
            items
                .iter()
                .map(|item| written(|out| block_item(item, out, column, 2, newline))),
        )
    }

    fn members(
        &mut self,
        map: NodeId,
        before: Option<NodeId>,
        members: &[Member<'_>],
    ) -> Result<(), Refusal> {
        if self.tree.node(map).style == Style::Flow {
            let json = self.json;
            let pieces = members
                .iter()
                .map(|member| written(|out| inline_member(member, out, json)))
                .collect::<Vec<_>>();
            return self.flow(map, before, &pieces);
        }
        let column = self.key_column(map)?;
        let at = match before {
            None => lines::end(self.text, self.tree.span(map).end as usize),
            Some(before) => self.above(before),
        };
        let newline = lines::newline(self.text, at);
        let dash = dash_offset(self.tree, map);
        self.lines(
            at,
            column,
            members
                .iter()
                .map(|m| written(|out| block_member(m, out, column, dash, newline))),
        )
    }

    fn set(&mut self, node: NodeId, value: &Value<'_>) -> Result<(), Refusal> {
        let tree = self.tree;
        let holder = tree
            .parent(node)
            .filter(|&p| tree.node(p).style == Style::Block);
        if tree.node(node).style == Style::Block {
            return Err(self.refuse(node, "a collection stands here", "write the whole value"));
        }
        let token = written(|out| value.inline(out, self.json));
        if tree.node(node).key.is_none() {
            // an item of a list: its span is all of it, unless nothing stands after the dash
            if tree.span(node).is_empty() {
                return Err(self.refuse(node, "an item stands without a value", "write one"));
            }
            self.edits.replace(self.token(node), token);
            return Ok(());
        }
        let Some(colon) = lines::colon(tree, node) else {
            return Err(self.refuse(node, "a key stands without a colon", "write the colon"));
        };
        let token_span = self.token(node);
        let end = token_span.end as usize;
        if lines::skip(self.text, colon).min(end) < tree.span(node).start as usize {
            return Err(self.refuse(node, "an anchor or a tag stands before nothing", "drop it"));
        }
        let Some(holder) = holder.filter(|_| value.has_lines()) else {
            self.edits
                .replace(Span::new(colon, end), format!(" {token}"));
            return Ok(());
        };
        if colon < end {
            self.edits.delete(Span::new(colon, end));
        }
        let key = lines::column(
            self.text,
            tree.node(node).key.unwrap_or_default().start as usize,
        );
        let at = lines::end(self.text, end);
        let newline = lines::newline(self.text, at);
        match value {
            Value::List(items) => {
                let column = key + dash_offset(tree, holder);
                self.lines(
                    at,
                    column,
                    items
                        .iter()
                        .map(|i| written(|out| block_item(i, out, column, 2, newline))),
                )
            }
            Value::Map(members) => {
                let column = key + 2;
                self.lines(
                    at,
                    column,
                    members
                        .iter()
                        .map(|m| written(|out| block_member(m, out, column, 2, newline))),
                )
            }
            Value::Text(_) | Value::Json(_) | Value::Scalar(_) => Ok(()),
        }
    }

    /// The bytes of a value without the end of its last line, which a block scalar has in its span.
    fn token(&self, node: NodeId) -> Span {
        let span = self.tree.span(node);
        let kept = self.tree.slice(span).trim_end_matches(['\n', '\r']).len();
        Span::new(span.start as usize, span.start as usize + kept)
    }

    fn replace(&mut self, member: NodeId, with: &Member<'_>) -> Result<(), Refusal> {
        let node = self.tree.node(member);
        let start = node.key.unwrap_or_default().start;
        let holder = self.tree.parent(member);
        let flow = holder.is_some_and(|holder| self.tree.node(holder).style == Style::Flow);
        let json = self.json;
        let text = written(|out| {
            if flow {
                inline_member(with, out, json);
            } else {
                let column = lines::column(self.text, start as usize);
                let dash = holder.map_or(0, |holder| dash_offset(self.tree, holder));
                block_member(
                    with,
                    out,
                    column,
                    dash,
                    lines::newline(self.text, start as usize),
                );
            }
        });
        self.edits.replace(
            Span {
                start,
                end: node.span.end,
            },
            text,
        );
        Ok(())
    }

    /// Puts pieces into brackets.
    fn flow(
        &mut self,
        holder: NodeId,
        before: Option<NodeId>,
        pieces: &[String],
    ) -> Result<(), Refusal> {
        let tree = self.tree;
        if !self.text[tree.span(holder).start as usize..].starts_with(['{', '[']) {
            return Err(self.refuse(
                holder,
                "a pair in a list stands without braces",
                "put braces around it",
            ));
        }
        let previous = match before {
            None => tree.last_child(holder),
            Some(before) => lines::previous(tree, before),
        };
        let joined = pieces.join(", ");
        match (previous, before) {
            (Some(previous), _) => self
                .edits
                .insert(tree.span(previous).end, format!(", {joined}")),
            (None, None) => self.edits.insert(tree.span(holder).start + 1, joined),
            (None, Some(before)) => {
                let (open, start) = (
                    tree.span(holder).start + 1,
                    lines::head(tree, before) as u32,
                );
                if lines::skip(self.text, open as usize) != start as usize {
                    return Err(self.refuse(
                        before,
                        "an anchor or a tag stands before this entry",
                        "drop it",
                    ));
                }
                self.edits.insert(start, format!("{joined}, "));
            }
        }
        Ok(())
    }

    /// Puts whole lines at the beginning of a line, or after a last line that has no end.
    fn lines(
        &mut self,
        at: usize,
        column: usize,
        pieces: impl Iterator<Item = String>,
    ) -> Result<(), Refusal> {
        let newline = lines::newline(self.text, at);
        let unended = at == self.text.len() && !self.text.ends_with('\n');
        if unended {
            self.last_leaf_can_go_on()?;
        }
        let mut out = String::new();
        for piece in pieces {
            if unended {
                out.push_str(newline);
            }
            out.extend(std::iter::repeat_n(' ', column));
            out.push_str(&piece);
            if !unended {
                out.push_str(newline);
            }
        }
        self.edits.insert(at as u32, out);
        Ok(())
    }

    /// A `|` or `>` text at the end of a file without a last line end would get one by being
    /// followed by anything.
    fn last_leaf_can_go_on(&self) -> Result<(), Refusal> {
        let Some(root) = self.tree.root() else {
            return Ok(());
        };
        let leaf = std::iter::successors(Some(root), |&id| self.tree.last_child(id))
            .last()
            .unwrap_or(root);
        let node = self.tree.node(leaf);
        let header = self
            .tree
            .slice(node.span)
            .lines()
            .next()
            .unwrap_or_default();
        let stripped = header.split('#').next().is_some_and(|h| h.contains('-'));
        if matches!(node.style, Style::Literal | Style::Folded) && !stripped {
            let message = "the file ends inside a block text, and the next line would change it";
            return Err(self.refuse(leaf, message, "end the file with a newline"));
        }
        Ok(())
    }

    /// The column of a block mapping's keys.
    fn key_column(&self, mapping: NodeId) -> Result<usize, Refusal> {
        let first = self.tree.span(mapping).start as usize;
        let before = &self.text[lines::start(self.text, first)..first];
        if before.bytes().all(|b| matches!(b, b' ' | b'-')) {
            return Ok(before.len());
        }
        Err(self.refuse(
            mapping,
            "a mapping begins in the middle of a line",
            "begin it on a line of its own",
        ))
    }

    /// The line of an item, or the first of the comments directly above it.
    fn above(&self, item: NodeId) -> usize {
        let least = match lines::previous(self.tree, item) {
            Some(previous) => lines::end(self.text, self.tree.span(previous).end as usize),
            None => self
                .tree
                .parent(item)
                .map_or(0, |holder| self.first_line(holder)),
        };
        let mut at = lines::start(self.text, lines::head(self.tree, item));
        while at > least {
            let line = lines::start(self.text, at - 1);
            if line < least || !self.text[line..at].trim_start().starts_with('#') {
                break;
            }
            at = line;
        }
        at
    }

    /// Where the lines of a block collection can begin: after the line of its key, or where the
    /// document does.
    fn first_line(&self, holder: NodeId) -> usize {
        match self.tree.node(holder).key {
            Some(_) => lines::end(self.text, lines::after_colon(self.tree, holder)),
            None => lines::start(self.text, self.tree.span(holder).start as usize),
        }
    }

    fn refuse(&self, node: NodeId, message: &str, help: &str) -> Refusal {
        Refusal {
            span: self.tree.span(node),
            message: message.into(),
            help: help.into(),
        }
    }
}

fn written(write: impl FnOnce(&mut String)) -> String {
    let mut out = String::new();
    write(&mut out);
    out
}
