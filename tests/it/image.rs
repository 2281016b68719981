//! Tests the images by their Dockerfiles, without a container engine. What is in them runs in
//! `function`.

use std::path::Path;

/// A Dockerfile's instructions: the word, and the rest with its lines joined.
fn instructions(path: &str) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let text = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect::<Vec<_>>()
        .join("\n")
        .replace("\\\n", " ");
    let words = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let (word, rest) = line
                .split_once(' ')
                .unwrap_or_else(|| panic!("{path}: `{line}`"));
            assert_eq!(word, word.to_uppercase(), "{path}: `{line}`");
            (
                word.to_owned(),
                rest.split_whitespace().collect::<Vec<_>>().join(" "),
            )
        });
    words.collect()
}

/// Where Cargo puts a program: `cargo build --profile function … --bin coupler-fn`.
fn built(run: &str) -> String {
    let words: Vec<_> = run.split(' ').collect();
    let after = |flag: &str| {
        words
            .iter()
            .position(|word| *word == flag)
            .map(|at| words[at + 1])
    };
    let profile = if words.contains(&"--release") {
        Some("release")
    } else {
        after("--profile")
    };
    format!(
        "/src/target/{}/{}",
        profile.unwrap(),
        after("--bin").unwrap()
    )
}

/// An `ARG` that names a base image by its tag, so that a build can pin the digest.
fn image(argument: (&str, &str), name: &str, tag: &str) {
    assert_eq!(argument.0, "ARG");
    let (key, value) = argument.1.split_once('=').unwrap();
    assert!(key == name && value.starts_with(tag), "{argument:?}");
}

/// Both are the same but for the program: built on musl, alone in an empty image, run as nobody in
/// particular.
#[test]
fn an_image_holds_one_static_program_and_no_root() {
    let manifest =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    for (path, program) in [
        ("Dockerfile", "/coupler"),
        ("krm-fn/Dockerfile", "/usr/local/bin/function"),
    ] {
        let all = instructions(path);
        let all: Vec<_> = all
            .iter()
            .map(|(word, rest)| (word.as_str(), rest.as_str()))
            // a part of the version, and of nothing else
            .filter(|instruction| *instruction != ("ARG", "COUPLER_COMMIT="))
            .collect();
        let [argument, first, musl, dir, copy, build, last @ ..] = &all[..] else {
            panic!("{path}: {all:?}")
        };
        // Rust is linked statically against musl, and on Alpine that is what it is built for
        image(*argument, "RUST_IMAGE", "rust:");
        assert!(argument.1.ends_with("-alpine"), "{argument:?}");
        assert_eq!(*first, ("FROM", "${RUST_IMAGE} AS build"));
        assert_eq!(
            (musl, dir, copy),
            (
                &("RUN", "apk add --no-cache musl-dev"),
                &("WORKDIR", "/src"),
                &("COPY", ". .")
            )
        );
        assert!(
            build.1.starts_with(".ci/build ") && build.0 == "RUN",
            "{build:?}"
        );
        let source = built(build.1);
        let name = source.rsplit('/').next().unwrap();
        assert!(
            manifest.contains(&format!("[[bin]]\nname = \"{name}\"\n")),
            "{name}"
        );
        assert!(
            source.contains("/release/") || manifest.contains("[profile.function]"),
            "{source}"
        );
        let expected = [
            ("FROM", "scratch".to_owned()),
            ("COPY", format!("--from=build {source} {program}")),
            ("USER", "65532:65532".to_owned()),
            ("ENTRYPOINT", format!("[\"{program}\"]")),
        ];
        assert_eq!(
            last.iter()
                .map(|(word, rest)| (*word, (*rest).to_owned()))
                .collect::<Vec<_>>(),
            expected,
            "{path}"
        );
    }
}

/// The sidecar's is Argo CD's own, with the program of the other image and the plugin where its
/// server looks for it.
#[test]
fn the_sidecar_is_argo_cds_image_with_coupler_and_the_plugin() {
    let all = instructions("krm-fn/argocd/Dockerfile");
    let all: Vec<_> = all
        .iter()
        .map(|(word, rest)| (word.as_str(), rest.as_str()))
        .collect();
    let [argocd, coupler, rest @ ..] = &all[..] else {
        panic!("{all:?}")
    };
    image(*argocd, "ARGOCD_IMAGE", "quay.io/argoproj/argocd:v");
    image(*coupler, "COUPLER_IMAGE", "coupler");
    let expected = [
        ("FROM", "${COUPLER_IMAGE} AS coupler"),
        ("FROM", "${ARGOCD_IMAGE}"),
        ("COPY", "--from=coupler /coupler /usr/local/bin/coupler"),
        (
            "COPY",
            "plugin.yaml /home/argocd/cmp-server/config/plugin.yaml",
        ),
        ("USER", "999"),
        ("ENTRYPOINT", "[\"/var/run/argocd/argocd-cmp-server\"]"),
    ];
    assert_eq!(rest, expected);
    assert!(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("krm-fn/argocd/plugin.yaml")
            .exists()
    );
    let copied = instructions("Dockerfile")
        .into_iter()
        .find(|(_, rest)| rest.starts_with("--from=build"));
    assert!(
        copied.unwrap().1.ends_with(" /coupler"),
        "the first image has the program there"
    );
}
