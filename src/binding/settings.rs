//! The settings of a guard as JavaScript gives them, checked.

use napi_derive::napi;

use super::error::{Result, number};
use crate::core::monitor::{ProfileMode, Settings};

const DAY: f64 = 86_400_000.0;

/// What `lib/guard.js` passes; the options are validated there for people, and here once more for
/// us.
#[napi(object)]
pub struct NativeSettings {
  /// Whether the preset is 'dev'.
  pub dev: bool,
  /// ms.
  pub warmup: f64,
  /// ms.
  pub interval: f64,
  /// ms.
  pub floor_interval: f64,
  /// Share of one core.
  pub gc_budget: f64,
  /// ms.
  pub max_pause: f64,
  /// Share of a budget.
  pub warn: f64,
  /// Share of a budget.
  pub critical: f64,
  /// 'auto', 'always' or 'off'.
  pub profile: String,
  /// Listeners past which an emitter is reported.
  pub threshold: f64,
  /// Bytes.
  pub old_limit: f64,
  /// Whether the owner set the heap's limit.
  pub limit_chosen: bool,
  /// Where leakguard's own files lie.
  pub own_root: String,
  /// 0 on the main thread.
  pub thread_id: f64,
  /// Process id.
  pub pid: f64,
  /// Shown in reports; may be empty.
  pub name: String,
  /// Shown in reports; may be empty.
  pub version: String,
}

/// The checked settings.
pub fn checked(given: NativeSettings) -> Result<Settings> {
  Ok(Settings {
    dev: given.dev,
    warmup: number("warmup", given.warmup, 0.0, 30.0 * DAY)?,
    interval: number("interval", given.interval, 1.0, DAY)?,
    floor_interval: number("floorInterval", given.floor_interval, 1.0, DAY)?,
    gc_budget: number("gcBudget", given.gc_budget, 0.0, 1.0)?,
    max_pause: number("maxPause", given.max_pause, 0.0, DAY)?,
    warn: number("limits.warn", given.warn, 0.0, 1.0)?,
    critical: number("limits.critical", given.critical, 0.0, 1.0)?,
    profile: match given.profile.as_str() {
      "always" => ProfileMode::Always,
      "off" => ProfileMode::Off,
      _ => ProfileMode::Auto,
    },
    threshold: number("threshold", given.threshold, 1.0, 1e9)?,
    old_limit: number("oldLimit", given.old_limit, 0.0, 1e18)?,
    limit_chosen: given.limit_chosen,
    own_root: given.own_root,
    thread_id: number("threadId", given.thread_id, 0.0, 1e15)?,
    pid: number("pid", given.pid, 0.0, 1e15)?,
    name: given.name,
    version: given.version,
  })
}
