//! How fast a text becomes documents and trees: the scan and both roads, against yaml_serde's parse in the same run.
//!
//! Over the manifests of `COUPLER_CORPUS` that every reader reads, and over a generated stream. Best of
//! interleaved rounds; the ratios carry over to other hardware, the MB/s do not.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a bench")]
#![allow(clippy::disallowed_methods, reason = "a bench reads clocks and files")]

#[path = "../fuzz/mutate.rs"]
mod mutate;

use std::hint::black_box;
use std::time::{Duration, Instant};

use coupler::manifest::{Tree, scan};

const ROUNDS: usize = 25;

fn main() {
    // `cargo test --all-targets` runs this too, only to see that it works
    let rounds = if std::env::args().any(|arg| arg == "--bench") { ROUNDS } else { 1 };
    let corpus = mutate::corpus();
    if !corpus.is_empty() {
        measure("corpus", &corpus, rounds);
    }
    measure("generated stream", &stream(), rounds);
}

/// Deployments, Services and ConfigMaps as a chart renders them.
fn stream() -> Vec<String> {
    let deployment = mutate::SEEDS[0];
    let config = mutate::SEEDS[1];
    let service = "apiVersion: v1\nkind: Service\nmetadata:\n  name: express\nspec:\n  ports:\n  - name: http\n    port: 80\n    targetPort: http\n  selector:\n    app: express\n";
    let document = |n: usize| {
        let text = if n.is_multiple_of(4) {
            config
        } else if n % 4 == 1 {
            service
        } else {
            deployment
        };
        format!("---\n# Source: chart/templates/{n}.yaml\n{}", text.replace("express", &format!("express-{n}")))
    };
    vec![(0..1000).map(document).collect()]
}

fn measure(name: &str, texts: &[String], rounds: usize) {
    let documents: Vec<&str> = texts.iter().flat_map(|text| scan(0, text)).map(|document| document.text).collect();
    // the same documents for everyone: those that the fast road reads
    let read =
        |text: &&&str| Tree::read_fast(text).is_some() && serde_yaml::from_str::<serde_yaml::Value>(text).is_ok();
    let common: Vec<&str> = documents.iter().filter(read).copied().collect();
    let all: usize = texts.iter().map(String::len).sum();
    let bytes: usize = common.iter().map(|text| text.len()).sum();
    println!(
        "{name}: {} documents, {all} bytes; {} of them, {bytes} bytes, by every reader",
        documents.len(),
        common.len()
    );

    let mut rows: [(&str, usize, &dyn Fn(), Duration); 4] = [
        ("scan", all, &|| texts.iter().for_each(|text| drop(black_box(scan(0, text)))), Duration::MAX),
        ("fast road", bytes, &|| common.iter().for_each(|text| drop(black_box(Tree::read_fast(text)))), Duration::MAX),
        (
            "careful road",
            bytes,
            &|| common.iter().for_each(|text| drop(black_box(Tree::read_careful(text)))),
            Duration::MAX,
        ),
        (
            "yaml_serde",
            bytes,
            &|| common.iter().for_each(|text| drop(black_box(serde_yaml::from_str::<serde_yaml::Value>(text)))),
            Duration::MAX,
        ),
    ];
    for _ in 0..rounds {
        for (_, _, run, best) in &mut rows {
            let start = Instant::now();
            run();
            *best = (*best).min(start.elapsed());
        }
    }
    let rate = |bytes: usize, took: Duration| bytes as f64 / 1e6 / took.as_secs_f64();
    let reference = rate(rows[3].1, rows[3].3);
    for (what, bytes, _, took) in rows {
        let rate = rate(bytes, took);
        println!("  {what:<12} {rate:>9.0} MB/s {:>7.1} x yaml_serde", rate / reference);
    }
}
