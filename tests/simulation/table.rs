//! The table of rates: which processes are simulated, what is promised of each, and how it is
//! written.

use crate::run::{BUSY, Outcome, PRODUCTION, Pace, run};
use crate::world::{Busy, DAY, HOUR, MB, MINUTE, Noise, World};
use leakguard::core::trend::Config;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What a row promises.
#[derive(Clone, Copy)]
pub enum Promise {
  /// At most so many suspicions in a month.
  Quiet(f64),
  /// Every seed found, the slowest within so many hours.
  Found(f64),
}

/// One kind of process.
pub struct Row {
  pub name: &'static str,
  pub world: Box<dyn Fn(u64) -> World + Sync>,
  pub pace: Pace,
  pub days: f64,
  pub promise: Promise,
}

fn quiet(name: &'static str, most: f64, world: impl Fn(u64) -> World + Sync + 'static) -> Row {
  let world = Box::new(world);
  Row { name, world, pace: PRODUCTION, days: 15.0, promise: Promise::Quiet(most) }
}

fn found(name: &'static str, hours: f64, world: impl Fn(u64) -> World + Sync + 'static) -> Row {
  let world = Box::new(world);
  Row { name, world, pace: PRODUCTION, days: 30.0, promise: Promise::Found(hours) }
}

fn base() -> World {
  World::new(100.0 * MB)
}

fn noisy(noise: Noise) -> World {
  base().noise(noise)
}

/// Starts at another time of day for each seed.
fn rhythm(seed: u64, held: f64, lag: f64, told: bool) -> World {
  World { phase: seed as f64 * 5.0 * HOUR, ..base().rhythm(held * MB, lag, told) }
}

fn approach(mb: f64, tau: f64) -> World {
  base().shape(move |t| mb * MB * (1.0 - (-t / tau).exp()))
}

/// Entries of 48 bytes, and a table that doubles: 0.3 million an hour.
fn tables(t: f64) -> f64 {
  let entries = t / HOUR * 3e5;
  entries * 48.0 + 16.0 * entries.max(1.0).log2().ceil().exp2()
}

fn office(seed: u64) -> World {
  World {
    busy: Busy::Office(600.0),
    per_request: 1024.0,
    phase: seed as f64 * 5.0 * HOUR,
    ..base()
  }
}

pub fn healthy() -> Vec<Row> {
  let m = MB;
  vec![
    quiet("constant", 0.0, |_| base()),
    quiet("white noise of 5 %", 1.0, move |_| noisy(Noise::White(5.0 * m))),
    quiet("noise of 3 % with memory (AR 0.7)", 1.0, move |_| noisy(Noise::Red(3.0 * m, 0.7))),
    quiet("noise of 3 % with memory (AR 0.9)", 1.0, move |_| noisy(Noise::Red(3.0 * m, 0.9))),
    quiet("noise of 10 % with memory (AR 0.9)", 4.0, move |_| noisy(Noise::Red(10.0 * m, 0.9))),
    quiet("random walk, 0.3 % a step", 4.0, move |_| noisy(Noise::Walk(0.3 * m))),
    quiet("random walk, 1 % a step", 6.0, move |_| noisy(Noise::Walk(m))),
    quiet("sawtooth of 3 h, 50 MB", 2.0, move |_| {
      base().shape(move |t| 50.0 * m * (t / (3.0 * HOUR)).fract())
    }),
    quiet("sawtooth of 20 h, 50 MB", 2.0, move |_| {
      base().shape(move |t| 50.0 * m * (t / (20.0 * HOUR)).fract())
    }),
    quiet("warm-up to a plateau (20 min)", 0.0, |_| approach(80.0, 20.0 * MINUTE)),
    quiet("warm-up to a plateau (2 h)", 2.0, |_| approach(80.0, 2.0 * HOUR)),
    quiet("cache that fills evenly in 3 h", 2.0, move |_| {
      base().shape(move |t| 80.0 * m * (t / (3.0 * HOUR)).min(1.0))
    }),
    quiet("code growth, decaying (12 h)", 2.0, |_| approach(20.0, 12.0 * HOUR)),
    quiet("code growth, by the logarithm", 4.0, move |_| {
      base().shape(move |t| 4.0 * m * (1.0 + t / MINUTE).ln())
    }),
    quiet("one spike of 30 min, 300 MB", 0.0, move |_| {
      let spike = 2.0 * DAY..2.0 * DAY + 0.5 * HOUR;
      base().shape(move |t| if spike.contains(&t) { 300.0 * m } else { 0.0 })
    }),
    quiet("daily rhythm of 50 MB", 1.0, |s| rhythm(s, 50.0, 0.0, true)),
    quiet("daily rhythm of 500 MB", 2.0, |s| rhythm(s, 500.0, 0.0, true)),
    quiet("daily rhythm of 500 MB, 45 min late", 2.0, |s| rhythm(s, 500.0, 45.0 * MINUTE, true)),
    quiet("daily rhythm of 500 MB, 2 h late", 4.0, |s| rhythm(s, 500.0, 2.0 * HOUR, true)),
    quiet("daily rhythm of 50 MB, load unknown", 3.0, |s| rhythm(s, 50.0, 0.0, false)),
    quiet("daily rhythm of 500 MB, load unknown", 6.0, |s| rhythm(s, 500.0, 0.0, false)),
    Row {
      pace: BUSY,
      days: 1.5,
      ..quiet("noise of 3 % (AR 0.9), a floor every 5 s", 10.0, move |_| {
        noisy(Noise::Red(3.0 * m, 0.9))
      })
    },
    Row {
      pace: BUSY,
      days: 1.5,
      ..quiet("daily rhythm of 50 MB, a floor every 5 s", 10.0, |s| rhythm(s, 50.0, 0.0, true))
    },
  ]
}

pub fn leaks() -> Vec<Row> {
  let m = MB;
  let day = |mb: f64| move |_: u64| base().leak(mb * MB);
  let slow = 13.0 * 1024.0 * 86_400.0;
  vec![
    found("10 MB a minute", 1.5, day(14_400.0)),
    found("1 MB a minute", 1.5, day(1440.0)),
    found("13 KB/s", 1.5, move |_| base().leak(slow)),
    found("13 KB/s in noise of 3 %", 4.0, move |_| noisy(Noise::White(3.0 * m)).leak(slow)),
    found("a map whose table doubles (15 MB an hour)", 4.0, |_| base().shape(tables)),
    found("0.5 MB a minute from the third day on", 80.0, move |_| {
      base().shape(move |t| (t - 3.0 * DAY).max(0.0) / MINUTE * 0.5 * m)
    }),
    found("1 KB a request, office hours only", 24.0, office),
    found("100 MB a day", 60.0, day(100.0)),
    found("20 MB a day", 60.0, day(20.0)),
    found("5 MB a day", 60.0, day(5.0)),
    found("20 MB a day in noise of 3 % (AR 0.9)", 72.0, move |_| {
      noisy(Noise::Red(3.0 * m, 0.9)).leak(20.0 * m)
    }),
    found("20 MB a day in a rhythm of 50 MB", 72.0, move |s| {
      rhythm(s, 50.0, 0.0, true).leak(20.0 * m)
    }),
    found("5 MB a day in a rhythm of 50 MB", 96.0, move |s| {
      rhythm(s, 50.0, 0.0, true).leak(5.0 * m)
    }),
    found("20 MB a day in a rhythm of 500 MB", 168.0, move |s| {
      rhythm(s, 500.0, 0.0, true).leak(20.0 * m)
    }),
    found("5 MB a day in a rhythm of 500 MB", 360.0, move |s| {
      rhythm(s, 500.0, 0.0, true).leak(5.0 * m)
    }),
    found("20 MB a day in a rhythm of 500 MB, 45 min late", 240.0, move |s| {
      rhythm(s, 500.0, 45.0 * MINUTE, true).leak(20.0 * m)
    }),
    found("20 MB a day in a rhythm of 50 MB, load unknown", 240.0, move |s| {
      rhythm(s, 50.0, 0.0, false).leak(20.0 * m)
    }),
    found("5 MB a day in a rhythm of 50 MB, load unknown", 360.0, move |s| {
      rhythm(s, 50.0, 0.0, false).leak(5.0 * m)
    }),
  ]
}

/// What a row came to: its line of the table, and what it broke of its promise.
pub struct Measured {
  pub line: String,
  pub broken: Option<String>,
}

/// Runs all rows with so many seeds, on two threads.
pub fn measure(rows: &[Row], seeds: u64) -> Vec<Measured> {
  let next = AtomicUsize::new(0);
  let work = || {
    let mut done = Vec::new();
    while let Some((index, row)) = {
      let index = next.fetch_add(1, Ordering::Relaxed);
      rows.get(index).map(|row| (index, row))
    } {
      done.push((index, of(row, seeds)));
    }
    done
  };
  let mut all = std::thread::scope(|scope| {
    let other = scope.spawn(work);
    let mut mine = work();
    mine.extend(other.join().unwrap());
    mine
  });
  all.sort_by_key(|(index, _)| *index);
  all.into_iter().map(|(_, measured)| measured).collect()
}

fn of(row: &Row, seeds: u64) -> Measured {
  let once = matches!(row.promise, Promise::Found(_));
  let outcomes: Vec<Outcome> = (0..seeds)
    .map(|seed| run(Config::production(), row.pace, (row.world)(seed), seed, row.days, once))
    .collect();
  match row.promise {
    Promise::Quiet(most) => of_quiet(row, &outcomes, most),
    Promise::Found(hours) => of_found(row, &outcomes, hours),
  }
}

fn of_quiet(row: &Row, outcomes: &[Outcome], most: f64) -> Measured {
  let days = row.days * outcomes.len() as f64;
  let alarms = outcomes.iter().map(|o| f64::from(o.alarms)).sum::<f64>();
  let rate = alarms / days * 30.0;
  let suspected: f64 = outcomes.iter().map(|o| o.suspected).sum();
  let hours = suspected / HOUR / days * 30.0;
  let examples: Vec<&String> =
    outcomes.iter().flat_map(|o| &o.said).filter(|s| s.contains("Suspect")).take(3).collect();
  Measured {
    line: format!("| {} | {days:.0} | {rate:.1} | {hours:.0} | {most:.0} |", row.name),
    broken: (rate > most)
      .then(|| format!("{}: {rate:.1} a month, not {most}: {examples:?}", row.name)),
  }
}

fn of_found(row: &Row, outcomes: &[Outcome], hours: f64) -> Measured {
  let mut times: Vec<f64> = outcomes.iter().filter_map(|o| o.first).map(|ms| ms / HOUR).collect();
  times.sort_by(f64::total_cmp);
  let slowest = times.last().copied().unwrap_or(f64::INFINITY);
  let median = times.get(times.len() / 2).copied().unwrap_or(f64::INFINITY);
  let windows: std::collections::BTreeSet<&str> =
    outcomes.iter().filter(|o| o.first.is_some()).map(|o| o.window).collect();
  let windows = windows.into_iter().collect::<Vec<_>>().join(", ");
  let all = times.len() == outcomes.len();
  Measured {
    line: format!(
      "| {} | {} of {} | {median:.1} | {slowest:.1} | {windows} | {hours:.1} |",
      row.name,
      times.len(),
      outcomes.len()
    ),
    broken: (!all || slowest > hours)
      .then(|| format!("{}: {} found, slowest {slowest:.1} h, not {hours}", row.name, times.len())),
  }
}

/// Both tables as Markdown.
pub fn markdown(healthy: &[Measured], leaks: &[Measured]) -> String {
  let lines = |rows: &[Measured]| rows.iter().map(|r| r.line.clone() + "\n").collect::<String>();
  format!(
    "| healthy process | days simulated | suspicions a month | hours suspect a month | asserted: at most |\n\
     |---|---:|---:|---:|---:|\n{}\n\
     | leak | found | median time to suspect, h | slowest, h | by window | asserted: within, h |\n\
     |---|---:|---:|---:|---|---:|\n{}",
    lines(healthy),
    lines(leaks)
  )
}
