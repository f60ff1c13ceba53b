//! Disks and the controllers that they hang on: what is declared, what is there, and how the one becomes the other.
//!
//! A disk of the state is known by its label, then by its UUID, its address and its size in the order of addresses; on the
//! machine, where there are no labels, by the rest.
//! A disk that the resource has not made is left where it is.
mod address;
mod application;
mod assemble;
mod controllers;
mod convert;
mod held;
mod mark;
mod moves;
mod observe;
mod own;
mod placement;
mod planned;
mod planner;
mod resolve;
#[cfg(test)]
mod tests;
mod validate;

pub(super) use assemble::{Origin, Scene, assemble};
pub(super) use convert::grow;
pub(super) use held::{HELD, Held};
pub(super) use mark::{Left, MARK, SETTLED, left, next as mark, settle as settle_mark};
pub(super) use moves::{CloneDisk, Move, clone_backings, moves};
pub(super) use observe::{has_controllers, observed};
pub(super) use own::{
    MADE, OWN, Own, REPORTED, Used, at_home, detach_before_destroy, detach_volumes, foreign, homes, marked,
    news, perhaps, sits_elsewhere, to_copy, to_make,
};
pub(super) use own::{any_held, deleted_files, files, newest_files, own_uuids};
pub(super) use planned::{alike, plan};
pub(super) use resolve::resolve;
pub(super) use validate::{needs, validate};
