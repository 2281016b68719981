//! Tests that what describes the function outside its code (`krm-fn/*.yaml`, its README and help)
//! is what the code does.

use std::path::Path;
use std::process::Command;

use serde_yaml::Value;

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn yaml(path: &str) -> Value {
    serde_yaml::from_str(&read(path)).unwrap()
}

/// What is between two marks of mdtogo, by which catalogues cut READMEs.
fn mdtogo(page: &str, name: &str) -> String {
    let (_, rest) = page
        .split_once(&format!("<!--mdtogo:{name}-->"))
        .unwrap_or_else(|| panic!("no mark {name}"));
    rest.split_once("<!--mdtogo-->")
        .unwrap_or_else(|| panic!("{name} has no end"))
        .0
        .trim()
        .to_owned()
}

/// The settings as they are decoded, without `catalog`, which names files.
fn schema() -> Value {
    let mut schema = yaml("src/api/settings.schema.yaml")["properties"]["spec"].clone();
    schema["properties"]
        .as_mapping_mut()
        .unwrap()
        .shift_remove("catalog")
        .unwrap();
    schema
}

#[test]
fn the_definition_has_the_schema_of_the_settings() {
    let definition = yaml("krm-fn/definition.yaml");
    let spec = &definition["spec"];
    let version = &spec["versions"][0];
    assert_eq!(
        version["schema"]["openAPIV3Schema"]["properties"]["spec"],
        schema()
    );
    let name = format!(
        "{}/{}",
        spec["group"].as_str().unwrap(),
        version["name"].as_str().unwrap()
    );
    assert_eq!(
        (name.as_str(), spec["names"]["kind"].as_str()),
        (coupler::api::API_VERSION, Some("Coupler"))
    );
    assert_eq!(version["license"].as_str(), Some(env!("CARGO_PKG_LICENSE")));
    assert!(
        env!("CARGO_BIN_EXE_coupler-fn")
            .ends_with(version["runtime"]["exec"]["path"].as_str().unwrap())
    );
}

/// The fields that kpt's catalogue asks for, and no others.
#[test]
fn the_catalogues_metadata_is_complete() {
    let metadata = yaml("krm-fn/metadata.yaml");
    let mut keys: Vec<_> = metadata
        .as_mapping()
        .unwrap()
        .keys()
        .map(|key| key.as_str().unwrap())
        .collect();
    keys.sort_unstable();
    assert_eq!(
        keys,
        [
            "description",
            "emails",
            "examplePackageURLs",
            "image",
            "license",
            "sourceURL",
            "tags"
        ]
    );
    let definition = yaml("krm-fn/definition.yaml");
    for key in ["description", "tags"] {
        assert_eq!(metadata[key], definition["spec"][key], "{key}");
    }
    assert_eq!(
        metadata["license"].as_str(),
        Some(env!("CARGO_PKG_LICENSE"))
    );
    let below = |url: &Value| {
        let (_, path) = url.as_str().unwrap().split_once("/tree/main/").unwrap();
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(path)
            .join("README.md")
            .exists()
    };
    assert!(below(&metadata["sourceURL"]));
    let examples = metadata["examplePackageURLs"].as_sequence().unwrap();
    assert!(!examples.is_empty() && examples.iter().all(below));
}

#[test]
fn the_readme_can_be_cut_and_names_every_setting() {
    let page = read("krm-fn/README.md");
    assert_eq!(
        mdtogo(&page, "Short"),
        yaml("krm-fn/metadata.yaml")["description"]
            .as_str()
            .unwrap()
    );
    assert_eq!(
        page.matches("<!--mdtogo-->").count(),
        page.matches("<!--mdtogo:").count()
    );
    assert!(mdtogo(&page, "Examples").contains("kpt fn eval"));
    let (long, help) = (
        mdtogo(&page, "Long"),
        Command::new(env!("CARGO_BIN_EXE_coupler-fn"))
            .arg("--help")
            .output(),
    );
    let help = String::from_utf8(help.unwrap().stdout).unwrap();
    let settings = schema();
    let fields: Vec<_> = settings["properties"]
        .as_mapping()
        .unwrap()
        .keys()
        .map(|key| key.as_str().unwrap())
        .collect();
    let rows: Vec<_> = long
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    assert_eq!(rows, fields);
    let lines = help
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.split_once("   "));
    let helped: Vec<_> = lines
        .map(|(word, _)| word.trim())
        .filter(|word| !word.is_empty())
        .collect();
    assert_eq!(helped, fields);
    for (field, schema) in settings["properties"].as_mapping().unwrap() {
        for word in schema["enum"]
            .as_sequence()
            .into_iter()
            .flatten()
            .map(|word| word.as_str().unwrap())
        {
            let field = field.as_str().unwrap();
            let row = long
                .lines()
                .find(|line| line.starts_with(&format!("| `{field}`")))
                .unwrap();
            assert!(row.contains(&format!("`{word}`")), "{field}: {word}");
            assert!(
                help.lines()
                    .any(|line| line.starts_with(&format!("  {field} ")) && line.contains(word)),
                "{word}"
            );
        }
    }
}

#[test]
fn the_plugin_for_helm_has_our_version() {
    let plugin = yaml("krm-fn/helm/coupler/plugin.yaml");
    assert_eq!(plugin["version"].as_str(), Some(env!("CARGO_PKG_VERSION")));
}

/// What the function needs not is not in it: no command line, no client of a cluster, no runtime.
#[test]
fn the_function_is_built_of_little() {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args([
        "tree",
        "--offline",
        "--locked",
        "--no-default-features",
        "--edges",
        "normal",
        "--prefix",
        "none",
    ]);
    let output = cargo
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let tree = String::from_utf8(output.stdout).unwrap();
    let names: Vec<_> = tree
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert!(
        names.contains(&"granit-parser"),
        "{tree}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    for name in ["clap", "kube", "tokio", "anyhow", "walkdir"] {
        assert!(!names.contains(&name), "{name}");
    }
}

/// The table of what is held: a number for each point, and tests that are there.
#[test]
fn the_table_names_tests_that_are_there() {
    let page = read("krm-fn/README.md");
    let rows: Vec<_> = page
        .lines()
        .filter(|line| line.starts_with("| ") && line.as_bytes()[2].is_ascii_digit())
        .collect();
    for (n, row) in (1..=40).zip(&rows) {
        assert!(
            row.starts_with(&format!("| {n} | ")) && !row.contains("not yet"),
            "{row}"
        );
    }
    assert_eq!(rows.len(), 40);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut known = 0;
    for name in rows
        .iter()
        .flat_map(|row| row.split('`').skip(1).step_by(2))
        .filter(|word| word.contains("::"))
    {
        let (path, test) = name.rsplit_once("::").unwrap();
        let path = path.replace("::", "/");
        let file = match path.as_str() {
            "krm" => root.join("src/krm/tests.rs"),
            "manifest" => root.join(format!("src/manifest/{test}.rs")),
            path => root.join(format!("tests/it/{path}.rs")),
        };
        let text = std::fs::read_to_string(&file)
            .unwrap_or_else(|_| panic!("{name}: there is no {}", file.display()));
        assert!(
            test == "*" || path == "manifest" || text.contains(&format!("fn {test}(")),
            "{name} is not there"
        );
        known += 1;
    }
    assert!(known > 50, "{known}");
}
