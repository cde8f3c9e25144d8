//! The files of the repository, read once per rule: sources and texts, nothing that was generated.

use std::fs;
use std::path::Path;

/// Folders that are looked into, and files beside them.
const FOLDERS: [&str; 13] = [
  "src",
  "lib",
  "tests",
  "__test__",
  "scripts",
  "demo",
  "examples",
  "benchmark",
  "benches",
  "docs",
  ".github",
  ".ci",
  "fuzz",
];
const FILES: [&str; 14] = [
  "index.js",
  "index.d.ts",
  "register.js",
  "build.rs",
  "Cargo.toml",
  "package.json",
  "package-lock.json",
  "README.md",
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "ARCHITECTURE.md",
  "rustfmt.toml",
  "clippy.toml",
];
const GENERATED: [&str; 4] = ["lib/native.d.ts", "node_modules", "target", "record"];

/// One file: where it is, seen from the root with `/`, and what it says.
#[derive(Debug)]
pub struct File {
  /// Such as `src/core/ring.rs`.
  pub path: String,
  /// All of it.
  pub text: String,
}

impl File {
  /// A file that need not exist.
  pub fn new(path: &str, text: &str) -> Self {
    Self { path: path.to_owned(), text: text.to_owned() }
  }

  /// Whether its name ends so.
  pub fn is(&self, ending: &str) -> bool {
    self.path.ends_with(ending)
  }

  /// Whether it lies in that folder.
  pub fn within(&self, folder: &str) -> bool {
    self.path.starts_with(folder)
  }

  /// Its lines with their numbers from 1, line comments cut off.
  pub fn code(&self) -> impl Iterator<Item = (usize, &str)> {
    self.text.lines().enumerate().map(|(at, line)| {
      let end = line.find("// ").or_else(|| line.find("///")).or_else(|| line.find("//!"));
      (at + 1, end.map_or(line, |end| line.split_at(end).0))
    })
  }

  /// A fault in it, for people.
  pub fn fault(&self, line: usize, what: &str) -> String {
    format!("{}:{line}: {what}", self.path)
  }
}

/// Every file that rules are about.
pub fn all() -> Vec<File> {
  let mut found = Vec::new();
  for folder in FOLDERS {
    walk(folder, &mut found);
  }
  found.extend(
    FILES.iter().filter(|name| root(name).is_file()).map(|name| File::new(name, &read(name))),
  );
  assert!(found.len() > 50, "only {} files were found", found.len());
  found
}

/// What one file says; nothing if there is none.
pub fn read(path: &str) -> String {
  fs::read_to_string(root(path)).unwrap_or_default()
}

fn root(path: &str) -> std::path::PathBuf {
  Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn walk(folder: &str, found: &mut Vec<File>) {
  let Ok(entries) = fs::read_dir(root(folder)) else { return };
  for entry in entries.flatten() {
    let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
    if GENERATED.iter().any(|name| path == *name || path.ends_with(&format!("/{name}"))) {
      continue;
    }
    if root(&path).is_dir() {
      walk(&path, found);
    } else if let Ok(text) = fs::read_to_string(root(&path)) {
      found.push(File { path, text });
    }
  }
}
