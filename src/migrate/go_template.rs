//! Parses Go templates, as far as manifests of the integration-operator use them: fields, texts,
//! pipelines, calls of functions, and `if`.

mod lexer;

use crate::limits;
use lexer::{GoToken, tokens};

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum GoItem {
    /// Literal text.
    Text(String),
    /// The value of a pipeline.
    Action(GoPipeline),
    /// A choice.
    If(GoChoice),
}

/// `if`, with what is written in each case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct GoChoice {
    /// What decides.
    pub condition: GoPipeline,
    /// Where it is true.
    pub then: Vec<GoItem>,
    /// Where it is not.
    pub otherwise: Vec<GoItem>,
}

/// Commands; each gets the value of the one before as its last argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct GoPipeline {
    /// The commands, in order.
    pub commands: Vec<GoCommand>,
    /// The action as it is written, with its delimiters.
    pub source: String,
}

/// A value, or a function with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct GoCommand {
    /// The first one, and the arguments.
    pub operands: Vec<GoOperand>,
}

/// A value or the name of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum GoOperand {
    /// `.a.b`
    Field(Vec<String>),
    /// `"text"`, or in back-ticks.
    Text(String),
    /// `1`
    Number(String),
    /// `true`
    Bool(bool),
    /// `nil`
    Nil,
    /// `quote`
    Function(String),
    /// `( … )`, and the fields of its value.
    Group(GoPipeline, Vec<String>),
}

/// Why a text is no template that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct GoError {
    /// The action as it is written.
    pub action: String,
    /// What is wrong with it.
    pub message: String,
}

/// What `{%-` and `-%}` remove of the text next to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TrimRule {
    /// All white space.
    WhiteSpace,
    /// Spaces: the text is that of a JSON string, in which the end of a line is `\n`.
    Spaces,
}

impl TrimRule {
    fn is_trimmed(self, c: char) -> bool {
        match self {
            Self::WhiteSpace => matches!(c, ' ' | '\t' | '\r' | '\n'),
            Self::Spaces => c == ' ',
        }
    }
}

/// Whether a text has an action.
pub(super) fn is_template(text: &str) -> bool {
    text.contains("{%")
}

/// Parses a text.
pub(super) fn parse(text: &str, trim: TrimRule) -> Result<Vec<GoItem>, GoError> {
    let mut segments = segments(text, trim)?.into_iter().peekable();
    let mut depth = 0;
    let items = block(&mut segments, &mut depth)?;
    match segments.next() {
        None => Ok(items),
        Some(Segment::Action { source, .. } | Segment::Text(source)) => Err(GoError {
            action: source,
            message: "it ends an `if` that does not begin".to_owned(),
        }),
    }
}

/// A text is cut into literal text and actions first.
#[derive(Clone, Debug)]
enum Segment {
    Text(String),
    Action {
        source: String,
        tokens: Vec<GoToken>,
    },
}

fn segments(text: &str, trim: TrimRule) -> Result<Vec<Segment>, GoError> {
    let mut segments = Vec::new();
    let mut rest = text;
    let mut trims_next = false;
    while let Some(open) = rest.find("{%") {
        let literal = trimmed_start(&rest[..open], trims_next, trim);
        let inner = &rest[open + 2..];
        let length = action_length(inner).ok_or_else(|| GoError {
            action: first_line(&rest[open..]).to_owned(),
            message: "`{%` has no `%}`".to_owned(),
        })?;
        let source = &rest[open..open + length + 4];
        let mut action = &inner[..length];
        let mut literal = literal;
        if let Some(after) = action.strip_prefix('-')
            && after.starts_with(|c: char| c.is_ascii_whitespace())
        {
            literal = literal.trim_end_matches(|c| trim.is_trimmed(c));
            action = after;
        }
        trims_next = false;
        if let Some(before) = action.strip_suffix('-')
            && before.ends_with(|c: char| c.is_ascii_whitespace())
        {
            trims_next = true;
            action = before;
        }
        if !literal.is_empty() {
            segments.push(Segment::Text(literal.to_owned()));
        }
        let action = action.trim();
        let is_comment = action.starts_with("/*") && action.ends_with("*/");
        if !is_comment {
            let tokens = tokens(action).map_err(|message| GoError {
                action: source.to_owned(),
                message,
            })?;
            segments.push(Segment::Action {
                source: source.to_owned(),
                tokens,
            });
        }
        rest = &rest[open + length + 4..];
    }
    let literal = trimmed_start(rest, trims_next, trim);
    if !literal.is_empty() {
        segments.push(Segment::Text(literal.to_owned()));
    }
    Ok(segments)
}

fn trimmed_start(text: &str, is_wanted: bool, trim: TrimRule) -> &str {
    if is_wanted {
        text.trim_start_matches(|c| trim.is_trimmed(c))
    } else {
        text
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// The bytes up to the `%}` that closes an action; quoted text does not count.
fn action_length(inner: &str) -> Option<usize> {
    let bytes = inner.as_bytes();
    let mut quote = None;
    let mut at = 0;
    while at < bytes.len() {
        match (quote, bytes[at]) {
            (Some(b'"'), b'\\') => at += 1,
            (Some(open), byte) if byte == open => quote = None,
            (None, byte @ (b'"' | b'`')) => quote = Some(byte),
            (None, b'%') if bytes.get(at + 1) == Some(&b'}') => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

type Segments = std::iter::Peekable<std::vec::IntoIter<Segment>>;

/// Reads up to the end, or to an `else` or `end` of the `if` around it.
fn block(segments: &mut Segments, depth: &mut usize) -> Result<Vec<GoItem>, GoError> {
    let mut items = Vec::new();
    while let Some(segment) = segments.peek() {
        let (source, tokens) = match segment {
            Segment::Text(text) => {
                items.push(GoItem::Text(text.clone()));
                segments.next();
                continue;
            }
            Segment::Action { source, tokens } => (source.clone(), tokens.clone()),
        };
        match tokens.first() {
            Some(GoToken::Word(word)) if word == "else" || word == "end" => break,
            Some(GoToken::Word(word)) if word == "if" => {
                segments.next();
                items.push(GoItem::If(choice(segments, &source, &tokens[1..], depth)?));
            }
            _ => {
                segments.next();
                items.push(GoItem::Action(pipeline(&source, &tokens)?));
            }
        }
    }
    Ok(items)
}

/// Reads a choice of which the condition is read already.
fn choice(
    segments: &mut Segments,
    source: &str,
    condition: &[GoToken],
    depth: &mut usize,
) -> Result<GoChoice, GoError> {
    let fail = |message: &str| GoError {
        action: source.to_owned(),
        message: message.to_owned(),
    };
    *depth += 1;
    if *depth > limits::GO_TEMPLATE_DEPTH {
        return Err(fail("it is nested too deeply"));
    }
    let condition = pipeline(source, condition)?;
    let then = block(segments, depth)?;
    let otherwise = match segments.next() {
        Some(Segment::Action { source, tokens }) => match &tokens[..] {
            [GoToken::Word(word)] if word == "end" => Vec::new(),
            [GoToken::Word(word)] if word == "else" => {
                let otherwise = block(segments, depth)?;
                match segments.next() {
                    Some(Segment::Action { tokens, .. })
                        if tokens == [GoToken::Word("end".to_owned())] => {}
                    _ => return Err(fail("this `if` has no `end`")),
                }
                otherwise
            }
            [GoToken::Word(word), GoToken::Word(next), rest @ ..]
                if word == "else" && next == "if" =>
            {
                vec![GoItem::If(choice(segments, &source, rest, depth)?)]
            }
            _ => return Err(fail("this `if` has no `end`")),
        },
        _ => return Err(fail("this `if` has no `end`")),
    };
    *depth -= 1;
    Ok(GoChoice {
        condition,
        then,
        otherwise,
    })
}

/// Words of Go templates that coupler's have nothing for.
const STATEMENTS: [&str; 8] = [
    "range", "with", "define", "template", "block", "break", "continue", "endif",
];

fn pipeline(source: &str, tokens: &[GoToken]) -> Result<GoPipeline, GoError> {
    let fail = |message: String| GoError {
        action: source.to_owned(),
        message,
    };
    if let Some(GoToken::Word(word)) = tokens.first()
        && STATEMENTS.contains(&word.as_str())
    {
        return Err(fail(format!("coupler's templates have no `{word}`")));
    }
    let mut reader = PipelineReader {
        source,
        tokens,
        depth: 0,
    };
    let pipeline = reader.pipeline().map_err(fail)?;
    match reader.tokens {
        [] => Ok(pipeline),
        _ => Err(fail("a `)` has no `(`".to_owned())),
    }
}

struct PipelineReader<'t> {
    source: &'t str,
    tokens: &'t [GoToken],
    depth: usize,
}

impl PipelineReader<'_> {
    fn pipeline(&mut self) -> Result<GoPipeline, String> {
        let mut commands = vec![self.command()?];
        while let [GoToken::Pipe, rest @ ..] = self.tokens {
            self.tokens = rest;
            commands.push(self.command()?);
        }
        Ok(GoPipeline {
            commands,
            source: self.source.to_owned(),
        })
    }

    fn command(&mut self) -> Result<GoCommand, String> {
        let mut operands = Vec::new();
        while let [token, rest @ ..] = self.tokens {
            let operand = match token {
                GoToken::Pipe | GoToken::Close(_) => break,
                GoToken::Field(steps) => GoOperand::Field(steps.clone()),
                GoToken::Text(text) => GoOperand::Text(text.clone()),
                GoToken::Number(text) => GoOperand::Number(text.clone()),
                GoToken::Word(word) => match word.as_str() {
                    "true" => GoOperand::Bool(true),
                    "false" => GoOperand::Bool(false),
                    "nil" => GoOperand::Nil,
                    _ => GoOperand::Function(word.clone()),
                },
                GoToken::Open => {
                    self.tokens = rest;
                    operands.push(self.group()?);
                    continue;
                }
            };
            self.tokens = rest;
            operands.push(operand);
        }
        if operands.is_empty() {
            return Err("a value is missing".to_owned());
        }
        Ok(GoCommand { operands })
    }

    fn group(&mut self) -> Result<GoOperand, String> {
        self.depth += 1;
        if self.depth > limits::GO_TEMPLATE_DEPTH {
            return Err("it is nested too deeply".to_owned());
        }
        let inner = self.pipeline()?;
        let [GoToken::Close(fields), rest @ ..] = self.tokens else {
            return Err("a `(` has no `)`".to_owned());
        };
        self.tokens = rest;
        self.depth -= 1;
        Ok(GoOperand::Group(inner, fields.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<GoItem> {
        parse(text, TrimRule::WhiteSpace).unwrap()
    }

    fn fault(text: &str) -> String {
        parse(text, TrimRule::WhiteSpace).unwrap_err().message
    }

    #[test]
    fn text_and_actions_alternate() {
        let [GoItem::Text(a), GoItem::Action(b), GoItem::Text(c)] = &read("a{% .b.c %}d")[..]
        else {
            panic!()
        };
        assert_eq!((a.as_str(), c.as_str()), ("a", "d"));
        assert_eq!(b.source, "{% .b.c %}");
        assert_eq!(
            b.commands[0].operands,
            [GoOperand::Field(vec!["b".to_owned(), "c".to_owned()])]
        );
    }

    #[test]
    fn marks_trim_the_text_next_to_them() {
        let texts = |trim| -> Vec<String> {
            let items = parse("a \n {%- .b -%} \n c", trim).unwrap();
            let text = |item: GoItem| match item {
                GoItem::Text(text) => Some(text),
                GoItem::Action(_) | GoItem::If(_) => None,
            };
            items.into_iter().filter_map(text).collect()
        };
        assert_eq!(texts(TrimRule::WhiteSpace), ["a", "c"]);
        assert_eq!(texts(TrimRule::Spaces), ["a \n", "\n c"]);
    }

    #[test]
    fn a_choice_has_branches() {
        let items = read("{% if .a %}1{% else if eq .b \"%}\" %}2{% else %}3{% end %}");
        let [GoItem::If(choice)] = &items[..] else {
            panic!()
        };
        assert_eq!(choice.then, [GoItem::Text("1".to_owned())]);
        let [GoItem::If(inner)] = &choice.otherwise[..] else {
            panic!()
        };
        assert_eq!(inner.otherwise, [GoItem::Text("3".to_owned())]);
    }

    #[test]
    fn what_is_no_template_is_refused() {
        for text in [
            "{% .a",
            "{% if .a %}b",
            "{% end %}",
            "{% if .a %}b{% endif %}",
            "{% range .a %}{% end %}",
            "{% $x := .a %}",
            "{% (.a %}",
            "{% .a) %}",
            "{% | .a %}",
            "{% %}",
            "{% \"a %}",
        ] {
            assert!(parse(text, TrimRule::WhiteSpace).is_err(), "{text}");
        }
        assert_eq!(
            fault("{% range .a %}{% end %}"),
            "coupler's templates have no `range`"
        );
    }

    #[test]
    fn nesting_has_a_limit() {
        let deep = limits::GO_TEMPLATE_DEPTH;
        let nested = |depth: usize| "{% if .a %}".repeat(depth) + &"{% end %}".repeat(depth);
        assert!(parse(&nested(deep), TrimRule::WhiteSpace).is_ok());
        assert!(parse(&nested(deep + 1), TrimRule::WhiteSpace).is_err());
        let groups = |depth: usize| format!("{{% {}.a{} %}}", "(".repeat(depth), ")".repeat(depth));
        assert!(parse(&groups(deep), TrimRule::WhiteSpace).is_ok());
        assert!(parse(&groups(deep + 1), TrimRule::WhiteSpace).is_err());
        // a chain of `else if` nests too
        let chain = format!(
            "{{% if .a %}}{}{{% end %}}",
            "{% else if .a %}".repeat(100_000)
        );
        assert!(parse(&chain, TrimRule::WhiteSpace).is_err());
    }
}
