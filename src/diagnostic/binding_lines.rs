//! Recognizes a ServiceBinding, which names a Secret and holds none: its lines may be quoted.

/// How the service of a ServiceBinding names its kind.
const REFERENCE: &str = "kind: Secret";

/// Whether lines are those of a ServiceBinding in block style whose only mention of a Secret is a
/// reference. Nothing in them may be called data: that is where every Secret has its values.
pub(super) fn is_reference_of_binding<'l>(lines: &(impl Iterator<Item = &'l str> + Clone)) -> bool {
    let is_kind = |line: &str| line.trim_end() == "kind: ServiceBinding";
    let is_group = |line: &str| line.starts_with("apiVersion: servicebinding.io/v");
    let with_references = || lines.clone().filter(|line| line.contains(REFERENCE));
    let is_plain = |line: &str| {
        let rest = line.replacen(REFERENCE, "", 1).replace("metadata:", "");
        let has_data = rest.to_ascii_lowercase().contains("data");
        let ends = line.split(REFERENCE).nth(1);
        let is_whole = ends.is_none_or(|after| after.is_empty() || after.starts_with([',', '}']));
        !has_data && is_whole && !rest.contains("Secret") && !rest.contains(['\\', '&', '*', '!'])
    };
    lines.clone().filter(|line| is_kind(line)).count() == 1
        && lines.clone().filter(|line| is_group(line)).count() == 1
        && with_references().count() == 1
        && with_references().all(|line| line.starts_with(' '))
        && lines.clone().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BINDING: &str = "apiVersion: servicebinding.io/v1\nkind: ServiceBinding\nmetadata: {name: db}\nspec:\n  \
                           service: {apiVersion: v1, kind: Secret, name: pg}\n";

    #[test]
    fn only_a_binding_with_one_reference_is_recognized() {
        let is_one = |text: &str| is_reference_of_binding(&text.lines());
        assert!(is_one(BINDING));
        assert!(is_one(&BINDING.replace(
            "{apiVersion: v1, kind: Secret, name: pg}",
            "\n    apiVersion: v1\n    kind: Secret\n    name: pg"
        )));
        for hidden in [
            format!("{BINDING}data: {{password: x}}\n"),
            format!("{BINDING}stringData:\n  password: x\n"),
            format!("{BINDING}  encryptedData: {{password: x}}\n"),
            format!("{BINDING}kind: Secret\n"),
            format!("{BINDING}  other: {{kind: Secret, value: x}}\n"),
            format!("{BINDING}  other: SealedSecret\n"),
            format!("{BINDING}  other: \"d\\x61ta\"\n"),
            BINDING.replace("kind: ServiceBinding", "kind: List"),
            BINDING.replace("servicebinding.io/v1", "v1"),
            format!("{BINDING}kind: ServiceBinding\n"),
        ] {
            assert!(!is_one(&hidden), "{hidden}");
        }
    }
}
