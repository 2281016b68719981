//! `cargo bench --bench growth`: how time and memory grow with every shape of input that somebody
//! else writes, as fitted exponents.
//!
//! Each shape is run at five sizes, each twice the one before. The exponent is the slope of the
//! logarithms: 1 is linear, 2 the square. The aim is n log n, which over these sizes is an exponent
//! of at most 1.15.
//!
//! It is a program of its own because it counts allocations: this takes a tenth of the time.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench reads clocks, starts itself, and may fail loudly"
)]

#[path = "apps.rs"]
#[allow(dead_code, reason = "shared with the other benches")]
mod apps;
#[path = "clock.rs"]
#[allow(dead_code, reason = "shared with the other benches")]
mod clock;
#[path = "growth/shapes.rs"]
mod shapes;
#[path = "growth/texts.rs"]
mod texts;

use std::hint::black_box;
use std::time::Duration;

use shapes::{SHAPES, Shape};

/// How often the first size is doubled.
const DOUBLINGS: u32 = 4;
/// Rounds of a size: the best counts.
const ROUNDS: usize = if cfg!(debug_assertions) { 1 } else { 3 };
/// What the sizes are divided by where nothing is optimised: the exponents can be seen there too.
const DIVISOR: usize = if cfg!(debug_assertions) { 10 } else { 1 };
/// An exponent above this is more than n log n.
const AIM: f64 = 1.15;

/// What one size took.
struct Sample {
    size: usize,
    time: Duration,
    /// Bytes held at once.
    bytes: u64,
}

/// Measures every shape whose name holds one of the words of the command line; without a word all.
fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(words) = arguments.strip_suffix(&["--bench".to_owned()]) else {
        println!("what is not run by `cargo bench` is not measured");
        return;
    };
    println!(
        "{:44}{:>9}{:>11}{:>9}{:>11}{:>9}{:>10}{:>10}",
        "growth", "from n", "CPU", "to n", "CPU", "MB", "time ~ n^", "memory ~ n^"
    );
    let mut above = 0;
    for shape in SHAPES.iter().filter(|shape| {
        words.is_empty() || words.iter().any(|word| shape.name.contains(word.as_str()))
    }) {
        above += usize::from(!row(shape));
    }
    println!("\n{above} of them above n^{AIM}");
}

fn row(shape: &Shape) -> bool {
    let samples: Vec<Sample> = (0..=DOUBLINGS)
        .map(|doubling| sample(shape, (shape.size << doubling) / DIVISOR))
        .collect();
    let (first, last) = (&samples[0], &samples[samples.len() - 1]);
    let time = exponent(
        samples
            .iter()
            .map(|sample| (sample.size, sample.time.as_secs_f64())),
    );
    let memory = exponent(
        samples
            .iter()
            .map(|sample| (sample.size, sample.bytes as f64)),
    );
    let good = time <= AIM && memory <= AIM;
    println!(
        "{:44}{:>9}{:>11}{:>9}{:>11}{:>9.1}{time:>10.2}{memory:>10.2}{}",
        shape.name,
        first.size,
        ms(first.time),
        last.size,
        ms(last.time),
        last.bytes as f64 / 1e6,
        if good { "" } else { "   above the aim" }
    );
    good
}

fn sample(shape: &Shape, size: usize) -> Sample {
    let mut run = (shape.make)(size);
    let held = allocation_counter::measure(|| {
        black_box(run());
    });
    let time = (0..ROUNDS)
        .map(|_| {
            let before = clock::cpu_of_children();
            clock::cpu_of(&mut run) + (clock::cpu_of_children() - before)
        })
        .min()
        .unwrap_or_default();
    Sample {
        size,
        time,
        bytes: held.bytes_max,
    }
}

/// The slope of the line that fits the logarithms best.
fn exponent(samples: impl Iterator<Item = (usize, f64)>) -> f64 {
    let points: Vec<(f64, f64)> = samples
        .map(|(size, value)| ((size as f64).ln(), value.max(1e-9).ln()))
        .collect();
    let n = points.len() as f64;
    let (x, y) = (
        points.iter().map(|p| p.0).sum::<f64>() / n,
        points.iter().map(|p| p.1).sum::<f64>() / n,
    );
    let above: f64 = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
    let below: f64 = points.iter().map(|p| (p.0 - x).powi(2)).sum();
    above / below
}

fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}
