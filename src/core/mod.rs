//! The thinking: plain values in, plain values out.
//!
//! No Node, no files, no clock (time is a parameter), no unsafe. Rooms import downwards only:
//! error < ring < {history, listeners, profile, trend, frame, words} < {budget, pace} < suspects <
//! report < monitor.

#![forbid(unsafe_code)]

pub mod budget;
pub mod error;
pub mod frame;
pub mod history;
pub mod listeners;
pub mod monitor;
pub mod pace;
pub mod profile;
pub mod report;
pub mod ring;
pub mod suspects;
pub mod trend;
pub mod words;
