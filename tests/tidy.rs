//! The rules of this repository that no compiler knows, as tests: who may import whom, sizes, heads
//! of files, what every export must carry. Each rule is shown to fail on a made-up file, because a
//! rule that cannot fail keeps nothing.
//!
//! Cost: reads some hundred files, a few ms.

#[path = "tidy/exports.rs"]
mod exports;
#[path = "tidy/files.rs"]
mod files;
#[path = "tidy/imports.rs"]
mod imports;
#[path = "tidy/scripts.rs"]
mod scripts;
#[path = "tidy/shape.rs"]
mod shape;

use files::{File, all, read};

/// A rule: the faults of one file, each as `where: what`.
type Rule = fn(&File) -> Vec<String>;

#[track_caller]
fn holds(rule: Rule) {
  let faults: Vec<String> = all().iter().flat_map(rule).collect();
  assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// The rule finds exactly `wanted` faults in a file at `path` that says `text`.
#[track_caller]
fn finds(rule: Rule, wanted: usize, path: &str, text: &str) {
  let faults = rule(&File::new(path, text));
  assert_eq!(faults.len(), wanted, "in {path}: {faults:?}");
}

#[test]
fn files_are_small_and_lines_are_short() {
  finds(shape::size, 1, "src/core/ring.rs", &"let x = 1;\n".repeat(401));
  finds(shape::size, 1, "lib/guard.js", &"work()\n".repeat(201));
  finds(shape::size, 1, "index.js", &"work()\n".repeat(61));
  finds(shape::size, 0, "__test__/guard.test.js", &"work()\n".repeat(300));
  finds(shape::width, 1, "lib/guard.js", &"x".repeat(121));
  finds(shape::width, 1, "src/core/ring.rs", &"x".repeat(101));
  finds(shape::width, 0, "src/core/ring.rs", &"ä".repeat(100));
  holds(shape::size);
  holds(shape::width);
}

#[test]
fn every_rust_file_says_first_what_it_is_for() {
  finds(shape::head, 1, "src/core/ring.rs", "use std::fmt;\n//! Late.");
  finds(shape::head, 0, "src/core/ring.rs", "//! Keeps the newest.\n");
  holds(shape::head);
}

#[test]
fn no_file_names_a_machine_or_leaves_work_undone() {
  finds(shape::clean, 1, "docs/a.md", concat!("see /ho", "me/me/x"));
  finds(shape::clean, 1, "lib/a.js", concat!("// TO", "DO later"));
  finds(shape::clean, 1, "package-lock.json", concat!("\"res", "olved\": \"x\""));
  finds(shape::clean, 0, "lib/a.js", "// works");
  holds(shape::clean);
}

#[test]
fn an_import_in_core_never_goes_up() {
  finds(imports::layers, 1, "src/core/ring.rs", "use crate::core::report::Report;");
  finds(imports::layers, 1, "src/core/trend/mod.rs", "use super::suspects::Suspect;");
  finds(imports::layers, 1, "src/core/novelty.rs", "//! No rank yet.");
  finds(imports::layers, 0, "src/core/report/advice.rs", "use crate::core::trend::State;");
  holds(imports::layers);
}

#[test]
fn core_is_pure_and_only_the_binding_names_napi() {
  finds(imports::pure, 1, "src/core/ring.rs", "use napi::Env;");
  finds(imports::pure, 1, "src/core/ring.rs", "let x = unsafe { *p };");
  finds(imports::pure, 1, "src/core/ring.rs", "let t = std::time::Instant::now();");
  finds(imports::pure, 1, "src/platform/memory.rs", "use napi::Env;");
  finds(imports::pure, 1, "src/binding/mod.rs", "unsafe { work() }");
  finds(imports::pure, 0, "src/core/ring.rs", "// unsafe would be faster; napi is not known here");
  holds(imports::pure);
}

#[test]
fn every_unsafe_block_argues_its_safety() {
  finds(imports::argued, 1, "src/platform/cpu.rs", "let x = unsafe { f() };");
  finds(
    imports::argued,
    0,
    "src/platform/cpu.rs",
    "// SAFETY: f has no conditions.\nunsafe { f() };",
  );
  holds(imports::argued);
}

#[test]
fn every_export_catches_panics_and_counts_in_f64() {
  let path = "src/binding/guard.rs";
  finds(exports::caught, 1, path, "#[napi]\npub fn f() {}");
  finds(exports::caught, 1, path, "#[napi(getter)]\n/// Says.\npub fn f(&self) {}");
  finds(exports::caught, 1, path, "#[napi(\n  constructor\n)]\npub fn new() {}");
  finds(exports::caught, 0, path, "#[napi(catch_unwind)]\npub fn f() {}");
  finds(exports::caught, 0, path, "#[napi]\npub struct S {}\n#[napi]\nimpl S {}");
  finds(exports::counts, 1, path, "#[napi(catch_unwind)]\npub fn f(env: Env, count: u32) {}");
  finds(exports::counts, 1, path, "#[napi(object)]\npub struct S {\n  pub max: Option<i32>,\n}");
  finds(
    exports::counts,
    0,
    path,
    "#[napi(catch_unwind)]\npub fn f(count: f64) {}\nfn g(n: u32) {}",
  );
  finds(exports::guarded, 1, path, "fn compute(&mut self) -> Result<f64> {\n  work()\n}");
  finds(exports::guarded, 0, path, "fn compute(&mut self) -> Result<f64> {\n  guard(|| work())\n}");
  holds(exports::caught);
  holds(exports::counts);
  holds(exports::guarded);
}

#[test]
fn scripts_import_what_they_may() {
  finds(scripts::imports, 1, "index.js", "require('./leakguard.linux-x64-gnu.node')");
  finds(scripts::imports, 1, "index.js", "require('node:fs')");
  finds(scripts::imports, 1, "lib/native.js", "require('./errors')");
  finds(scripts::imports, 1, "lib/sampler.js", "require('./native')");
  finds(scripts::imports, 1, "lib/health.js", "require('express')");
  finds(scripts::imports, 1, "lib/adapters/koa.js", "require('../guard')");
  finds(scripts::imports, 1, "demo/index.js", "require('../lib/guard')");
  finds(scripts::imports, 0, "lib/guard.js", "require('./errors'); require('node:v8')");
  finds(scripts::strict, 1, "lib/guard.js", "module.exports = {}");
  holds(scripts::imports);
  holds(scripts::strict);
}

#[test]
fn versions_agree() {
  let manifest = read("package.json");
  let version = shape::between(&manifest, "\"version\": \"", "\"");
  assert!(version.is_some(), "package.json has no version");
  assert_eq!(version, shape::between(&read("Cargo.toml"), "\nversion = \"", "\""), "Cargo.toml");
  assert_eq!(version, shape::between(&read("CHANGELOG.md"), "\n## ", " "), "CHANGELOG.md");
  assert_ne!(shape::between("## 1.0.0 ", "## ", " "), shape::between("## 1.0.1 ", "## ", " "));
}
