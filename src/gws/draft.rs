//! A view on the way to its normal form.

use std::ops::Deref;

use crate::bayeux::{Field, RawMessage};

/// A view, and whether its normal form is another than what stood in its place.
///
/// A view of the browser shows the server's own object, so that setting its members is all there is to do. Another view may hold a copy, and
/// must then be put back to where it was got from: an altered draft always is, as its parent is altered by that too.
pub(super) struct Draft<P> {
    view: P,
    altered: bool,
}

impl<P: RawMessage> Draft<P> {
    /// What stands in its place already.
    pub(super) const fn unaltered(view: P) -> Self {
        Self { view, altered: false }
    }

    /// What has still to be put into its place.
    pub(super) const fn altered(view: P) -> Self {
        Self { view, altered: true }
    }

    pub(super) const fn is_altered(&self) -> bool {
        self.altered
    }

    pub(super) fn set(&mut self, field: Field, value: P) {
        self.view.set(field, value);
        self.altered = true;
    }

    /// Puts `child` into the member `field`, unless it stands there already.
    pub(super) fn put(&mut self, field: Field, child: Self) {
        if child.altered {
            self.set(field, child.view);
        }
    }

    pub(super) fn into_view(self) -> P {
        self.view
    }
}

impl<P> Deref for Draft<P> {
    type Target = P;

    fn deref(&self) -> &P {
        &self.view
    }
}
