use std::fmt::Write as _;

use super::*;
use crate::api::Settings;
use crate::limits;
use crate::manifest::NodeId;
use crate::manifest::stream::Stream;
use crate::project::BUILT_IN;
use crate::render::names::Names;
use crate::render::own_objects::OwnObjects;
use crate::render::select;

fn object(document: usize) -> Object {
    Object {
        document,
        node: NodeId::ROOT,
    }
}

/// Every list of up to three entries out of two, none first.
fn lists() -> Vec<String> {
    let mut all = vec![String::new()];
    let mut last = all.clone();
    for _ in 0..3 {
        let longer = |list: &String| {
            ["a-", "b-"].map(|entry| match list.is_empty() {
                true => entry.to_owned(),
                false => format!("{list},{entry}"),
            })
        };
        last = last.iter().flat_map(longer).collect();
        all.extend(last.iter().cloned());
    }
    all
}

/// The rule, pair by pair: what was not renamed at all fits too, unless something is renamed alike.
fn pair_by_pair(all: &[Affixes<'_>], own: Affixes<'_>) -> Vec<Object> {
    let fits = |one: &str, other: &str, unset_fits: bool| match one.is_empty() == other.is_empty() {
        true => ends_alike(one, other) || ends_alike(other, one),
        false => unset_fits,
    };
    for unset_fits in [false, true] {
        let fitting = all.iter().enumerate().filter(|(_, other)| {
            fits(own.prefixes, other.prefixes, unset_fits)
                && fits(own.suffixes, other.suffixes, unset_fits)
        });
        let found: Vec<Object> = fitting.map(|(at, _)| object(at)).take(2).collect();
        if !found.is_empty() {
            return found;
        }
    }
    (0..all.len().min(2)).map(object).collect()
}

#[test]
fn the_index_answers_as_a_comparison_of_each_pair_does() {
    let lists = lists();
    let mut every = Vec::new();
    for prefixes in &lists {
        every.extend(lists.iter().map(|suffixes| Affixes { prefixes, suffixes }));
    }
    // each set takes every so manieth, from somewhere on, so that many sets lack what fits best
    for step in [1, 2, 3, 5, 7, 11, 13, 29, 60, 110] {
        for from in 0..step.min(12) {
            let some: Vec<Affixes<'_>> = every.iter().skip(from).step_by(step).copied().collect();
            let mut index = AffixIndex::default();
            for (at, affixes) in some.iter().enumerate() {
                index.push(object(at), Some(*affixes));
            }
            for own in &every {
                assert_eq!(
                    index.meant(*own, &LookRoom::default()),
                    Ok(pair_by_pair(&some, *own)),
                    "{own:?} among every {step} from {from}"
                );
            }
        }
    }
}

#[test]
fn an_object_that_cannot_be_read_is_meant_only_where_no_other_fits() {
    let own = Affixes {
        prefixes: "a-",
        suffixes: "",
    };
    let mut index = AffixIndex::default();
    index.push(object(0), None);
    index.push(object(1), Some(own));
    assert_eq!(index.meant(own, &LookRoom::default()), Ok(vec![object(1)]));
    let other = Affixes {
        prefixes: "b-",
        suffixes: "",
    };
    let both = index.meant(other, &LookRoom::default());
    assert_eq!(both, Ok(vec![object(0), object(1)]));
}

/// One base under so many prefixes and one suffix, as kustomize shows them to a function.
fn bases(n: usize, prefix: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for i in 0..n {
        let annotations = |name: &str| {
            format!(
                "annotations: {{internal.config.kubernetes.io/previousNames: {name}, \
                 internal.config.kubernetes.io/prefixes: \"{}\", internal.config.kubernetes.io/suffixes: -x}}",
                prefix(i)
            )
        };
        writeln!(
            text,
            "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: w{i}, {}}}\n---\n\
             apiVersion: integration.rock8s.com/v1\nkind: Plug\nmetadata: {{name: p{i}, {}}}\nspec:\n  \
             interface: {{name: x}}\n  workloads: [{{name: web}}]",
            annotations("web"),
            annotations("p")
        )
        .unwrap();
    }
    text
}

/// How many looks the Plugs of a stream take, each at its own workload; `None`: too many.
fn looks(text: &str) -> Option<usize> {
    let mut stream = Stream::default();
    stream.add(0, text, false);
    let ours = OwnObjects::decode(
        &stream,
        &Settings::default(),
        &mut crate::diagnostic::Findings::new(),
    );
    let names = Names::new(&stream, None, &BUILT_IN);
    for plug in &ours.integrations.plugs {
        select::workloads(
            &names,
            plug.binder(),
            &plug.workloads[0],
            &mut crate::diagnostic::Findings::new(),
        )
        .ok()?;
    }
    Some(names.room.used())
}

#[test]
fn twice_the_prefixes_take_twice_the_looks() {
    let taken = |n| looks(&bases(n, |i| format!("t{i}-"))).unwrap();
    let (one, two) = (taken(200), taken(400));
    assert!(two <= 2 * one + 2 * 16, "{one} looks become {two}");
    assert!(one <= 200 * 16, "{one} looks of 200 Plugs");
}

#[test]
fn affixes_that_all_fit_one_another_end_at_the_limit() {
    let (one, other) = (
        Affixes {
            prefixes: "a",
            suffixes: "b",
        },
        Affixes {
            prefixes: "a",
            suffixes: "c",
        },
    );
    let mut index = AffixIndex::default();
    for at in 0..200 {
        index.push(object(at), Some(if at % 2 == 0 { one } else { other }));
    }
    let room = LookRoom::default();
    let left = 10_000;
    room.take(limits::LABEL_LOOKS - left).unwrap();
    let answered = (0..left)
        .take_while(|_| index.meant(one, &room).is_ok())
        .count();
    assert!(answered > 0 && answered <= left / 100, "{answered}");
    assert!(room.used() <= limits::LABEL_LOOKS);
}
