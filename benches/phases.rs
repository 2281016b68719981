//! Where the time of one render goes: its phases one by one, by the functions that a render calls.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::rc::Rc;
use std::time::Duration;

use coupler::api::{self, BinderKind, Defaults, OwnObject, WorkloadSelector};
use coupler::couple::{
    CouplingInput, CouplingResult, KeyNames, Lookup, Objects, PortLookup, Target, couple,
};
use coupler::manifest::scan::scan;
use coupler::manifest::stream::Stream;
use coupler::manifest::{NodeId, Span, Tree};
use coupler::project::{
    self, ContainerTarget, Desired, DesiredCoupling, DocumentRef, EntryOwner, Projected, Sources,
};

use crate::clock::best;

/// What a phase is called, what it took, and what it may take for 1,000 apps.
pub(crate) type Phase = (&'static str, Duration, f64);

/// The phases of the first render of these apps.
pub(crate) fn phases(text: &str) -> Vec<Phase> {
    let took = |run: &mut dyn FnMut()| best(run, || ()).case;

    let mut stream = Stream::default();
    stream.add(0, text, false);
    let (mine, workloads): (Vec<usize>, Vec<usize>) = (0..stream.len()).partition(|&index| {
        stream
            .document(index)
            .text
            .contains("integration.rock8s.com/v1")
    });

    let classify = took(&mut || {
        assert!(std::str::from_utf8(black_box(text.as_bytes())).is_ok());
        black_box(scan(0, text));
    });
    let decode = took(&mut || drop(black_box(decode_all(&stream, &mine))));
    let all = decode_all(&stream, &mine);
    let few = CouplingInput {
        plugs: Vec::new(),
        ..decode_all(&stream, &mine)
    };
    let few = CouplingInput {
        plugs: all
            .plugs
            .iter()
            .step_by(all.plugs.len() / 4 - 1)
            .cloned()
            .collect(),
        ..few
    };
    let compile = took(&mut || drop(black_box(couple(&few, &Nothing))));
    let coupled = couple(&all, &Nothing);
    assert_eq!(coupled.couplings.len(), all.plugs.len());
    let evaluate = took(&mut || drop(black_box(couple(&all, &Nothing))));
    let parse = took(&mut || read_all(workloads.iter().map(|&index| stream.document(index).text)));

    let trees: Vec<Tree<'_>> = workloads
        .iter()
        .map(|&index| Tree::read(stream.document(index).text).expect("it is YAML"))
        .collect();
    let bake = took(&mut || drop(black_box(bake_all(&trees, &all, &coupled))));
    let baked = bake_all(&trees, &all, &coupled);
    let texts: Vec<&str> = baked
        .iter()
        .filter_map(|projected| projected.text.as_deref())
        .collect();
    assert_eq!(texts.len(), workloads.len());
    let again = took(&mut || read_all(texts.iter().copied()));
    let new: Vec<Tree<'_>> = texts
        .iter()
        .map(|text| Tree::read(text).expect("it is YAML"))
        .collect();
    let undo = took(&mut || drop(black_box(undo_all(&new))));
    assert!(
        undo_all(&new)
            .iter()
            .zip(&workloads)
            .all(|(undone, &index)| {
                undone.text.as_deref() == Some(stream.document(index).text) // and so it is what was read
            })
    );
    let write = took(&mut || drop(black_box(texts.concat())));

    vec![
        ("UTF-8, split, classify", classify, 1.0),
        ("parse and decode ours", decode, 7.0),
        ("compile the schemas, couple four Plugs", compile, 2.0),
        (
            "resolve, conform both sides, evaluate",
            evaluate.saturating_sub(compile),
            9.0,
        ),
        ("parse workloads", parse, 6.0),
        ("edits, splice, proof", bake, 28.0),
        ("    of it: read the result again", again, 9.0),
        ("    like it: undo the result", undo, 7.0),
        ("write", write, 1.0),
    ]
}

fn decode_all(stream: &Stream<'_>, mine: &[usize]) -> CouplingInput {
    let mut all = CouplingInput::default();
    for &index in mine {
        let tree = Tree::read(stream.document(index).text).expect("it is YAML");
        let at = stream.place(index, Span::default());
        match api::decode(
            &tree,
            NodeId::ROOT,
            at,
            &Defaults::default(),
            &mut coupler::diagnostic::Findings::new(),
        ) {
            Some(OwnObject::Interface(interface)) => all.interfaces.push(interface),
            Some(OwnObject::Socket(socket)) => all.sockets.push(socket),
            Some(OwnObject::Plug(plug)) => all.plugs.push(plug),
            Some(OwnObject::Adapter(adapter)) => all.adapters.push(adapter.into()),
            Some(OwnObject::Converter(converter)) => all.converters.push(converter.into()),
            Some(OwnObject::Settings(_)) | None => {}
        }
    }
    all
}

fn read_all<'a>(texts: impl Iterator<Item = &'a str>) {
    for text in texts {
        assert!(black_box(Tree::read(text)).is_ok());
    }
}

fn bake_all(trees: &[Tree<'_>], all: &CouplingInput, coupled: &CouplingResult) -> Vec<Projected> {
    let mut wanted: BTreeMap<&str, Vec<DesiredCoupling<'_>>> = BTreeMap::new();
    let target = [ContainerTarget {
        name: "web",
        root: String::new(),
    }];
    for coupling in &coupled.couplings {
        let plug = &all[coupling.plug];
        let WorkloadSelector::Name(workload) = &plug.workloads[0].selector else {
            continue;
        };
        wanted
            .entry(&workload.value)
            .or_default()
            .push(DesiredCoupling {
                catalogue: Vec::new(),
                owner: EntryOwner {
                    kind: BinderKind::Plug,
                    api_version: api::API_VERSION,
                    name: &plug.meta.name.value,
                },
                socket: format!("shop/{}", all[coupling.socket].name.value),
                interface: format!("{}@{}", plug.interface.value, coupling.version),
                entries: project::lower(&coupling.written.deliveries, &target),
                default_env: None,
                at: plug.meta.name.at,
            });
    }
    let one = |tree: &Tree<'_>| {
        let name = tree
            .read_text(NodeId::ROOT, &["metadata", "name"])
            .shown()
            .unwrap_or_default();
        let couplings = wanted.remove(name).unwrap_or_default();
        let desired = desired(tree, couplings, Sources::Omitted);
        project::project(DocumentRef::alone(tree), &[desired], false)
    };
    trees.iter().map(one).collect()
}

fn desired<'a>(
    tree: &Tree<'_>,
    couplings: Vec<DesiredCoupling<'a>>,
    sources: Sources,
) -> Desired<'a> {
    let record = project::record(tree, NodeId::ROOT);
    Desired {
        object: NodeId::ROOT,
        record,
        couplings,
        brought: Vec::new(),
        sources,
    }
}

fn undo_all(trees: &[Tree<'_>]) -> Vec<Projected> {
    let one = |tree: &Tree<'_>| {
        let desired = desired(tree, Vec::new(), Sources::Kept);
        project::project(DocumentRef::alone(tree), &[desired], false)
    };
    trees.iter().map(one).collect()
}

/// No other object is in the input.
struct Nothing;

impl Objects for Nothing {
    fn read(&self, _: &Target<'_>, _: &str) -> Lookup {
        Lookup::NoObject
    }

    fn key_names(&self, _: &Target<'_>) -> Option<Rc<KeyNames>> {
        None
    }

    fn ports(&self, _: Option<&str>, _: &str) -> PortLookup {
        PortLookup::NoService
    }
}
