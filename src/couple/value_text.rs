//! Writes a value as the text that a container gets.

use std::borrow::Cow;
use std::fmt::Write;

use serde_json::Value as Json;

use crate::api::number_text;

/// The text of a value, or why it has none.
pub(super) fn text(value: &Json) -> Result<Cow<'_, str>, &'static str> {
    match value {
        Json::Null => Err("null means that it is not given"),
        Json::String(text) => Ok(Cow::Borrowed(text)),
        Json::Bool(true) => Ok(Cow::Borrowed("true")),
        Json::Bool(false) => Ok(Cow::Borrowed("false")),
        Json::Number(number) => Ok(Cow::Owned(number_text(number))),
        Json::Array(items) if items.iter().all(is_scalar) => joined(items),
        Json::Array(items) if !items.is_empty() && items.iter().all(is_endpoint) => {
            endpoints(items)
        }
        Json::Array(_) | Json::Object(_) => Ok(Cow::Owned(value.to_string())),
    }
}

fn is_scalar(value: &Json) -> bool {
    matches!(value, Json::String(_) | Json::Number(_) | Json::Bool(_))
}

fn is_endpoint(value: &Json) -> bool {
    value.as_object().is_some_and(|object| {
        object.len() == 2
            && object.get("host").is_some_and(Json::is_string)
            && object
                .get("port")
                .is_some_and(|port| port.is_u64() || port.is_i64())
    })
}

const COMMA: &str = "an item of the list contains a comma, so the text could not be split into \
 items again";

fn joined(items: &[Json]) -> Result<Cow<'_, str>, &'static str> {
    let mut all = String::new();
    for (i, item) in items.iter().enumerate() {
        let item = text(item)?;
        if item.contains(',') {
            return Err(COMMA);
        }
        if i > 0 {
            all.push(',');
        }
        all.push_str(&item);
    }
    Ok(Cow::Owned(all))
}

fn endpoints(items: &[Json]) -> Result<Cow<'_, str>, &'static str> {
    let mut all = String::new();
    for (i, item) in items.iter().enumerate() {
        let host = item["host"].as_str().unwrap_or_default();
        if host.contains(',') {
            return Err(COMMA);
        }
        if i > 0 {
            all.push(',');
        }
        // writing to a String cannot fail
        let _ = write!(all, "{host}:{}", item["port"]);
    }
    Ok(Cow::Owned(all))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_shape_has_its_text() {
        for (value, expected) in [
            (json!("a,b"), "a,b"),
            (json!(5432), "5432"),
            (json!(-1), "-1"),
            (
                json!(18_446_744_073_709_551_615_u64),
                "18446744073709551615",
            ),
            (json!(1.0), "1"),
            (json!(-0.0), "0"),
            (json!(0.1), "0.1"),
            (json!(1e300), "1e300"),
            (json!(true), "true"),
            (json!([]), ""),
            (json!(["a", 1, false]), "a,1,false"),
            (
                json!([{"host": "a", "port": 1}, {"host": "b", "port": 2}]),
                "a:1,b:2",
            ),
            (json!([{"host": "a"}]), r#"[{"host":"a"}]"#),
            (json!({"b": 1, "a": [1]}), r#"{"a":[1],"b":1}"#),
        ] {
            assert_eq!(text(&value).unwrap(), expected, "{value}");
        }
    }

    #[test]
    fn what_has_no_text_says_why() {
        assert!(text(&Json::Null).is_err());
        assert!(text(&json!(["a,b"])).is_err());
        assert!(text(&json!([{"host": "a,b", "port": 1}])).is_err());
    }
}
