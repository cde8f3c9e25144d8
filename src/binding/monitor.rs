//! The guard's native half: one object for each thread that is watched.
//!
//! Times come from `platform::clock`, process figures from kept file descriptors; JavaScript passes
//! only what V8 alone can tell. Rare and shapeless things (reports, events, profiles) cross as JSON
//! text.

use napi_derive::napi;

use super::error::{Result, from_core, number};
use super::settings::{NativeSettings, checked};
use crate::core::history::Sample;
use crate::core::monitor::{End, Monitor as Core, Nudge, Origin, Wish};
use crate::platform::{
  cgroup::{Cgroup, Source, Usage},
  clock, cpu,
  memory::Memory,
};

/// What no heap and no count reaches: 2^53.
const MOST: f64 = 9_007_199_254_740_992.0;
/// A day in ms, above any pause.
const DAY: f64 = 86_400_000.0;

/// Watches one thread.
#[napi]
pub struct Monitor {
  core: Core,
  memory: Memory,
  cgroup: Cgroup,
  /// What the cgroup said last, and when.
  container: Option<(Usage, f64)>,
  cpu: f64,
}

/// How long the figures of a whole machine stand, ms: /proc/meminfo takes 7 us to read, a
/// container's own file 1 us.
const MACHINE_STANDS: f64 = 5_000.0;

impl Monitor {
  fn container(&mut self, now: f64) -> Usage {
    if let Some((usage, at)) = self.container
      && usage.source == Source::Machine
      && now - at < MACHINE_STANDS
    {
      return usage;
    }
    let usage = self.cgroup.read(now);
    self.container = Some((usage, now));
    usage
  }
}

#[napi]
impl Monitor {
  /// Starts with empty tables; `settings` is checked. Cost: some 100 KB, growing to 2 MB in 48
  /// hours.
  #[napi(constructor, catch_unwind)]
  pub fn new(settings: NativeSettings) -> Result<Self> {
    let settings = checked(settings)?;
    let core = Core::try_new(settings, clock::monotonic()).map_err(|error| from_core(&error))?;
    Ok(Self {
      core,
      memory: Memory::open(),
      cgroup: Cgroup::open(),
      container: None,
      cpu: cpu::process_ms(),
    })
  }

  /// Takes other settings over; what was learnt stays.
  #[napi(catch_unwind)]
  pub fn configure(&mut self, settings: NativeSettings) -> Result<()> {
    self.core.configure(checked(settings)?);
    Ok(())
  }

  /// One sample, in the order of `lib/sampler.js`. True when there are events to tell. About 5 us.
  #[napi(catch_unwind)]
  pub fn sample(&mut self, inputs: &[f64]) -> Result<bool> {
    let at = |i: usize| inputs.get(i).copied().filter(|x| x.is_finite()).unwrap_or(0.0);
    let now = clock::monotonic();
    let container = self.container(now);
    let cpu = cpu::process_ms();
    let sample = Sample {
      at: now,
      used_heap: at(0),
      total_heap: at(1),
      heap_size_limit: at(2),
      external: at(3).max(0.0),
      array_buffers: at(4),
      new_space: at(5),
      old_space: at(6),
      code_space: at(7),
      large_space: at(8),
      utilization: at(9),
      gc_minor: at(10),
      gc_major: at(11),
      gc_pause: at(12),
      gc_longest: at(13),
      requests: at(14),
      malloced: at(15),
      rss: self.memory.rss(),
      container_used: container.used,
      container_limit: container.limit,
      cpu: (cpu - self.cpu).max(0.0),
    };
    self.cpu = cpu;
    self.core.sample(sample, container.source.word());
    Ok(self.core.has_events())
  }

  /// A major collection ended: live `heap` and `external` bytes; `origin` 0 natural, 1 nudged, 2
  /// read; `work` requests so far; `longest` stop in ms. True when there are events to tell.
  #[napi(catch_unwind)]
  pub fn floor(
    &mut self,
    heap: f64,
    external: f64,
    origin: f64,
    work: f64,
    longest: f64,
  ) -> Result<bool> {
    let heap = number("heap", heap, 0.0, MOST)?;
    let external = number("external", external, -MOST, MOST)?.max(0.0);
    let origin = match number("origin", origin, 0.0, 2.0)? {
      1.0 => Origin::Nudged,
      2.0 => Origin::Read,
      _ => Origin::Natural,
    };
    let work = number("work", work, 0.0, MOST)?;
    let longest = number("longest", longest, 0.0, DAY)?;
    self.core.floor(clock::monotonic(), heap, external, origin, work, longest);
    Ok(self.core.has_events())
  }

  /// 0: nudge now; above: ask again in so many ms; below: refused for now.
  #[napi(catch_unwind)]
  pub fn plan(&mut self) -> f64 {
    self.core.plan(clock::monotonic())
  }

  /// A nudge ended: CPU of the process meanwhile, the main thread's steps, the whole, the longest
  /// stop (ms); `end` 0 without a collection, 1 in one, 2 in that of a profile read.
  #[napi(catch_unwind)]
  pub fn nudged(
    &mut self,
    cpu: f64,
    stepped: f64,
    took: f64,
    longest: f64,
    end: f64,
  ) -> Result<()> {
    let nudge = Nudge {
      cpu: number("cpu", cpu, 0.0, DAY)?,
      stepped: number("stepped", stepped, 0.0, DAY)?,
      took: number("took", took, 0.0, DAY)?,
      longest: number("longest", longest, 0.0, DAY)?,
      end: match number("end", end, 0.0, 2.0)? {
        1.0 => End::Collected,
        2.0 => End::Read,
        _ => End::Unfinished,
      },
    };
    self.core.nudged(nudge);
    Ok(())
  }

  /// What is wished for now: 'arm', 'read', 'disarm' or nothing. Told once.
  #[napi(catch_unwind)]
  pub fn wishes(&mut self) -> Option<String> {
    self.core.wish(clock::monotonic()).map(|wish| {
      match wish {
        Wish::Arm => "arm",
        Wish::Read => "read",
        Wish::Disarm => "disarm",
      }
      .to_owned()
    })
  }

  /// Bytes between two sampled allocations, fitted to the growth that is looked for.
  #[napi(catch_unwind)]
  pub fn distance(&self) -> f64 {
    self.core.distance()
  }

  /// Sampling began.
  #[napi(catch_unwind)]
  pub fn armed(&mut self) {
    self.core.armed();
  }

  /// Sampling could not begin, or somebody ended it.
  #[napi(catch_unwind)]
  pub fn lost(&mut self) {
    self.core.lost();
  }

  /// A profile as V8's JSON, and the stop that reading it was (ms). True when there are events to
  /// tell.
  #[napi(catch_unwind)]
  pub fn profile(&mut self, json: String, pause: f64, ripe: bool) -> Result<bool> {
    let pause = number("pause", pause, 0.0, DAY)?;
    self.core.profile(clock::monotonic(), &json, pause, ripe).map_err(|error| from_core(&error))?;
    Ok(self.core.has_events())
  }

  /// ms into a nudge after which a profile is read; 0: read at once, the heap is small.
  #[napi(catch_unwind)]
  pub fn ripe_after(&self) -> f64 {
    self.core.ripe_after()
  }

  /// The nudge ended before it was ripe: the profile was not read.
  #[napi(catch_unwind)]
  pub fn missed(&mut self) {
    self.core.missed();
  }

  /// The census of listeners, as JSON of `lib/listeners`.
  #[napi(catch_unwind)]
  pub fn listeners(&mut self, json: String) -> Result<()> {
    self.core.listeners(clock::monotonic(), &json).map_err(|error| from_core(&error))
  }

  /// Collections a second at present, smoothed.
  #[napi(catch_unwind)]
  pub fn collections_per_second(&self) -> f64 {
    self.core.collections_per_second()
  }

  /// Events that wait, as a JSON array; none are left.
  #[napi(catch_unwind)]
  pub fn events(&mut self) -> String {
    self.core.take_events(clock::wall() - clock::monotonic())
  }

  /// The state in one word.
  #[napi(catch_unwind)]
  pub fn state(&self) -> String {
    self.core.state().word().to_owned()
  }

  /// The pressure in one word.
  #[napi(catch_unwind)]
  pub fn pressure(&self) -> String {
    self.core.pressure_word().to_owned()
  }

  /// The report as JSON; `extra` is what only JavaScript knows (`{ armed, foreign, off, lift }`).
  /// Under 1 ms.
  #[napi(catch_unwind)]
  pub fn report(&mut self, extra: String) -> Result<String> {
    let now = clock::monotonic();
    self.core.report(now, clock::wall() - now, &extra).map_err(|error| from_core(&error))
  }

  /// Samples from `from` to `to` (epoch ms) as JSON rows, at most `points`.
  #[napi(catch_unwind)]
  pub fn history(&self, from: f64, to: f64, points: f64) -> Result<String> {
    let epoch = clock::wall() - clock::monotonic();
    let from = number("from", from, -MOST, MOST)?;
    let to = number("to", to, -MOST, MOST)?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked")]
    let points = number("points", points, 1.0, 100_000.0)? as usize;
    self.core.history(from - epoch, to - epoch, points, epoch).map_err(|error| from_core(&error))
  }

  /// The last sample as JSON.
  #[napi(catch_unwind)]
  pub fn last(&self) -> Result<String> {
    self.core.last(clock::wall() - clock::monotonic()).map_err(|error| from_core(&error))
  }
}
