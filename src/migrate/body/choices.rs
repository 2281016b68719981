//! Decides which `if`s of a body are within a text, and which are around its keys: these give
//! several manifests.

use super::sketch::mark;
use crate::limits;
use crate::manifest::{Kind, NodeId, Style, Tree};
use crate::migrate::go_template::{GoChoice, GoItem};
use crate::migrate::residual::{Residual, Truth};
use crate::migrate::template_scope::TemplateScope;
use crate::migrate::translate::{Untranslatable, negated, value};

/// A body without an `if` around keys, and when it counts.
#[derive(Clone, Debug)]
pub(super) struct Variant {
    /// All of these hold.
    pub conditions: Vec<Residual>,
    /// The body.
    pub items: Vec<GoItem>,
    /// Whether one of the conditions is around the whole body.
    pub is_wrapped: bool,
}

/// How an `if` is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ChoicePosition {
    /// Within a text on one line, or in quotes.
    InText,
    /// Within lines below a `|`, which are indented by so much.
    InLines(usize),
    /// Around keys or items.
    AroundKeys,
}

/// The manifests that a body may be.
pub(super) fn variants(
    variant: Variant,
    scope: &TemplateScope<'_>,
) -> Result<Vec<Variant>, Untranslatable> {
    let mut open = vec![variant];
    let mut done = Vec::new();
    while let Some(variant) = open.pop() {
        let Variant {
            conditions,
            items,
            is_wrapped,
        } = variant;
        if open.len() + done.len() >= limits::MIGRATED_VARIANTS {
            return Err(refused(format!(
                "its `if`s give more than {} different manifests",
                limits::MIGRATED_VARIANTS
            )));
        }
        let mut items = folded(items, scope)?;
        match place_choices(&mut items, scope)? {
            None => done.push(Variant {
                conditions,
                items,
                is_wrapped,
            }),
            Some(position) => {
                let GoItem::If(choice) = items[position].clone() else {
                    continue;
                };
                let condition = value(&choice.condition, scope)?;
                let branch = |inner: Vec<GoItem>, more: Residual| {
                    let mut conditions = conditions.clone();
                    conditions.push(more);
                    let mut items = items.clone();
                    items.splice(position..=position, inner);
                    Variant {
                        conditions,
                        items,
                        is_wrapped,
                    }
                };
                // the first branch is looked at first
                open.push(branch(choice.otherwise, negated(condition.clone())));
                open.push(branch(choice.then, condition));
            }
        }
    }
    Ok(done)
}

/// The same without the `if`s whose conditions are known.
fn folded(items: Vec<GoItem>, scope: &TemplateScope<'_>) -> Result<Vec<GoItem>, Untranslatable> {
    let mut all = Vec::with_capacity(items.len());
    for item in items {
        let GoItem::If(choice) = item else {
            all.push(item);
            continue;
        };
        match value(&choice.condition, scope)?.truth() {
            Truth::True => all.extend(folded(choice.then, scope)?),
            Truth::False => all.extend(folded(choice.otherwise, scope)?),
            Truth::Depends => all.push(GoItem::If(choice)),
        }
    }
    Ok(all)
}

/// Takes the indentation out of the `if`s within lines, and finds the first one around keys.
fn place_choices(
    items: &mut [GoItem],
    scope: &TemplateScope<'_>,
) -> Result<Option<usize>, Untranslatable> {
    let choices: Vec<usize> = (0..items.len())
        .filter(|&position| matches!(items[position], GoItem::If(_)))
        .collect();
    if choices.len() > limits::GO_CHOICES {
        return Err(refused(format!(
            "it has more than {} `if`s next to each other",
            limits::GO_CHOICES
        )));
    }
    let mut indents = Vec::new();
    for &position in &choices {
        match place_choice(items, position, scope)? {
            ChoicePosition::InText => {}
            ChoicePosition::InLines(indent) => indents.push((position, indent)),
            ChoicePosition::AroundKeys => return Ok(Some(position)),
        }
    }
    for (position, indent) in indents {
        if let GoItem::If(choice) = &mut items[position] {
            outdent_choice(choice, indent);
        }
    }
    Ok(None)
}

fn outdent_choice(choice: &mut GoChoice, indent: usize) {
    let lines = format!("\n{}", " ".repeat(indent));
    for item in choice.then.iter_mut().chain(&mut choice.otherwise) {
        match item {
            GoItem::Text(text) => *text = text.replace(&lines, "\n"),
            GoItem::Action(_) => {}
            GoItem::If(inner) => outdent_choice(inner, indent),
        }
    }
}

/// Where one of the `if`s is: with it and with each of its branches, the body must have the same
/// keys.
fn place_choice(
    items: &[GoItem],
    position: usize,
    scope: &TemplateScope<'_>,
) -> Result<ChoicePosition, Untranslatable> {
    let GoItem::If(choice) = &items[position] else {
        return Ok(ChoicePosition::AroundKeys);
    };
    let marked = mark(items);
    let text = around(items, position, &marked);
    let then = around(items, position, &flat(&choice.then));
    let otherwise = around(items, position, &flat(&choice.otherwise));
    let bytes = text.len() + then.len() + otherwise.len();
    if !scope.spend(bytes) {
        return Err(refused(
            "the bodies of this input have too many `if`s together".to_owned(),
        ));
    }
    let trees = [&text, &then, &otherwise].map(|text| Tree::read(text));
    let [Ok(tree), Ok(then_tree), Ok(otherwise_tree)] = &trees else {
        return Ok(ChoicePosition::AroundKeys);
    };
    let nodes = |tree: &Tree<'_>| tree.root().map(|root| tree.size(root));
    if nodes(tree) != nodes(then_tree) || nodes(tree) != nodes(otherwise_tree) {
        return Ok(ChoicePosition::AroundKeys);
    }
    let Some(leaf) = leaf_with(tree, &marked) else {
        return Ok(ChoicePosition::AroundKeys);
    };
    let has_lines = flat(&choice.then).contains('\n') || flat(&choice.otherwise).contains('\n');
    Ok(match tree.node(leaf).style {
        Style::Literal => ChoicePosition::InLines(indentation(tree, leaf)),
        Style::Plain | Style::Single | Style::Double if !has_lines => ChoicePosition::InText,
        _ => ChoicePosition::AroundKeys,
    })
}

/// The scalar with a text in it.
fn leaf_with(tree: &Tree<'_>, text: &str) -> Option<NodeId> {
    let mut open: Vec<NodeId> = tree.root().into_iter().collect();
    while let Some(node) = open.pop() {
        match tree.kind(node) {
            Kind::Scalar if tree.str(node).is_some_and(|found| found.contains(text)) => {
                return Some(node);
            }
            Kind::Scalar | Kind::Alias => {}
            Kind::Mapping | Kind::Sequence => open.extend(tree.children(node)),
        }
    }
    None
}

/// By how much the lines of a `|` are indented.
fn indentation(tree: &Tree<'_>, leaf: NodeId) -> usize {
    let mut lines = tree.slice(tree.span(leaf)).lines().skip(1);
    let first = lines
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default();
    first.len() - first.trim_start_matches(' ').len()
}

/// The body with a text in place of one of its `if`s, and the first branches of all others.
fn around(items: &[GoItem], position: usize, inner: &str) -> String {
    let before = flat(&items[..position]);
    let after = flat(&items[position + 1..]);
    format!("{before}{inner}{after}")
}

fn flat(items: &[GoItem]) -> String {
    let texts = items.iter().map(|item| match item {
        GoItem::Text(text) => text.clone(),
        GoItem::Action(_) => "value".to_owned(),
        GoItem::If(choice) => flat(&choice.then),
    });
    texts.collect()
}

fn refused(message: String) -> Untranslatable {
    Untranslatable {
        action: String::new(),
        message,
        wants_secret: false,
    }
}
