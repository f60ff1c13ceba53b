//! What a machine is cloned from.
mod inputs;
pub(super) mod instant;
mod item;
mod promote;
mod source;
mod spec;

use super::model::VirtualMachineModel as M;
use tf_framework::AttributePath;

pub(super) use inputs::warn_if_changed;
pub(super) use item::{check as check_item, deploy};
pub(super) use promote::promote;
pub(super) use source::{Origin, Source, check, origin};
pub(super) use spec::{Wanted, spec};

/// The path of the block.
pub(super) fn at() -> AttributePath {
    M::CLONE.index(0)
}
