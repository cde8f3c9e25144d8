//! The report's shape, field by field, as the JavaScript side documents it.

use std::collections::BTreeSet;

use super::*;

fn report() -> Report<Value> {
  let eta = Eta { seconds: 60.0, interval: Some((50.0, 70.0)) };
  Report {
    name: "shop".to_owned(),
    version: "1.4.2".to_owned(),
    pid: 4711.0,
    thread_id: 0.0,
    at: 1.0,
    uptime: 2.0,
    state: State::Leaking,
    pressure: Level::Warn,
    since: 3.0,
    ready_in_seconds: None,
    reasons: vec![],
    verdict: VerdictReport { window: "short", state: State::Leaking, ..VerdictReport::default() },
    memory: MemoryReport::default(),
    budgets: Budgets {
      heap: Budget::new(200.0, 50.0, Some(eta), None),
      container: Budget::new(400.0, 100.0, None, Some("cgroup2")),
    },
    gc: Gc::default(),
    event_loop: EventLoop::default(),
    work: Work::default(),
    suspects: vec![],
    listeners: vec![],
    collections: vec![],
    advice: advice(&Facts::default()),
    account: serde_json::json!({ "samples": 9 }),
  }
}

fn keys(value: &Value) -> BTreeSet<&str> {
  value.as_object().unwrap().keys().map(String::as_str).collect()
}

fn words(text: &str) -> BTreeSet<&str> {
  text.split_whitespace().collect()
}

#[test]
fn every_field_has_the_name_that_the_contract_gives_it() {
  let told = serde_json::to_value(report()).unwrap();
  assert_eq!(
    keys(&told),
    words(
      "name version pid threadId at uptime state pressure since readyInSeconds reasons verdict memory \
       budgets gc eventLoop work suspects listeners collections advice self"
    )
  );
  assert_eq!(
    keys(&told["verdict"]),
    words(
      "leak state since bytesPerMinute interval bytesPerRequest window windowMs floors z etaSeconds \
       etaInterval etaBudget"
    )
  );
  assert_eq!(
    keys(&told["memory"]),
    words("heapUsed heapTotal heapSizeLimit external arrayBuffers rss native floor spaces")
  );
  assert_eq!(keys(&told["memory"]["spaces"]), words("new old code large"));
  assert_eq!(keys(&told["gc"]), words("minor major pause longest perMinute"));
  assert_eq!(keys(&told["eventLoop"]), words("utilization"));
  assert_eq!(keys(&told["work"]), words("requests perMinute"));
  assert_eq!(told["self"]["samples"], 9);
}

#[test]
fn states_and_levels_are_words_and_what_is_unknown_is_null() {
  let told = serde_json::to_value(report()).unwrap();
  assert_eq!((&told["state"], &told["pressure"]), (&"leaking".into(), &"warn".into()));
  assert!(told["readyInSeconds"].is_null() && told["memory"]["floor"].is_null());
  assert!(told["verdict"]["since"].is_null() && told["verdict"]["etaBudget"].is_null());
}

#[test]
fn only_the_container_s_budget_names_a_source() {
  let told = serde_json::to_value(report()).unwrap();
  let heap = serde_json::json!(
    { "limit": 200.0, "used": 50.0, "share": 0.25, "etaSeconds": 60.0, "etaInterval": [50.0, 70.0] }
  );
  assert_eq!(told["budgets"]["heap"], heap);
  let container = serde_json::json!({ "limit": 400.0, "used": 100.0, "share": 0.25, "etaSeconds": null,
    "etaInterval": null, "source": "cgroup2" });
  assert_eq!(told["budgets"]["container"], container);
}

#[test]
fn a_budget_without_a_limit_is_none() {
  assert_eq!(Budget::new(0.0, 5.0, None, None), None);
  assert_eq!(Budget::new(f64::INFINITY, 5.0, None, None), None);
}

#[test]
fn a_floor_is_told_with_all_its_parts() {
  let floor = FloorReport { bytes: 3.0, heap: 2.0, external: 1.0, at: 9.0, natural: true };
  let told = serde_json::to_value(floor).unwrap();
  assert_eq!(keys(&told), words("bytes heap external at natural"));
}
