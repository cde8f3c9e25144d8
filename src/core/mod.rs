//! The thinking: plain values in, plain values out.
//!
//! No Node, no files, no clock (time is a parameter), no unsafe. Rooms import downwards only:
//! error < ring < {history, listeners, profile, trend} < suspects < report < monitor.

#![forbid(unsafe_code)]

pub mod error;
pub mod pace;
pub mod ring;
pub mod trend;
