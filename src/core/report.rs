//! The report as JavaScript gets it: every field of it, and nothing that thinks.
//!
//! *Why here and not in the binding.* The same shape goes to `/health`, metrics, events and
//! evidence files; one place says what its fields are called. Sizes are bytes, times are ms unless
//! the name says seconds, points in time are ms since 1970.
//! *Cost.* A few KB of JSON when somebody asks.

mod advice;

use serde::Serialize;
use serde_json::Value;

pub use self::advice::{Advice, Facts, advice};
use super::budget::{Eta, Level};
use super::listeners::ListenerReport;
use super::suspects::Suspect;
use super::trend::State;

/// All that is known. `A` is leakguard's account of itself, which its keeper shapes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report<A> {
  /// Of the watched app.
  pub name: String,
  /// Of the watched app.
  pub version: String,
  /// Process id.
  pub pid: f64,
  /// 0 on the main thread.
  pub thread_id: f64,
  /// When this was written.
  pub at: f64,
  /// Of the process, ms.
  pub uptime: f64,
  /// Where it stands.
  pub state: State,
  /// How near the nearer budget is.
  pub pressure: Level,
  /// When the state was entered.
  pub since: f64,
  /// Until a verdict is possible; none once it is.
  pub ready_in_seconds: Option<f64>,
  /// Why the state is what it is.
  pub reasons: Vec<String>,
  /// The judgement in figures.
  pub verdict: VerdictReport,
  /// What is in use.
  pub memory: MemoryReport,
  /// What may be used.
  pub budgets: Budgets,
  /// Collections since watching began.
  pub gc: Gc,
  /// The event loop.
  pub event_loop: EventLoop,
  /// What the process did.
  pub work: Work,
  /// Who may be guilty, the guiltiest first.
  pub suspects: Vec<Suspect>,
  /// Listeners past the threshold.
  pub listeners: Vec<ListenerReport>,
  /// Bounded and tracked collections.
  pub collections: Vec<Value>,
  /// What to set, what to do.
  pub advice: Vec<Advice>,
  /// leakguard's account of itself.
  #[serde(rename = "self")]
  pub account: A,
}

/// The judgement in figures.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VerdictReport {
  /// Whether it leaks.
  pub leak: bool,
  /// Where it stands.
  pub state: State,
  /// When the growth began.
  pub since: Option<f64>,
  /// Growth.
  pub bytes_per_minute: f64,
  /// Its ends, low then high.
  pub interval: [f64; 2],
  /// When the growth goes with requests.
  pub bytes_per_request: Option<f64>,
  /// The window that carries the verdict.
  pub window: &'static str,
  /// Its length.
  pub window_ms: f64,
  /// Floors in it.
  pub floors: f64,
  /// Its test statistic.
  pub z: f64,
  /// Until the nearer budget is used up.
  pub eta_seconds: Option<f64>,
  /// The earliest and the latest.
  pub eta_interval: Option<[f64; 2]>,
  /// 'heap' or 'container'.
  pub eta_budget: Option<&'static str>,
}

/// What is in use, bytes.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MemoryReport {
  /// Live and dead.
  pub heap_used: f64,
  /// Taken from the system.
  pub heap_total: f64,
  /// V8's limit for young and old together.
  pub heap_size_limit: f64,
  /// Buffers and wasm.
  pub external: f64,
  /// The part of it in array buffers.
  pub array_buffers: f64,
  /// Resident set.
  pub rss: f64,
  /// RSS outside of heap and external memory.
  pub native: f64,
  /// The live size after the last major collection.
  pub floor: Option<FloorReport>,
  /// The heap by space.
  pub spaces: Spaces,
}

/// The live size after a major collection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct FloorReport {
  /// Heap and external memory.
  pub bytes: f64,
  /// Heap.
  pub heap: f64,
  /// External memory.
  pub external: f64,
  /// When.
  pub at: f64,
  /// V8 collected by itself.
  pub natural: bool,
}

/// The heap by space, bytes in use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Spaces {
  /// The young generation.
  pub new: f64,
  /// The old space.
  pub old: f64,
  /// Code.
  pub code: f64,
  /// Large objects.
  pub large: f64,
}

/// What may be used; none where it is not known.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Budgets {
  /// The old generation's limit.
  pub heap: Option<Budget>,
  /// The container's limit, else the machine's memory.
  pub container: Option<Budget>,
}

/// A limit and what is used of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Budget {
  /// Bytes.
  pub limit: f64,
  /// Bytes.
  pub used: f64,
  /// `used / limit`.
  pub share: f64,
  /// Until it is used up; none without a significant trend.
  pub eta_seconds: Option<f64>,
  /// The earliest and the latest.
  pub eta_interval: Option<[f64; 2]>,
  /// 'cgroup2', 'cgroup1' or 'machine'; none for the heap.
  #[serde(skip_serializing_if = "Option::is_none")]
  pub source: Option<&'static str>,
}

impl Budget {
  /// None without a limit.
  #[must_use]
  pub fn new(
    limit: f64,
    used: f64,
    eta: Option<Eta>,
    source: Option<&'static str>,
  ) -> Option<Self> {
    (limit > 0.0 && limit.is_finite()).then(|| Self {
      limit,
      used,
      share: used / limit,
      eta_seconds: eta.map(|eta| eta.seconds),
      eta_interval: eta.and_then(|eta| eta.interval).map(<[f64; 2]>::from),
      source,
    })
  }
}

/// Collections since watching began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Gc {
  /// Of the young generation.
  pub minor: f64,
  /// Of all.
  pub major: f64,
  /// All stops together, ms.
  pub pause: f64,
  /// The longest, ms.
  pub longest: f64,
  /// How often.
  pub per_minute: f64,
}

/// The event loop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct EventLoop {
  /// 0..1
  pub utilization: f64,
}

/// What the process did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Work {
  /// Since watching began.
  pub requests: f64,
  /// Now.
  pub per_minute: f64,
}

#[cfg(test)]
mod tests;
