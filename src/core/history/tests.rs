//! Two days in three resolutions, and what must not be lost or grow in them.

use super::*;

fn at(seconds: f64, used_heap: f64) -> Sample {
  Sample { at: seconds * 1_000.0, used_heap, requests: 2.0, gc_major: 1.0, ..Sample::default() }
}

fn watched(seconds: u32) -> History {
  let mut history = History::try_new().unwrap();
  for second in 0..seconds {
    history.push(at(f64::from(second), f64::from(second)));
  }
  history
}

#[test]
fn three_days_of_samples_stay_under_five_megabytes_and_then_do_not_grow() {
  let mut history = watched(48 * 3_600 + 60);
  let full = history.bytes_owned();
  assert!(full < 5_000_000, "{full}");
  for second in 0..86_400 {
    history.push(at(f64::from(48 * 3_600 + 60 + second), 1.0));
  }
  assert_eq!(history.bytes_owned(), full);
  let days = history.range(0.0, f64::MAX, 10_000);
  assert_eq!(days.len(), 2_880);
}

#[test]
fn a_spike_of_one_second_is_still_seen_a_day_later() {
  let mut history = watched(3_600);
  history.push(at(3_601.0, 1e9));
  for second in 3_602..90_000 {
    history.push(at(f64::from(second), 5.0));
  }
  let rows = history.range(3_500.0 * 1e3, 3_700.0 * 1e3, 100);
  assert!(rows.iter().any(|row| row.used_heap_max > 9e8));
  assert!(rows.iter().all(|row| row.used_heap_min < 9e8));
}

#[test]
fn counts_are_summed_and_no_event_is_lost_in_the_coarse_tiers() {
  let history = watched(7_200);
  for points in [10, 100, 10_000] {
    let rows = history.range(0.0, f64::MAX, points);
    assert!(rows.len() <= points);
    let requests: f64 = rows.iter().map(|row| row.last.requests).sum();
    assert!((requests - 14_400.0).abs() < 0.5, "{points}: {requests}");
  }
}

#[test]
fn the_longest_pause_of_a_row_is_the_longest_of_its_samples() {
  let mut history = History::try_new().unwrap();
  for second in 0..60 {
    let gc_longest = if second == 7 { 40.0 } else { 3.0 };
    history.push(Sample { gc_longest, gc_pause: 3.0, ..at(f64::from(second), 1.0) });
  }
  let [row] = history.range(0.0, f64::MAX, 1).try_into().unwrap();
  assert!((row.last.gc_longest - 40.0).abs() < 0.1 && (row.last.gc_pause - 180.0).abs() < 0.1);
}

#[test]
fn recent_ranges_come_second_by_second() {
  let rows = watched(100_000).range(99_900.0 * 1e3, f64::MAX, 1_000);
  assert_eq!(rows.len(), 100);
}

#[test]
fn time_that_goes_back_and_numbers_that_are_none_are_counted_and_left_out() {
  let mut history = watched(10);
  history.push(at(3.0, 1.0));
  history.push(at(f64::NAN, 1.0));
  history.push(at(20.0, f64::INFINITY));
  assert_eq!(history.ignored(), 3);
  assert_eq!(history.last(), Some(&at(9.0, 9.0)));
}
