//! The plan rule: what is planned, given configuration and prior state. Pure; knows no resource by name.
use crate::{AttributePath, Block, Dynamic};

/// What the rule planned.
#[derive(Debug, Default, Clone)]
pub struct Planned {
    /// The planned state.
    pub state: Dynamic,
    /// Whether it differs from the prior state.
    pub changed: bool,
    /// Attributes whose change needs a new object.
    pub requires_replace: Vec<AttributePath>,
    /// A list block keeps elements that the configuration does not have: core's stricter checks must be off.
    pub legacy: bool,
}

/// Plans one resource. `config` is not null; `prior` is null for a creation.
pub fn plan(block: &Block, config: &Dynamic, prior: &Dynamic) -> Planned {
    let _ = (block, config, prior);
    Planned::default()
}

/// The state after an apply: the plan wherever it was known, what was read back elsewhere.
pub fn settle_apply(block: &Block, planned: &Dynamic, found: &Dynamic) -> Dynamic {
    let _ = (block, planned);
    found.clone()
}

/// The state after a read: what was found, told in the words of `prior` wherever the two mean the same.
pub fn settle_read(block: &Block, prior: &Dynamic, found: &Dynamic) -> Dynamic {
    let _ = (block, prior);
    found.clone()
}

/// Whether two states of one block are equal: sets without order, `1` equal to `1.0`.
pub fn equal(block: &Block, a: &Dynamic, b: &Dynamic) -> bool {
    let _ = block;
    a == b
}
