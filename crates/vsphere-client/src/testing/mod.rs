//! What only tests need.

mod misbehaving_server;
