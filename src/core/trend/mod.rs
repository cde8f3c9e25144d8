//! The verdict: floors in, a state with its reasons out.
//!
//! *Why.* Whether memory leaks can be told from the floors alone (the live size right after full
//! collections), if like is compared with like and chance is kept in its place.
//! docs/how-it-decides.md tells the whole of it in plain English, with the measured rates of false
//! alarms.
//! *Cost.* Some 100 us and no growing memory for each floor; about 40 KB in all.

mod load;
mod machine;
mod robust;
mod seen;
#[cfg(test)]
mod tests;
mod types;
mod verdict;
mod window;
mod words;

pub use types::{Config, Floor, Slope, State, Transition, Verdict};

use super::error::{Error, Result};
use load::Load;
use machine::{Machine, Watch};
use verdict::{Frame, Objection};
use window::{Plan, Point, Window};

/// The first collections of a process tell about its start, not its life.
const FIRST_FLOORS: u32 = 4;
const MINUTE: f64 = 60_000.0;

/// Judges the floors of one heap.
#[derive(Clone, Debug)]
pub struct Trend {
  config: Config,
  watches: Vec<Watch>,
  machine: Machine,
  verdict: Verdict,
  load: Load,
  slopes: Vec<f64>,
  floors: u32,
  first_at: f64,
  last_at: Option<f64>,
  pace: Option<f64>,
  /// The counter as it came last, and the sum of its rises.
  counter: Option<f64>,
  work: f64,
}

impl Trend {
  /// Takes all memory that steady watching needs.
  ///
  /// # Errors
  /// `OutOfRange` for a configuration that cannot judge, `NoMemory` when the allocator refuses.
  pub fn try_new(config: Config) -> Result<Self> {
    check(&config)?;
    let mut watches = Vec::new();
    for plan in Plan::all(&config) {
      watches.push(Watch {
        window: Window::try_new(plan)?,
        judged: verdict::Judgement::default(),
        streak: 0,
      });
    }
    let mut slopes = Vec::new();
    let pairs = config.points.max(24).pow(2) / 2;
    slopes
      .try_reserve_exact(pairs)
      .map_err(|_| Error::NoMemory { bytes: pairs * size_of::<f64>() })?;
    let mut trend = Self {
      config,
      watches,
      machine: Machine::try_new()?,
      verdict: Verdict { window: "short", ..Verdict::default() },
      load: Load::default(),
      slopes,
      floors: 0,
      first_at: 0.0,
      last_at: None,
      pace: None,
      counter: None,
      work: 0.0,
    };
    trend.tell(None);
    Ok(trend)
  }

  /// Takes a floor. One that is not finite, or older than the last, is passed over.
  pub fn push(&mut self, floor: Floor) -> Option<Transition> {
    let sound = [floor.at, floor.heap, floor.external].iter().all(|v| v.is_finite());
    if !sound || self.last_at.is_some_and(|last| floor.at < last) {
      return None;
    }
    self.count(&floor);
    let busy = if floor.load.is_finite() { floor.load.max(0.0) } else { 0.0 };
    let loads = self.load.read(floor.at, busy);
    if floor.at < self.config.warmup || self.floors <= FIRST_FLOORS {
      self.tell(None);
      return None;
    }
    let point = Point {
      at: floor.at,
      bytes: floor.bytes(),
      external: floor.external,
      work: self.work,
      loads,
    };
    let frame = self.frame();
    for watch in &mut self.watches {
      if watch.window.push(point) {
        watch.judge(frame, &mut self.slopes);
      }
    }
    self.machine.push(point);
    self.advance(floor.at)
  }

  /// Time went by without a floor: closes the slots that ended, and judges those windows anew.
  ///
  /// Warming up ends with the first judgement, not with the clock: without floors there is no
  /// verdict.
  pub fn tick(&mut self, now_ms: f64) -> Option<Transition> {
    if !now_ms.is_finite() || self.last_at.is_some_and(|last| now_ms < last) {
      return None;
    }
    let frame = self.frame();
    let mut news = false;
    for watch in &mut self.watches {
      if watch.window.close(now_ms) {
        watch.judge(frame, &mut self.slopes);
        news = true;
      }
    }
    if news { self.advance(now_ms) } else { None }
  }

  /// One difference of two profiles says that `who` explains `share` (0..1) of the growth of the
  /// same time. Two such differences in a row, each of one half or more, make a suspicion a leak.
  pub fn attributed(&mut self, now_ms: f64, share: f64, who: &str) -> Option<Transition> {
    let from = self.machine.state;
    if !self.machine.attributed(now_ms, share) {
      return None;
    }
    let named = format!("{who} explains {:.0} % of it, twice in a row", share.min(1.0) * 100.0);
    self.tell(Some(named));
    Some(self.transition(from, now_ms))
  }

  /// Bytes left in the nearer budget; 0 when unknown.
  pub fn set_room(&mut self, bytes: f64) {
    self.config.room = if bytes.is_finite() { bytes.max(0.0) } else { 0.0 };
  }

  /// What the windows say now.
  #[must_use]
  pub fn verdict(&self) -> &Verdict {
    &self.verdict
  }

  /// Where the process stands.
  #[must_use]
  pub fn state(&self) -> State {
    self.machine.state
  }

  /// ms until a first verdict can be expected at the pace of the floors; none once there was one.
  #[must_use]
  pub fn ready_in(&self, now: f64) -> Option<f64> {
    if self.machine.state != State::Warming {
      return None;
    }
    let pace = self.pace.unwrap_or(if self.config.eager { 2_000.0 } else { 120_000.0 });
    let skipped = robust::real((FIRST_FLOORS.saturating_sub(self.floors)) as usize) * pace;
    let held = self.watches.first().map_or(0, |w| w.window.points().count());
    let missing = robust::real(self.config.min_points.saturating_sub(held)) * pace;
    Some((self.config.warmup - now).max(skipped) + missing)
  }

  /// Own memory, bytes.
  #[must_use]
  pub fn bytes_owned(&self) -> usize {
    let words: usize = self.verdict.reasons.iter().map(String::capacity).sum();
    size_of::<Self>()
      + self.watches.iter().map(|w| w.window.bytes_owned()).sum::<usize>()
      + self.slopes.capacity() * size_of::<f64>()
      + self.machine.bytes_owned()
      + words
  }

  fn count(&mut self, floor: &Floor) {
    if self.floors == 0 {
      self.first_at = floor.at;
    }
    self.floors = self.floors.saturating_add(1);
    if let Some(last) = self.last_at.replace(floor.at) {
      let apart = floor.at - last;
      self.pace = Some(self.pace.map_or(apart, |pace| 0.8 * pace + 0.2 * apart));
    }
    if !floor.work.is_finite() {
      return;
    }
    // A counter that fell was reset: what it shows was done since.
    let done = self.counter.map_or(0.0, |before| {
      if floor.work >= before { floor.work - before } else { floor.work.max(0.0) }
    });
    self.counter = Some(floor.work);
    self.work += done;
  }

  fn frame(&self) -> Frame {
    let watched = self.last_at.map_or(0.0, |last| last - self.first_at);
    let usual = if watched > 0.0 { self.work / watched } else { 0.0 };
    Frame { z: self.config.z, room: self.config.room, usual }
  }

  fn advance(&mut self, now: f64) -> Option<Transition> {
    let from = self.machine.state;
    let frame = self.frame();
    let changed = self.machine.advance(now, &self.watches, frame, &mut self.slopes);
    self.tell(None);
    changed.then(|| self.transition(from, now))
  }

  fn transition(&self, from: State, at: f64) -> Transition {
    Transition { from, to: self.machine.state, at, reasons: self.verdict.reasons.clone() }
  }

  /// Puts the machine's view into the public verdict.
  fn tell(&mut self, named: Option<String>) {
    let state = self.machine.state;
    let held = std::mem::take(&mut self.verdict.reasons);
    let growth = self.machine.growth.filter(|_| matches!(state, State::Suspect | State::Leaking));
    let mut reasons = Vec::new();
    let (plan, judged) = if let Some(growth) = growth {
      let fresh = self.watches.iter().find(|w| w.window.plan.name == growth.plan.name);
      let judged = fresh.map(|w| w.judged).filter(|j| j.rising).unwrap_or(growth.judged);
      reasons = words::growing(&growth.plan, &judged);
      if self.machine.waits_for_work {
        reasons.push("it is flat now, but too little work was done since to tell".to_owned());
      }
      // Who was named stays named as long as it leaks.
      let was_named =
        held.into_iter().find(|r| state == State::Leaking && r.contains(" explains "));
      reasons.extend(named.or(was_named));
      (growth.plan, judged)
    } else {
      let ready = self.watches.iter().find(|w| w.judged.objection != Objection::TooFew);
      let Some(watch) = ready.or(self.watches.first()) else {
        return;
      };
      if state == State::Warming && self.last_at.is_none_or(|at| at < self.config.warmup) {
        reasons.push(format!(
          "warming up: floors of the first {} are not judged",
          words::duration(self.config.warmup)
        ));
      } else {
        reasons.push(words::calm(&watch.window.plan, &watch.judged));
      }
      (watch.window.plan, watch.judged)
    };
    self.verdict = Verdict {
      state,
      since: self.machine.since,
      growth_since: growth.map(|g| g.since),
      window: plan.name,
      window_ms: judged.span,
      points: judged.points,
      z: judged.z,
      slope: Slope {
        per_minute: judged.line.slope * MINUTE,
        low: judged.line.low * MINUTE,
        high: judged.line.high * MINUTE,
      },
      per_unit: judged.per_unit,
      rising: growth.is_some() || matches!(judged.objection, Objection::None | Objection::FarOff),
      external_share: judged.external,
      reasons,
    };
  }
}

fn check(config: &Config) -> Result<()> {
  let bad = |name, expected, received| Err(Error::OutOfRange { name, expected, received });
  let real = robust::real;
  if !(12..=100).contains(&config.points) {
    return bad("points", "from 12 to 100", real(config.points));
  }
  if !(8..=config.points).contains(&config.min_points) {
    return bad("minPoints", "from 8 to the number of points", real(config.min_points));
  }
  if config.confirmations == 0 {
    return bad("confirmations", "at least 1", 0.0);
  }
  if !(config.warmup.is_finite() && config.warmup >= 0.0) {
    return bad("warmup", "a number of ms, at least 0", config.warmup);
  }
  if !(config.z.is_finite() && config.z > 0.0) {
    return bad("z", "above 0", config.z);
  }
  Ok(())
}
