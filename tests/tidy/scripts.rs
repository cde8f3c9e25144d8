//! Who may import whom in JavaScript.

use super::files::File;

/// The only ones that may load the binary's loader.
const LOADERS: [&str; 2] = ["lib/watch.js", "lib/guard.js"];

/// The import table of the JavaScript side.
pub fn imports(file: &File) -> Vec<String> {
  if !file.is(".js") || file.within("__test__/") {
    return Vec::new();
  }
  let mut faults = Vec::new();
  for (at, line) in file.code() {
    for target in required(line) {
      if let Some(why) = refused(&file.path, target) {
        faults.push(file.fault(at, &format!("may not require '{target}': {why}")));
      }
    }
  }
  faults
}

/// Every script of the package is strict.
pub fn strict(file: &File) -> Vec<String> {
  let ours = file.is(".js") && (file.within("lib/") || !file.path.contains('/'));
  let loose = ours && !file.text.starts_with("'use strict'\n");
  if loose { vec![file.fault(1, "does not start with 'use strict'")] } else { Vec::new() }
}

fn refused(path: &str, target: &str) -> Option<&'static str> {
  let relative = target.starts_with('.');
  let builtin = target.starts_with("node:") || BUILTINS.contains(&target);
  let (_, name) = target.rsplit_once('/').unwrap_or(("", target));
  if target.contains(".node") {
    return Some("only lib/native.js finds the binary");
  }
  match path {
    "index.js" | "register.js" => {
      (!target.starts_with("./lib/")).then_some("it is made of lib/ alone")
    }
    "lib/native.js" => (!builtin).then_some("it loads the binary and nothing else"),
    _ if path.starts_with("lib/adapters/") || path.starts_with("lib/cli/") => {
      (relative && name != "leakguard" && name != "..").then_some("it uses the public API alone")
    }
    _ if path.starts_with("lib/") => {
      if !relative && !builtin {
        Some("the package has no dependencies")
      } else if relative && name == "native" && !LOADERS.contains(&path) {
        Some("the guard hands the binding on")
      } else if target.contains("/cli/") || target.contains("/dashboard/") {
        Some("lib/ does not know who shows it")
      } else {
        None
      }
    }
    _ => target.contains("../lib/").then_some("everybody outside uses the public API"),
  }
}

/// Built-ins that go by their bare name too.
const BUILTINS: [&str; 10] =
  ["events", "fs", "inspector", "os", "path", "perf_hooks", "util", "v8", "worker_threads", "http"];

/// What a line requires by a plain string.
fn required(line: &str) -> impl Iterator<Item = &str> {
  line.split("require('").skip(1).filter_map(|rest| rest.split('\'').next())
}
