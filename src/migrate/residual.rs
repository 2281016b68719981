//! Defines the rest of a Go template's expression after all known values are inserted, and writes
//! it as an expression of coupler.

/// An expression. What is known is a text, a boolean or no value; the rest is evaluated by coupler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Residual {
    /// A known text.
    Text(String),
    /// A known truth.
    Bool(bool),
    /// What never has a value: the operator prints `<no value>`.
    NoValue,
    /// A key, or a name.
    Path(ResidualPath),
    /// A variable of a Secret's key; its value is base64, or decoded.
    SecretKey(SecretSource, Encoding),
    /// A variable of another object's field.
    ObjectField(ObjectSource),
    /// Texts, one after the other.
    Concat(Vec<Residual>),
    /// Whether the first is one of the others.
    Equal(Box<Residual>, Vec<Residual>),
    /// `and`
    Both(Vec<Residual>),
    /// `or`
    Either(Vec<Residual>),
    /// `not`, `empty`
    Not(Box<Residual>),
    /// `ternary`, or an `if` within a text.
    Choice(Box<ResidualChoice>),
    /// A value, or another one where that is empty.
    Fallback(Box<ResidualFallback>),
    /// Whether a text contains another.
    Contains {
        /// What is looked for.
        wanted: Box<Residual>,
        /// The text.
        text: Box<Residual>,
    },
    /// The value in double quotes; nothing, where it has no value.
    Quoted(Box<Residual>),
    /// `b64enc`, `b64dec`
    Base64(Base64Filter, Box<Residual>),
}

/// A choice between two values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ResidualChoice {
    /// What decides.
    pub condition: Residual,
    /// Where it is true.
    pub then: Residual,
    /// Where it is not.
    pub otherwise: Residual,
}

/// A value with another one for where it is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ResidualFallback {
    /// The value.
    pub value: Residual,
    /// The other one.
    pub other: Residual,
}

/// A dotted path of coupler's templates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ResidualPath {
    /// `plug.config.shelf`
    pub text: String,
    /// Whether it always has a value.
    pub presence: PathPresence,
    /// The Secret's key that it refers to.
    pub secret: Option<SecretOwner>,
    /// Its value, where it is written in the input.
    pub known: Option<String>,
}

/// Whether a key always has a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PathPresence {
    /// Else the coupling fails.
    Always,
    /// The Socket is not in the input: it is presumed to give what is written out.
    Presumed,
    /// It is optional.
    Maybe,
}

/// Whose Secret a key refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SecretOwner {
    /// The owner of the template.
    Own,
    /// The other side.
    Other,
}

/// A key of a Secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SecretSource {
    /// The Secret.
    pub name: String,
    /// The key.
    pub key: String,
}

/// A field of an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ObjectSource {
    /// Its `apiVersion`.
    pub api_version: String,
    /// Its `kind`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The path of the field, as coupler writes it.
    pub path: String,
}

impl ObjectSource {
    /// The key of the text that it is, where the object is a ConfigMap.
    pub(super) fn config_map_key(&self) -> Option<String> {
        crate::api::data_key(&self.path).filter(|_| self.kind == "ConfigMap")
    }
}

/// How the value of a Secret's key is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// As in `data`.
    Base64,
    /// As it is.
    Plain,
}

/// A conversion from or to base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Base64Filter {
    /// `b64enc`
    Encode,
    /// `b64dec`
    Decode,
}

/// What is known of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Truth {
    /// It always holds.
    True,
    /// It never does.
    False,
    /// It depends on values.
    Depends,
}

/// What is written for a key without a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Absence {
    /// Nothing.
    Empty,
    /// What the operator prints.
    NoValue,
}

/// What the operator prints for what has no value.
pub(super) const NO_VALUE: &str = "<no value>";

impl Residual {
    /// What is known of it as a condition: a text is true if it is not empty.
    pub(super) fn truth(&self) -> Truth {
        match self {
            Self::Text(text) => Truth::of(!text.is_empty()),
            Self::Bool(value) => Truth::of(*value),
            Self::NoValue => Truth::False,
            // a key of a Secret is there, or the pods do not start
            Self::SecretKey(..) => Truth::True,
            Self::Path(path) if path.secret.is_some() => Truth::True,
            Self::Concat(parts) => match parts.iter().any(|part| part.truth() == Truth::True) {
                true => Truth::True,
                false => Truth::Depends,
            },
            Self::Not(inner) => match inner.truth() {
                Truth::True => Truth::False,
                Truth::False => Truth::True,
                Truth::Depends => Truth::Depends,
            },
            Self::Path(_)
            | Self::ObjectField(_)
            | Self::Equal(..)
            | Self::Both(_)
            | Self::Either(_)
            | Self::Choice(_)
            | Self::Fallback(_)
            | Self::Contains { .. }
            | Self::Quoted(_)
            | Self::Base64(..) => Truth::Depends,
        }
    }

    /// The name of what only the cluster knows, if it refers to it.
    pub(super) fn hidden(&self) -> Option<String> {
        match self {
            Self::Path(path) => path.secret.map(|_| path.text.clone()),
            Self::SecretKey(source, _) => Some(format!("{}.{}", source.name, source.key)),
            Self::ObjectField(source) => {
                Some(format!("{} {} {}", source.kind, source.name, source.path))
            }
            _ => self.parts().into_iter().find_map(Self::hidden),
        }
    }

    /// What it is made of.
    fn parts(&self) -> Vec<&Self> {
        match self {
            Self::Text(_)
            | Self::Bool(_)
            | Self::NoValue
            | Self::Path(_)
            | Self::SecretKey(..)
            | Self::ObjectField(_) => Vec::new(),
            Self::Concat(parts) | Self::Both(parts) | Self::Either(parts) => parts.iter().collect(),
            Self::Equal(value, others) => std::iter::once(&**value).chain(others.iter()).collect(),
            Self::Not(inner) | Self::Quoted(inner) | Self::Base64(_, inner) => vec![inner],
            Self::Choice(choice) => vec![&choice.condition, &choice.then, &choice.otherwise],
            Self::Fallback(fallback) => vec![&fallback.value, &fallback.other],
            Self::Contains { wanted, text } => vec![wanted, text],
        }
    }

    /// Whether it is true or false, and no text.
    pub(super) fn is_boolean(&self) -> bool {
        match self {
            Self::Bool(_) | Self::Equal(..) | Self::Not(_) | Self::Contains { .. } => true,
            Self::Both(parts) | Self::Either(parts) => parts.iter().all(Self::is_boolean),
            _ => false,
        }
    }

    /// As an expression that is `true` or `false`.
    pub(super) fn boolean(&self) -> String {
        match self {
            Self::Both(parts) => join(parts, " and ", Self::boolean),
            Self::Either(parts) => join(parts, " or ", Self::boolean),
            _ if self.is_boolean() => self.condition(),
            _ => format!("{} != ''", self.atom(Absence::Empty)),
        }
    }

    /// As an expression that decides something: a text counts as true if it is not empty.
    pub(super) fn condition(&self) -> String {
        match self {
            Self::Both(parts) => join(parts, " and ", Self::condition),
            Self::Either(parts) => join(parts, " or ", Self::condition),
            Self::Not(inner) => format!("not {}", inner.condition_atom()),
            _ => self.value(Absence::Empty),
        }
    }

    fn condition_atom(&self) -> String {
        let text = self.condition();
        if self.is_atom(Absence::Empty) {
            text
        } else {
            format!("({text})")
        }
    }

    /// As an expression of its value.
    pub(super) fn value(&self, absence: Absence) -> String {
        match self {
            Self::Text(text) => literal(text),
            Self::Bool(value) => value.to_string(),
            Self::NoValue => literal(absence.text()),
            Self::Path(path) => match path.presence {
                presence if presence.needs_default(absence) => {
                    format!("{} | default({})", path.text, literal(absence.text()))
                }
                _ => path.text.clone(),
            },
            // these are never part of an expression: see `Residual::hidden`
            Self::SecretKey(source, _) => literal(&source.key),
            Self::ObjectField(source) => literal(&source.path),
            Self::Concat(parts) => {
                let parts: Vec<String> = parts.iter().map(|part| part.atom(absence)).collect();
                parts.join(" ~ ")
            }
            Self::Equal(value, others) => {
                let has_empty = others
                    .iter()
                    .any(|other| *other == Self::Text(String::new()));
                // what has no value is not the empty text
                let absence = match has_empty {
                    true => Absence::NoValue,
                    false => Absence::Empty,
                };
                let value = value.atom(absence);
                let pairs: Vec<String> = others
                    .iter()
                    .map(|other| format!("{value} == {}", other.atom(absence)))
                    .collect();
                pairs.join(" or ")
            }
            Self::Both(_) | Self::Either(_) | Self::Not(_) => self.condition(),
            Self::Choice(choice) => format!(
                "{} if {} else {}",
                choice.then.atom(absence),
                choice.condition.condition_atom(),
                choice.otherwise.atom(absence)
            ),
            Self::Fallback(fallback) => {
                let value = match &fallback.value {
                    Self::Path(path) => path.text.clone(),
                    value => value.atom(Absence::Empty),
                };
                format!("{value} | default({}, true)", fallback.other.value(absence))
            }
            Self::Contains { wanted, text } => format!(
                "{} in {}",
                wanted.atom(Absence::Empty),
                text.atom(Absence::Empty)
            ),
            Self::Quoted(inner) => match &**inner {
                Self::Path(path) if path.presence == PathPresence::Maybe => {
                    format!("({0} | quote) if {0} is defined else ''", path.text)
                }
                Self::NoValue => literal(""),
                inner => format!("{} | quote", inner.atom(Absence::Empty)),
            },
            Self::Base64(filter, inner) => {
                format!("{} | {}", inner.atom(Absence::Empty), filter.name())
            }
        }
    }

    /// The same, fit to be a part of another expression.
    fn atom(&self, absence: Absence) -> String {
        let text = self.value(absence);
        if self.is_atom(absence) {
            text
        } else {
            format!("({text})")
        }
    }

    fn is_atom(&self, absence: Absence) -> bool {
        match self {
            Self::Text(_) | Self::Bool(_) | Self::NoValue => true,
            Self::Path(path) => !path.presence.needs_default(absence),
            _ => false,
        }
    }
}

impl Truth {
    fn of(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

impl PathPresence {
    /// Whether something has to be written for a key without a value.
    fn needs_default(self, absence: Absence) -> bool {
        match self {
            Self::Always => false,
            Self::Presumed => absence == Absence::Empty,
            Self::Maybe => true,
        }
    }
}

impl Absence {
    fn text(self) -> &'static str {
        match self {
            Self::Empty => "",
            Self::NoValue => NO_VALUE,
        }
    }
}

impl Base64Filter {
    fn name(self) -> &'static str {
        match self {
            Self::Encode => "b64encode",
            Self::Decode => "b64decode",
        }
    }
}

fn join(parts: &[Residual], word: &str, write: fn(&Residual) -> String) -> String {
    let parts: Vec<String> = parts
        .iter()
        .map(|part| match part {
            Residual::Both(_) | Residual::Either(_) | Residual::Choice(_) | Residual::Not(_) => {
                format!("({})", write(part))
            }
            Residual::Equal(_, others) if others.len() > 1 => format!("({})", write(part)),
            _ => write(part),
        })
        .collect();
    parts.join(word)
}

/// A text of coupler's expressions, in single quotes where that needs no escapes: they are in
/// double quotes in YAML.
fn literal(text: &str) -> String {
    let is_simple = |c: char| c != '\'' && c != '\\' && !c.is_control();
    if text.chars().all(is_simple) {
        return format!("'{text}'");
    }
    let escaped: String = text
        .chars()
        .map(|c| match c {
            '\n' => "\\n".to_owned(),
            '\t' => "\\t".to_owned(),
            '\r' => "\\r".to_owned(),
            '\'' | '\\' => format!("\\{c}"),
            c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
            c => c.to_string(),
        })
        .collect();
    format!("'{escaped}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str, presence: PathPresence) -> Residual {
        Residual::Path(ResidualPath {
            text: text.to_owned(),
            presence,
            secret: None,
            known: None,
        })
    }

    fn text(text: &str) -> Residual {
        Residual::Text(text.to_owned())
    }

    #[test]
    fn a_key_that_may_be_absent_has_a_default() {
        let key = path("plug.config.a", PathPresence::Maybe);
        assert_eq!(
            key.value(Absence::NoValue),
            "plug.config.a | default('<no value>')"
        );
        assert_eq!(key.boolean(), "(plug.config.a | default('')) != ''");
        let equal = Residual::Equal(Box::new(key.clone()), vec![text("x"), text("y")]);
        assert_eq!(
            equal.boolean(),
            "(plug.config.a | default('')) == 'x' or (plug.config.a | default('')) == 'y'"
        );
        let quoted = Residual::Quoted(Box::new(key));
        assert_eq!(
            quoted.value(Absence::NoValue),
            "(plug.config.a | quote) if plug.config.a is defined else ''"
        );
    }

    #[test]
    fn parts_are_in_parentheses_where_they_bind_less() {
        let a = path("plug.config.a", PathPresence::Always);
        let b = Residual::Equal(Box::new(a.clone()), vec![text("it's\n")]);
        let both = Residual::Both(vec![b.clone(), Residual::Not(Box::new(a.clone()))]);
        let choice = Residual::Choice(Box::new(ResidualChoice {
            condition: both,
            then: text("1"),
            otherwise: Residual::Concat(vec![text("2"), a]),
        }));
        assert_eq!(
            choice.value(Absence::Empty),
            "'1' if (plug.config.a == 'it\\'s\\n' and (not plug.config.a)) else ('2' ~ plug.config.a)"
        );
    }
}
