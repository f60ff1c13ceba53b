//! The plan rule: what is planned, given configuration and prior state. Pure; independent of any resource.
//!
//! It is written for states that a provider of the old kind may have left behind, where "not set" may be null
//! or a zero, so three things are distinguished everywhere: what the configuration says, the prior value, and
//! whether something stood there at all.
mod equal;
mod pair;
mod plan;
mod replace;
mod settle;
mod unsaid;

pub use equal::equal;
pub(crate) use equal::{element, member, nested_equal, value_equal};
pub(crate) use plan::taken_back;
pub use plan::{Planned, plan};
pub use settle::{settle_apply, settle_read};
pub(crate) use unsaid::{silent, spoken};
