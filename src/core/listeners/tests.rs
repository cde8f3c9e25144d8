//! What counts as a leak of listeners, and what does not.

use super::*;

const MB: usize = 1_048_576;

fn row(id: &str, event: &str, count: f64) -> String {
  format!(
    r#"{{"id":{id},"className":"Server","event":"{event}","count":{count},"threshold":10,"origin":"census"}}"#
  )
}

fn watched(seconds: u32, count: impl Fn(u32) -> f64) -> Listeners {
  let mut listeners = Listeners::new(10.0);
  for second in 0..seconds {
    let json = format!("[{}]", row("1", "close", count(second)));
    listeners.push_json(f64::from(second) * 1e3, &json).unwrap();
  }
  listeners
}

#[test]
fn a_count_that_grows_by_one_each_second_rises_by_sixty_each_minute() {
  let report = watched(300, f64::from).report();
  let first = report.first().unwrap();
  assert!(first.rising && first.count > 298.0, "{first:?}");
  assert!((first.per_minute - 60.0).abs() < 1.0, "{first:?}");
}

#[test]
fn growth_of_one_in_ten_minutes_is_seen_too() {
  let listeners = watched(2_400, |second| 20.0 + f64::from(second / 600));
  let report = listeners.report();
  let first = report.first().unwrap();
  assert!(first.rising && first.per_minute > 0.05, "{first:?}");
}

#[test]
fn a_count_that_rose_once_and_stays_is_past_the_threshold_but_does_not_rise() {
  let listeners = watched(300, |second| f64::from(second.min(100)));
  let report = listeners.report();
  assert!(report.first().is_some_and(|first| !first.rising && first.count > 99.0));
}

#[test]
fn a_count_that_goes_up_and_down_with_connections_does_not_rise() {
  for period in [2, 7, 60] {
    let listeners = watched(900, |second| 50.0 + f64::from(second / 9 + (second % period) * 20));
    assert!(listeners.report().iter().all(|row| !row.rising), "{period}");
  }
}

#[test]
fn a_fall_of_a_twentieth_is_no_sign_that_somebody_removes() {
  let listeners = watched(300, |second| 200.0 + f64::from(second) - f64::from(second % 2) * 9.0);
  assert!(listeners.report().first().is_some_and(|row| row.rising));
}

#[test]
fn below_the_threshold_nothing_is_reported() {
  assert_eq!(watched(300, |second| f64::from(second) / 100.0).report(), []);
}

#[test]
fn rows_without_a_threshold_have_the_guard_s() {
  let mut listeners = Listeners::new(10.0);
  let json = r#"[{"id":"p","className":"process","event":"exit","count":15,"origin":"process"}]"#;
  listeners.push_json(0.0, json).unwrap();
  assert_eq!(listeners.report().len(), 1);
  listeners.set_threshold(20.0);
  assert_eq!(listeners.report(), []);
}

#[test]
fn the_report_has_the_shape_that_the_contract_names() {
  let mut listeners = Listeners::new(10.0);
  let json = r#"[{"id":7,"className":"process","event":"SIGTERM","count":12,"threshold":10,
    "origin":"warning","frames":[{"function":"f","file":"/a.js","line":7,"column":11}]},
    {"id":"7","className":"Server","event":"close","count":11,"threshold":10,"origin":"armed"}]"#;
  listeners.push_json(0.0, json).unwrap();
  let told = serde_json::to_value(listeners.report()).unwrap();
  let expected = serde_json::json!([
    { "className": "process", "event": "SIGTERM", "count": 12.0, "perMinute": 0.0, "threshold": 10.0,
      "frames": [{ "function": "f", "file": "/a.js", "line": 7, "column": 11 }],
      "origin": "warning", "rising": false },
    { "className": "Server", "event": "close", "count": 11.0, "perMinute": 0.0, "threshold": 10.0,
      "origin": "armed", "rising": false },
  ]);
  assert_eq!(told, expected);
}

#[test]
fn frames_stay_when_a_later_census_has_none() {
  let mut listeners = Listeners::new(1.0);
  let with = r#"[{"id":1,"className":"A","event":"e","count":2,"threshold":1,"origin":"armed",
    "frames":[{"function":"f","file":"/a.js","line":1,"column":1}]}]"#;
  let without =
    r#"[{"id":1,"className":"A","event":"e","count":3,"threshold":1,"origin":"armed"}]"#;
  listeners.push_json(0.0, with).unwrap();
  listeners.push_json(1e3, without).unwrap();
  assert!(listeners.report().first().is_some_and(|row| row.frames.len() == 1 && row.count > 2.5));
}

#[test]
fn who_is_gone_from_the_census_for_a_minute_is_forgotten() {
  let mut listeners = watched(10, |_| 20.0);
  listeners.push_json(60_000.0, "[]").unwrap();
  assert_eq!(listeners.report().len(), 1);
  listeners.push_json(69_000.0, "[]").unwrap();
  assert_eq!(listeners.report(), []);
}

#[test]
fn of_too_many_the_fullest_stay_and_fifty_are_reported() {
  let mut listeners = Listeners::new(10.0);
  let rows: Vec<String> =
    (0..400).map(|n| row(&n.to_string(), "e", f64::from((n * 7) % 400))).collect();
  listeners.push_json(0.0, &format!("[{}]", rows.join(","))).unwrap();
  assert_eq!(listeners.kept.len(), KEYS);
  assert!(listeners.kept.values().all(|entry| entry.count >= 144.0));
  let counts: Vec<f64> = listeners.report().iter().map(|row| row.count).collect();
  assert_eq!(counts.len(), 50);
  assert!(counts.is_sorted_by(|a, b| a >= b) && counts.first() == Some(&399.0));
}

#[test]
fn a_day_of_a_full_census_stays_under_a_megabyte() {
  let mut listeners = Listeners::new(10.0);
  let name = "x".repeat(300);
  for minute in 0..500 {
    let rows: Vec<String> = (0..300).map(|n| row(&n.to_string(), &name, f64::from(n))).collect();
    listeners.push_json(f64::from(minute) * 45e3, &format!("[{}]", rows.join(","))).unwrap();
  }
  assert!(listeners.bytes_owned() < MB, "{}", listeners.bytes_owned());
  assert!(listeners.kept.values().all(|entry| entry.points.len() <= POINTS));
}

#[test]
fn text_that_is_no_census_is_refused_with_the_place_and_changes_nothing() {
  let mut listeners = watched(1, |_| 20.0);
  let at = |error: Result<()>| match error {
    Err(Error::Malformed { at, .. }) => at,
    other => panic!("{other:?}"),
  };
  assert_eq!(at(listeners.push_json(1e3, "[1,\n x]")), 1);
  assert_eq!(at(listeners.push_json(1e3, "[\n\n!")), 3);
  for json in ["", "{}", "null", "[{}]", r#"[{"id":null}]"#, "[", &row("1", "e", 3.0)] {
    at(listeners.push_json(1e3, json));
  }
  let half = format!("[{},{{}}]", row("1", "close", 99.0));
  at(listeners.push_json(1e3, &half));
  assert!(listeners.report().first().is_some_and(|row| row.count < 21.0));
  assert!(listeners.push_json(f64::NAN, "[]").is_err());
}
