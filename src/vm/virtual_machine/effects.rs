//! What a change does besides being made: what a plan has to tell about it.
use tf_framework::{AttributePath, Diagnostics};

/// A message of a plan about an attribute or block.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Effect {
    /// The attribute or block that brings it about.
    pub(super) at: AttributePath,
    /// What happens, and why: a sentence without its full stop.
    pub(super) what: String,
}

/// What the changes of one family, or of all, do.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Effects {
    /// Changes that a machine which is on cannot take: each is a reason to turn it off.
    pub(super) power_off: Vec<Effect>,
    /// Data that is going to be deleted.
    pub(super) destroys: Vec<Effect>,
    /// What the user should know, and what is wrong.
    pub(super) diagnostics: Diagnostics,
}

impl Effects {
    /// One more reason to turn the machine off.
    pub(super) fn power_off(&mut self, at: impl Into<AttributePath>, what: impl Into<String>) {
        self.power_off.push(Effect { at: at.into(), what: what.into() });
    }

    /// One more thing that is deleted.
    pub(super) fn destroys(&mut self, at: impl Into<AttributePath>, what: impl Into<String>) {
        self.destroys.push(Effect { at: at.into(), what: what.into() });
    }

    /// An error for each reason to turn the machine off, where that is not done.
    pub(super) fn refused(&self, summary: &str, detail: impl Fn(&str) -> String) -> Diagnostics {
        let mut out = Diagnostics::default();
        for e in &self.power_off {
            out.merge(Diagnostics::error(e.at.clone(), summary, detail(&e.what)));
        }
        out
    }

    /// These and those.
    pub(super) fn merge(&mut self, more: Self) {
        self.power_off.extend(more.power_off);
        self.destroys.extend(more.destroys);
        self.diagnostics.merge(more.diagnostics);
    }
}
