//! Evaluates keys that the Interface makes of other keys of the Socket (`x-value`): the first text
//! whose keys are all given.

use super::{Evaluation, KeyState, NoValue, UseSite};
use crate::couple::key_facts::KeyText;
use crate::couple::provided::{Fallback, ProvidedKey};
use crate::couple::template::Side;
use crate::couple::value::ResolvedValue;

/// What a text of other keys would hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::couple) enum ComposedOf {
    /// Nothing: not all keys of any text are given.
    Nothing,
    /// One value, whatever it is, or plain text.
    OneValue,
    /// A text with a Secret's or ConfigMap's key in it.
    TextWithReference,
}

impl<'a> Evaluation<'_, 'a> {
    /// The state of a key that its owner does not give.
    pub(super) fn fallback(&mut self, i: usize, slot: &ProvidedKey<'a>) -> KeyState {
        match slot.fallback {
            Fallback::Nothing => KeyState::Absent,
            Fallback::Value(default) => KeyState::Done(ResolvedValue::Literal(default.clone())),
            Fallback::Texts(texts) => match self.composed(slot, texts) {
                Ok(Some(value)) => {
                    self.composed.insert(i);
                    KeyState::Done(value)
                }
                Ok(None) => KeyState::Absent,
                Err(why) => KeyState::Failed(why),
            },
        }
    }

    fn composed(
        &mut self,
        slot: &ProvidedKey<'a>,
        texts: &[KeyText],
    ) -> Result<Option<ResolvedValue>, NoValue> {
        let Some(text) = self.first_given(texts)? else {
            return Ok(None);
        };
        let site = UseSite {
            what: slot.key,
            at: slot.at,
            side: Side::Socket,
            author: false,
        };
        self.template(&text.template, &text.source, &site).map(Some)
    }

    /// The first text whose keys are all given.
    fn first_given<'t>(&mut self, texts: &'t [KeyText]) -> Result<Option<&'t KeyText>, NoValue> {
        for text in texts {
            if self.gives_all(text)? {
                return Ok(Some(text));
            }
        }
        Ok(None)
    }

    fn gives_all(&mut self, text: &KeyText) -> Result<bool, NoValue> {
        for key in &text.keys {
            let Some(slot) = self.socket.find(key) else {
                return Ok(false);
            };
            let value = self.value(Side::Socket, slot)?;
            if value.is_none_or(ResolvedValue::is_optional) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether the value of a key of the Socket was made of other keys.
    pub(in crate::couple) fn is_composed(&self, slot: usize) -> bool {
        self.composed.contains(&slot)
    }

    /// What a key of the Socket would be made of, without making it.
    pub(in crate::couple) fn composed_of(
        &mut self,
        texts: &[KeyText],
    ) -> Result<ComposedOf, NoValue> {
        let Some(text) = self.first_given(texts)? else {
            return Ok(ComposedOf::Nothing);
        };
        if text.template.pieces.len() == 1 {
            return Ok(ComposedOf::OneValue);
        }
        for key in &text.keys {
            let Some(slot) = self.socket.find(key) else {
                return Ok(ComposedOf::Nothing);
            };
            let value = self.value(Side::Socket, slot)?;
            if !matches!(value, Some(ResolvedValue::Literal(_))) {
                return Ok(ComposedOf::TextWithReference);
            }
        }
        Ok(ComposedOf::OneValue)
    }
}
