//! Fuzzes `coupler test`: cases with hostile names, links and pipes, compared, updated and
//! reported.

use crate::driver::drive;
use crate::mutate::{Random, mutate};
use crate::names::{documents, file_name};
use crate::program::{Content, Repository};

const FILES: &[&str] = &[
    "input.yaml",
    "input",
    "input/a.yaml",
    "input/sub/b.yaml",
    "expected.yaml",
    "expected",
    "expected/a.yaml",
    "expected/sub/b.yaml",
    "expected-diagnostics.txt",
    "coupler.yaml",
    "settings.yaml",
    "catalog.yaml",
    "catalog",
    "catalog/c.yaml",
];
const TARGETS: &[&str] = &[
    "../../outside/secret.yaml",
    "../../../outside/secret.yaml",
    "../../outside",
    "../../../outside",
    "/etc/hostname",
    "..",
    ".",
    "input.yaml",
    "nowhere",
    "/dev/zero",
];

#[derive(Debug)]
struct Given {
    files: Vec<(String, Content)>,
    report: String,
}

fn make(random: &mut Random) -> Given {
    let case = file_name(random);
    let mut files = Vec::new();
    for _ in 0..1 + random.below(8) {
        let mut name = random.pick(FILES).to_owned();
        if random.below(4) == 0 {
            name = format!(
                "{}/{}.yaml",
                random.pick(&["input", "expected", "catalog"]),
                file_name(random)
            );
        }
        files.push((format!("{case}/{name}"), content(random)));
    }
    files.push((
        format!("{case}/input.yaml"),
        Content::Text(documents(random)[..3].join("---\n")),
    ));
    if random.below(4) == 0 {
        files.push((file_name(random), Content::Link("../outside".to_owned())));
    }
    let report = if random.below(2) == 0 {
        file_name(random)
    } else {
        files[0].0.clone()
    };
    Given {
        files,
        report: format!("./{report}"),
    }
}

fn content(random: &mut Random) -> Content {
    match random.below(6) {
        0 => Content::Pipe,
        1 | 2 => Content::Link(random.pick(TARGETS).to_owned()),
        3 => Content::Text(format!(
            "apiVersion: integration.rock8s.com/v1\nkind: Coupler\nspec: {{catalog: [{}]}}\n",
            serde_json::to_string(random.pick(TARGETS)).unwrap()
        )),
        _ => {
            let documents = documents(random);
            let any = documents[random.below(documents.len() - 1)].clone();
            Content::Text(if random.below(2) == 0 {
                mutate(random, &any, &documents[..3])
            } else {
                any
            })
        }
    }
}

#[test]
fn no_case_reaches_outside() {
    drive("cases", 12, make, |given| {
        let repository = Repository::with(&given.files);
        let report = format!("--junit={}", given.report);
        repository.run(&["test"]);
        repository.run(&["test", &report]);
        repository.run(&["test", "--update"]);
        repository.run(&["test", "--check", "--update", &report]);
    });
}
