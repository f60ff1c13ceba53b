//! Tests of the client against a scripted server.

mod misbehaving_server;
