//! Makes the names of variables and files out of the keys of an Interface.

/// `<PREFIX>_<KEY>` in upper snake case: `_` for whatever is no letter or digit and at each
/// lower-to-upper step.
#[must_use]
pub fn env_name(prefix: &str, key: &str) -> String {
    let mut name = String::with_capacity(prefix.len() + key.len() + 4);
    if prefix.starts_with(|c: char| c.is_ascii_digit()) {
        name.push('_');
    }
    snake(prefix, &mut name);
    name.push('_');
    snake(key, &mut name);
    name
}

/// The name of a key's file: kebab-case, `-` for whatever is no letter, digit or `.` and at each
/// lower-to-upper step.
#[must_use]
pub fn file_name(key: &str) -> String {
    let mut name = String::with_capacity(key.len() + 4);
    let mut lower = false;
    for c in key.chars() {
        if lower && c.is_ascii_uppercase() {
            name.push('-');
        }
        lower = c.is_ascii_lowercase();
        name.push(if c.is_ascii_alphanumeric() || c == '.' {
            c.to_ascii_lowercase()
        } else {
            '-'
        });
    }
    name
}

fn snake(text: &str, name: &mut String) {
    let mut lower = false;
    for c in text.chars() {
        if lower && c.is_ascii_uppercase() {
            name.push('_');
        }
        lower = c.is_ascii_lowercase();
        name.push(if c.is_ascii_alphanumeric() {
            c.to_ascii_uppercase()
        } else {
            '_'
        });
    }
}

#[cfg(test)]
mod tests {
    use super::{env_name, file_name};

    #[test]
    fn kebab_case() {
        for (key, name) in [
            ("host", "host"),
            ("tlsCa", "tls-ca"),
            ("jdbcUrl", "jdbc-url"),
            ("db_name", "db-name"),
            ("ca.crt", "ca.crt"),
            ("URL", "url"),
        ] {
            assert_eq!(file_name(key), name);
        }
    }

    #[test]
    fn upper_snake_case() {
        for (prefix, key, name) in [
            ("mongodb", "host", "MONGODB_HOST"),
            ("db", "tlsCa", "DB_TLS_CA"),
            ("my-db", "readOnlyEndpoints", "MY_DB_READ_ONLY_ENDPOINTS"),
            ("my.db", "db_name", "MY_DB_DB_NAME"),
            ("s3", "accessKey", "S3_ACCESS_KEY"),
            ("oidc", "URL", "OIDC_URL"),
            ("9lives", "x", "_9LIVES_X"),
            ("db", "größe", "DB_GR__E"),
        ] {
            assert_eq!(env_name(prefix, key), name);
        }
    }
}
