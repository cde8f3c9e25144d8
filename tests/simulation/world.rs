//! Simulated processes: what a floor would show at any time, from a seed.

pub const MB: f64 = 1_048_576.0;
pub const MINUTE: f64 = 60_000.0;
pub const HOUR: f64 = 60.0 * MINUTE;
pub const DAY: f64 = 24.0 * HOUR;

/// `SplitMix64` (Steele, Lea, Flood 2014): small, and the same on every machine.
pub struct Random(u64);

impl Random {
  pub fn new(seed: u64) -> Self {
    Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5851_F42D_4C95_7F2D)
  }

  /// From 0 to 1.
  pub fn unit(&mut self) -> f64 {
    self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = self.0;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^= z >> 31;
    (z >> 11) as f64 / (1_u64 << 53) as f64
  }

  /// Standard normal (Box & Muller 1958).
  pub fn normal(&mut self) -> f64 {
    let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
    radius * (std::f64::consts::TAU * self.unit()).cos()
  }
}

/// Noise of a floor, in time (so that it does not depend on how often it is looked at).
#[derive(Clone, Copy)]
pub enum Noise {
  /// Independent from floor to floor.
  White(f64),
  /// Ornstein-Uhlenbeck: standard deviation, correlation after two minutes.
  Red(f64, f64),
  /// Driftless random walk: standard deviation of a step of two minutes.
  Walk(f64),
}

/// How busy it is, in requests per minute.
#[derive(Clone, Copy)]
pub enum Busy {
  Always(f64),
  /// Day and night, and half as much at weekends.
  Daily(f64),
  /// Nine hours of work, then nothing.
  Office(f64),
}

impl Busy {
  pub fn at(self, at: f64) -> f64 {
    let day = (at / DAY).fract();
    match self {
      Self::Always(rate) => rate,
      Self::Daily(peak) => {
        let weekday = (at / DAY).floor() as u64 % 7 < 5;
        let calm = if weekday { 1.0 } else { 0.5 };
        peak * calm * (0.55 - 0.45 * (std::f64::consts::TAU * day).cos())
      }
      Self::Office(rate) => {
        if (8.0 / 24.0..17.0 / 24.0).contains(&day) {
          rate
        } else {
          0.0
        }
      }
    }
  }
}

/// A process: base + shape(time) + held by load + per request, and noise.
pub struct World {
  pub base: f64,
  pub shape: Box<dyn Fn(f64) -> f64>,
  pub busy: Busy,
  /// Bytes held at the peak load, in step with it or late by `lag`.
  pub held: f64,
  pub lag: f64,
  /// Bytes that each request leaves behind.
  pub per_request: f64,
  /// Whether load and work are told to the detector.
  pub told: bool,
  pub noise: Vec<Noise>,
  /// Time of day at which it starts.
  pub phase: f64,
}

impl World {
  pub fn new(base: f64) -> Self {
    Self {
      base,
      shape: Box::new(|_| 0.0),
      busy: Busy::Always(600.0),
      held: 0.0,
      lag: 0.0,
      per_request: 0.0,
      told: true,
      noise: vec![Noise::White(0.005 * base)],
      phase: 0.0,
    }
  }

  pub fn shape(mut self, shape: impl Fn(f64) -> f64 + 'static) -> Self {
    self.shape = Box::new(shape);
    self
  }

  pub fn noise(mut self, noise: Noise) -> Self {
    self.noise = vec![noise];
    self
  }

  /// A daily rhythm that holds `held` bytes at its peak.
  pub fn rhythm(mut self, held: f64, lag: f64, told: bool) -> Self {
    self.busy = Busy::Daily(1200.0);
    self.held = held;
    self.lag = lag;
    self.told = told;
    self.noise = vec![Noise::White(0.005 * self.base), Noise::Red(0.01 * held, 0.9)];
    self
  }

  /// A leak of so many bytes a day, by time.
  pub fn leak(mut self, per_day: f64) -> Self {
    let before = self.shape;
    self.shape = Box::new(move |at| before(at) + at / DAY * per_day);
    self
  }
}

/// A world that runs.
pub struct Running {
  world: World,
  random: Random,
  state: Vec<f64>,
  at: f64,
  work: f64,
}

/// What one floor shows.
pub struct Shown {
  pub bytes: f64,
  pub load: f64,
  pub work: f64,
}

impl Running {
  pub fn new(world: World, seed: u64) -> Self {
    let mut random = Random::new(seed);
    let state = world
      .noise
      .iter()
      .map(|noise| match noise {
        Noise::Red(sd, _) => sd * random.normal(),
        _ => 0.0,
      })
      .collect();
    Self { world, random, state, at: 0.0, work: 0.0 }
  }

  pub fn look(&mut self, at: f64) -> Shown {
    let elapsed = at - self.at;
    let w = &self.world;
    self.work += w.busy.at(w.phase + f64::midpoint(at, self.at)) * elapsed / MINUTE;
    self.at = at;
    let mut bytes = w.base + (w.shape)(at) + w.per_request * self.work;
    if w.held > 0.0 {
      bytes += w.held * w.busy.at((w.phase + at - w.lag).max(0.0)) / 1200.0;
    }
    for (noise, state) in w.noise.iter().zip(self.state.iter_mut()) {
      match *noise {
        Noise::White(sd) => *state = sd * self.random.normal(),
        Noise::Red(sd, after) => {
          let keep = after.powf(elapsed / (2.0 * MINUTE));
          *state = *state * keep + sd * (1.0 - keep * keep).sqrt() * self.random.normal();
        }
        Noise::Walk(step) => {
          *state += step * (elapsed / (2.0 * MINUTE)).sqrt() * self.random.normal();
        }
      }
      bytes += *state;
    }
    let jitter = 1.0 + 0.05 * self.random.normal();
    let load = if w.told { w.busy.at(w.phase + at) * jitter } else { 0.0 };
    Shown { bytes: bytes.max(MB), load, work: if w.told { self.work } else { 0.0 } }
  }
}
