//! The border to JavaScript: converts, validates, never decides.
//!
//! Every export carries `catch_unwind`, because a panic that leaves a Node-API callback aborts the
//! server it was meant to watch; counts come in as `f64` and are checked, because Node-API turns -1
//! into 4294967295 when asked for a `u32`.

#![allow(
  clippy::missing_errors_doc,
  clippy::missing_panics_doc,
  clippy::must_use_candidate,
  clippy::needless_pass_by_value,
  clippy::unnecessary_wraps,
  missing_debug_implementations,
  reason = "#[napi] items are documented for JavaScript in index.d.ts"
)]
#![cfg_attr(
  test,
  allow(dead_code, reason = "napi registers exports in the addon, not in test binaries")
)]

mod error;
mod monitor;
mod settings;

use napi::Env;
use napi_derive::napi;

use error::{Result, internal, number};

/// The largest report of external memory in one call, bytes: 1 GB, far above any nudge.
const MOST: f64 = 1_073_741_824.0;

/// Keeps a caught panic silent: it becomes a JavaScript error, and the message goes with it.
#[napi_derive::module_init]
fn init() {
  std::panic::set_hook(Box::new(|_| {}));
}

/// Reports `bytes` of external memory to V8 (negative: takes them back); answers V8's sum in bytes.
/// Cost: 1 us, or a few ms while V8 uses the call to advance a collection.
#[napi(catch_unwind)]
pub fn adjust(env: Env, bytes: f64) -> Result<f64> {
  let bytes = number("bytes", bytes, -MOST, MOST)?;
  #[allow(clippy::cast_possible_truncation, reason = "checked above")]
  let sum =
    env.adjust_external_memory(bytes as i64).map_err(|error| internal(error.reason.clone()))?;
  Ok(sum as f64)
}

/// Panics on purpose, so that a test can see the process live on.
#[napi(catch_unwind)]
pub fn panic_on_purpose() -> Result<()> {
  std::panic::resume_unwind(Box::new("leakguard was asked to panic"));
}
