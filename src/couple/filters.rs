//! Defines the filters and tests of computed expressions: they change text, numbers and lists; none
//! adds padding or prints.

use std::fmt::Write;

use minijinja::value::{Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind, filters, tests};
use serde_json::{Map, Value as Json};

use super::forgiving;
use super::value_text::text;
use crate::api::is_object_name;
use crate::limits;

/// Adds them all.
pub(super) fn add_to(env: &mut Environment<'static>) {
    env.add_filter("default", filters::default);
    env.add_filter("lower", filters::lower);
    env.add_filter("upper", filters::upper);
    env.add_filter("trim", filters::trim);
    env.add_filter("replace", replace);
    env.add_filter("join", join);
    env.add_filter("split", filters::split);
    env.add_filter("first", filters::first);
    env.add_filter("last", filters::last);
    env.add_filter("length", filters::length);
    env.add_filter("int", filters::int);
    env.add_filter("float", filters::float);
    env.add_filter("bool", filters::bool);
    env.add_filter("string", string);
    env.add_filter("abs", filters::abs);
    env.add_filter("round", filters::round);
    env.add_filter("min", filters::min);
    env.add_filter("max", filters::max);
    env.add_filter("sort", filters::sort);
    env.add_filter("unique", filters::unique);
    env.add_filter("reverse", filters::reverse);
    env.add_filter("map", filters::map);
    env.add_filter("select", filters::select);
    env.add_filter("reject", filters::reject);
    env.add_filter("selectattr", filters::selectattr);
    env.add_filter("rejectattr", filters::rejectattr);
    env.add_filter("items", filters::items);
    env.add_filter("dictsort", filters::dictsort);
    env.add_filter("list", filters::list);
    env.add_filter("tojson", tojson);
    env.add_filter("indent", indent);
    env.add_filter("urlencode", urlencode);
    env.add_filter("b64encode", b64encode);
    env.add_filter("b64decode", b64decode);
    env.add_filter("quote", quote);
    env.add_filter("ternary", ternary);
    env.add_filter("contains", contains);
    env.add_filter("dns", dns);

    env.add_test("defined", tests::is_defined);
    env.add_test("undefined", tests::is_undefined);
    env.add_test("none", tests::is_none);
    env.add_test("eq", tests::is_eq);
    env.add_test("ne", tests::is_ne);
    env.add_test("lt", tests::is_lt);
    env.add_test("le", tests::is_le);
    env.add_test("gt", tests::is_gt);
    env.add_test("ge", tests::is_ge);
    env.add_test("in", tests::is_in);
    env.add_test("string", tests::is_string);
    env.add_test("number", tests::is_number);
    env.add_test("mapping", tests::is_mapping);
    env.add_test("sequence", tests::is_sequence);
    env.add_test("startingwith", tests::is_startingwith);
    env.add_test("endingwith", tests::is_endingwith);
}

/// A value of the engine as JSON. A list may be longer than its expression (`[1] * 1000000`), so what
/// is longer than any value may be is not built.
pub(super) fn json(value: &Value) -> Result<Json, Error> {
    JsonReader {
        room: 8 * limits::VALUE_BYTES,
    }
    .read(value)
}

/// Reads values, up to a number of bytes.
struct JsonReader {
    room: usize,
}

impl JsonReader {
    fn read(&mut self, value: &Value) -> Result<Json, Error> {
        let value = &forgiving::plain(value);
        match value.kind() {
            ValueKind::Seq | ValueKind::Iterable => {
                let mut items = Vec::new();
                for item in value.try_iter()? {
                    self.take(1)?;
                    items.push(self.read(&item)?);
                }
                Ok(Json::Array(items))
            }
            ValueKind::Map => {
                let mut members = Map::new();
                for key in value.try_iter()? {
                    let name = match key.as_str() {
                        Some(name) => name.to_owned(),
                        None => key.to_string(),
                    };
                    self.take(name.len() + 1)?;
                    let member = self.read(&value.get_item(&key)?)?;
                    members.insert(name, member);
                }
                Ok(Json::Object(members))
            }
            ValueKind::Invalid => Err(Error::new(ErrorKind::BadSerialization, "not JSON")),
            _ => {
                self.take(value.as_str().map_or(1, str::len))?;
                serde_json::to_value(value)
                    .map_err(|e| Error::new(ErrorKind::BadSerialization, "not JSON").with_source(e))
            }
        }
    }

    fn take(&mut self, bytes: usize) -> Result<(), Error> {
        let longer = "the value is longer than allowed";
        let left = self.room.checked_sub(bytes);
        self.room = left.ok_or_else(|| Error::new(ErrorKind::BadSerialization, longer))?;
        Ok(())
    }
}

fn invalid(message: &'static str) -> Error {
    Error::new(ErrorKind::InvalidOperation, message)
}

/// Compact JSON as it is: the engine's own filter escapes for HTML.
fn tojson(value: &Value) -> Result<String, Error> {
    Ok(json(value)?.to_string())
}

/// The text of a value as everywhere else: `true`, where the engine would write `True`.
fn string(value: &Value) -> Result<String, Error> {
    text(&json(value)?)
        .map(std::borrow::Cow::into_owned)
        .map_err(invalid)
}

fn join(value: &Value, separator: Option<&str>) -> Result<String, Error> {
    let mut all = String::new();
    for (i, item) in value.try_iter()?.enumerate() {
        let separator = separator.filter(|_| i > 0).unwrap_or_default();
        let item = string(&item)?;
        room(all.len() + separator.len() + item.len())?;
        all.push_str(separator);
        all.push_str(&item);
    }
    Ok(all)
}

fn replace(value: &Value, from: &str, to: &str) -> Result<String, Error> {
    let text = plain(value)?;
    room(text.len() + text.matches(from).count() * to.len())?;
    Ok(text.replace(from, to))
}

/// Indents every line but the first.
fn indent(value: &Value, width: usize) -> Result<String, Error> {
    let text = plain(value)?;
    room(
        width
            .saturating_mul(text.matches('\n').count())
            .saturating_add(text.len()),
    )?;
    room(width)?;
    Ok(text.replace('\n', &format!("\n{}", " ".repeat(width))))
}

/// The engine's fuel counts what a filter gave, when it is too late.
fn room(bytes: usize) -> Result<(), Error> {
    if bytes <= limits::VALUE_BYTES {
        Ok(())
    } else {
        Err(invalid("the text is longer than allowed"))
    }
}

fn plain(value: &Value) -> Result<String, Error> {
    match value.as_str() {
        Some(text) => Ok(text.to_owned()),
        None if value.is_number() => Ok(value.to_string()),
        None => Err(invalid("this filter takes a text or a number")),
    }
}

/// Percent-encodes all but the unreserved characters of RFC 3986 §2.3.
fn urlencode(value: &Value) -> Result<String, Error> {
    let mut out = String::new();
    for byte in plain(value)?.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // writing to a String cannot fail
            let _ = write!(out, "%{byte:02X}");
        }
    }
    Ok(out)
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn b64encode(value: &Value) -> Result<String, Error> {
    let mut out = String::new();
    for chunk in plain(value)?.as_bytes().chunks(3) {
        let byte = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for i in 0..4 {
            let sextet = (bits >> (18 - 6 * i)) & 63;
            out.push(if i <= chunk.len() {
                char::from(ALPHABET[sextet as usize])
            } else {
                '='
            });
        }
    }
    Ok(out)
}

fn b64decode(value: &Value) -> Result<String, Error> {
    let text = plain(value)?;
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text.trim_end_matches('=').bytes() {
        let sextet = ALPHABET
            .iter()
            .position(|&b| b == byte)
            .ok_or_else(|| invalid("not base64"))?;
        bits = bits << 6 | sextet as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    String::from_utf8(bytes).map_err(|_| invalid("not base64 of UTF-8 text"))
}

/// A JSON string: quoted and escaped.
fn quote(value: &Value) -> Result<String, Error> {
    serde_json::to_string(&plain(value)?).map_err(|e| invalid("not text").with_source(e))
}

/// A text as the name of an object: as it is, or in lower case with `-` in place of all that a name
/// cannot have.
fn dns(value: &Value) -> Result<String, Error> {
    let text = plain(value)?;
    if is_object_name(&text) {
        return Ok(text);
    }
    let mut name = String::new();
    for c in text.to_ascii_lowercase().chars() {
        let is_kept = c.is_ascii_lowercase() || c.is_ascii_digit();
        if is_kept {
            name.push(c);
        } else if !name.ends_with('-') {
            name.push('-');
        }
    }
    Ok(name.trim_matches('-').to_owned())
}

fn ternary(value: &Value, yes: Value, no: Value) -> Value {
    if value.is_true() { yes } else { no }
}

fn contains(value: &Value, wanted: &Value) -> Result<bool, Error> {
    match (value.as_str(), wanted.as_str()) {
        (Some(text), Some(wanted)) => Ok(text.contains(wanted)),
        (Some(_), None) => Err(invalid("a text contains only text")),
        (None, _) => Ok(value.try_iter()?.any(|item| item == *wanted)),
    }
}

#[cfg(test)]
mod tests_of_filters {
    use super::*;

    fn eval(source: &str) -> String {
        let mut env = Environment::empty();
        add_to(&mut env);
        env.render_str(source, ()).unwrap()
    }

    #[test]
    fn our_own_filters_do_what_they_say() {
        assert_eq!(eval("{{ 'a b/ü~' | urlencode }}"), "a%20b%2F%C3%BC~");
        for text in ["", "a", "ab", "abc", "a\u{fc}?>"] {
            assert_eq!(
                eval(&format!("{{{{ '{text}' | b64encode | b64decode }}}}")),
                text
            );
        }
        assert_eq!(eval("{{ 'ab' | b64encode }}"), "YWI=");
        assert_eq!(eval("{{ 'a\"b' | quote }}"), r#""a\"b""#);
        assert_eq!(
            eval(
                "{{ true | ternary(1, 2) }}{{ 'abc' | contains('bc') }}{{ [1, 2] | contains(3) }}"
            ),
            "1TrueFalse"
        );
        assert_eq!(
            eval("{{ 'a-b' | replace('-', '+') }}{{ 'a\nb' | indent(2) }}"),
            "a+ba\n  b"
        );
        assert_eq!(eval("{{ {'a': '<x>'} | tojson }}"), r#"{"a":"<x>"}"#);
    }
}
