//! Tests of the client against a scripted server.

mod crypto;
mod misbehaving_server;
