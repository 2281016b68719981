//! Splice against re-parse: scalars of random documents are replaced by random text, and nothing
//! else may change.
//!
//! A second of cases by default; `COUPLER_FUZZ_SECONDS` asks for more.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "a test may run for as long as it is told"
)]

use std::time::{Duration, Instant};

use coupler::edit::Edits;
use coupler::manifest::{Kind, NodeId, Scalar, Style, Tree, emit, scalar};

const CASES: u64 = 4_000;

#[test]
fn nothing_but_the_replaced_scalars_changes() {
    let seconds = std::env::var("COUPLER_FUZZ_SECONDS")
        .ok()
        .and_then(|s| s.parse().ok())
        .map(Duration::from_secs);
    let start = Instant::now();
    let (mut cases, mut replaced) = (0, 0);
    while seconds.map_or(cases < CASES, |s| start.elapsed() < s) {
        replaced += case(cases);
        cases += 1;
    }
    eprintln!("{cases} documents, {replaced} scalars replaced");
    assert!(
        replaced > cases,
        "the generator makes too few documents that can be read"
    );
}

/// One document with some of its scalars replaced: how many.
fn case(seed: u64) -> u64 {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let text = document(&mut random);
    let Ok(before) = Tree::read(&text) else {
        return 0;
    };
    let mut scalars = Vec::new();
    collect(&before, before.root().unwrap(), &mut scalars);
    if scalars.is_empty() {
        return 0;
    }
    let mut wanted: Vec<(NodeId, String)> = Vec::new();
    for _ in 0..1 + random.below(3) {
        let id = scalars[random.below(scalars.len())];
        if wanted.iter().all(|(other, _)| *other != id) {
            wanted.push((id, words(&mut random)));
        }
    }
    let mut edits = Edits::default();
    for (id, new) in &wanted {
        let span = before.span(*id);
        let token = if in_flow(&before, *id) {
            emit::flow_string(new)
        } else {
            emit::string(new)
        };
        edits.replace(
            span,
            if span.is_empty() {
                format!(" {token}")
            } else {
                token.into_owned()
            },
        );
    }
    let out = edits.apply(&text);
    let explain = || format!("seed {seed}, {wanted:?}\n--- before\n{text}\n--- after\n{out}");
    let after = Tree::read_full(&out).unwrap_or_else(|error| panic!("{error:?}\n{}", explain()));
    if let Err(what) = compare(
        &before,
        before.root().unwrap(),
        &after,
        after.root().unwrap(),
        &wanted,
    ) {
        panic!("{what}\n{}", explain());
    }
    wanted.len() as u64
}

fn collect(tree: &Tree<'_>, id: NodeId, scalars: &mut Vec<NodeId>) {
    if tree.kind(id) == Kind::Scalar {
        scalars.push(id);
    }
    tree.children(id)
        .for_each(|child| collect(tree, child, scalars));
}

fn in_flow(tree: &Tree<'_>, id: NodeId) -> bool {
    tree.parent(id)
        .is_some_and(|parent| tree.node(parent).style == Style::Flow)
}

/// Whether two trees are alike but for the scalars that were to change.
fn compare(
    before: &Tree<'_>,
    was: NodeId,
    after: &Tree<'_>,
    is: NodeId,
    wanted: &[(NodeId, String)],
) -> Result<(), String> {
    let (old, new) = (before.node(was), after.node(is));
    let token =
        |tree: &Tree<'_>, id: NodeId| tree.node(id).key.map(|key| tree.slice(key).to_owned());
    if before.key(was) != after.key(is) || token(before, was) != token(after, is) {
        return Err(format!(
            "the key {:?} became {:?}",
            before.key(was),
            after.key(is)
        ));
    }
    if let Some((_, text)) = wanted.iter().find(|(id, _)| *id == was) {
        let read = after.str(is).map(|text| scalar::resolve(text, new.style));
        return if read == Some(Scalar::Str(text)) {
            Ok(())
        } else {
            Err(format!("{text:?} is read as {read:?}"))
        };
    }
    if (old.kind, old.style) != (new.kind, new.style) {
        return Err(format!(
            "{:?} became {:?}",
            (old.kind, old.style),
            (new.kind, new.style)
        ));
    }
    if old.kind == Kind::Scalar
        && (before.str(was) != after.str(is) || before.slice(old.span) != after.slice(new.span))
    {
        return Err(format!(
            "{:?} became {:?}",
            before.slice(old.span),
            after.slice(new.span)
        ));
    }
    let (mut left, mut right) = (before.children(was), after.children(is));
    loop {
        match (left.next(), right.next()) {
            (None, None) => return Ok(()),
            (Some(was), Some(is)) => compare(before, was, after, is, wanted)?,
            _ => return Err("another number of members".to_owned()),
        }
    }
}

/// xorshift64*: the same documents on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % bound
    }

    fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

/// Text that is hard to write, or to leave plain.
fn words(random: &mut Random) -> String {
    #[rustfmt::skip]
    let parts = [
        "a", "mongo", "on", "0", "1_0", ":", ": ", " #", "- ", "? ", "'", "\"", "\\", "\n", "\t", "{", "}", "[", "]", ",", "&a",
        "*a", "!t", "%", "|", ">", "~", "=", "<<", " ", "--- ", "...", "é", "😀", "\u{85}", "\u{2028}", "\u{7f}", "\u{0}", "\u{feff}",
    ];
    (0..random.below(6)).map(|_| random.pick(&parts)).collect()
}

fn document(random: &mut Random) -> String {
    let mut out = random
        .pick(&["", "", "---\n", "# head\n", "--- # c\n"])
        .to_owned();
    block_mapping(random, &mut out, 0, 0);
    if random.one_in(4) {
        out = out.replace('\n', "\r\n");
    }
    if random.one_in(4) {
        out.truncate(out.trim_end_matches(['\r', '\n']).len());
    }
    out
}

/// Where the next line of a block begins: perhaps after a comment or an empty line.
fn begin_line(random: &mut Random, out: &mut String, indent: usize) {
    if random.one_in(10) {
        let width = random.below(6);
        *out += &format!(
            "{:width$}{}\n",
            "",
            random.pick(&["# comment: 'x'", "", "# - [ {"])
        );
    }
    *out += &" ".repeat(indent);
}

fn end_line(random: &mut Random, out: &mut String) {
    *out += random.pick(&["\n", "\n", "\n", " \n", " # c\n", "   # d: \"e\"\n"]);
}

fn block_mapping(random: &mut Random, out: &mut String, indent: usize, depth: usize) {
    for n in 0..1 + random.below(4) {
        if n > 0 || indent == 0 {
            begin_line(random, out, indent);
        }
        *out += &match random.below(6) {
            0 => format!("'k {n}':"),
            1 => format!("\"k\\t{n}\":"),
            2 => format!("k/{n}.x-y:"),
            _ => format!("k{n}:"),
        };
        value(random, out, indent, depth, false);
    }
}

fn block_list(random: &mut Random, out: &mut String, indent: usize, depth: usize) {
    for _ in 0..1 + random.below(3) {
        begin_line(random, out, indent);
        *out += "-";
        value(random, out, indent, depth, true);
    }
}

/// What follows a key or a dash, with its line's end.
fn value(random: &mut Random, out: &mut String, indent: usize, depth: usize, dash: bool) {
    let deeper = indent + 1 + random.below(4);
    match random.below(if depth > 4 { 6 } else { 10 }) {
        0 => end_line(random, out),
        1 | 2 => {
            *out += " ";
            flow(random, out, depth);
            end_line(random, out);
        }
        3 => block_scalar(random, out, deeper),
        4 | 5 => {
            *out += &format!(" {}", one_line(random));
            end_line(random, out);
        }
        6 if dash => {
            *out += " ";
            block_mapping(random, out, indent + 2, depth + 1);
        }
        6 | 7 if !dash => {
            end_line(random, out);
            let column = if random.one_in(2) { indent } else { deeper };
            block_list(random, out, column, depth + 1);
        }
        _ => {
            end_line(random, out);
            begin_line(random, out, deeper);
            block_mapping(random, out, deeper, depth + 1);
        }
    }
}

#[rustfmt::skip]
fn one_line(random: &mut Random) -> &'static str {
    random.pick(&[
        "x", "a b", "mongo:27017", "5432", "true", "~", "'on'", "'it''s # x'", "\"a\\n\\u0041\"", "\"{{ x }}\"", "http://x/y#z", "-1",
        "''", "\"\"", "a,b", "é😀",
    ])
}

fn block_scalar(random: &mut Random, out: &mut String, indent: usize) {
    *out += &format!(
        " {}",
        random.pick(&["|", ">", "|-", ">-", "|+", ">+", "| # c"])
    );
    *out += "\n";
    for _ in 0..1 + random.below(3) {
        *out += &format!(
            "{:indent$}{}\n",
            "",
            random.pick(&["text", "k: v", "- x", "# no comment", "two  words ", "'"])
        );
        *out += random.pick(&["", "", "\n", "\n\n"]);
    }
}

fn flow(random: &mut Random, out: &mut String, depth: usize) {
    if depth > 6 || random.one_in(3) {
        *out += random.pick(&["x", "a b", "5", "'y'", "\"z\\t\"", "''", "null", "a:b"]);
        return;
    }
    let list = random.one_in(2);
    *out += random.pick(if list { &["[", "[ "] } else { &["{", "{ "] });
    for n in 0..random.below(4) {
        if n > 0 {
            *out += random.pick(&[", ", ","]);
        }
        if !list {
            *out += &format!("k{n}: ");
        }
        flow(random, out, depth + 2);
    }
    *out += random.pick(if list { &["]", " ]"] } else { &["}", " }"] });
}
