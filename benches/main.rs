//! `cargo bench --bench coupler`: one table. Every row is beside a reference that ran in turn with
//! it: parse and emit by yaml_serde.
//!
//! CPU time of one thread, the best of several rounds. The aims are printed, not asserted: machines
//! differ. What is asserted is that the work was done.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench reads clocks, starts itself, and may fail loudly"
)]

mod apps;
mod clock;
mod hosts;
mod phases;
#[path = "../tests/it/rig.rs"]
mod rig;
#[path = "../tests/it/skip.rs"]
mod skip;

use std::hint::black_box;
use std::time::Duration;

use apps::{Bound, Offered, Road, among, apps, apps_offered, apps_registered, apps_with, input};
use clock::{Best, best};
use coupler::api::{AllPlugs, Integrations};
use coupler::manifest::{Tree, scan::scan};
use coupler::render::{Input, render};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--peak", case] => peak(case),
        ["--cold", apps] => {
            let input = apps_input(apps);
            println!("{}", clock::cold(|| run(&input, &mut String::new())));
        }
        ["--emit", path] => {
            emit(
                &std::fs::read_to_string(path).expect("the file is there"),
                &mut String::new(),
            );
        }
        ["--bench"] => table(),
        _ => println!("what is not run by `cargo bench` is not measured"),
    }
}

fn table() {
    println!(
        "{:46}{:>10}{:>10}{:>16}{:>10}   aim",
        "CPU time, best of several rounds", "", "MB/s", "parse and emit", "times"
    );
    reading();
    apps_growth();
    beside_variables();
    resources();
    adapted();
    registered();
    careful();
    again();
    function();
    large();
    foreign();
    hosts::cold();
    memory();
    hosts::kustomize();
    println!("\n{:46}{:>10}   budget", "phases of 1,000 apps", "");
    for (name, took, budget) in phases::phases(&apps(1_000, Road::Fast)) {
        println!("{name:46}{:>10}   {budget} ms", ms(took));
    }
}

fn reading() {
    let text = apps(1_000, Road::Fast);
    let mut out = String::new();
    let mut emit = || emit(&text, &mut out);
    let documents: Vec<&str> = scan(0, &text)
        .iter()
        .map(|document| document.text)
        .collect();
    assert_eq!(documents.len(), 3_204);
    row(
        "scan",
        text.len(),
        best(|| scan(0, &text).len(), &mut emit),
        "",
    );
    let fast = || {
        documents
            .iter()
            .filter_map(|text| Tree::read_fast(text))
            .count()
    };
    assert_eq!(fast(), documents.len());
    row("fast parser", text.len(), best(fast, &mut emit), "360 MB/s");
    let careful = || {
        documents
            .iter()
            .filter_map(|text| Tree::read_full(text).ok())
            .count()
    };
    assert_eq!(careful(), documents.len());
    row("full parser", text.len(), best(careful, &mut emit), "");
}

fn apps_growth() {
    let mut before: Option<[Duration; 2]> = None;
    for (n, name, aim) in [
        (100, "render 100 apps, 200 couplings", ""),
        (1_000, "render 1,000 apps, 2,000 couplings", "60 ms"),
        (10_000, "render 10,000 apps, 20,000 couplings", ""),
    ] {
        let input = input(apps(n, Road::Fast), Integrations::Drop);
        assert_coupled(&rendered(&input), n);
        let measured = beside(&input);
        row(name, text_of(&input).len(), measured, aim);
        drop(input);
        let cold = clock::cold_of(&n.to_string());
        println!(
            "{:46}{:>10}",
            "    in a fresh process, as the command does it",
            ms(cold)
        );
        // rounds of little memory find their pages again, those of much have given them back: in
        // fresh processes all are alike
        if let Some([warm_before, cold_before]) = before {
            let times = cold.as_secs_f64() / cold_before.as_secs_f64();
            println!(
                "{:46}{times:>9.1}x{:39}at most 11x",
                "    growth at ten times the apps, fresh", ""
            );
            let times = measured.case.as_secs_f64() / warm_before.as_secs_f64();
            println!(
                "{:46}{times:>9.1}x",
                "    growth at ten times the apps, in rounds"
            );
        }
        before = Some([measured.case, cold]);
    }
}

fn careful() {
    let input = input(apps(1_000, Road::Careful), Integrations::Drop);
    assert!(
        scan(0, text_of(&input))
            .iter()
            .all(|document| Tree::read_fast(document.text).is_none())
    );
    assert_coupled(&rendered(&input), 1_000);
    let measured = beside(&input);
    row(
        "render 1,000 apps, full parser only",
        text_of(&input).len(),
        measured,
        "250 ms",
    );
}

/// Another binding beside variables, in the same run.
struct BesideVariables {
    bound: Bound,
    name: &'static str,
    /// What each of its couplings has once.
    once: &'static str,
    /// How many times what variables take it may take.
    at_most: &'static str,
}

/// Fields and files beside variables.
fn beside_variables() {
    let rows = [
        BesideVariables {
            bound: Bound::Fields,
            name: "render 1,000 apps, four fields each",
            once: "secretName: ",
            at_most: "1.3 times the variables",
        },
        BesideVariables {
            bound: Bound::Files,
            name: "render 1,000 apps, files for variables",
            once: "downwardAPI:",
            at_most: "1.6 times the variables",
        },
    ];
    let of = |bound| input(apps_with(1_000, Road::Fast, bound), Integrations::Drop);
    let variables = of(Bound::Variables);
    for row in rows {
        let bound = of(row.bound);
        let text = rendered(&bound);
        for mark in [row.once, "coupled.integration.rock8s.com/"] {
            assert_eq!(text.matches(mark).count(), 2_000, "{mark}");
        }
        times_of(row.name, &bound, &variables, row.at_most);
    }
}

/// Resources beside variables alone.
fn resources() {
    let of = |bound| input(apps_with(1_000, Road::Fast, bound), Integrations::Drop);
    let (variables, resources) = (of(Bound::Variables), of(Bound::Resources));
    let text = rendered(&resources);
    assert_eq!(text.matches("kind: Job").count(), 1_000);
    assert_variables(&text, 1_000);
    times_of(
        "render 1,000 apps with a resource each",
        &resources,
        &variables,
        "1.6 times the variables",
    );
}

/// Adapted Sockets beside written ones that are the same.
fn adapted() {
    let of = |offered| input(apps_offered(1_000, offered), Integrations::Drop);
    let (written, adapted) = (of(Offered::Written), of(Offered::Adapted));
    for input in [&written, &adapted] {
        let text = rendered(input);
        assert_eq!(text.matches("key: uri\n").count(), 2_000);
        assert_eq!(
            text.matches("coupled.integration.rock8s.com/").count(),
            2_000
        );
    }
    times_of(
        "render 1,000 apps, Sockets by Adapters",
        &adapted,
        &written,
        "1.3 times written Sockets",
    );
}

/// Sockets that write what their ten Plugs hand over, beside the same without.
fn registered() {
    let plain = input(apps(1_000, Road::Fast), Integrations::Drop);
    let mut registered = input(apps_registered(1_000), Integrations::Drop);
    registered.settings.plugs = AllPlugs::Stream;
    let text = rendered(&registered);
    assert_eq!(text.matches("name: DATABASES\n").count(), 200);
    assert_variables(&text, 1_000);
    times_of(
        "render 1,000 apps, 200 Sockets that bind",
        &registered,
        &plain,
        "1.6 times the same without",
    );
}

/// A case beside another, in the same run.
fn times_of(name: &str, case: &Input, reference: &Input, aim: &str) {
    let (mut one, mut other) = (String::new(), String::new());
    let measured = best(|| run(case, &mut one), || run(reference, &mut other));
    let times = measured.case.as_secs_f64() / measured.reference.as_secs_f64();
    println!(
        "{name:46}{:>10}{times:>36.1}   at most {aim}",
        ms(measured.case)
    );
}

fn again() {
    let first = rendered(&input(apps(1_000, Road::Fast), Integrations::Keep));
    let input = input(first, Integrations::Keep);
    assert!(
        render(&input)
            .rendered
            .iter()
            .all(|source| source.changed.is_empty())
    );
    assert_coupled(&rendered(&input), 1_000);
    let measured = beside(&input);
    row(
        "render 1,000 apps again, in place",
        text_of(&input).len(),
        measured,
        "",
    );
}

/// The function is given what the filter is given, as the items of a list; it writes the list and
/// not a stream.
fn function() {
    let filter = input(apps(1_000, Road::Fast), Integrations::Drop);
    let list = apps::list(text_of(&filter));
    let answer = coupler::krm::run(list.clone());
    assert_eq!((answer.status, answer.stderr.as_str()), (0, ""));
    assert_coupled(&answer.stdout, 1_000);
    let mut out = String::new();
    let measured = best(
        || coupler::krm::run(list.clone()).stdout.len(),
        || emit(text_of(&filter), &mut out),
    );
    row(
        "the function, 1,000 apps in a ResourceList",
        list.len(),
        measured,
        "",
    );
    let mut text = String::new();
    let both = best(
        || coupler::krm::run(list.clone()).stdout.len(),
        || run(&filter, &mut text),
    );
    let times = both.case.as_secs_f64() / both.reference.as_secs_f64();
    println!("{:46}{times:>9.1}x", "    against the filter");
}

fn large() {
    let input = input(among(500, 18_398), Integrations::Keep);
    let output = render(&input);
    assert_eq!(scan(0, text_of(&input)).len(), 20_002);
    assert_eq!(
        output
            .rendered
            .iter()
            .map(|source| source.changed.len())
            .sum::<usize>(),
        500
    );
    drop(output);
    let measured = beside(&input);
    row(
        "20,000 documents, 2.5 % touched",
        text_of(&input).len(),
        measured,
        "60 ms, 20 times",
    );
}

fn foreign() {
    let input = input(among(0, 20_000), Integrations::Drop);
    assert!(rendered(&input) == text_of(&input));
    let mut out = String::new();
    let measured = best(
        || render(&input).rendered.len(),
        || emit(text_of(&input), &mut out),
    );
    row(
        "20,000 documents, nothing of ours",
        text_of(&input).len(),
        measured,
        "",
    );
    let plain = best(|| plain(text_of(&input)), || ()).case;
    let times = measured.case.as_secs_f64() / plain.as_secs_f64();
    println!(
        "{:46}{times:>9.1}x{:39}at most 3x",
        "    against a plain split and scan", ""
    );
}

fn memory() {
    let reference = clock::peak_of("emit");
    for (case, name, aim) in [
        ("1000", "peak memory, 1,000 apps", "40 MB"),
        ("10000", "peak memory, 10,000 apps", ""),
        ("20000", "peak memory, 20,000 documents", ""),
    ] {
        let peak = clock::peak_of(case);
        let beside = if case == "1000" {
            format!("{reference:.1} MB")
        } else {
            String::new()
        };
        println!(
            "{name:46}{peak:>7.1} MB{:>10}{beside:>16}{:>10}   {aim}",
            "", ""
        );
    }
}

/// Runs one case and prints this process's peak.
fn peak(case: &str) {
    match case {
        "emit" => emit(&apps(1_000, Road::Fast), &mut String::new()),
        "20000" => drop(black_box(rendered(&input(
            among(500, 18_398),
            Integrations::Keep,
        )))),
        n => drop(black_box(rendered(&apps_input(n)))),
    }
    println!("{}", clock::peak());
}

fn apps_input(n: &str) -> Input {
    input(
        apps(n.parse().expect("a number"), Road::Fast),
        Integrations::Drop,
    )
}

/// Renders, and writes everything into one text. It is kept from round to round, as a pipe is: a
/// page of memory costs more to get than to fill.
fn run(input: &Input, text: &mut String) {
    let output = render(input);
    assert!(
        !output.rendered.is_empty(),
        "{:#?}",
        output.diagnostics.first()
    );
    text.clear();
    output
        .rendered
        .iter()
        .flat_map(|source| &source.pieces)
        .for_each(|piece| text.push_str(piece));
}

fn rendered(input: &Input) -> String {
    let mut text = String::new();
    run(input, &mut text);
    text
}

/// A render beside its reference, both writing.
fn beside(input: &Input) -> Best {
    let (mut one, mut other) = (String::new(), String::new());
    best(|| run(input, &mut one), || emit(text_of(input), &mut other))
}

fn text_of(input: &Input) -> &str {
    &input.sources[0].text
}

/// Each app has its eight variables, and nothing refers to what is not there.
fn assert_coupled(text: &str, apps: usize) {
    assert_variables(text, apps);
    assert_eq!(text.matches("secretKeyRef:\n").count(), apps * 4);
}

/// The same, where resources have references of their own.
fn assert_variables(text: &str, apps: usize) {
    let count = |pattern: &str| text.matches(pattern).count();
    assert_eq!(count("_URL\n"), apps * 2);
    assert_eq!(count("_ADDRESS\n"), apps * 2);
    assert_eq!(count("coupled.integration.rock8s.com/"), apps * 2);
}

/// The reference: what a tool does that reads everything and writes it anew.
fn emit(text: &str, out: &mut String) {
    out.clear();
    for document in scan(0, text) {
        let value: serde_yaml::Value = serde_yaml::from_str(document.text).expect("it is YAML");
        out.push_str("---\n");
        out.push_str(&serde_yaml::to_string(&value).expect("it can be written"));
    }
}

/// The least that must be done to know that nothing of a stream is ours: split it, and look at the
/// two lines.
fn plain(text: &str) -> usize {
    let mut ours = 0;
    for document in text.split("\n---\n") {
        let line = |key| document.lines().find_map(|line| line.strip_prefix(key));
        let (version, kind) = (line("apiVersion: "), line("kind: "));
        ours += usize::from(
            kind.is_some() && version.is_some_and(|v| v.starts_with("integration.rock8s.com/")),
        );
    }
    ours
}

fn row(name: &str, bytes: usize, best: Best, aim: &str) {
    let speed = bytes as f64 / 1e6 / best.case.as_secs_f64();
    let times = best.reference.as_secs_f64() / best.case.as_secs_f64();
    println!(
        "{name:46}{:>10}{speed:>10.0}{:>16}{times:>10.1}   {aim}",
        ms(best.case),
        ms(best.reference)
    );
}

fn ms(duration: Duration) -> String {
    let ms = duration.as_secs_f64() * 1e3;
    if ms < 10.0 {
        format!("{ms:.2} ms")
    } else {
        format!("{ms:.1} ms")
    }
}
