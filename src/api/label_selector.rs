//! Defines a selector of labels with expressions, as `metav1.LabelSelector` has them, and decides
//! which labels satisfy it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What labels must be; an empty one accepts all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelSelector {
    /// `matchLabels`: all of them must be there.
    pub labels: BTreeMap<String, String>,
    /// `matchExpressions`: all of them must hold.
    pub expressions: Vec<LabelExpression>,
}

/// One entry of `matchExpressions`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelExpression {
    /// The label.
    pub key: String,
    /// What must hold of it.
    pub operator: LabelOperator,
    /// `values`; none where the operator takes none.
    pub values: BTreeSet<String>,
}

/// What must hold of a label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LabelOperator {
    /// It has one of the values.
    #[default]
    In,
    /// It is absent, or has none of the values.
    NotIn,
    /// It is there.
    Exists,
    /// It is absent.
    DoesNotExist,
}

impl LabelOperator {
    /// As it is written.
    pub const WORDS: [(&str, Self); 4] = [
        ("In", Self::In),
        ("NotIn", Self::NotIn),
        ("Exists", Self::Exists),
        ("DoesNotExist", Self::DoesNotExist),
    ];

    /// Whether it compares with values.
    pub fn takes_values(self) -> bool {
        matches!(self, Self::In | Self::NotIn)
    }
}

impl LabelSelector {
    /// Whether labels satisfy it, each of which `label` gives.
    pub fn accepts<'l>(&self, label: impl Fn(&str) -> Option<&'l str>) -> bool {
        let has = |(key, value): (&String, &String)| label(key) == Some(value.as_str());
        let holds = |expression: &LabelExpression| expression.holds(label(&expression.key));
        self.labels.iter().all(has) && self.expressions.iter().all(holds)
    }
}

impl LabelExpression {
    fn holds(&self, value: Option<&str>) -> bool {
        match (self.operator, value) {
            (LabelOperator::In, Some(value)) => self.values.contains(value),
            (LabelOperator::In, None) => false,
            (LabelOperator::NotIn, Some(value)) => !self.values.contains(value),
            (LabelOperator::NotIn, None) => true,
            (LabelOperator::Exists, value) => value.is_some(),
            (LabelOperator::DoesNotExist, value) => value.is_none(),
        }
    }
}

/// As kubectl takes it behind `-l`: `app=web,tier in (a,b),!legacy`.
impl fmt::Display for LabelSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let labels = self.labels.iter();
        let labels = labels.map(|(key, value)| format!("{key}={value}"));
        let expressions = self.expressions.iter().map(LabelExpression::to_string);
        let all: Vec<String> = labels.chain(expressions).collect();
        f.write_str(&all.join(","))
    }
}

impl fmt::Display for LabelExpression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values: Vec<&str> = self.values.iter().map(String::as_str).collect();
        let (key, values) = (&self.key, values.join(","));
        match self.operator {
            LabelOperator::In => write!(f, "{key} in ({values})"),
            LabelOperator::NotIn => write!(f, "{key} notin ({values})"),
            LabelOperator::Exists => f.write_str(key),
            LabelOperator::DoesNotExist => write!(f, "!{key}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expression(key: &str, operator: LabelOperator, values: &[&str]) -> LabelExpression {
        LabelExpression {
            key: key.to_owned(),
            operator,
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        }
    }

    #[test]
    fn each_operator_judges_a_label_as_the_api_server_does() {
        let accepts = |operator, values: &[&str], value: Option<&'static str>| {
            let selector = LabelSelector {
                labels: BTreeMap::new(),
                expressions: vec![expression("tier", operator, values)],
            };
            selector.accepts(|key| value.filter(|_| key == "tier"))
        };
        let cases = [
            (LabelOperator::In, &["a", "b"][..], [true, false, false]),
            (LabelOperator::NotIn, &["a", "b"], [false, true, true]),
            (LabelOperator::Exists, &[], [true, true, false]),
            (LabelOperator::DoesNotExist, &[], [false, false, true]),
        ];
        for (operator, values, expected) in cases {
            let found = [Some("a"), Some("c"), None].map(|value| accepts(operator, values, value));
            assert_eq!(found, expected, "{operator:?}");
        }
    }

    #[test]
    fn an_empty_selector_accepts_all_and_labels_and_expressions_must_both_hold() {
        assert!(LabelSelector::default().accepts(|_| None));
        let both = LabelSelector {
            labels: BTreeMap::from([("app".to_owned(), "web".to_owned())]),
            expressions: vec![
                expression("tier", LabelOperator::In, &["a", "b"]),
                expression("legacy", LabelOperator::DoesNotExist, &[]),
            ],
        };
        assert_eq!(both.to_string(), "app=web,tier in (a,b),!legacy");
        let label = |pairs: &'static [(&str, &str)]| {
            move |key: &str| {
                let found = pairs.iter().find(|(own, _)| *own == key);
                found.map(|(_, value)| *value)
            }
        };
        assert!(both.accepts(label(&[("app", "web"), ("tier", "b")])));
        assert!(!both.accepts(label(&[("app", "web")])));
        assert!(!both.accepts(label(&[("tier", "b")])));
        assert!(!both.accepts(label(&[("app", "web"), ("tier", "b"), ("legacy", "")])));
    }
}
