//! leakguard: tells, inside a running Node.js process, whether memory growth is a leak, who is
//! guilty and how long is left.
//!
//! [`core`] is the whole of the thinking: plain values in, plain values out, no clock, no file, no
//! Node. [`platform`] is what only the operating system can tell. `binding` shows both to
//! JavaScript and is the only place that names napi; it exists with the default feature `node-api`
//! alone, so that `cargo test --no-default-features` proves the core needs nothing of it.
//!
//! Data flows one way: sample -> history -> trend -> suspects -> report.

#[cfg(feature = "node-api")]
mod binding;
pub mod core;
pub mod platform;
