//! What the files of a chart make Helm read: schemas that refer to files and addresses, and what is
//! in a `.git`.

use std::fs;
use std::os::unix::fs::symlink;

use crate::build::Desk;
use crate::cli::Ran;
use crate::host;

/// What no output may hold.
const SECRET: &str = "poison-77ab";
const TEMPLATE: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: {{ .Files.Get \".git/config\" | quote }}}\n";

/// A chart at the top of a repository that holds a token, and beside it a file of somebody else's.
fn desk() -> Option<Desk> {
    let helm = host::helm()?;
    let secret = format!("{{\"const\": \"{SECRET}\"}}");
    let files = [
        (
            "chart/Chart.yaml",
            "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
        ),
        ("chart/values.yaml", "a: 1\n"),
        ("chart/templates/a.yaml", TEMPLATE),
        ("secret.json", &secret),
    ];
    let desk = Desk::with(&files, &[]);
    symlink(helm, desk.0.path("bin/helm")).unwrap();
    Some(desk)
}

fn build(desk: &Desk) -> Ran {
    let ran = desk.run(&["build", "chart"]);
    assert!(
        !ran.out.contains(SECRET) && !ran.err.contains(SECRET),
        "{ran:?}"
    );
    ran
}

#[test]
fn a_schema_of_values_refers_to_itself_only() {
    let Some(desk) = desk() else { return };
    let schema = desk.0.path("chart/values.schema.json");
    let file = format!("file://{}", desk.0.path("secret.json").display());
    let parts = file.rsplit_once('/').unwrap();
    for text in [
        format!(r#"{{"properties": {{"a": {{"$ref": "{file}"}}}}}}"#),
        format!(r#"{{"properties": {{"a": {{"$r\u0065f": "{file}#"}}}}}}"#),
        format!(r##"{{"properties": {{"a": {{"$ref": "#/x", "$ref": "{file}"}}}}}}"##),
        format!(
            r#"{{"$id": "{}/", "properties": {{"a": {{"$ref": "{}"}}}}}}"#,
            parts.0, parts.1
        ),
        format!(r#"{{"properties": {{"a": {{"$dynamicRef": "{file}"}}}}}}"#),
        format!(r#"{{"$schema": "{file}"}}"#),
        r#"{"$ref": "http://127.0.0.1:1/schema.json"}"#.to_owned(),
        r#"{"allOf": [{"anyOf": [{"$ref": "/etc/schema.json"}]}]}"#.to_owned(),
        "[".repeat(200),
    ] {
        fs::write(&schema, &text).unwrap();
        build(&desk).status(2).says(&["chart/values.schema.json`"]);
        // by a link, and of a chart within
        fs::create_dir_all(desk.0.path("chart/charts/sub")).unwrap();
        fs::write(
            desk.0.path("chart/charts/sub/Chart.yaml"),
            "apiVersion: v2\nname: sub\nversion: 1.0.0\n",
        )
        .unwrap();
        fs::rename(&schema, desk.0.path("chart/other.json")).unwrap();
        symlink(
            "../../other.json",
            desk.0.path("chart/charts/sub/values.schema.json"),
        )
        .unwrap();
        build(&desk)
            .status(2)
            .says(&["chart/charts/sub/values.schema.json`"]);
        fs::remove_dir_all(desk.0.path("chart/charts")).unwrap();
    }
    let local = |kind: &str| {
        format!(
            "{{\"$schema\": \"http://json-schema.org/draft-07/schema#\", \"definitions\": {{\"t\": {{\"type\": \"{kind}\"}}}}, \
             \"properties\": {{\"a\": {{\"$ref\": \"#/definitions/t\"}}}}}}"
        )
    };
    fs::write(&schema, local("integer")).unwrap();
    build(&desk).status(0);
    fs::write(&schema, local("integer") + &" ".repeat(2 << 20)).unwrap();
    build(&desk).status(0);
    fs::write(&schema, local("integer") + &" ".repeat(5 << 20)).unwrap();
    build(&desk)
        .status(2)
        .says(&["chart/values.schema.json` is larger than 5 MiB"]);
    fs::write(&schema, local("string")).unwrap();
    build(&desk).status(1).says(&["want string"]);
}

#[test]
fn a_schema_in_an_archive_is_not_obeyed() {
    let Some(desk) = desk() else { return };
    let file = format!("file://{}", desk.0.path("secret.json").display());
    fs::create_dir_all(desk.0.path("chart/charts")).unwrap();
    fs::create_dir_all(desk.0.path("sub")).unwrap();
    fs::write(
        desk.0.path("sub/Chart.yaml"),
        "apiVersion: v2\nname: sub\nversion: 1.0.0\n",
    )
    .unwrap();
    fs::write(desk.0.path("sub/values.yaml"), "a: 1\n").unwrap();
    let schema = format!(r#"{{"properties": {{"a": {{"$ref": "{file}"}}}}}}"#);
    fs::write(desk.0.path("sub/values.schema.json"), schema).unwrap();
    let mut tar = std::process::Command::new("tar");
    tar.args(["czf", "chart/charts/sub-1.0.0.tgz", "sub"])
        .current_dir(desk.0.path(""));
    assert!(tar.status().unwrap().success());
    build(&desk).status(0);
}

#[test]
fn a_chart_reads_nothing_of_its_repositorys_git() {
    let Some(desk) = desk() else { return };
    let git = desk.0.path("chart/.git");
    fs::create_dir_all(&git).unwrap();
    fs::write(git.join("config"), SECRET).unwrap();
    for ignored in [
        None,
        Some("*.md\n"),
        Some("# .git/\n"),
        Some("!.git/\n"),
        Some("a.git/\n"),
    ] {
        if let Some(text) = ignored {
            fs::write(desk.0.path("chart/.helmignore"), text).unwrap();
        }
        build(&desk)
            .status(2)
            .says(&["`chart/.git`", ".helmignore"]);
    }
    for ignored in [".git/\n", "*.md\n .git \n"] {
        fs::write(desk.0.path("chart/.helmignore"), ignored).unwrap();
        build(&desk).status(0);
    }
    // by another name
    fs::rename(&git, desk.0.path("other")).unwrap();
    fs::write(desk.0.path("other/config"), SECRET).unwrap();
    fs::remove_file(desk.0.path("chart/.helmignore")).unwrap();
    symlink("../other", &git).unwrap();
    build(&desk).status(2).says(&["`chart/.git` leads out of"]);
}
