//! What every fuzz target feeds on: manifests, and a small seeded mutator that breaks them by lines
//! and by tokens.

#![allow(dead_code, unreachable_pub, reason = "each target uses its part")]

use std::path::Path;
use std::time::{Duration, Instant};

/// xorshift64*: small, seeded, the same everywhere.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    /// Below `n`, which is not 0.
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    pub fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }
}

/// How long a target runs: `COUPLER_FUZZ_SECONDS`, or a fixed number of cases.
pub struct Budget {
    until: Option<Instant>,
    cases: u64,
    done: u64,
}

impl Budget {
    pub fn new(cases: u64) -> Self {
        let seconds = std::env::var("COUPLER_FUZZ_SECONDS")
            .ok()
            .and_then(|s| s.parse().ok());
        Self {
            until: seconds.map(|s| Instant::now() + Duration::from_secs(s)),
            cases,
            done: 0,
        }
    }

    /// Whether another case is to run.
    pub fn more(&mut self) -> bool {
        self.done += 1;
        match self.until {
            Some(until) => Instant::now() < until,
            None => self.done <= self.cases,
        }
    }

    pub fn done(&self) -> u64 {
        self.done - 1
    }
}

/// The texts of every manifest under `COUPLER_CORPUS`; none, with a message, without it.
pub fn corpus() -> Vec<String> {
    let Some(root) = std::env::var_os("COUPLER_CORPUS") else {
        eprintln!("skipped: the corpus (COUPLER_CORPUS is not set)");
        return Vec::new();
    };
    let mut texts = Vec::new();
    collect(Path::new(&root), &mut texts);
    assert!(!texts.is_empty(), "COUPLER_CORPUS holds no manifests");
    texts
}

fn collect(at: &Path, texts: &mut Vec<String>) {
    let mut entries: Vec<_> = std::fs::read_dir(at)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, texts);
        } else if path
            .extension()
            .is_some_and(|e| e == "yaml" || e == "yml" || e == "json")
            && let Ok(text) = String::from_utf8(std::fs::read(&path).unwrap())
        {
            texts.push(text);
        }
    }
}

/// The repository's own manifests, and as many generated ones.
pub fn seeds() -> Vec<String> {
    let mut random = Random::new(7);
    let written = SEEDS.iter().map(|&text| text.to_owned());
    written
        .chain((0..60).map(|_| generated(&mut random)))
        .collect()
}

/// A document of random collections and scalars, most of it readable.
pub fn generated(random: &mut Random) -> String {
    let mut out = String::new();
    if random.below(4) == 0 {
        out.push_str("---\n");
    }
    mapping(random, &mut out, 0, 0);
    if random.below(8) == 0 {
        out.pop();
    }
    out
}

fn mapping(random: &mut Random, out: &mut String, indent: usize, depth: usize) {
    let members = 1 + random.below(5);
    for n in 0..members {
        if n > 0 || depth == 0 || out.ends_with('\n') {
            out.push_str(&" ".repeat(indent));
        }
        match random.below(9) {
            0 => out.push_str(&format!("\"k {n}\":")),
            1 => out.push_str(&format!("'k{n}':")),
            2 => out.push_str(&format!("a.b/k-{n}:")),
            _ => out.push_str(&format!("key{n}:")),
        }
        value(random, out, indent, depth);
    }
}

fn value(random: &mut Random, out: &mut String, indent: usize, depth: usize) {
    match random.below(if depth < 5 { 7 } else { 4 }) {
        0 => block_scalar(random, out, indent),
        1..=3 => {
            out.push(' ');
            out.push_str(scalar(random, 50));
            out.push_str(random.pick(&["\n", "\n", "\n", " # c\n", "  \n", "\n\n", "\n# c\n"]));
        }
        4 => {
            out.push_str(random.pick(&["\n", " # c\n", "\n\n"]));
            let indent = indent + 1 + random.below(4);
            mapping(random, out, indent, depth + 1);
        }
        _ => {
            out.push('\n');
            let indent = indent + random.below(3);
            for _ in 0..1 + random.below(3) {
                out.push_str(&" ".repeat(indent));
                match random.below(4) {
                    0 => {
                        out.push('-');
                        value(random, out, indent, depth + 1);
                    }
                    1 => {
                        out.push_str("- - ");
                        mapping(random, out, indent + 4, depth + 2);
                    }
                    _ => {
                        out.push_str("- ");
                        mapping(random, out, indent + 2, depth + 1);
                    }
                }
            }
        }
    }
}

fn block_scalar(random: &mut Random, out: &mut String, indent: usize) {
    out.push(' ');
    out.push_str(random.pick(&["|", "|-", "|+", ">", ">-", ">+", "| # c", "|2"]));
    out.push('\n');
    let indent = indent + 1 + random.below(3);
    for _ in 0..random.below(6) {
        let blanks = match random.below(5) {
            0 => 0,
            1 => indent + random.below(3),
            _ => indent,
        };
        out.push_str(&" ".repeat(blanks));
        if blanks >= indent {
            out.push_str(random.pick(&[
                "text",
                "# text",
                "a: b",
                "- a",
                "",
                "two words ",
                "\ttab",
                "'",
                "é",
                "---",
            ]));
        }
        out.push('\n');
    }
}

/// The text with one to four faults.
pub fn mutate(random: &mut Random, text: &str, others: &[String]) -> String {
    let mut text = text.to_owned();
    for _ in 0..1 + random.below(4) {
        text = if random.below(2) == 0 {
            by_line(random, &text, others)
        } else {
            by_token(random, &text)
        };
    }
    text
}

fn by_line(random: &mut Random, text: &str, others: &[String]) -> String {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    if lines.is_empty() {
        return text.to_owned();
    }
    let at = random.below(lines.len());
    match random.below(9) {
        0 => {
            lines.remove(at);
        }
        1 => {
            let line = lines[at].clone();
            lines.insert(random.below(lines.len() + 1), line);
        }
        2 => {
            let other = random.below(lines.len());
            lines.swap(at, other);
        }
        3 => lines[at].insert_str(0, random.pick(&[" ", "  ", "    "])),
        4 => {
            let blanks = lines[at].len() - lines[at].trim_start_matches(' ').len();
            lines[at].replace_range(..blanks.min(1 + random.below(3)), "");
        }
        5 => {
            let other = &others[random.below(others.len())];
            if let Some(line) = other
                .lines()
                .nth(random.below(other.lines().count().max(1)))
            {
                lines.insert(at, format!("{line}\n"));
            }
        }
        6 => lines.insert(at, format!("{}\n", " ".repeat(random.below(9)))),
        7 => {
            let indent = lines[at].len() - lines[at].trim_start_matches(' ').len();
            let line = random.pick(&[
                "# c", "- a", "- a: b", "k:", "k: v", "- |", "k: >", "-", "text", "- - x",
                "'k': [a]",
            ]);
            lines.insert(
                at,
                format!("{}{line}\n", " ".repeat(indent + random.below(3))),
            );
        }
        _ => lines.truncate(at + 1),
    }
    lines.concat()
}

fn by_token(random: &mut Random, text: &str) -> String {
    let mut at = random.below(text.len() + 1);
    // half of the time where tokens begin and end
    if random.below(2) == 0
        && let Some(found) = text.as_bytes()[at..]
            .iter()
            .position(|b| b": -'\"[]{},#|>\n".contains(b))
    {
        at += found + random.below(2);
    }
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let mut end = (at + random.below(4)).min(text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    let with = match random.below(4) {
        0 => "",
        1 => scalar(random, 4),
        _ => random.pick(TOKENS),
    };
    let end = if random.below(2) == 0 { at } else { end };
    format!("{}{with}{}", &text[..at], &text[end..])
}

const TOKENS: &[&str] = &[
    ":", ": ", " : ", "- ", "-", " -", "#", " #", " # c", "'", "''", "\"", "\\\"", "\\", "\\n",
    "\\u00e9", "\\ud83d", "\\x41", "|", "|-\n", "|+\n", ">", ">-\n", ">+\n", "|2\n", "&a ", "*a",
    "!!str ", "! ", "{", "}", "[", "]", "{}", "[]", ",", ", ", "? ", "\t", " ", "  ", "\n", "\n\n",
    "\n  ", "\r\n", "\r", "---\n", "\n---\n", "...\n", "%", "@", "`", "<<", "~", "=", "é",
    "\u{a0}", "\u{85}", "\u{2028}", "\u{feff}", "\u{3000}", "😀", "\0", "{{ x }}", "<% x %>",
    "$(X)", "--- ", "\\", ";", "/",
];

/// A value on one line; one in `odd` is what the fast parser does not know, or no value at all.
fn scalar(random: &mut Random, odd: usize) -> &'static str {
    let from = if random.below(odd) == 0 { ODD } else { SCALARS };
    from[random.below(from.len())]
}

const SCALARS: &[&str] = &[
    "1",
    "-1",
    "1.5",
    "0777",
    "true",
    "null",
    "~",
    "text",
    "two words",
    "a:b",
    "a#b",
    "http://x:80/y?z=a&b",
    "-x",
    "--flag",
    "x,y",
    "''",
    "'a'",
    "'it''s'",
    "'a # b'",
    "'a: b'",
    "\"\"",
    "\"a\"",
    "\"a\\\"b\"",
    "\"\\u00e9\\n\"",
    "\"a # b\"",
    "[]",
    "{}",
    "[a, b]",
    "[a, \"b\", 'c']",
    "{a: b, c: [d, {e: f}]}",
    "[ a , b ]",
    "{ a: \"b\" }",
    "[http://x, a:b]",
    "a]b",
    "a}b",
    "a, b",
    "<x>",
    "(x)",
    "=",
    "é ü",
    "\\n",
    "a'b",
    "a\"b",
    "a  b",
    ".x",
    "$X",
    "<<",
    "[-1, --x]",
    "[[], [[]]]",
];

const ODD: &[&str] = &[
    "*.x",
    "x:",
    "[a, ]",
    "{a}",
    "{\"a\":1}",
    "[- 1]",
    "{{ x }}",
    "[a: b]",
    "&a x",
    "!!str 1",
    "*a",
    "? x",
    "- x",
    "\"a\\\n  b\"",
    "a\n   b",
    "'a\n\n   b'",
    "[a,\n   b]",
    "%x",
    "@x",
    "a: b",
    "{a: }",
    "\"\\x41\"",
    "\"\\ud83d\\ude00\"",
    "\ta",
    "a\tb",
];

pub const SEEDS: &[&str] = &[
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: express\n  labels: {app: express}\n  annotations:\n    note: \"a \\\"b\\\" c\" # c\nspec:\n  replicas: 1\n  selector:\n    matchLabels:\n      app: express\n  template:\n    spec:\n      containers:\n      - name: express\n        image: \"express:1.0\"\n        args: [\"--port\", '8080', -v]\n        env:\n        # the port\n        - name: PORT\n          value: \"8080\"\n        - {name: A, value: b}\n        - name: POD\n          valueFrom:\n            fieldRef:\n              fieldPath: status.podIP\n        command:\n          - sh\n          - -c\n          - |\n            set -e\n\n            echo \"$A\"\n              deep\n          - >-\n            one\n            two\n\n            three\n",
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n  a.conf: |\n    # comment\n    x = 1\n\n    \ty\n  b: |+\n    text\n\n\n  c: >\n    folded\n    text\n\n      deep\n    end\n  'd': it's\n  e:\n  f: \"\"\n",
    "---\n# head\napiVersion: integration.rock8s.com/v1\nkind: Socket\nmetadata: {name: mongo, namespace: shop}\nspec:\n  interface: {name: mongodb, versions: [1.0.0]}\n  config:\n    database: <% plug.config.database %>\n    uri: mongodb://<% socket.config.username %>:<% socket.config.password %>@x/y?z=a\n  configFrom:\n    - {secretRef: {name: mongo-auth}, keys: {username: username}}\n",
    "a:\n- b\n-\n  c: d\n  e:\n  - f\n  -   g: h\n      i: j\n- - k\n  - - l: m\n      n:\nz: # c\n    y: x\n\n    # c\n    w: v\n",
    "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Service\n  metadata:\n    name: a\n  spec:\n    ports:\n    - {port: 80, targetPort: http}\n    - port: 443\n- apiVersion: v1\n  kind: Secret\n  metadata: {name: s}\n  stringData:\n    k: \"v\"",
    "a: &x {b: c}\nd: *x\ne: !t f\ng:\n  <<: *x\nh: \"two\n  lines\"\ni: plain\n  lines\nj: [x,\n  y]\n? k\n: l\n",
    "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"spec\": {\"containers\": [{\"name\": \"c\", \"args\": [1, true, null]}]}}\n",
];
