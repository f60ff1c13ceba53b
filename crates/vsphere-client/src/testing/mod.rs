//! Tests of the client against a scripted server.

mod compute_policy;
mod crypto;
mod misbehaving_server;
