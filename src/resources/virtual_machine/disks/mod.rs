//! Disks and the controllers that they hang on: what is declared, what is there, and how the one becomes the other.
//!
//! A disk is known by its UUID, then by its address, then by its size in the order of addresses; a label is only a name.
//! A disk that the resource has not made is left where it is.
mod address;
mod assemble;
mod controllers;
mod convert;
mod model;
mod moves;
mod observe;
mod own;
mod planned;
mod planner;
mod resolve;
#[cfg(test)]
mod tests;
mod validate;

pub(super) use assemble::{Origin, Scene, assemble};
pub(super) use model::DiskModel;
pub(super) use moves::{CloneDisk, Move, clone_backings, moves};
pub(super) use observe::observed;
pub(super) use own::{OWN, Own, TOLD, detach_before_destroy, foreign, news};
pub(super) use planned::{alike, plan};
pub(super) use resolve::resolve;
pub(super) use validate::validate;
