//! What is shown: the report and the history, put together from the rooms below. Nothing is decided
//! here.

use serde::Deserialize;
use serde_json::{Value, json};

use super::account::{Account, Off};
use super::{MINUTE, Monitor, malformed, share};
use crate::core::budget::{Eta, eta};
use crate::core::error::{Error, Result};
use crate::core::history::{Row, Sample};
use crate::core::report::{
  Budget, Budgets, EventLoop, Facts, FloorReport, Gc, MemoryReport, Report, Spaces, VerdictReport,
  Work, advice,
};
use crate::core::suspects::{Suspect, native};
use crate::core::trend::{Slope, State};

/// What only JavaScript knows of the account.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Extra {
  armed: bool,
  foreign: bool,
  lift: f64,
  off: Vec<Off>,
}

/// Sums since watching began.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sums {
  pub requests: f64,
  minor: f64,
  major: f64,
  pause: f64,
  longest: f64,
}

impl Sums {
  pub fn push(&mut self, sample: &Sample) {
    self.requests += sample.requests;
    self.minor += sample.gc_minor;
    self.major += sample.gc_major;
    self.pause += sample.gc_pause;
    self.longest = self.longest.max(sample.gc_longest);
  }
}

/// How long the two budgets last.
struct Etas {
  heap: Option<Eta>,
  container: Option<Eta>,
}

impl Monitor {
  /// The report as JSON. `epoch` is what turns monotonic ms into ms since 1970; `extra` is
  /// `{ armed, foreign, lift, off }`.
  ///
  /// # Errors
  /// `Malformed` when `extra` is something else.
  pub fn report(&self, now: f64, epoch: f64, extra: &str) -> Result<String> {
    let extra: Extra =
      serde_json::from_str(extra).map_err(|error| malformed("the account's extra part", &error))?;
    let sample = self.history.last().copied().unwrap_or_default();
    let verdict = self.trend.verdict();
    let etas = self.etas(&sample);
    let started = self.began + epoch;
    let report = Report {
      name: self.settings.name.clone(),
      version: self.settings.version.clone(),
      pid: self.settings.pid,
      thread_id: self.settings.thread_id,
      at: now + epoch,
      uptime: now,
      state: verdict.state,
      pressure: self.pressure.level(),
      since: verdict.since + started,
      ready_in_seconds: self
        .trend
        .ready_in(now - self.began)
        .map(|ms| (ms / 1_000.0).ceil().max(0.0)),
      reasons: verdict.reasons.clone(),
      verdict: self.verdict_report(&etas, started),
      memory: self.memory_report(&sample, started),
      budgets: self.budgets(&sample, &etas),
      gc: self.gc(now),
      event_loop: EventLoop { utilization: sample.utilization },
      work: Work { requests: self.sums.requests, per_minute: self.load.requests() },
      suspects: self.suspects(),
      listeners: self.listeners.report(),
      collections: Vec::new(),
      advice: advice(&self.facts(&sample, &etas)),
      account: self.account_report(now, extra),
    };
    serde_json::to_string(&report).map_err(|error| malformed("report", &error))
  }

  /// Samples between two monotonic times as JSON rows, at most `points`; `at` is in epoch ms.
  ///
  /// # Errors
  /// `Malformed` never in practice: a row that cannot be written as JSON.
  pub fn history(&self, from: f64, to: f64, points: usize, epoch: f64) -> Result<String> {
    let mut rows: Vec<Row> = self.history.range(from, to, points);
    for row in &mut rows {
      row.last.at += epoch;
    }
    serde_json::to_string(&rows).map_err(|error| malformed("history", &error))
  }

  /// The last sample as JSON; `at` is in epoch ms.
  ///
  /// # Errors
  /// `OutOfRange` before the first sample.
  pub fn last(&self, epoch: f64) -> Result<String> {
    let Some(mut sample) = self.history.last().copied() else {
      return Err(Error::OutOfRange { name: "samples", expected: "at least 1", received: 0.0 });
    };
    sample.at += epoch;
    serde_json::to_string(&sample).map_err(|error| malformed("sample", &error))
  }

  /// Events that wait as a JSON array, their times in epoch ms; none are left.
  pub fn take_events(&mut self, epoch: f64) -> String {
    let mut events = self.events.take();
    for event in &mut events {
      if let Some(at) = event.get("at").and_then(Value::as_f64) {
        event["at"] = json!(at + epoch);
      }
    }
    Value::Array(events).to_string()
  }

  fn verdict_report(&self, etas: &Etas, started: f64) -> VerdictReport {
    let verdict = self.trend.verdict();
    let (sooner, which) = match (etas.heap, etas.container) {
      (Some(heap), Some(container)) if container.seconds < heap.seconds => {
        (Some(container), Some("container"))
      }
      (Some(heap), _) => (Some(heap), Some("heap")),
      (None, Some(container)) => (Some(container), Some("container")),
      (None, None) => (None, None),
    };
    VerdictReport {
      leak: verdict.state == State::Leaking,
      state: verdict.state,
      since: verdict.growth_since.map(|at| at + started),
      bytes_per_minute: verdict.slope.per_minute,
      interval: [verdict.slope.low, verdict.slope.high],
      bytes_per_request: verdict.per_unit,
      window: verdict.window,
      window_ms: verdict.window_ms,
      #[allow(clippy::cast_precision_loss, reason = "a window holds some dozens of points")]
      floors: verdict.points as f64,
      z: verdict.z,
      eta_seconds: sooner.map(|eta| eta.seconds),
      eta_interval: sooner.and_then(|eta| eta.interval).map(<[f64; 2]>::from),
      eta_budget: which,
    }
  }

  fn memory_report(&self, sample: &Sample, started: f64) -> MemoryReport {
    MemoryReport {
      heap_used: sample.used_heap,
      heap_total: sample.total_heap,
      heap_size_limit: sample.heap_size_limit,
      external: sample.external,
      array_buffers: sample.array_buffers,
      rss: sample.rss,
      native: outside(sample),
      floor: self.floor.map(|floor| FloorReport {
        bytes: floor.bytes(),
        heap: floor.heap,
        external: floor.external,
        at: floor.at + started,
        natural: floor.natural,
      }),
      spaces: Spaces {
        new: sample.new_space,
        old: sample.old_space,
        code: sample.code_space,
        large: sample.large_space,
      },
    }
  }

  fn etas(&self, sample: &Sample) -> Etas {
    let verdict = self.trend.verdict();
    let heap_share = 1.0 - verdict.external_share;
    let part = |slope: Slope, by: f64| Slope {
      per_minute: slope.per_minute * by,
      low: slope.low * by,
      high: slope.high * by,
    };
    let rising = verdict.rising && matches!(verdict.state, State::Suspect | State::Leaking);
    let live = self.live();
    // The container holds everything: what grows outside of V8 counts there as well.
    let all = match self.native_per_minute() {
      Some(native) => Slope {
        per_minute: verdict.slope.per_minute.max(0.0) + native,
        low: verdict.slope.low + native,
        high: verdict.slope.high + native,
      },
      None => verdict.slope,
    };
    let any = rising || self.native_per_minute().is_some();
    Etas {
      heap: eta(live, self.settings.old_limit, part(verdict.slope, heap_share), rising),
      container: eta(used(sample), sample.container_limit, all, any),
    }
  }

  fn budgets(&self, sample: &Sample, etas: &Etas) -> Budgets {
    let live = self.live();
    let source = Some(self.container_source);
    Budgets {
      heap: Budget::new(self.settings.old_limit, live, etas.heap, None),
      container: Budget::new(sample.container_limit, used(sample), etas.container, source),
    }
  }

  fn gc(&self, now: f64) -> Gc {
    let minutes = (now - self.began) / MINUTE;
    let Sums { minor, major, pause, longest, .. } = self.sums;
    let per_minute = if minutes > 0.0 { (minor + major) / minutes } else { 0.0 };
    Gc { minor, major, pause, longest, per_minute }
  }

  /// Those of the last difference while there is suspicion; native growth at any time.
  fn suspects(&self) -> Vec<Suspect> {
    let mut suspects = if matches!(self.trend.state(), State::Suspect | State::Leaking) {
      self.inquiry.suspects.clone()
    } else {
      Vec::new()
    };
    if let Some(per_minute) = self.native_per_minute() {
      suspects.push(native(per_minute, self.native.verdict().window_ms / MINUTE));
    }
    suspects
  }

  fn native_per_minute(&self) -> Option<f64> {
    let verdict = self.native.verdict();
    (verdict.state == State::Suspect && verdict.rising).then_some(verdict.slope.per_minute)
  }

  fn facts(&self, sample: &Sample, etas: &Etas) -> Facts {
    let soonest = [etas.heap, etas.container].into_iter().flatten().map(|eta| eta.seconds);
    Facts {
      old_limit: self.settings.old_limit,
      limit_chosen: self.settings.limit_chosen,
      non_heap: (sample.rss - sample.total_heap).max(0.0),
      container_limit: sample.container_limit,
      source: self.container_source,
      growing: matches!(self.trend.state(), State::Suspect | State::Leaking),
      eta_seconds: soonest.reduce(f64::min),
      native_per_minute: self.native_per_minute(),
      profile_refused: self.inquiry.refused(),
      max_pause: self.settings.max_pause,
      expected_pause: self.pace.expected_read(self.live()),
    }
  }

  fn account_report(&self, now: f64, extra: Extra) -> Account {
    let mut account = self.account.clone();
    account.nudge.cpu = self.pace.spent();
    account.nudge.share = self.pace.share(now);
    account.nudge.lift = extra.lift;
    account.profile.armed = extra.armed;
    account.profile.foreign = extra.foreign;
    account.cpu += self.pace.spent();
    #[allow(clippy::cast_precision_loss, reason = "bytes of own tables")]
    let bytes = (self.history.bytes_owned()
      + self.trend.bytes_owned()
      + self.native.bytes_owned()
      + self.listeners.bytes_owned()
      + self.inquiry.bytes_owned()) as f64;
    account.bytes = bytes;
    account.off = extra.off;
    account
  }
}

/// Resident memory that neither the heap nor external memory accounts for.
pub(super) fn outside(sample: &Sample) -> f64 {
  (sample.rss - sample.total_heap - sample.external).max(0.0)
}

/// What counts against the container.
pub(super) fn used(sample: &Sample) -> f64 {
  sample.container_used.max(sample.rss)
}

/// The heap's and the container's share in use.
pub(super) fn shares(sample: &Sample, live: Option<f64>, old_limit: f64) -> (f64, f64) {
  (live.map_or(0.0, |live| share(live, old_limit)), share(used(sample), sample.container_limit))
}
