//! Which containers of a workload a Plug means: the only one, the named ones, or all.

use super::lens::containers;
use crate::api::Spanned;
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::{NodeId, Tree};

/// The names of the containers that `wanted` (a Plug's `containers`) means, in the workload's own order.
///
/// # Errors
/// `container-not-found`, `containers-unnamed`. Without a name in `wanted` the error has no place: the caller knows it.
pub fn choose(tree: &Tree<'_>, root: NodeId, wanted: &[Spanned<String>]) -> Result<Vec<String>, Diagnostic> {
    let all = containers(tree, root);
    let names: Vec<&str> = all.iter().filter_map(|c| c.name).collect();
    let own: Vec<&str> = all.iter().filter(|c| !c.init).filter_map(|c| c.name).collect();
    if names.is_empty() {
        let fact =
            if all.is_empty() { "the workload has no container" } else { "the workload's container has no name" };
        let help = "a container needs a name:\n  containers:\n    - name: app";
        let error = Diagnostic::error(Code::ContainerNotFound, fact).help(help);
        return Err(wanted.iter().fold(error, |error, name| error.at(name.at, "asked for here")));
    }
    if wanted.is_empty() {
        return match own[..] {
            [only] => Ok(vec![only.to_owned()]),
            _ => Err(unnamed(&own)),
        };
    }
    if wanted.iter().any(|name| name.value == "*") {
        return Ok(names.into_iter().map(str::to_owned).collect());
    }
    match wanted.iter().find(|name| !names.contains(&name.value.as_str())) {
        None => Ok(names.into_iter().filter(|&n| wanted.iter().any(|w| w.value == n)).map(str::to_owned).collect()),
        Some(missing) => {
            let message = format!("the workload has no container `{}`", missing.value);
            let help = format!("its containers are {}:\n  containers: [{}]", list(&names), names[0]);
            Err(Diagnostic::error(Code::ContainerNotFound, message).at(missing.at, "no such container").help(help))
        }
    }
}

fn unnamed(own: &[&str]) -> Diagnostic {
    let message = format!("the workload has {} containers ({}) and the Plug names none", own.len(), list(own));
    let help = format!(
        "name those that get the variables, below the workload's name:\n  containers: [{}]\nor all, init containers \
         included:\n  containers: [\"*\"]",
        own.first().unwrap_or(&"app")
    );
    Diagnostic::error(Code::ContainersUnnamed, message).help(help)
}

fn list(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().take(crate::limits::CANDIDATES).map(|n| format!("`{n}`")).collect();
    let more = names.len().saturating_sub(quoted.len());
    let rest = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{}{rest}", quoted.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(containers: &str, wanted: &[&str]) -> Result<Vec<String>, Diagnostic> {
        let text = format!("apiVersion: v1\nkind: Pod\nspec: {{{containers}}}\n");
        let tree = Tree::read(&text).unwrap();
        let wanted: Vec<_> =
            wanted.iter().map(|w| Spanned { value: (*w).to_owned(), at: Default::default() }).collect();
        choose(&tree, tree.root().unwrap(), &wanted)
    }

    const TWO: &str = "containers: [{name: web}, {name: log}], initContainers: [{name: init}]";

    #[test]
    fn one_container_needs_no_name_and_gets_it_alone() {
        let pod = "containers: [{name: web}], initContainers: [{name: init}]";
        assert_eq!(chosen(pod, &[]).unwrap(), ["web"]);
        assert_eq!(chosen(pod, &["init"]).unwrap(), ["init"]);
    }

    #[test]
    fn several_must_be_named() {
        let error = chosen(TWO, &[]).unwrap_err();
        assert_eq!(error.code, Code::ContainersUnnamed);
        assert!(error.help.unwrap().contains("containers: [web]"));
        assert_eq!(chosen(TWO, &["log", "web"]).unwrap(), ["web", "log"]);
        assert_eq!(chosen(TWO, &["*"]).unwrap(), ["web", "log", "init"]);
    }

    #[test]
    fn a_missing_name_lists_those_there_are() {
        let error = chosen(TWO, &["wbe"]).unwrap_err();
        assert_eq!(error.code, Code::ContainerNotFound);
        assert!(error.help.unwrap().contains("`web`, `log`, `init`"));
        assert_eq!(chosen("containers: [{image: x}]", &[]).unwrap_err().code, Code::ContainerNotFound);
        assert_eq!(chosen("volumes: []", &[]).unwrap_err().code, Code::ContainerNotFound);
    }
}
