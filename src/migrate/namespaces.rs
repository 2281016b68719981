//! Writes `allow` from the regular expressions of namespaces in a Socket of `v1beta1`.

use super::old_object::OldParty;
use super::report::{MigrationOutcome, MigrationReport};
use crate::edit::Value;

/// The namespaces whose Plugs may couple; `None`: the Socket's own alone.
pub(super) fn allow(party: &OldParty, report: &mut MigrationReport) -> Option<Value<'static>> {
    let Some(validation) = &party.validation else {
        return Some(all());
    };
    for pattern in &validation.refused {
        let message = format!(
            "the namespaces `{}` cannot be refused: coupler lists the namespaces that are \
             allowed, and this Socket allows only its own",
            pattern.value
        );
        report.add(
            MigrationOutcome::NoCounterpart,
            &party.subject,
            pattern.at,
            message,
        );
        report.help("name the namespaces of its Plugs: `allow: {namespaces: [shop, \"team-*\"]}`");
    }
    let Some(patterns) = &validation.allowed else {
        return validation.refused.is_empty().then(all);
    };
    if !validation.refused.is_empty() {
        return None;
    }
    let mut globs = Vec::new();
    for pattern in patterns {
        let glob = glob(&pattern.value);
        let (outcome, message) = match &glob {
            Some(glob) => (
                MigrationOutcome::Changed,
                format!(
                    "the regular expression `{}` of namespaces is written as `{glob}`",
                    pattern.value
                ),
            ),
            None => (
                MigrationOutcome::NoCounterpart,
                format!(
                    "the regular expression `{}` of namespaces is left out: `*` is the only wildcard",
                    pattern.value
                ),
            ),
        };
        report.add(outcome, &party.subject, pattern.at, message);
        globs.extend(glob.map(|glob| Value::Text(glob.into())));
    }
    if patterns.is_empty() {
        let message = "an empty list allows no namespace; in coupler this Socket allows its own";
        let at = validation.at;
        report.add(MigrationOutcome::Changed, &party.subject, at, message);
    }
    (!globs.is_empty()).then_some(Value::List(globs))
}

fn all() -> Value<'static> {
    Value::List(vec![Value::Text("*".into())])
}

/// A regular expression as a pattern with `*`: it is not anchored unless it is written so.
fn glob(pattern: &str) -> Option<String> {
    let (start, pattern) = match pattern.strip_prefix('^') {
        Some(rest) => ("", rest),
        None => ("*", pattern),
    };
    let (pattern, end) = match pattern.strip_suffix('$') {
        Some(rest) => (rest, ""),
        None => (pattern, "*"),
    };
    let is_known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let mut parts = pattern.split(".*");
    if !parts.all(|part| part.chars().all(is_known)) {
        return None;
    }
    let pattern = pattern.replace(".*", "*");
    let mut glob = format!("{start}{pattern}{end}");
    while glob.contains("**") {
        glob = glob.replace("**", "*");
    }
    (!glob.is_empty() && glob.len() <= 63).then_some(glob)
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn a_regular_expression_is_not_anchored() {
        for (pattern, expected) in [
            ("app", Some("*app*")),
            ("^app$", Some("app")),
            ("^team-", Some("team-*")),
            (".*", Some("*")),
            ("", Some("*")),
            ("^a.*z$", Some("a*z")),
            ("a|b", None),
            ("^$", None),
            ("a+", None),
        ] {
            assert_eq!(glob(pattern).as_deref(), expected, "{pattern}");
        }
        // a star would repeat the letter before it
        assert_eq!(glob("a*"), None);
    }
}
