//! The detector on simulated processes, at the defaults that ship.
#[path = "simulation/run.rs"]
mod run;
#[path = "simulation/world.rs"]
mod world;

use leakguard::core::trend::Config;
use run::*;
use world::*;

#[test]
#[ignore]
fn explore() {
  let seeds: u64 = std::env::var("SEEDS").ok().and_then(|s| s.parse().ok()).unwrap_or(3);
  let only = std::env::var("ONLY").unwrap_or_default();
  let days = 30.0;
  let b = 100.0 * MB;
  let sat = |mb: f64, tau: f64| move |t: f64| mb * MB * (1.0 - (-t / tau).exp());
  let healthy: Vec<(&str, Box<dyn Fn(u64) -> World>)> = vec![
    ("constant, white 0.5%", Box::new(move |_| World::new(b))),
    ("white 5%", Box::new(move |_| World::new(b).noise(Noise::White(0.05 * b)))),
    ("red .7 3%", Box::new(move |_| World::new(b).noise(Noise::Red(0.03 * b, 0.7)))),
    ("red .9 3%", Box::new(move |_| World::new(b).noise(Noise::Red(0.03 * b, 0.9)))),
    ("red .9 10%", Box::new(move |_| World::new(b).noise(Noise::Red(0.1 * b, 0.9)))),
    ("red .99 10%", Box::new(move |_| World::new(b).noise(Noise::Red(0.1 * b, 0.99)))),
    ("walk .3%", Box::new(move |_| World::new(b).noise(Noise::Walk(0.003 * b)))),
    ("walk 1%", Box::new(move |_| World::new(b).noise(Noise::Walk(0.01 * b)))),
    ("saw 3h 50MB", Box::new(move |_| World::new(b).shape(|t| 50.0 * MB * (t / (3.0 * HOUR)).fract()))),
    ("saw 20h 50MB", Box::new(move |_| World::new(b).shape(|t| 50.0 * MB * (t / (20.0 * HOUR)).fract()))),
    ("plateau 20m", Box::new(move |_| World::new(b).shape(sat(80.0, 20.0 * MINUTE)))),
    ("plateau 2h", Box::new(move |_| World::new(b).shape(sat(80.0, 2.0 * HOUR)))),
    ("plateau 12h", Box::new(move |_| World::new(b).shape(sat(80.0, 12.0 * HOUR)))),
    ("cache 3h to cap", Box::new(move |_| World::new(b).shape(|t| 80.0 * MB * (t / (3.0 * HOUR)).min(1.0)))),
    ("cache 20h to cap", Box::new(move |_| World::new(b).shape(|t| 80.0 * MB * (t / (20.0 * HOUR)).min(1.0)))),
    ("code log", Box::new(move |_| World::new(b).shape(|t| 4.0 * MB * (1.0 + t / MINUTE).ln()))),
    ("spike 30m", Box::new(move |_| World::new(b).shape(|t| if (2.0 * DAY..2.0 * DAY + 0.5 * HOUR).contains(&t) { 300.0 * MB } else { 0.0 }))),
    ("rhythm 50 known", Box::new(move |s| World { phase: s as f64 * 5.0 * HOUR, ..World::new(b).rhythm(50.0 * MB, 0.0, true) })),
    ("rhythm 500 known", Box::new(move |s| World { phase: s as f64 * 5.0 * HOUR, ..World::new(b).rhythm(500.0 * MB, 0.0, true) })),
    ("rhythm 500 lag45", Box::new(move |s| World { phase: s as f64 * 5.0 * HOUR, ..World::new(b).rhythm(500.0 * MB, 45.0 * MINUTE, true) })),
    ("rhythm 500 lag2h", Box::new(move |s| World { phase: s as f64 * 5.0 * HOUR, ..World::new(b).rhythm(500.0 * MB, 120.0 * MINUTE, true) })),
    ("rhythm 50 unknown", Box::new(move |s| World { phase: s as f64 * 5.0 * HOUR, ..World::new(b).rhythm(50.0 * MB, 0.0, false) })),
    ("rhythm 500 unknown", Box::new(move |s| World { phase: s as f64 * 5.0 * HOUR, ..World::new(b).rhythm(500.0 * MB, 0.0, false) })),
  ];
  println!("healthy: alarms/month, suspect h/month, end states, first example");
  for (name, world) in &healthy {
    if !name.contains(&only) { continue; }
    let t0 = std::time::Instant::now();
    let (mut a, mut h, mut ends, mut ex) = (0, 0.0, String::new(), Vec::new());
    for s in 0..seeds {
      let o = run(Config::production(), PRODUCTION, world(s), s, days, false);
      a += o.alarms; h += o.suspected / HOUR; ends += &format!("{:?} ", o.end);
      ex.extend(o.said.into_iter().filter(|t| t.contains("Suspect") ));
    }
    ex.truncate(if only.is_empty() { 2 } else { 20 });
    println!("{name:20} {:6.2} {:7.1} h  {ends} {:?}\n    {}", a as f64 / seeds as f64, h / seeds as f64, t0.elapsed(), ex.join("\n    "));
  }
  let leaks: Vec<(&str, Box<dyn Fn(u64) -> World>, f64)> = vec![
    ("L 13KB/s", Box::new(move |_| World::new(b).leak(13.0 * 1024.0 * 86400.0)), 3.0),
    ("L 13KB/s noise 3%", Box::new(move |_| World::new(b).noise(Noise::White(0.03 * b)).leak(13.0 * 1024.0 * 86400.0)), 3.0),
    ("L 1MB/min", Box::new(move |_| World::new(b).leak(1440.0 * MB)), 3.0),
    ("L 10MB/min", Box::new(move |_| World::new(b).leak(14400.0 * MB)), 3.0),
    ("L 100MB/day", Box::new(move |_| World::new(b).leak(100.0 * MB)), 10.0),
    ("L 20MB/day", Box::new(move |_| World::new(b).leak(20.0 * MB)), 20.0),
    ("L 5MB/day", Box::new(move |_| World::new(b).leak(5.0 * MB)), 30.0),
    ("L 20MB/day red .9 3%", Box::new(move |_| World::new(b).noise(Noise::Red(0.03 * b, 0.9)).leak(20.0 * MB)), 30.0),
    ("L tables", Box::new(move |_| World::new(b).shape(|t| { let n = t / HOUR * 3e5; (n * 40.0) + 16.0 * 2f64.powf(n.max(1.0).log2().ceil()) })), 3.0),
    ("L starts day 3", Box::new(move |_| World::new(b).shape(|t| ((t - 3.0 * DAY).max(0.0)) / MINUTE * 0.5 * MB)), 10.0),
    ("L office per req", Box::new(move |s| World { busy: Busy::Office(600.0), per_request: 1024.0, phase: s as f64 * 5.0 * HOUR, ..World::new(b) }), 20.0),
    ("L office 200B", Box::new(move |s| World { busy: Busy::Office(600.0), per_request: 100.0, phase: s as f64 * 5.0 * HOUR, ..World::new(b) }), 30.0),
    ("L 20 in rhythm 50 known", Box::new(move |s| World { phase: s as f64 * 5.0 * HOUR, ..World::new(b).rhythm(50.0 * MB, 0.0, true).leak(20.0 * MB) }), 30.0),
    ("L 5 in rhythm 50 known", Box::new(move |s| World { phase: s as f64 * 5.0 * HOUR, ..World::new(b).rhythm(50.0 * MB, 0.0, true).leak(5.0 * MB) }), 30.0),
    ("L 20 in rhythm 500 known", Box::new(move |s| World { phase: s as f64 * 5.0 * HOUR, ..World::new(b).rhythm(500.0 * MB, 0.0, true).leak(20.0 * MB) }), 30.0),
    ("L 5 in rhythm 500 known", Box::new(move |s| World { phase: s as f64 * 5.0 * HOUR, ..World::new(b).rhythm(500.0 * MB, 0.0, true).leak(5.0 * MB) }), 30.0),
    ("L 20 in rhythm 500 lag45", Box::new(move |s| World { phase: s as f64 * 5.0 * HOUR, ..World::new(b).rhythm(500.0 * MB, 45.0 * MINUTE, true).leak(20.0 * MB) }), 30.0),
    ("L 5 in rhythm 500 lag45", Box::new(move |s| World { phase: s as f64 * 5.0 * HOUR, ..World::new(b).rhythm(500.0 * MB, 45.0 * MINUTE, true).leak(5.0 * MB) }), 30.0),
    ("L 20 in rhythm 50 unknown", Box::new(move |s| World { phase: s as f64 * 5.0 * HOUR, ..World::new(b).rhythm(50.0 * MB, 0.0, false).leak(20.0 * MB) }), 30.0),
    ("L 5 in rhythm 50 unknown", Box::new(move |s| World { phase: s as f64 * 5.0 * HOUR, ..World::new(b).rhythm(50.0 * MB, 0.0, false).leak(5.0 * MB) }), 30.0),
  ];
  println!("leaks: found/seeds, time to first (h), end");
  for (name, world, days) in &leaks {
    if !name.contains(&only) { continue; }
    let t0 = std::time::Instant::now();
    let (mut firsts, mut ends, mut ex, mut dur) = (Vec::new(), String::new(), Vec::new(), 0.0);
    for s in 0..seeds {
      let o = run(Config::production(), PRODUCTION, world(s), s, *days, false);
      if let Some(f) = o.first { firsts.push(format!("{:.1}h({})", f / HOUR, o.window)); }
      ends += &format!("{:?}x{} ", o.end, o.alarms); dur += o.suspected / HOUR;
      ex.extend(o.said.into_iter());
    }
    ex.retain(|t| t.contains("Suspect")||t.contains("Recov"));
    ex.truncate(if only.is_empty() { 1 } else { 20 });
    println!("{name:26} {}/{seeds} {:?} {ends} {:.0}h {:?}\n    {}", firsts.len(), firsts, dur / seeds as f64, t0.elapsed(), ex.join("\n    "));
  }
}
