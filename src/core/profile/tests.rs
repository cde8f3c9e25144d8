//! Profiles as V8 writes them, and as it never should.

use super::*;
use crate::core::error::Error;

fn frame(function: &str, url: &str, line: u32) -> String {
  format!(
    r#"{{"functionName":"{function}","scriptId":"7","url":"{url}","lineNumber":{line},"columnNumber":4}}"#
  )
}

/// A chain, outermost first, whose leaf holds `bytes` in `count` samples.
fn chain(frames: &[(&str, &str, u32)], bytes: u32, count: usize) -> String {
  let mut json = String::new();
  for (i, (function, url, line)) in frames.iter().enumerate() {
    let size = if i + 1 == frames.len() { bytes } else { 0 };
    let (frame, id) = (frame(function, url, *line), i + 2);
    json += r#"{"callFrame":"#;
    json += &frame;
    json +=
      &[r#","selfSize":"#, &size.to_string(), r#","id":"#, &id.to_string(), r#","children":["#]
        .concat();
  }
  json += &"]}".repeat(frames.len());
  let sample = format!(r#"{{"size":1,"nodeId":{},"ordinal":1}}"#, frames.len() + 1);
  let samples = vec![sample; count].join(",");
  let root = frame("(root)", "", 0);
  format!(
    r#"{{"head":{{"callFrame":{root},"selfSize":0,"id":1,"children":[{json}]}},"samples":[{samples}]}}"#
  )
}

fn grown(json: &str) -> Vec<Growth> {
  Profile::subtract(&Profile::parse(json, "/lg").unwrap(), &Profile::default())
}

#[test]
fn the_site_is_the_innermost_frame_of_the_users_own_code() {
  let growths = grown(&chain(
    &[
      ("handle", "/s/node_modules/express/router.js", 9),
      ("logMiddleware", "file:///s/app.js", 13),
      ("clone", "/s/node_modules/@x/deep/i.js", 2),
      ("push", "", 0),
    ],
    5000,
    4,
  ));
  let [growth] = growths.as_slice() else { panic!("{growths:?}") };
  let Frame { function, file, line, column } = &growth.site;
  assert_eq!(
    (function.as_str(), file.as_str(), *line, *column),
    ("logMiddleware", "/s/app.js", 14, 5)
  );
  assert_eq!(growth.package.as_deref(), Some("@x/deep"), "the package that allocated");
  let names: Vec<_> = growth.frames.iter().map(|frame| frame.function.as_str()).collect();
  assert_eq!(names, ["clone", "logMiddleware", "handle"], "innermost first");
  assert_eq!(growth.leaf.function, "push");
  assert!((growth.bytes - 5000.0).abs() < 0.1 && (growth.count - 4.0).abs() < 0.1);
}

#[test]
fn the_package_that_only_calls_the_users_code_is_not_blamed() {
  let growths =
    grown(&chain(&[("next", "/s/node_modules/express/r.js", 1), ("h", "/s/a.js", 1)], 9, 3));
  assert_eq!(growths.first().unwrap().package, None);
}

#[test]
fn without_user_code_the_package_is_the_site_and_without_any_it_is_nobodys() {
  let growths =
    grown(&chain(&[("tick", "/s/node_modules/x/i.js", 1), ("emit", "node:events", 5)], 9, 3));
  assert_eq!(growths.first().unwrap().site.function, "tick");
  assert_eq!(by_package(&growths), [("x".to_owned(), 9.0)]);
  let node = chain(&[("parserOnIncoming", "node:_http_server", 1)], 700, 3);
  let profile = Profile::parse(&node, "/lg").unwrap();
  assert!(profile.is_empty() && (profile.unattributed() - 700.0).abs() < 0.1);
}

#[test]
fn own_frames_are_left_out_but_not_the_code_that_they_call() {
  assert!(
    grown(&chain(&[("post", "/lg/lib/profiler.js", 1), ("x", "node:inspector", 1)], 9, 9))
      .is_empty()
  );
  assert!(
    grown(&chain(&[("h", "/s/a.js", 1), ("sample", "/lg/lib/sampler.js", 1)], 9, 9)).is_empty()
  );
  let called = grown(&chain(&[("middleware", "/lg/lib/health.js", 1), ("h", "/s/a.js", 1)], 9, 9));
  assert_eq!(called.first().unwrap().site.function, "h");
}

#[test]
fn subtracting_keeps_what_grew_by_more_than_noise_the_most_first() {
  let two = |a: (u32, usize), b: (u32, usize)| {
    let one = Profile::parse(&chain(&[("a", "/s/a.js", 1)], a.0, a.1), "").unwrap();
    let mut both = Profile::parse(&chain(&[("b", "/s/b.js", 1)], b.0, b.1), "").unwrap();
    // Joins them by their names, as V8 numbers functions anew in each profile.
    let offset = u32::try_from(both.callees.len()).unwrap();
    both.callees.extend(one.callees);
    both
      .sites
      .extend(one.sites.into_iter().map(|site| Site { callee: site.callee + offset, ..site }));
    both
  };
  let names = |later: &Profile, earlier: &Profile| -> Vec<(String, f64)> {
    Profile::subtract(later, earlier).into_iter().map(|g| (g.site.function, g.bytes)).collect()
  };
  let earlier = two((100, 5), (100, 5));
  assert_eq!(
    names(&two((400, 20), (900, 9)), &earlier),
    [("b".to_owned(), 800.0), ("a".to_owned(), 300.0)]
  );
  assert_eq!(names(&two((9000, 7), (50, 90)), &earlier), [], "two samples, and one that shrank");
  assert_eq!(names(&earlier, &earlier), []);
}

#[test]
fn a_stack_of_ten_thousand_frames_is_read() {
  let deep: Vec<_> = (0..10_000).map(|i| ("recurse", "/s/deep.js", i)).collect();
  let growths = grown(&chain(&deep, 64, 3));
  assert_eq!(growths.first().unwrap().frames.len(), DEEPEST);
}

#[test]
fn keys_may_come_in_any_order_and_unknown_ones_are_passed_over() {
  let json = r#" { "samples" : [ {"ordinal":1,"nodeId":2,"size":3},{"nodeId":2},{"nodeId":2,"x":[{}]} ],
    "more": {"a":[1,-2.5e3,true,null,{"b":"\"}]"}]},
    "head": {"children":[{"id":2,"children":[],"selfSize":8,
      "callFrame":{"url":"/s/a\u0062.js","functionName":"f\"\ud800","lineNumber":-1}}],"id":1} } "#;
  let growths = grown(json);
  assert_eq!(growths.first().unwrap().site.file, "/s/ab.js");
  assert_eq!(growths.first().unwrap().site.line, 0);
}

#[test]
fn broken_text_is_an_error_with_its_byte_at_every_cut() {
  let whole = chain(&[("a", "/s/a.js", 1), ("b", "/s/b.js", 1)], 9, 3);
  for cut in 0..whole.len() {
    match Profile::parse(&whole[..cut], "") {
      Err(Error::Malformed { at, .. }) => assert!(at <= cut, "{at} > {cut}"),
      other => panic!("{cut}: {other:?}"),
    }
  }
  assert!(Profile::parse(&(whole + "x"), "").is_err());
  for bad in
    ["[]", "{}", "null", r#"{"head":[]}"#, r#"{"head":{"selfSize":1e999}}"#, r#"{"head":{}"x":1}"#]
  {
    assert!(Profile::parse(bad, "").is_err(), "{bad}");
  }
  let huge = " ".repeat((16 << 20) + 1);
  assert!(matches!(Profile::parse(&huge, ""), Err(Error::Malformed { .. })));
}
