//! One guard's mind: takes samples, floors, profiles and counts in, and gives states, wishes and
//! reports out. The rooms below think; this one only passes on, in the one direction that data
//! flows: sample -> history -> trend -> suspects -> report.
//!
//! *Cost.* A sample 1 us, a floor 100 us, a report 100 us; 2 MB in 48 hours.

mod account;
mod events;
mod inquiry;
mod load;
mod settings;
mod view;

pub use account::{Account, Origin};
pub use inquiry::Wish;
pub use settings::{ProfileMode, Settings};

use serde_json::json;

use self::events::Events;
use self::inquiry::{Inquiry, Reading};
use self::load::Load;
use self::view::Sums;
use crate::core::budget::Pressure;
use crate::core::error::{Error, Result};
use crate::core::history::{History, Sample};
use crate::core::listeners::Listeners;
use crate::core::pace::{Pace, Plan, Room};
use crate::core::profile::Profile;
use crate::core::suspects::{Evidence, rank};
use crate::core::trend::{Floor, State, Transition, Trend};

const MINUTE: f64 = 60_000.0;

/// How a nudge ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
  /// In a collection.
  Collected,
  /// In the collection that reading a profile forced.
  Read,
  /// Without one.
  Unfinished,
}

/// A nudge that ended; all in ms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nudge {
  /// CPU of the whole process meanwhile.
  pub cpu: f64,
  /// The main thread's part that is known to be ours.
  pub stepped: f64,
  /// From the first step to the end.
  pub took: f64,
  /// The longest stop.
  pub longest: f64,
  /// How it ended.
  pub end: End,
}

/// The mind of one guard.
#[derive(Debug)]
pub struct Monitor {
  settings: Settings,
  began: f64,
  history: History,
  trend: Trend,
  /// RSS without heap and external memory: native leaks and fragmentation. Shown and advised on,
  /// never judged alone.
  native: Trend,
  pace: Pace,
  load: Load,
  listeners: Listeners,
  inquiry: Inquiry,
  pressure: Pressure,
  events: Events,
  account: Account,
  floor: Option<Floor>,
  /// CPU of the process before the nudge, ms in each ms.
  usual_cpu: f64,
  container_source: &'static str,
  sums: Sums,
}

impl Monitor {
  /// Starts at `now` with empty tables.
  ///
  /// # Errors
  /// `OutOfRange` for settings that cannot be, `NoMemory` when the allocator refuses.
  pub fn try_new(settings: Settings, now: f64) -> Result<Self> {
    let trend = settings.trend();
    Ok(Self {
      began: now,
      history: History::try_new()?,
      trend: Trend::try_new(trend)?,
      native: Trend::try_new(trend)?,
      pace: Pace::new(settings.budget(), now),
      load: Load::default(),
      listeners: Listeners::new(settings.threshold),
      inquiry: Inquiry::default(),
      pressure: Pressure::new(settings.warn, settings.critical),
      events: Events::default(),
      account: Account::default(),
      floor: None,
      usual_cpu: 0.0,
      container_source: "machine",
      sums: Sums::default(),
      settings,
    })
  }

  /// Takes other settings over; what was learnt stays. Warm-up and preset cannot change.
  pub fn configure(&mut self, settings: Settings) {
    self.pace.set_budget(settings.budget());
    self.pressure.set_limits(settings.warn, settings.critical);
    self.settings = settings;
  }

  /// Takes a sample in; `source` names what the container's figures are of.
  pub fn sample(&mut self, sample: Sample, source: &'static str) {
    let now = sample.at;
    self.account.samples += 1;
    self.sums.push(&sample);
    self.container_source = source;
    self.load.push(&sample);
    self.usual_cpu = self.load.cpu();
    self.history.push(sample);
    self.trend.set_room(self.room_left(&sample));
    let transition = self.trend.tick(now - self.began);
    self.announce(transition);
    let live = self.floor.map(|floor| floor.heap);
    let (heap, container) = view::shares(&sample, live, self.settings.old_limit);
    if let Some(level) = self.pressure.push(now, heap, container) {
      let word = level.word();
      self.events.push(
        json!({ "name": "pressure", "pressure": word, "at": now, "heap": heap, "container": container }),
      );
    }
  }

  /// A major collection ended with `heap` and `external` live bytes.
  pub fn floor(
    &mut self,
    now: f64,
    heap: f64,
    external: f64,
    origin: Origin,
    work: f64,
    longest: f64,
  ) {
    let floor = Floor {
      at: now - self.began,
      heap,
      external,
      load: self.load.requests(),
      work,
      natural: origin == Origin::Natural,
    };
    self.account.floored(origin);
    if origin == Origin::Nudged {
      self.account.stopped(longest, self.settings.max_pause);
    }
    self.pace.floored(now);
    self.floor = Some(floor);
    let transition = self.trend.push(floor);
    self.announce(transition);
    if let Some(sample) = self.history.last() {
      let native = view::outside(sample);
      self.native.push(Floor { heap: native, external: 0.0, ..floor });
    }
    self.inquiry.floored(self.trend.state());
  }

  /// 0: nudge now; above: ask again in so many ms; below: refused for now.
  pub fn plan(&mut self, now: f64) -> f64 {
    let sample = self.history.last().copied().unwrap_or_default();
    let room = Room {
      used: sample.used_heap,
      live: self.live(),
      external: sample.external,
      limit: self.settings.old_limit,
    };
    match self.pace.plan(now, self.trend.state(), room) {
      Plan::Nudge => {
        self.pace.tried(now);
        0.0
      }
      Plan::Wait(ms) => ms.max(1.0),
      Plan::Refuse(why) => {
        self.pace.tried(now);
        self.account.floors.refused += 1;
        *self.account.floors.reasons.entry(why.word()).or_default() += 1;
        -1.0
      }
    }
  }

  /// A nudge ended. What the app would have used in the same time is taken off its CPU; what is
  /// known to be ours is the least.
  pub fn nudged(&mut self, nudge: Nudge) {
    let Nudge { cpu, stepped, took, longest, end } = nudge;
    let ours = (cpu - self.usual_cpu * took).max(stepped).min(cpu.max(stepped));
    let live = self.floor.map_or(0.0, |floor| floor.heap);
    self.pace.paid(ours, live);
    self.account.nudge.longest_stop = self.account.nudge.longest_stop.max(longest);
    match end {
      End::Collected => self.pace.took(took, live),
      End::Read => {}
      End::Unfinished => self.account.floors.unfinished += 1,
    }
  }

  /// What is wished for now; each wish is told once.
  pub fn wish(&mut self, now: f64) -> Option<Wish> {
    let live = self.live();
    let mode = self.settings.profile;
    let affordable = self.pace.expected_read(live) <= self.settings.max_pause;
    let was_refused = self.inquiry.refused();
    let interval = self.settings.floor_interval;
    let wish = self.inquiry.wish(now, interval, mode, self.trend.state(), affordable);
    if self.inquiry.refused() && !was_refused {
      self.account.profile.refused += 1;
    }
    wish
  }

  /// Bytes between two sampled allocations.
  #[must_use]
  pub fn distance(&self) -> f64 {
    let verdict = self.trend.verdict();
    // Of a Buffer the sampler sees the small wrapper alone: only the growth of the heap leaves
    // samples.
    let heap = verdict.slope.per_minute * (1.0 - verdict.external_share);
    let per_minute = if verdict.rising { heap.max(1.0) } else { 0.0 };
    inquiry::distance(per_minute, self.pace.interval(self.trend.state()), self.settings.dev)
  }

  /// Sampling began.
  pub fn armed(&mut self) {
    self.inquiry.armed();
  }

  /// Sampling could not begin, or somebody ended it.
  pub fn lost(&mut self) {
    self.account.profile.lost += 1;
    self.inquiry.lost();
  }

  /// ms into a nudge after which a profile is read; 0: read at once.
  #[must_use]
  pub fn ripe_after(&self) -> f64 {
    if self.settings.gc_budget > 0.0 { self.pace.ripe_after(self.live()) } else { 0.0 }
  }

  /// The nudge ended before it was ripe.
  pub fn missed(&mut self) {
    self.pace.missed();
    self.inquiry.missed();
  }

  /// A profile was read: subtracts the one before, and names who explains the growth in between.
  ///
  /// # Errors
  /// `Malformed` when the text is not a sampling profile.
  pub fn profile(&mut self, now: f64, json: &str, pause: f64, ripe: bool) -> Result<()> {
    let floor = self.floor.unwrap_or_default();
    self.pace.stopped(pause, floor.heap, ripe);
    self.account.profile.reads += 1;
    self.account.profile.longest_pause = self.account.profile.longest_pause.max(pause);
    self.account.stopped(pause, self.settings.max_pause);
    let profile = Profile::parse(json, &self.settings.own_root)?;
    let reading =
      Reading { profile, at: now, heap: floor.heap, external: floor.external, work: floor.work };
    let Some(before) = self.inquiry.read(reading) else { return Ok(()) };
    let Some(after) = self.inquiry.last() else { return Ok(()) };
    let verdict = self.trend.verdict();
    let growths = Profile::subtract(&after.profile, &before.profile);
    let elapsed = after.at - before.at;
    // Where the trend is sure, its slope is a better figure than the difference of two floors.
    let (heap, external) = if verdict.rising {
      let grown = verdict.slope.per_minute * elapsed / MINUTE;
      (grown * (1.0 - verdict.external_share), grown * verdict.external_share)
    } else {
      (after.heap - before.heap, after.external - before.external)
    };
    let suspects = rank(&Evidence {
      sites: &growths,
      unattributed: after.profile.unattributed() - before.profile.unattributed(),
      listeners: &self.listeners.report(),
      heap,
      external,
      minutes: elapsed / MINUTE,
      work: (after.work - before.work).max(0.0),
    });
    let named = suspects.first().map(|first| (first.share, first.title.clone()));
    self.inquiry.suspects = suspects;
    if self.trend.state() == State::Suspect {
      let (share, who) = named.unwrap_or_default();
      let transition = self.trend.attributed(now - self.began, share, &who);
      self.announce(transition);
    }
    Ok(())
  }

  /// The census of listeners: `[{ id, className, event, count, threshold, origin, frames? }]`.
  ///
  /// # Errors
  /// `Malformed` when the text is something else.
  pub fn listeners(&mut self, now: f64, json: &str) -> Result<()> {
    self.listeners.push_json(now, json)
  }

  /// Collections per second, smoothed.
  #[must_use]
  pub fn collections_per_second(&self) -> f64 {
    self.load.collections()
  }

  /// Whether something is to be told.
  #[must_use]
  pub fn has_events(&self) -> bool {
    !self.events.is_empty()
  }

  /// Where the process stands.
  #[must_use]
  pub fn state(&self) -> State {
    self.trend.state()
  }

  /// The pressure in one word.
  #[must_use]
  pub fn pressure_word(&self) -> &'static str {
    self.pressure.level().word()
  }

  fn announce(&mut self, transition: Option<Transition>) {
    let Some(Transition { from, to, at, reasons }) = transition else { return };
    let name = match to {
      State::Suspect => "suspect",
      State::Leaking => "leak",
      State::Recovered => "recovered",
      State::Warming | State::Steady => return,
    };
    let at = at + self.began;
    self.events.push(json!({ "name": name, "at": at, "from": from, "to": to, "reasons": reasons }));
  }

  /// Live heap at the last floor; before the first, what is in use.
  fn live(&self) -> f64 {
    let used = || self.history.last().map_or(0.0, |sample| sample.used_heap);
    self.floor.map_or_else(used, |floor| floor.heap)
  }

  /// Bytes left in the nearer budget, for the judgement's horizon.
  fn room_left(&self, sample: &Sample) -> f64 {
    let live = self.live();
    let left = |limit: f64, used: f64| if limit > 0.0 { limit - used } else { f64::INFINITY };
    let heap = left(self.settings.old_limit, live);
    heap.min(left(sample.container_limit, view::used(sample))).max(0.0)
  }
}

fn share(level: f64, limit: f64) -> f64 {
  if limit > 0.0 { level / limit } else { 0.0 }
}

/// Text that is not what it should be.
fn malformed(what: &'static str, error: &serde_json::Error) -> Error {
  Error::Malformed { what, at: error.column() }
}
