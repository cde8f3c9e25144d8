//! Who is named, in which order, and what must never be shown.

use super::*;
use crate::core::listeners::Source;

fn frame(function: &str, file: &str, line: u32) -> Frame {
  Frame { function: function.into(), file: file.into(), line, column: 1 }
}

fn site(function: &str, bytes: f64, count: f64) -> Growth {
  let site = frame(function, "/app/app.js", 14);
  Growth { frames: vec![site.clone()], leaf: site.clone(), site, package: None, bytes, count }
}

fn ranked(
  sites: &[Growth],
  listeners: &[ListenerReport],
  heap: f64,
  external: f64,
) -> Vec<Suspect> {
  rank(&Evidence { sites, unattributed: 0.0, listeners, heap, external, minutes: 2.0, work: 100.0 })
}

#[test]
fn the_site_that_explains_most_comes_first_with_rate_and_place() {
  let sites = [site("logMiddleware", 8e6, 80.0), site("other", 1e6, 10.0)];
  let suspects = ranked(&sites, &[], 1e7, 0.0);
  assert_eq!(suspects[0].frames[0].function, "logMiddleware");
  assert!(
    suspects[0].title.starts_with("logMiddleware (app.js:14) keeps +"),
    "{}",
    suspects[0].title
  );
  assert!((suspects[0].share - 0.8).abs() < 1e-9);
  assert_eq!(suspects[0].per_minute, Some(4e6));
  assert_eq!(suspects[0].per_iteration, Some(8e4));
}

#[test]
fn what_node_allocates_is_told_with_the_place_that_likely_keeps_it_or_not_at_all() {
  let evidence = |sites| Evidence {
    sites,
    unattributed: 9e6,
    listeners: &[],
    heap: 1e7,
    external: 0.0,
    minutes: 2.0,
    work: 0.0,
  };
  let sites = [site("remember", 2e5, 9.0)];
  let suspects = rank(&evidence(&sites));
  assert!(suspects[0].title.contains("remember (app.js:14)"), "{}", suspects[0].title);
  assert!(suspects[0].share > 0.8);
  assert!(rank(&evidence(&[])).is_empty());
}

#[test]
fn a_site_of_one_or_two_samples_is_chance() {
  assert!(ranked(&[site("rare", 1e6, 2.0)], &[], 1e6, 0.0).is_empty());
}

#[test]
fn external_growth_is_told_with_its_real_bytes_and_the_site_of_most_samples() {
  let suspects = ranked(&[site("upload", 2e4, 9.0)], &[], 1e5, 5e7);
  assert_eq!(suspects[0].kind, Kind::External);
  assert!((suspects[0].bytes - 5e7).abs() < 1.0);
  assert!(suspects[0].title.contains("upload (app.js:14)"), "{}", suspects[0].title);
  assert!(suspects[0].share > 0.9);
}

#[test]
fn a_rising_listener_and_the_site_that_adds_it_are_one_suspect() {
  let listener = ListenerReport {
    class_name: "process".into(),
    event: "SIGTERM".into(),
    count: 1_204.0,
    per_minute: 600.0,
    threshold: 10.0,
    frames: vec![frame("Server.onSocket", "/app/app.js", 22)],
    origin: Source::Process,
    rising: true,
  };
  let suspects = ranked(&[site("onSocket", 9e6, 90.0)], &[listener], 1e7, 0.0);
  assert_eq!(suspects.len(), 1);
  assert_eq!(suspects[0].kind, Kind::Listener);
  assert!((suspects[0].share - 0.9).abs() < 1e-9);
  assert!(suspects[0].title.contains("SIGTERM") && suspects[0].title.contains("onSocket"));
}

#[test]
fn a_listener_that_does_not_rise_is_no_suspect() {
  let listener = ListenerReport {
    class_name: "Bus".into(),
    event: "tick".into(),
    count: 60.0,
    per_minute: 0.0,
    threshold: 10.0,
    frames: Vec::new(),
    origin: Source::Census,
    rising: false,
  };
  assert!(ranked(&[], &[listener], 1e7, 0.0).is_empty());
}

#[test]
fn names_from_strange_code_cannot_write_to_the_terminal_or_flood_it() {
  let suspects = ranked(
    &[site("evil\u{1b}[2J\n", 8e6, 80.0), site(&"x".repeat(9_999), 9e6, 90.0)],
    &[],
    1e7,
    0.0,
  );
  assert!(suspects.iter().all(|s| s.title.chars().count() <= 300));
  assert!(suspects.iter().all(|s| !s.title.chars().any(char::is_control)));
}

#[test]
fn however_much_grows_the_list_is_short() {
  let sites: Vec<Growth> = (0..500).map(|i| site(&format!("f{i}"), 1e6, 10.0)).collect();
  assert_eq!(ranked(&sites, &[], 1e9, 0.0).len(), MOST);
}

#[test]
fn without_growth_nobody_explains_anything() {
  assert!(ranked(&[site("f", 1e6, 10.0)], &[], -5.0, 0.0).iter().all(|s| s.share == 0.0));
}
