//! The state machine: warming, steady, suspect, leaking, recovered.
//!
//! *Why.* One judgement is an opinion, a state is what people act upon: it is entered after several
//! judgements in a row and left only on evidence of the opposite. A suspicion is dropped when a
//! window as long as the one that raised it, filled since with comparable work, is flat; or when
//! what grew was given back. A shorter one could not have seen such growth and proves nothing.
//! *Cost.* One window more while there is growth.

use super::robust::{median, real};
use super::types::{Config, State};
use super::verdict::{Frame, Judgement, Objection, judge};
use super::window::{Plan, Point, Window};
use crate::core::error::Result;
use crate::core::ring::Ring;

/// A slope below this share of the confirmed one is flat.
const FLAT: f64 = 0.2;
/// A calm window counts when it is this full, of the length of the window that raised suspicion.
const LONG_ENOUGH: f64 = 0.8;
/// Work in a calm window, against the work done when the floor grew, without which calm says
/// nothing.
const COMPARABLE: f64 = 0.5;
/// Floors whose median must have come down.
const FALLEN: usize = 5;
/// Longer windows hold a day's trough already: there a low level is the night, not a release, ms.
const A_MORNING: f64 = 6.0 * 3_600_000.0;
/// Differences in a row in which somebody explains half.
const NAMINGS: u32 = 2;

/// A window with its last judgement.
#[derive(Clone, Debug)]
pub struct Watch {
  /// The points.
  pub window: Window,
  /// What they said last.
  pub judged: Judgement,
  /// How many times in a row there was no objection.
  pub streak: u32,
}

impl Watch {
  /// Judges anew.
  pub fn judge(&mut self, frame: Frame, slopes: &mut Vec<f64>) {
    self.judged = judge(&self.window, frame, slopes);
    self.streak = match self.judged.objection {
      Objection::None => self.streak.saturating_add(1),
      _ => 0,
    };
  }

  /// Whether it speaks.
  pub fn is_sure(&self) -> bool {
    self.streak >= self.window.plan.confirmations
  }
}

/// Growth that was confirmed.
#[derive(Clone, Copy, Debug)]
pub struct Growth {
  /// The window that carries it.
  pub plan: Plan,
  /// Its last judgement without objection.
  pub judged: Judgement,
  /// When it began, ms.
  pub since: f64,
}

/// State, and what it rests on.
#[derive(Clone, Debug)]
pub struct Machine {
  /// Where the process stands.
  pub state: State,
  /// Since when, ms.
  pub since: f64,
  /// The growth that made it suspect; kept until it is steady again.
  pub growth: Option<Growth>,
  /// Flat, but hardly any work was done.
  pub waits_for_work: bool,
  calm: Option<Window>,
  /// The calm window has a point that was not judged yet.
  news: bool,
  recent: Ring<f64>,
  namings: u32,
}

impl Machine {
  /// Starts warming up.
  pub fn try_new() -> Result<Self> {
    Ok(Self {
      state: State::Warming,
      since: 0.0,
      growth: None,
      waits_for_work: false,
      calm: None,
      news: false,
      recent: Ring::try_new(FALLEN)?,
      namings: 0,
    })
  }

  /// Takes the floor into the window that waits for calm.
  pub fn push(&mut self, point: Point) {
    if let Some(calm) = &mut self.calm {
      self.news |= calm.push(point);
      self.recent.push(point.bytes);
    }
  }

  /// Moves on after new judgements; true when the state changed.
  pub fn advance(
    &mut self,
    now: f64,
    watches: &[Watch],
    frame: Frame,
    slopes: &mut Vec<f64>,
  ) -> bool {
    let sure = watches.iter().find(|w| w.is_sure());
    match (self.state, sure) {
      (State::Warming | State::Steady | State::Recovered, Some(watch)) => {
        self.follow(watch);
        self.namings = 0;
        self.enter(State::Suspect, now)
      }
      (State::Warming, None) => {
        let judged = watches.iter().any(|w| w.judged.objection != Objection::TooFew);
        judged && self.enter(State::Steady, now)
      }
      (State::Steady, None) => false,
      (State::Suspect | State::Leaking, Some(watch)) => {
        let carrier = self.growth.map(|g| g.plan.name);
        let carrier = watches.iter().find(|w| w.is_sure() && Some(w.window.plan.name) == carrier);
        self.follow(carrier.unwrap_or(watch));
        false
      }
      (State::Suspect | State::Leaking, None) => {
        if self.has_fallen() || self.is_calm(frame, slopes) {
          self.rest();
          return self.enter(State::Recovered, now);
        }
        false
      }
      (State::Recovered, None) => {
        if self.is_calm(frame, slopes) {
          self.growth = None;
          self.calm = None;
          return self.enter(State::Steady, now);
        }
        false
      }
    }
  }

  /// Somebody explains `share` of the growth in one difference; true when that makes it a leak.
  pub fn attributed(&mut self, now: f64, share: f64) -> bool {
    if self.state != State::Suspect {
      return false;
    }
    self.namings = if share >= 0.5 { self.namings + 1 } else { 0 };
    self.namings >= NAMINGS && self.enter(State::Leaking, now)
  }

  /// Own memory beside the struct.
  pub fn bytes_owned(&self) -> usize {
    self.calm.as_ref().map_or(0, Window::bytes_owned) + FALLEN * size_of::<f64>()
  }

  fn enter(&mut self, state: State, now: f64) -> bool {
    self.state = state;
    self.since = now;
    self.waits_for_work = false;
    true
  }

  /// Takes a window's judgement as the growth; the calm window gets its length.
  fn follow(&mut self, watch: &Watch) {
    let began = watch.judged.from;
    let fresh = matches!(self.state, State::Suspect | State::Leaking);
    let before = self.growth.filter(|_| fresh);
    let longer = before.is_none_or(|g| watch.judged.span > 1.5 * g.judged.span);
    let start = before.map_or(watch.judged.start, |g| g.judged.start);
    self.growth = Some(Growth {
      plan: watch.window.plan,
      judged: Judgement { start, ..watch.judged },
      since: before.map_or(began, |g| g.since.min(began)),
    });
    if longer || self.calm.is_none() {
      self.rest();
    }
  }

  /// Begins to wait for calm, from now on.
  fn rest(&mut self) {
    self.recent.clear();
    self.news = false;
    self.calm = self.growth.and_then(|growth| {
      let points = growth.plan.points;
      let slot = if growth.plan.seasons > 0 {
        growth.plan.slot
      } else {
        growth.judged.span / real(points.saturating_sub(1).max(1))
      };
      let plan = Plan { slot, least: points * 2 / 3, ..growth.plan };
      Window::try_new(plan).ok()
    });
  }

  fn has_fallen(&self) -> bool {
    let Some(growth) = self.growth else {
      return false;
    };
    if self.recent.len() < FALLEN || growth.judged.span >= A_MORNING {
      return false;
    }
    let now = median(&mut self.recent.iter().copied().collect::<Vec<_>>());
    now <= growth.judged.start
  }

  fn is_calm(&mut self, frame: Frame, slopes: &mut Vec<f64>) -> bool {
    let (Some(growth), Some(calm)) = (self.growth, &self.calm) else {
      return false;
    };
    if !std::mem::take(&mut self.news) {
      return false;
    }
    let told = growth.judged;
    let seen = judge(calm, frame, slopes);
    let pace = told.growth / told.span;
    if seen.objection == Objection::TooFew
      || seen.span < LONG_ENOUGH * told.span
      || seen.rising
      || seen.line.slope >= FLAT * pace
      || told.per_unit.is_some_and(|unit| seen.unit >= FLAT * unit)
    {
      return false;
    }
    let usual = told.work / told.span * seen.span;
    self.waits_for_work = seen.work < COMPARABLE * usual;
    !self.waits_for_work
  }
}

impl Config {
  /// What ships: floors every two minutes, a verdict that may be believed.
  #[must_use]
  pub fn production() -> Self {
    Self {
      warmup: 600_000.0,
      points: 24,
      min_points: 20,
      confirmations: 5,
      z: 2.58,
      room: 0.0,
      eager: false,
    }
  }

  /// At the desk: floors every two seconds, a first verdict within a minute.
  #[must_use]
  pub fn dev() -> Self {
    Self {
      warmup: 8_000.0,
      points: 20,
      min_points: 16,
      confirmations: 3,
      z: 2.58,
      room: 0.0,
      eager: true,
    }
  }
}

#[cfg(test)]
mod tests {
  use crate::core::trend::{Config, Floor, State, Transition, Trend};

  const MB: f64 = 1_048_576.0;

  /// Floors every 100 ms without warm-up, as a benchmark takes them.
  struct Bench {
    trend: Trend,
    at: f64,
    work: f64,
    said: Vec<Transition>,
  }

  impl Bench {
    fn new() -> Self {
      let config = Config { warmup: 0.0, ..Config::production() };
      Self { trend: Trend::try_new(config).unwrap(), at: 0.0, work: 0.0, said: Vec::new() }
    }

    fn feed(&mut self, floors: u32, work: f64, mut bytes: impl FnMut(u32) -> f64) -> &mut Self {
      for i in 0..floors {
        self.at += 100.0;
        self.work += work;
        let floor = Floor {
          at: self.at,
          heap: bytes(i),
          load: work * 600.0,
          work: self.work,
          ..Floor::default()
        };
        self.said.extend(self.trend.push(floor));
      }
      self
    }

    fn states(&self) -> Vec<State> {
      self.said.iter().map(|t| t.to).collect()
    }
  }

  fn ramp(i: u32) -> f64 {
    10.0 * MB + 0.05 * MB * f64::from(i)
  }

  #[test]
  fn a_leak_is_suspect_after_thirty_floors_and_leaking_once_somebody_is_named_twice() {
    let mut bench = Bench::new();
    bench.feed(33, 4.0, ramp);
    assert_eq!(bench.states(), [State::Steady, State::Suspect]);
    assert!(
      bench.said[1].reasons[0].starts_with("the floor rose 30.0 MB/min over"),
      "{:?}",
      bench.said
    );
    assert!((bench.trend.verdict().per_unit.unwrap() - 0.05 * MB / 4.0).abs() < 1.0);
    let trend = &mut bench.trend;
    assert_eq!(trend.attributed(4000.0, 0.7, "mk (server.js:20:31)"), None);
    assert_eq!(trend.attributed(4100.0, 0.4, "mk (server.js:20:31)"), None);
    assert_eq!(trend.attributed(4200.0, 0.7, "mk (server.js:20:31)"), None);
    let leak = trend.attributed(4300.0, 0.6, "mk (server.js:20:31)").unwrap();
    assert_eq!((leak.from, leak.to), (State::Suspect, State::Leaking));
    assert_eq!(
      leak.reasons.last().unwrap(),
      "mk (server.js:20:31) explains 60 % of it, twice in a row"
    );
  }

  #[test]
  fn what_stops_growing_recovers_and_is_steady_a_window_later() {
    let mut bench = Bench::new();
    bench.feed(40, 4.0, ramp).feed(120, 4.0, |_| ramp(39));
    assert_eq!(bench.states(), [State::Steady, State::Suspect, State::Recovered, State::Steady]);
    bench.feed(60, 4.0, |i| ramp(40 + i));
    assert_eq!(bench.states().last(), Some(&State::Suspect));
  }

  #[test]
  fn a_pause_without_work_acquits_nobody() {
    let mut bench = Bench::new();
    bench.feed(40, 4.0, ramp).feed(200, 0.0, |_| ramp(39));
    assert_eq!(bench.trend.state(), State::Suspect);
    let reasons = &bench.trend.verdict().reasons;
    assert!(reasons.iter().any(|r| r.contains("too little work")), "{reasons:?}");
    bench.feed(120, 4.0, |_| ramp(39));
    assert_eq!(bench.trend.state(), State::Steady);
  }

  #[test]
  fn what_is_given_back_recovers_at_once() {
    let mut bench = Bench::new();
    bench.feed(40, 4.0, ramp).feed(6, 4.0, |_| 9.0 * MB);
    assert_eq!(bench.trend.state(), State::Recovered);
  }
}
