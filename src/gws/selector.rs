//! A string that selects a type: the documents' own samples have a blank before some (`" Talking"`).

use super::draft::Draft;
use crate::bayeux::{Field, RawMessage};

/// A string that selects a type, as it came.
pub(super) struct Selector {
    raw: String,
}

impl Selector {
    /// The member `field`, when it is a string that says anything.
    pub(super) fn read<P: RawMessage>(object: &P, field: Field) -> Option<Self> {
        let raw = object.text(field)?;
        (!raw.trim_ascii().is_empty()).then_some(Self { raw })
    }

    /// The string without blanks around it.
    pub(super) fn text(&self) -> &str {
        self.raw.trim_ascii()
    }

    /// Puts the string without its blanks into the member it was read from, if it had any.
    pub(super) fn write<P: RawMessage>(&self, object: &mut Draft<P>, field: Field) {
        let text = self.text();
        if text.len() != self.raw.len() {
            object.set(field, P::from_text(text));
        }
    }
}
