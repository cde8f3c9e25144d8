//! Whose code a file is: the user's, a package's, Node's, or leakguard's own.
//!
//! *Why.* A report names the line that its reader can change, so Node's own frames and those of
//! packages are looked through; and the watcher must not report itself.

use std::sync::Arc;

/// Whose code it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Place {
  /// V8 or Node.
  Native,
  /// leakguard.
  Own,
  /// An npm package.
  Package(Arc<str>),
  /// The user's own.
  User,
}

impl Place {
  /// Of the file at `path`.
  pub fn of(path: &str, own_root: &str) -> Self {
    if path.is_empty() || path.starts_with("node:") {
      return Self::Native;
    }
    let own = own_root.trim_end_matches(['/', '\\']);
    let inside = path.strip_prefix(own).filter(|_| !own.is_empty());
    if inside.is_some_and(|rest| rest.starts_with(['/', '\\'])) {
      // The tests and examples of a checkout are users of leakguard, not leakguard.
      let theirs = ["examples", "demo", "__test__", "benchmark", "node_modules"];
      let first = inside.and_then(|rest| rest.split(['/', '\\']).nth(1)).unwrap_or_default();
      if !theirs.contains(&first) {
        return Self::Own;
      }
    }
    package(path).map_or(Self::User, |name| Self::Package(Arc::from(name)))
  }
}

/// The package that owns `path`, with its scope; pnpm's store too.
fn package(path: &str) -> Option<String> {
  let parts: Vec<&str> = path.split(['/', '\\']).collect();
  let at = parts.iter().rposition(|part| *part == "node_modules")?;
  let first = parts.get(at + 1).filter(|part| !part.is_empty())?;
  if first.starts_with('@') {
    return parts.get(at + 2).map(|second| format!("{first}/{second}"));
  }
  Some((*first).to_owned())
}

/// The path in a `file:` URL; anything else as it is.
pub fn path(url: &str) -> String {
  let Some(rest) = url.strip_prefix("file://") else { return url.to_owned() };
  let mut bytes = Vec::with_capacity(rest.len());
  let mut left = rest.as_bytes();
  while let Some((first, after)) = left.split_first() {
    let code = after
      .get(..2)
      .filter(|digits| *first == b'%' && digits.iter().all(u8::is_ascii_hexdigit))
      .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
    bytes.push(code.unwrap_or(*first));
    left = if code.is_some() { after.get(2..).unwrap_or_default() } else { after };
  }
  let path = String::from_utf8_lossy(&bytes).into_owned();
  // file:///C:/app.js is C:/app.js.
  match path.as_bytes() {
    [b'/', drive, b':', ..] if drive.is_ascii_alphabetic() => path.chars().skip(1).collect(),
    _ => path,
  }
}

#[cfg(test)]
mod tests {
  use super::*;

  #[test]
  fn packages_are_named_with_scope_and_through_pnpm() {
    let name = |path: &str| package(path);
    assert_eq!(name("/srv/app.js"), None);
    assert_eq!(name("/srv/node_modules/x/i.js").as_deref(), Some("x"));
    assert_eq!(name("/srv/node_modules/@a/b/i.js").as_deref(), Some("@a/b"));
    assert_eq!(name("/s/node_modules/.pnpm/x@1/node_modules/x/i.js").as_deref(), Some("x"));
    assert_eq!(name("/s/node_modules/a/node_modules/b/i.js").as_deref(), Some("b"));
    assert_eq!(name("C:\\s\\node_modules\\y\\i.js").as_deref(), Some("y"));
    assert_eq!(name("/s/node_modules/"), None);
  }

  #[test]
  fn urls_become_paths() {
    assert_eq!(path("file:///srv/my%20app/a.mjs"), "/srv/my app/a.mjs");
    assert_eq!(path("file:///C:/a.mjs"), "C:/a.mjs");
    assert_eq!(path("file:///a%zz%4"), "/a%zz%4");
    assert_eq!(path("node:events"), "node:events");
    assert_eq!(path("/srv/100%.js"), "/srv/100%.js");
  }

  #[test]
  fn own_is_below_the_root_by_whole_parts_and_not_its_examples() {
    assert_eq!(Place::of("/lg/lib/guard.js", "/lg"), Place::Own);
    assert_eq!(Place::of("/lg/index.js", "/lg/"), Place::Own);
    assert_eq!(Place::of("/lgx/app.js", "/lg"), Place::User);
    assert_eq!(Place::of("/lg/examples/app.js", "/lg"), Place::User);
    assert_eq!(Place::of("/lg/node_modules/x/a.js", "/lg"), Place::Package("x".into()));
    assert_eq!(
      Place::of("/s/node_modules/leakguard/lib/a.js", "/s/node_modules/leakguard"),
      Place::Own
    );
    assert_eq!(Place::of("node:events", "/lg"), Place::Native);
    assert_eq!(Place::of("/app.js", ""), Place::User);
  }
}
