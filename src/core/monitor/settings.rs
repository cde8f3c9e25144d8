//! What a guard was told: the options, and the facts of its process that do not change.

use crate::core::pace::Budget;
use crate::core::trend::Config;

/// When allocations are sampled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileMode {
  /// From suspicion until calm.
  Auto,
  /// From the start.
  Always,
  /// Never.
  Off,
}

/// Options and facts. Units: ms and bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
  /// The preset 'dev': quick verdicts for somebody who watches.
  pub dev: bool,
  /// No verdict before this, ms.
  pub warmup: f64,
  /// Between samples, ms.
  pub interval: f64,
  /// Wanted between floors, ms.
  pub floor_interval: f64,
  /// Share of one core for nudged collections.
  pub gc_budget: f64,
  /// The longest stop that may be expected, ms.
  pub max_pause: f64,
  /// Share of a budget at which pressure is 'warn'.
  pub warn: f64,
  /// Share of a budget at which pressure is 'critical'.
  pub critical: f64,
  /// When allocations are sampled.
  pub profile: ProfileMode,
  /// Listeners past which an emitter is reported.
  pub threshold: f64,
  /// The old generation's limit, bytes; 0 when unknown.
  pub old_limit: f64,
  /// Whether the owner chose that limit.
  pub limit_chosen: bool,
  /// Where leakguard's own files lie.
  pub own_root: String,
  /// 0 on the main thread.
  pub thread_id: f64,
  /// Process id.
  pub pid: f64,
  /// Name for reports.
  pub name: String,
  /// Version for reports.
  pub version: String,
}

impl Settings {
  /// The trend's configuration.
  #[must_use]
  pub fn trend(&self) -> Config {
    let preset = if self.dev { Config::dev() } else { Config::production() };
    Config { warmup: self.warmup, ..preset }
  }

  /// What floors may cost.
  #[must_use]
  pub fn budget(&self) -> Budget {
    Budget { interval: self.floor_interval, share: self.gc_budget, max_pause: self.max_pause }
  }
}
