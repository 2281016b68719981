//! Decides how Kubernetes reads a plain scalar, and whether other readers of YAML read it
//! differently.
//!
//! Kubernetes reads manifests by `sigs.k8s.io/yaml`, whose fork of go-yaml v2 knows YAML 1.1 with a
//! few habits of Go: <https://github.com/kubernetes-sigs/yaml/blob/master/goyaml.v2/resolve.go>.

use std::borrow::Cow;

use super::Style;

/// A scalar's value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar<'a> {
    /// `null`, `~`, or nothing at all.
    Null,
    /// `true`, `false`, and unquoted `yes`, `off`, `n` …
    Bool(bool),
    /// An integer.
    Int(i64),
    /// An integer beyond 64 bits with sign, as it is written.
    Big(&'a str),
    /// Any other number; may be infinite or not a number.
    Float(f64),
    /// Text.
    Str(&'a str),
}

/// The value of a scalar's decoded text, as Kubernetes reads it.
pub fn resolve(text: &str, style: Style) -> Scalar<'_> {
    if style != Style::Plain {
        return Scalar::Str(text);
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Scalar::Null,
        "true" | "True" | "TRUE" | "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => {
            Scalar::Bool(true)
        }
        "false" | "False" | "FALSE" | "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => {
            Scalar::Bool(false)
        }
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Scalar::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Scalar::Float(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => Scalar::Float(f64::NAN),
        _ => match text.as_bytes()[0] {
            b'0'..=b'9' | b'+' | b'-' => number(text).unwrap_or(Scalar::Str(text)),
            b'.' => fraction(text).map_or(Scalar::Str(text), Scalar::Float),
            _ => Scalar::Str(text),
        },
    }
}

/// Why readers of YAML 1.1, YAML 1.2 and Kubernetes would not read a plain scalar alike, if they
/// would not.
pub fn ambiguous(text: &str) -> Option<&'static str> {
    match text {
        "=" => return Some("some readers of YAML 1.1 refuse a lone `=`"),
        "<<" => return Some("readers of YAML 1.1 read it as a merge key"),
        // the words that mean something are shorter, and no number or date begins with a letter
        _ if text.len() > 5 && text.as_bytes()[0].is_ascii_alphabetic() => return None,
        _ => {}
    }
    match resolve(text, Style::Plain) {
        Scalar::Null => None,
        Scalar::Bool(_) if matches!(text.as_bytes()[0] | 0x20, b't' | b'f') => None,
        Scalar::Bool(_) => Some("Kubernetes and YAML 1.1 read a boolean, YAML 1.2 reads text"),
        Scalar::Int(_) | Scalar::Big(_) | Scalar::Float(_) if text.contains('_') => {
            Some("Kubernetes and YAML 1.1 leave out the `_` and read a number, YAML 1.2 reads text")
        }
        Scalar::Int(_) => integer_apart(text),
        Scalar::Big(_) => Some(ROUNDED),
        Scalar::Float(value) if !value.is_finite() => {
            Some("Kubernetes refuses it: JSON has no such number")
        }
        Scalar::Float(_) => float_apart(text),
        Scalar::Str(_) if !begins_number(text) => None,
        Scalar::Str(_) if is_date(text) => {
            Some("YAML 1.1 reads a date, Kubernetes and YAML 1.2 read text")
        }
        Scalar::Str(_) if is_sexagesimal(text) => {
            Some("YAML 1.1 reads a number to the base of 60, Kubernetes and YAML 1.2 read text")
        }
        Scalar::Str(_) if text.starts_with('.') && is_float(&text.replace('_', "")) => Some(
            "YAML 1.1 leaves out the `_` and reads a number, Kubernetes and YAML 1.2 read text",
        ),
        Scalar::Str(_) if is_float(text) => {
            Some("a number too large: some readers read infinity, some read text")
        }
        Scalar::Str(_) => None,
    }
}

/// Whether a text begins as every number and date does.
fn begins_number(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'))
}

const ROUNDED: &str = "Kubernetes rounds an integer beyond 64 bits";

fn integer_apart(text: &str) -> Option<&'static str> {
    let digits = unsigned(text);
    match digits.as_bytes() {
        [b'0'] => None,
        [b'0', b'x', ..] if digits.len() == text.len() => None,
        [b'0', b'x' | b'X', ..] => {
            Some("Kubernetes reads a hexadecimal number, YAML 1.2 reads text")
        }
        [b'0', b'b' | b'B', ..] => Some("Kubernetes reads a binary number, YAML 1.2 reads text"),
        [b'0', b'o' | b'O', ..] => {
            Some("Kubernetes and YAML 1.2 read an octal number, YAML 1.1 reads text")
        }
        [b'0', ..] if digits.trim_start_matches('0').len() < 2 => None,
        [b'0', ..] => Some("Kubernetes and YAML 1.1 read an octal number, YAML 1.2 a decimal one"),
        _ => None,
    }
}

fn float_apart(text: &str) -> Option<&'static str> {
    let digits = unsigned(text);
    let (mantissa, exponent) = match digits.find(['e', 'E']) {
        Some(at) => (&digits[..at], Some(&digits[at + 1..])),
        None => (digits, None),
    };
    let dotted = mantissa.contains('.');
    if exponent.is_some_and(|e| !dotted || !e.starts_with(['+', '-'])) {
        return Some("Kubernetes and YAML 1.2 read a number, YAML 1.1 reads text");
    }
    match dotted {
        true if mantissa.starts_with('.') && digits.len() < text.len() => {
            Some("Kubernetes reads a number, some readers of YAML 1.1 read text")
        }
        true => None,
        false if mantissa.starts_with('0') => {
            Some("Kubernetes and YAML 1.2 read a decimal number, YAML 1.1 reads text")
        }
        false => Some(ROUNDED),
    }
}

/// `strconv.ParseInt(…, 0, 64)` of Go, then a decimal float.
fn number(text: &str) -> Option<Scalar<'_>> {
    let plain: Cow<'_, str> = if text.contains('_') {
        text.replace('_', "").into()
    } else {
        text.into()
    };
    let (radix, digits) = radix(unsigned(&plain));
    if !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix)) {
        let signed = plain.starts_with(['+', '-']);
        match u64::from_str_radix(digits, radix) {
            Ok(size) if plain.starts_with('-') => {
                if let Some(value) = 0i64.checked_sub_unsigned(size) {
                    return Some(Scalar::Int(value));
                }
            }
            Ok(size) if i64::try_from(size).is_ok() => return Some(Scalar::Int(size as i64)),
            Ok(_) if !signed => return Some(Scalar::Big(text)),
            // `0777…` beyond 64 bits is a decimal float to go-yaml
            Err(_) if !signed && (radix == 10 || !is_float(&plain)) => {
                return Some(Scalar::Big(text));
            }
            _ => {}
        }
    }
    // go-yaml's own second look at binary numbers lets the sign be inside
    let inner_sign = || {
        plain
            .strip_prefix("0b")
            .and_then(|bits| i64::from_str_radix(bits, 2).ok())
    };
    float(&plain)
        .map(Scalar::Float)
        .or_else(|| inner_sign().map(Scalar::Int))
}

/// The base that Go reads digits without a sign in, and these digits without the prefix.
fn radix(digits: &str) -> (u32, &str) {
    match digits.as_bytes() {
        [b'0', b'b' | b'B', _, ..] => (2, &digits[2..]),
        [b'0', b'o' | b'O', _, ..] => (8, &digits[2..]),
        [b'0', b'x' | b'X', _, ..] => (16, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    }
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['+', '-']).unwrap_or(text)
}

/// `strconv.ParseFloat` of Go, which allows a `_` between two digits.
fn fraction(text: &str) -> Option<f64> {
    let between = |w: &[u8]| w[1] != b'_' || w[0].is_ascii_digit() && w[2].is_ascii_digit();
    let apart = text.as_bytes().windows(3).all(between) && !text.ends_with('_');
    if apart {
        float(&text.replace('_', ""))
    } else {
        None
    }
}

fn float(text: &str) -> Option<f64> {
    let value: f64 = if is_float(text) {
        text.parse().ok()?
    } else {
        return None;
    };
    value.is_finite().then_some(value)
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_float(text: &str) -> bool {
    let (mantissa, exponent) = match unsigned(text).split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, unsigned(exponent)),
        None => (unsigned(text), "0"),
    };
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let decimal = |digits: &str| digits.bytes().all(|b| b.is_ascii_digit());
    let some = !exponent.is_empty() && !mantissa.is_empty() && mantissa != ".";
    some && decimal(whole) && decimal(part) && decimal(exponent)
}

/// <https://yaml.org/type/timestamp.html>: a date, with or without a time.
fn is_date(text: &str) -> bool {
    let digits = |part: &str, least: usize, most: usize| {
        (least..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
    };
    let (date, time) = match text.find(['T', 't', ' ', '\t']) {
        Some(at) => (&text[..at], Some(text[at + 1..].trim_start())),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let (Some(year), Some(month), Some(day), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    digits(year, 4, 4)
        && digits(month, 1, 2)
        && digits(day, 1, 2)
        && time.is_none_or(|t| t.contains(':') && t.starts_with(|c: char| c.is_ascii_digit()))
}

/// <https://yaml.org/type/int.html> and <https://yaml.org/type/float.html>: `190:20:30`,
/// `190:20:30.15`.
fn is_sexagesimal(text: &str) -> bool {
    let mut parts = unsigned(text).split(':');
    let first = parts.next().unwrap_or_default();
    let (rest, real): (Vec<_>, bool) = match text.rsplit_once('.') {
        Some((whole, part)) if part.bytes().all(|b| b.is_ascii_digit() || b == b'_') => {
            (whole.split(':').skip(1).collect(), true)
        }
        _ => (parts.collect(), false),
    };
    let least = if real { b'0' } else { b'1' };
    first
        .as_bytes()
        .first()
        .is_some_and(|b| (least..=b'9').contains(b))
        && first.bytes().all(|b| b.is_ascii_digit() || b == b'_')
        && !rest.is_empty()
        && rest
            .iter()
            .all(|part| matches!(part.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9']))
}

#[cfg(test)]
mod tests;
