//! Checks the key of a Secret that is created for an object of the input; each such object is
//! checked alone.

use super::Evaluation;
use crate::api::Spanned;
use crate::couple::KeyExtent;
use crate::couple::provided::ProvidedKey;
use crate::couple::template::Side;
use crate::diagnostic::{Code, Diagnostic, Help, Paste, Reported, lines, list};
use crate::manifest::emit;

impl Evaluation<'_, '_> {
    /// Reports a key that the object which makes a Secret does not make.
    pub(super) fn judge_made_secret(
        &mut self,
        side: Side,
        slot: &ProvidedKey<'_>,
        namespace: Option<&str>,
        name: &str,
        key: &Spanned<String>,
    ) -> Option<Reported> {
        let makers = self.run.makers.as_ref()?.makers(namespace, name);
        let lacks = |keys: &crate::couple::KeyNames| {
            keys.extent == KeyExtent::All && !keys.names.contains(&key.value)
        };
        let maker = makers.iter().find(|maker| lacks(&maker.keys))?;
        let owner = self.provided(side)?.owner;
        let called = format!("{} `{}`", maker.object.kind, maker.object.name);
        let message = format!(
            "Secret `{name}` will have no key `{}`: it is created for {called} without it",
            key.value
        );
        let names = || maker.keys.names.iter().map(String::as_str);
        let near = self.run.near_name(&key.value, names());
        let help = match (near, owner.config_from_position(key.at)) {
            (Some(near), Some(position)) => {
                let (ours, theirs) = (emit::flow_string(slot.key), emit::flow_string(near));
                let lines = lines![("keys:"), ("  {ours}: {theirs}")];
                let path = format!("spec.configFrom[{position}]");
                let help = Help::from(format!("did you mean `{near}`?"));
                help.paste(Paste::item(owner.subject(), path, lines))
            }
            (Some(near), None) => format!("did you mean `{near}`?").into(),
            (None, _) => match maker.keys.names.len() {
                0 => format!("the Secret of {called} has no keys").into(),
                _ => format!("the Secret of {called} has the keys {}", list(names())).into(),
            },
        };
        let error = Diagnostic::error(Code::SecretKeyNotFound, message)
            .at(key.at, "no such key")
            .at(maker.at, "the Secret is created for this object")
            .help(help);
        Some(self.fail(error, side))
    }
}
