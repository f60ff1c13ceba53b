//! The plan rule and the port of core's checks: on what the official provider wrote, rule by rule, at random.
mod checks;
mod edits;
mod official;
mod official_states;
mod random;
mod table;
mod values;
