//! Judges the keys that a ServiceBinding needs of its Secret, where they are known: by the Secret of
//! the input, or by the object that makes it. The specification requires `type` among its files.

use std::rc::Rc;

use crate::api::{COMPLETE_ANNOTATION, ServiceBinding, ServiceBindingVariable};
use crate::couple::evaluate::CouplingRun;
use crate::couple::{KeyExtent, KeyNames, Target};
use crate::diagnostic::{Code, Diagnostic, Help, Paste, Subject, lines, list};
use crate::manifest::{Place, emit};

/// All keys that a Secret has, or will have.
struct KnownKeys {
    keys: Rc<KeyNames>,
    /// The object that makes it, where the input has that in place of the Secret.
    maker: Option<KeyMaker>,
}

/// An object that makes a Secret.
struct KeyMaker {
    called: String,
    at: Place,
}

/// Reports each variable whose key the Secret does not have, and a directory without a `type`.
pub(super) fn judge(binding: &ServiceBinding, secret: &str, run: &mut CouplingRun<'_>) {
    let known = known(binding, secret, run);
    for (position, variable) in binding.env.iter().enumerate() {
        let key = &variable.key.value;
        if binding.own_text(key).is_some() {
            continue;
        }
        let lacks = |known: &&KnownKeys| !known.keys.names.contains(key);
        if let Some(known) = known.iter().find(lacks) {
            let near = run.near_name(key, known.keys.names.iter().map(String::as_str));
            let help = help(binding, secret, (position, variable), known, near);
            run.out
                .report(no_key(binding, secret, variable, known).help(help));
        }
    }
    let has_no_type = |known: &KnownKeys| !known.keys.names.contains("type");
    if binding.binding_type.is_none() && known.iter().any(has_no_type) {
        run.out.report(without_type(binding, secret));
    }
}

/// Clients find a directory by its `type`, and some of them fail without.
fn without_type(binding: &ServiceBinding, secret: &str) -> Diagnostic {
    let message = format!(
        "the files of ServiceBinding `{}` have no `type`: Secret `{secret}` has no such key",
        binding.meta.name.value
    );
    let lines = lines![("spec:"), ("  type: …")];
    let help = Help::from("write what it is, such as `postgresql`:");
    Diagnostic::warning(Code::BindingWithoutType, message)
        .at(binding.service.at, "this service")
        .help(help.paste(Paste::merge(binding.subject(), lines)))
        .on(binding.subject())
}

/// Each source that the keys of a Secret are known from, and all of them.
fn known(binding: &ServiceBinding, secret: &str, run: &CouplingRun<'_>) -> Vec<KnownKeys> {
    let namespace = binding.meta.namespace.as_deref();
    let target = Target {
        api_version: "v1",
        kind: "Secret",
        namespace,
        name: secret,
    };
    let of_input = run
        .objects
        .key_names(&target)
        .map(|keys| KnownKeys { keys, maker: None });
    let makers = run.makers.as_ref();
    let makers = makers.map(|makers| makers.makers(namespace, secret));
    let made = makers.iter().flat_map(|makers| makers.iter());
    let made = made.map(|maker| KnownKeys {
        keys: Rc::new(maker.keys.clone()),
        maker: Some(KeyMaker {
            called: format!("{} `{}`", maker.object.kind, maker.object.name),
            at: maker.at,
        }),
    });
    let all = of_input.into_iter().chain(made);
    all.filter(|known| known.keys.extent == KeyExtent::All)
        .collect()
}

fn no_key(
    binding: &ServiceBinding,
    secret: &str,
    variable: &ServiceBindingVariable,
    known: &KnownKeys,
) -> Diagnostic {
    let key = &variable.key.value;
    let message = match &known.maker {
        None => format!("Secret `{secret}` has no key `{key}`"),
        Some(KeyMaker { called, .. }) => {
            format!(
                "Secret `{secret}` will have no key `{key}`: it is created for {called} without it"
            )
        }
    };
    let error = Diagnostic::error(Code::SecretKeyNotFound, message)
        .at(variable.key.at, "no such key")
        .on(binding.subject());
    match &known.maker {
        None => error,
        Some(maker) => error.at(maker.at, "the Secret is created for this object"),
    }
}

fn help(
    binding: &ServiceBinding,
    secret: &str,
    (position, variable): (usize, &ServiceBindingVariable),
    known: &KnownKeys,
    near: Option<&str>,
) -> Help {
    let names = || known.keys.names.iter();
    let help = match near {
        Some(near) => {
            let line = format!("key: {}", emit::flow_string(near));
            let path = format!("spec.env[{position}]");
            let paste = Paste::item(binding.subject(), path, line.into());
            Help::from(format!("did you mean `{near}`?")).paste(paste)
        }
        None if known.keys.names.is_empty() => "it has no keys".into(),
        None => format!("there is {}", list(names())).into(),
    };
    if known.maker.is_some() {
        return help;
    }
    let key = &variable.key.value;
    let annotation = lines![
        ("metadata:"),
        ("  annotations:"),
        ("    {COMPLETE_ANNOTATION}: \"false\"")
    ];
    let object = Subject {
        api_version: "v1".to_owned(),
        kind: "Secret".to_owned(),
        namespace: binding.meta.namespace.clone(),
        name: secret.to_owned(),
    };
    help.and(format!(
        "or, if something adds `{key}` in the cluster, declare it on the Secret:"
    ))
    .paste(Paste::merge(object, annotation))
}
