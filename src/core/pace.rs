//! When the next floor may be asked for, and when a profile may be read.
//!
//! *Why.* A nudged collection stops the process for a few milliseconds only, but costs CPU of all
//! threads (1.4 to 3 ms for each live MB, measured), flushes the bytecode of idle functions and
//! clears weak references. So floors are paid from a purse that fills with `gc_budget` of one
//! core's time: whatever the heap's size, the long run stays within it, and only the distance
//! between floors grows.
//! *Cost.* A few comparisons; 100 bytes.

use crate::core::trend::State;

const MB: f64 = 1_048_576.0;
/// What a nudge reports on top of the external memory there is, bytes.
pub const LIFT: f64 = 70.0 * MB;
/// CPU of all threads for one live MB, ms: the first guess, between the 1.4 and 3 that were
/// measured.
const CPU_PER_MB: f64 = 2.0;
/// Main-thread stop of an atomic collection for one live MB, ms (measured 0.8 to 1.4).
const PAUSE_PER_MB: f64 = 1.0;
/// The same when the collection is forced in the middle of incremental marking, ms: the first
/// guess, the middle of the 0.1 to 0.4 that were measured.
const RIPE_PAUSE_PER_MB: f64 = 0.25;
/// Live MB below which an atomic collection is not felt.
const SMALL: f64 = 16.0;
/// How far into a nudge marking is ripe, as a share of what the last nudges took in all.
const RIPE: f64 = 0.6;
/// Duration of a nudged collection for one live MB before any was seen, ms.
const TOOK_PER_MB: f64 = 0.9;
/// The purse holds at most the budget of this long, ms: idle hours are not saved up for a burst.
const PURSE: f64 = 60_000.0;
/// What it holds at the start, ms of the same: a process that begins is busy enough.
const FIRST_PURSE: f64 = 10_000.0;
/// Share of the old generation's limit above which no collection is asked for: V8 is busy enough.
const NEAR_LIMIT: f64 = 0.8;
/// Under suspicion floors are wanted this much more often.
const SUSPICION: f64 = 0.25;

/// What the owner allows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budget {
  /// ms wanted between floors while steady.
  pub interval: f64,
  /// Share of one core's time for nudged collections; 0: natural ones only.
  pub share: f64,
  /// The longest stop that may be expected, ms.
  pub max_pause: f64,
}

/// The heap as the last sample saw it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Room {
  /// Heap in use, bytes.
  pub used: f64,
  /// Live bytes at the last floor, or `used` before the first.
  pub live: f64,
  /// External bytes.
  pub external: f64,
  /// The old generation's limit, bytes; 0 when unknown.
  pub limit: f64,
}

/// Why no floor is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
  /// `gcBudget` is 0.
  Disabled,
  /// Above 80 % of the old generation's limit.
  NearLimit,
  /// The heap's limit is so small that the collection would be atomic and longer than `maxPause`.
  Atomic,
}

impl Refusal {
  /// One word for the report.
  #[must_use]
  pub fn word(self) -> &'static str {
    match self {
      Self::Disabled => "disabled",
      Self::NearLimit => "nearLimit",
      Self::Atomic => "atomic",
    }
  }

  /// The reason in words.
  #[must_use]
  pub fn why(self) -> &'static str {
    match self {
      Self::Disabled => "gcBudget is 0: only natural collections are read",
      Self::NearLimit => "the heap is above 80 % of its limit: no collection is asked for",
      Self::Atomic => "the heap's limit is so small that a nudged collection would be atomic",
    }
  }
}

/// What to do about the next floor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Plan {
  /// Nudge now.
  Nudge,
  /// Ask again in so many ms.
  Wait(f64),
  /// Not now; ask again after the usual interval.
  Refuse(Refusal),
}

/// The purse and the clock of floors.
#[derive(Clone, Debug)]
pub struct Pace {
  budget: Budget,
  purse: f64,
  filled_at: f64,
  last_floor: f64,
  last_try: f64,
  cpu_per_mb: f64,
  pause_per_mb: f64,
  ripe_pause_per_mb: f64,
  took_per_mb: f64,
  patience: f64,
  spent: f64,
  began: f64,
}

impl Pace {
  /// Starts at `now`, with a little in the purse.
  #[must_use]
  pub fn new(budget: Budget, now: f64) -> Self {
    Self {
      budget,
      purse: budget.share * FIRST_PURSE,
      filled_at: now,
      last_floor: now,
      last_try: f64::NEG_INFINITY,
      cpu_per_mb: CPU_PER_MB,
      pause_per_mb: PAUSE_PER_MB,
      ripe_pause_per_mb: RIPE_PAUSE_PER_MB,
      took_per_mb: TOOK_PER_MB,
      patience: 1.0,
      spent: 0.0,
      began: now,
    }
  }

  /// Changes what is allowed; what was spent stays spent.
  pub fn set_budget(&mut self, budget: Budget) {
    self.budget = budget;
    self.purse = self.purse.min(budget.share * PURSE);
  }

  /// A floor came, from whatever collection: the next one is wanted an interval later.
  pub fn floored(&mut self, now: f64) {
    self.last_floor = now;
  }

  /// ms wanted between floors in this state.
  #[must_use]
  pub fn interval(&self, state: State) -> f64 {
    match state {
      State::Suspect | State::Leaking => self.budget.interval * SUSPICION,
      State::Warming | State::Steady | State::Recovered => self.budget.interval,
    }
  }

  /// Whether to nudge now, later or not.
  pub fn plan(&mut self, now: f64, state: State, room: Room) -> Plan {
    self.fill(now);
    if self.budget.share <= 0.0 {
      return Plan::Refuse(Refusal::Disabled);
    }
    let wanted = self.last_floor.max(self.last_try) + self.interval(state);
    if now < wanted {
      return Plan::Wait(wanted - now);
    }
    if room.limit > 0.0 && room.used > NEAR_LIMIT * room.limit {
      return Plan::Refuse(Refusal::NearLimit);
    }
    if room.limit > 0.0
      && LIFT + room.external > room.limit / 2.0
      && self.expected_pause(room.used) > self.budget.max_pause
    {
      return Plan::Refuse(Refusal::Atomic);
    }
    // A price above what the purse can hold is paid from a full purse and owed afterwards.
    let price = self.price(room.live).min(self.budget.share * PURSE);
    if self.purse < price {
      return Plan::Wait(((price - self.purse) / self.budget.share).max(1.0));
    }
    Plan::Nudge
  }

  /// A nudge begins: it is tried once in an interval, whether or not it ends in a floor.
  pub fn tried(&mut self, now: f64) {
    self.last_try = now;
  }

  /// A nudged collection of `live` bytes cost `cpu` ms of all threads.
  pub fn paid(&mut self, cpu: f64, live: f64) {
    self.charge(cpu);
    let mb = live / MB;
    // Below a few MB the fixed part dominates and says nothing about the price of a MB.
    if mb >= 8.0 && cpu > 0.0 {
      self.cpu_per_mb = 0.7 * self.cpu_per_mb + 0.3 * (cpu / mb).clamp(0.2, 20.0);
    }
  }

  /// A nudged collection of `live` bytes took `took` ms from first step to last. The quickest of
  /// the last ones counts, because marking that is over when it is to be ripe was for nothing.
  pub fn took(&mut self, took: f64, live: f64) {
    let mb = live / MB;
    if mb >= SMALL && took > 0.0 {
      let this = (took / mb).clamp(0.05, 50.0);
      self.took_per_mb = this.min(0.8 * self.took_per_mb + 0.2 * this);
    }
  }

  /// A profile read stopped the main thread for `pause` ms at `live` bytes; `ripe`: in the middle
  /// of a nudge, which is paid for by itself.
  pub fn stopped(&mut self, pause: f64, live: f64, ripe: bool) {
    let mb = live / MB;
    let learnt = |old: f64| 0.5 * old + 0.5 * (pause / mb).clamp(0.02, 20.0);
    if ripe {
      self.ripe_pause_per_mb = learnt(self.ripe_pause_per_mb);
      self.patience = (self.patience * 1.05).min(1.3);
    } else {
      self.charge(pause);
      if mb >= 8.0 {
        self.pause_per_mb = learnt(self.pause_per_mb);
      }
    }
  }

  /// A nudge that was to ripen ended before: the next one is read sooner.
  pub fn missed(&mut self) {
    self.patience = (self.patience * 0.75).max(0.2);
  }

  /// When marking is ripe for a read, ms after its first step; 0 for a heap so small that it may be
  /// read at once.
  #[must_use]
  pub fn ripe_after(&self, live: f64) -> f64 {
    let mb = live / MB;
    if mb < SMALL { 0.0 } else { (mb * self.took_per_mb * RIPE * self.patience).max(5.0) }
  }

  /// The stop that an atomic collection of `live` bytes is expected to cause, ms.
  #[must_use]
  pub fn expected_pause(&self, live: f64) -> f64 {
    3.0 + live / MB * self.pause_per_mb
  }

  /// The stop that reading a profile is expected to cause, ms.
  #[must_use]
  pub fn expected_read(&self, live: f64) -> f64 {
    if self.ripe_after(live) > 0.0 && self.budget.share > 0.0 {
      3.0 + live / MB * self.ripe_pause_per_mb
    } else {
      self.expected_pause(live)
    }
  }

  /// CPU that was spent on floors, ms.
  #[must_use]
  pub fn spent(&self) -> f64 {
    self.spent
  }

  /// The same as a share of one core since the start.
  #[must_use]
  pub fn share(&self, now: f64) -> f64 {
    let elapsed = now - self.began;
    if elapsed > 0.0 { self.spent / elapsed } else { 0.0 }
  }

  fn price(&self, live: f64) -> f64 {
    5.0 + live / MB * self.cpu_per_mb
  }

  fn charge(&mut self, cpu: f64) {
    self.purse -= cpu;
    self.spent += cpu;
  }

  fn fill(&mut self, now: f64) {
    let elapsed = (now - self.filled_at).max(0.0);
    self.filled_at = now;
    self.purse = (self.purse + elapsed * self.budget.share).min(self.budget.share * PURSE);
  }
}

#[cfg(test)]
mod tests {
  use super::*;

  const DEFAULTS: Budget = Budget { interval: 120_000.0, share: 0.01, max_pause: 50.0 };

  fn room(live_mb: f64) -> Room {
    Room { used: live_mb * MB, live: live_mb * MB, external: 0.0, limit: 4096.0 * MB }
  }

  /// Runs a day at 100 ms a look; every floor costs `cost` ms for each MB. Returns (floors, cpu
  /// ms).
  fn a_day(budget: Budget, live_mb: f64, cost: f64, state: State) -> (u32, f64) {
    let mut pace = Pace::new(budget, 0.0);
    let (mut floors, mut now) = (0, 0.0);
    while now < 86_400_000.0 {
      match pace.plan(now, state, room(live_mb)) {
        Plan::Nudge => {
          pace.tried(now);
          pace.paid(live_mb * cost, live_mb * MB);
          pace.floored(now);
          floors += 1;
        }
        Plan::Wait(ms) => now += ms.max(100.0),
        Plan::Refuse(_) => now += budget.interval,
      }
    }
    (floors, pace.spent())
  }

  #[test]
  fn the_budget_holds_at_every_heap_size_and_price() {
    for live in [5.0, 50.0, 160.0, 700.0, 3000.0] {
      for cost in [0.5, 1.5, 3.0, 6.0] {
        for interval in [2_000.0, 30_000.0, 120_000.0] {
          let budget = Budget { interval, ..DEFAULTS };
          let (floors, cpu) = a_day(budget, live, cost, State::Suspect);
          let share = cpu / 86_400_000.0;
          assert!(share <= 0.0115, "{live} MB at {cost} ms/MB every {interval}: {share}");
          // The budget is not only kept but used: floors are as many as it buys, or as are wanted.
          let buys = 864_000.0 / (live * cost);
          let wanted = 86_400_000.0 / (interval * SUSPICION);
          let least = 0.7 * buys.min(wanted);
          assert!(f64::from(floors) > least, "{live} MB at {cost} ms/MB: {floors} < {least}");
        }
      }
    }
  }

  #[test]
  fn suspicion_quarters_the_interval_where_the_budget_allows_it() {
    let (steady, _) = a_day(DEFAULTS, 20.0, 2.0, State::Steady);
    let (suspect, _) = a_day(DEFAULTS, 20.0, 2.0, State::Suspect);
    assert!((700..=721).contains(&steady), "{steady}");
    assert!((2800..=2881).contains(&suspect), "{suspect}");
  }

  #[test]
  fn natural_floors_make_nudges_unnecessary() {
    let mut pace = Pace::new(DEFAULTS, 0.0);
    for minute in 1..600 {
      let now = f64::from(minute) * 60_000.0;
      pace.floored(now);
      assert!(matches!(pace.plan(now + 1.0, State::Steady, room(50.0)), Plan::Wait(_)));
    }
  }

  #[test]
  fn nothing_is_nudged_near_the_limit_or_where_it_would_be_atomic_and_long() {
    let mut pace = Pace::new(DEFAULTS, 0.0);
    let near = Room { used: 81.0, live: 50.0, external: 0.0, limit: 100.0 };
    assert_eq!(pace.plan(200_000.0, State::Steady, near), Plan::Refuse(Refusal::NearLimit));
    let small = Room { used: 70.0 * MB, live: 70.0 * MB, external: 0.0, limit: 96.0 * MB };
    assert_eq!(pace.plan(200_000.0, State::Steady, small), Plan::Refuse(Refusal::Atomic));
    let tiny = Room { used: 10.0 * MB, live: 10.0 * MB, external: 0.0, limit: 96.0 * MB };
    assert_eq!(pace.plan(200_000.0, State::Steady, tiny), Plan::Nudge);
  }

  #[test]
  fn a_read_in_the_middle_of_marking_is_expected_to_stop_less_and_learns_when() {
    let mut pace = Pace::new(DEFAULTS, 0.0);
    assert!(pace.expected_read(300.0 * MB) < 0.5 * pace.expected_pause(300.0 * MB));
    assert!(pace.ripe_after(5.0 * MB) == 0.0, "a small heap is read at once");
    for _ in 0..20 {
      pace.took(200.0, 100.0 * MB);
      pace.stopped(10.0, 100.0 * MB, true);
    }
    let after = pace.ripe_after(100.0 * MB);
    assert!((60.0..200.0).contains(&after), "{after}");
    assert!((pace.expected_read(100.0 * MB) - 13.0).abs() < 1.0);
    assert!(pace.spent() == 0.0, "the nudge pays");
    for _ in 0..20 {
      pace.missed();
    }
    assert!(pace.ripe_after(100.0 * MB) < 0.3 * after, "sooner after misses");
    let natural_only = Pace::new(Budget { share: 0.0, ..DEFAULTS }, 0.0);
    assert!(natural_only.expected_read(300.0 * MB) > 300.0);
    assert!(natural_only.ripe_after(300.0 * MB) > 0.0);
  }

  #[test]
  fn a_budget_of_zero_never_nudges() {
    let mut pace = Pace::new(Budget { share: 0.0, ..DEFAULTS }, 0.0);
    assert_eq!(pace.plan(1e9, State::Leaking, room(50.0)), Plan::Refuse(Refusal::Disabled));
  }
}
