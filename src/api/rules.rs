//! Defines what text is allowed in each field. Each rule is in the CRDs too, as a pattern and a
//! length.

/// A rule, and its words in a message.
pub(super) struct Rule {
    pub(super) must: &'static str,
    /// In characters, as JSON Schema counts.
    pub(super) least: usize,
    pub(super) most: usize,
    pub(super) test: fn(&str) -> bool,
}

impl Rule {
    const fn new(must: &'static str, least: usize, most: usize, test: fn(&str) -> bool) -> Self {
        Self {
            must,
            least,
            most,
            test,
        }
    }
}

/// The name of an interface or of a Plug: it begins variables.
pub(super) const INTERFACE_NAME: Rule = Rule::new(
    "a name of at most 63 lower-case letters, digits and `-` that begins with a letter",
    1,
    63,
    |text| label(text) && text.starts_with(|c: char| c.is_ascii_lowercase()),
);
/// A namespace (RFC 1123 label).
pub(super) const NAMESPACE: Rule = Rule::new(
    "a namespace's name: at most 63 lower-case letters, digits and `-`",
    1,
    63,
    label,
);
/// The name of an object of ours (RFC 1123 subdomain).
pub(super) const OBJECT_NAME: Rule = Rule::new(
    "a name of at most 253 lower-case letters, digits, `-` and `.`",
    1,
    253,
    |text| text.split('.').all(label),
);
/// The name of a resource among those of its owner.
pub(super) const RESOURCE_NAME: Rule = Rule::new(
    "a name of at most 63 lower-case letters, digits and `-`",
    1,
    63,
    label,
);
/// The name of a value in templates.
pub(super) const LOCAL_NAME: Rule = Rule::new(
    "a name of at most 63 letters, digits and `_` that begins with a lower-case letter",
    1,
    63,
    |text| {
        text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    },
);
/// The group of somebody else's kind; that of the core kinds is empty.
pub(super) const GROUP_NAME: Rule = Rule::new(
    "an API group without a version, such as `apps`, or empty for the core kinds",
    0,
    253,
    |text| text.is_empty() || text.split('.').all(label),
);
/// The name of somebody else's object, whose kind makes the rules; or a template of one.
pub(super) const NAME: Rule = Rule::new("text of 1 to 253 characters", 1, 253, |_| true);
/// The reference to an interface, a Service or a kind by name.
pub(super) const SHORT_NAME: Rule = Rule::new("text of 1 to 63 characters", 1, 63, |_| true);
/// The name of a Service (RFC 1123 label).
pub(super) const SERVICE_NAME: Rule = Rule::new(
    "a Service's name: at most 63 lower-case letters, digits and `-`",
    1,
    63,
    label,
);
/// The name of a ServiceBinding's directory.
pub(super) const BINDING_NAME: Rule = Rule::new(
    "a name of at most 253 lower-case letters, digits, `-` and `.`, and neither `.` nor `..`",
    1,
    253,
    |text| {
        let is_allowed = |b: u8| label_byte(b) || b == b'.';
        text.bytes().all(is_allowed) && !matches!(text, "." | "..")
    },
);
/// A key of a Secret, which is a file.
pub(super) const BINDING_ENTRY: Rule = Rule::new(
    "a Secret's key: letters, digits, `-`, `_` and `.`",
    1,
    253,
    |text| {
        let is_allowed = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
        text.bytes().all(is_allowed) && !matches!(text, "." | "..")
    },
);
/// The name of a container.
pub(super) const CONTAINER_NAME: Rule = Rule::new(
    "a container's name: at most 63 lower-case letters, digits and `-`",
    1,
    63,
    label,
);
/// A container, or all of them.
pub(super) const CONTAINER: Rule = Rule::new("a container's name, or `*` for all", 1, 63, |text| {
    text == "*" || label(text)
});
/// A namespace with `*` for any run of characters.
pub(super) const NAMESPACE_GLOB: Rule = Rule::new(
    "a namespace's name, in which `*` matches any characters",
    1,
    63,
    |text| text.bytes().all(|b| b == b'*' || label_byte(b)),
);
/// The name of a Service's port (RFC 6335 §5.1).
pub(super) const PORT_NAME: Rule = Rule::new(
    "a number from 1 to 65535, or a port's name",
    1,
    15,
    |text| label(text) && !text.contains("--") && text.bytes().any(|b| b.is_ascii_lowercase()),
);
/// An environment variable's name, as every Kubernetes version allows it.
pub(super) const ENV_NAME: Rule = Rule::new(
    "the name of a variable: letters, digits, `-`, `_` and `.`, not beginning with a digit",
    1,
    253,
    |text| {
        text.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
            && !text.starts_with(|c: char| c.is_ascii_digit())
    },
);
/// A label's value in a selector.
pub(super) const LABEL_VALUE: Rule = Rule::new("text of at most 63 characters", 0, 63, |_| true);
/// A key in another object, or a path into one.
pub(super) const SOURCE_KEY: Rule = Rule::new("text of 1 to 512 characters", 1, 512, |_| true);
/// The text of a variable: a template.
pub(super) const TEMPLATE: Rule =
    Rule::new("text of at most 32768 characters", 0, 32_768, |_| true);
/// A file below a directory, as a projected volume takes it.
pub(super) const FILE_PATH: Rule = Rule::new(
    "a relative path of at most 253 characters without `..`, such as `ca.crt` or `tls/ca.crt`",
    1,
    253,
    |text| text.split('/').all(is_step),
);
/// A directory of a container.
pub(super) const MOUNT_PATH: Rule = Rule::new(
    "an absolute path of at most 253 characters without `..` and `:`, such as `/etc/db`",
    2,
    253,
    |text| {
        let steps = text
            .strip_prefix('/')
            .map(|rest| rest.strip_suffix('/').unwrap_or(rest));
        steps.is_some_and(|steps| {
            steps
                .split('/')
                .all(|step| is_step(step) && !step.contains(':'))
        })
    },
);
/// The permissions of a file.
pub(super) const MODE: Rule = Rule::new(
    "permissions in octal, in quotes, such as \"0400\"",
    3,
    4,
    |text| {
        let digits = text.trim_start_matches('0');
        digits.len() <= 3 && text.bytes().all(|b| (b'0'..=b'7').contains(&b))
    },
);
/// A remark to the user of an interface.
pub(super) const REMARK: Rule = Rule::new("text of at most 1024 characters", 0, 1024, |_| true);
/// A description.
pub(super) const DESCRIPTION: Rule =
    Rule::new("text of at most 4096 characters", 0, 4096, |_| true);
/// Where an example must fail.
pub(super) const POINTER: Rule = Rule::new(
    "a JSON pointer that begins with `/plug` or `/socket`",
    1,
    256,
    |text| {
        let rest = text
            .strip_prefix("/plug")
            .or_else(|| text.strip_prefix("/socket"));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    },
);
/// Anything.
pub(super) const ANY: Rule = Rule::new("text", 0, usize::MAX, |_| true);
/// A path of the file system.
pub(super) const PATH: Rule = Rule::new("a path of 1 to 4096 characters", 1, 4096, |_| true);

/// Whether a text is the path of a file below a directory.
pub fn is_file_path(path: &str) -> bool {
    path.chars().count() <= FILE_PATH.most && (FILE_PATH.test)(path)
}

/// Whether a Secret, a ConfigMap or an object of ours can have this name (RFC 1123 subdomain).
pub fn is_object_name(name: &str) -> bool {
    name.len() <= OBJECT_NAME.most && (OBJECT_NAME.test)(name)
}

/// Whether a Service can have this name.
pub fn is_service_name(name: &str) -> bool {
    name.len() <= SERVICE_NAME.most && (SERVICE_NAME.test)(name)
}

/// Whether a Service's port can have this name.
pub fn is_port_name(name: &str) -> bool {
    name.len() <= PORT_NAME.most && (PORT_NAME.test)(name)
}

/// Whether an Interface can have this name.
pub fn is_interface_name(name: &str) -> bool {
    name.len() <= INTERFACE_NAME.most && (INTERFACE_NAME.test)(name)
}

/// Whether a text can be one step of a path.
fn is_step(text: &str) -> bool {
    let is_plain = |c: char| !c.is_control() && c != '\\';
    !matches!(text, "" | "." | "..") && text.chars().all(is_plain)
}

fn label_byte(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
}

fn label(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(label_byte)
        && !text.starts_with('-')
        && !text.ends_with('-')
}
