//! How much memory the container, or else the machine, has, and how much of it is used.
//!
//! The kernel kills by the tightest limit on the way from our control group up to the root, so all
//! visible levels are kept open and the smallest limit wins; between equals the outer one, which
//! counts more. The page cache that can be dropped (`inactive_file`) is not counted as used, as
//! Kubernetes does it. Without a limit the machine is the container.
//!
//! Cost: 1 us in a container, 5 to 20 us for the machine (`/proc/meminfo`), no allocation; every 10
//! s the limits and `memory.stat`, which is dear in the kernel, are read as well: up to 200 us.
//! What cannot be read falls back to the machine, then to zeros.
//! Source: the kernel's `cgroup-v2.rst`, `cgroup-v1/memory.rst`; `proc(5)`, `cgroups(7)` for
//! mountinfo.

use std::path::Path;

/// Where a [`Usage`] was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
  /// The unified hierarchy.
  Cgroup2,
  /// The memory controller of the first version.
  Cgroup1,
  /// No limit was found: the memory of the machine.
  Machine,
}

impl Source {
  /// The word for reports.
  #[must_use]
  pub fn word(self) -> &'static str {
    match self {
      Self::Cgroup2 => "cgroup2",
      Self::Cgroup1 => "cgroup1",
      Self::Machine => "machine",
    }
  }
}

/// Bytes used out of `limit`; both 0 when nothing is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usage {
  /// Bytes in use, page cache that can be dropped left out.
  pub used: f64,
  /// Bytes that may be used.
  pub limit: f64,
  /// Who sets the limit.
  pub source: Source,
}

/// Reads what bounds this process.
#[derive(Debug)]
pub struct Cgroup {
  own: own::Own,
}

impl Cgroup {
  /// Finds our control group and opens its files; never fails.
  #[must_use]
  pub fn open() -> Self {
    Self::with_root(Path::new("/"))
  }

  /// As [`Cgroup::open`], with `root` in the place of `/`: for tests.
  #[must_use]
  pub fn with_root(root: &Path) -> Self {
    Self { own: own::Own::open(root) }
  }

  /// The figures at `now_ms` of the monotonic clock.
  pub fn read(&mut self, now_ms: f64) -> Usage {
    self.own.read(now_ms)
  }
}

#[cfg(target_os = "linux")]
mod own {
  use super::{Source, Usage};
  use crate::platform::{again, number};
  use std::fs::{self, File};
  use std::path::{Path, PathBuf};

  /// Limits and `memory.stat` are read once in so many ms.
  const REFRESH: f64 = 10_000.0;
  /// A limit above 2^60 is none: v1 says 2^63 less a page.
  const UNLIMITED: f64 = 1_152_921_504_606_846_976.0;
  /// Files kept open are three times this at most.
  const DEEPEST: usize = 32;

  /// What the two versions call the same things.
  #[derive(Debug)]
  struct Names {
    limit: &'static str,
    usage: &'static str,
    /// With the blank after it.
    inactive: &'static [u8],
    /// Where it is mounted when mountinfo does not help.
    point: &'static str,
    source: Source,
  }

  const V2: Names = Names {
    limit: "memory.max",
    usage: "memory.current",
    inactive: b"inactive_file ",
    point: "/sys/fs/cgroup",
    source: Source::Cgroup2,
  };

  const V1: Names = Names {
    limit: "memory.limit_in_bytes",
    usage: "memory.usage_in_bytes",
    inactive: b"total_inactive_file ",
    point: "/sys/fs/cgroup/memory",
    source: Source::Cgroup1,
  };

  /// One group on the way up.
  #[derive(Debug)]
  struct Level {
    limit: File,
    usage: File,
    stat: Option<File>,
  }

  impl Level {
    fn open(directory: &Path, names: &Names) -> Option<Self> {
      Some(Self {
        limit: File::open(directory.join(names.limit)).ok()?,
        usage: File::open(directory.join(names.usage)).ok()?,
        stat: File::open(directory.join("memory.stat")).ok(),
      })
    }
  }

  /// The level that binds, as of the last refresh.
  #[derive(Clone, Copy, Debug)]
  struct Bound {
    level: usize,
    limit: f64,
    inactive: f64,
  }

  #[derive(Debug)]
  pub struct Own {
    names: &'static Names,
    /// From our group outwards.
    levels: Vec<Level>,
    meminfo: Option<File>,
    bound: Option<Bound>,
    refreshed: f64,
  }

  impl Own {
    pub fn open(root: &Path) -> Self {
      let (names, levels) = find(root);
      let meminfo = File::open(root.join("proc/meminfo")).ok();
      Self { names, levels, meminfo, bound: None, refreshed: f64::NEG_INFINITY }
    }

    pub fn read(&mut self, now: f64) -> Usage {
      if !(0.0..REFRESH).contains(&(now - self.refreshed)) {
        self.bound = self.tightest();
        self.refreshed = now;
      }
      self.container().unwrap_or_else(|| self.machine())
    }

    fn tightest(&self) -> Option<Bound> {
      let total = self.meminfo().map_or(UNLIMITED, |(total, _)| total);
      let mut best = None;
      for (at, level) in self.levels.iter().enumerate() {
        let Some(limit) = single(&level.limit) else { continue };
        let real = limit > 0.0 && limit <= total.min(UNLIMITED);
        if real && best.is_none_or(|(_, least)| limit <= least) {
          best = Some((at, limit));
        }
      }
      let (level, limit) = best?;
      let mut buffer = [0; 8192];
      let stat = self.levels.get(level)?.stat.as_ref();
      let inactive = stat
        .and_then(|file| again(file, &mut buffer))
        .and_then(|text| field(text, self.names.inactive));
      Some(Bound { level, limit, inactive: inactive.unwrap_or(0.0) })
    }

    fn container(&self) -> Option<Usage> {
      let bound = self.bound?;
      let current = single(&self.levels.get(bound.level)?.usage)?;
      let used = (current - bound.inactive).max(0.0);
      Some(Usage { used, limit: bound.limit, source: self.names.source })
    }

    fn machine(&self) -> Usage {
      let (limit, available) = self.meminfo().unwrap_or((0.0, 0.0));
      Usage { used: (limit - available).max(0.0), limit, source: Source::Machine }
    }

    /// Bytes in the machine, and those still to be had.
    fn meminfo(&self) -> Option<(f64, f64)> {
      // Both stand in the first three lines.
      let mut buffer = [0; 512];
      let text = again(self.meminfo.as_ref()?, &mut buffer)?;
      let total = field(text, b"MemTotal:").filter(|total| *total > 0.0)?;
      Some((total * 1024.0, field(text, b"MemAvailable:")? * 1024.0))
    }
  }

  /// The number that is the whole file; none for `max` and for what is garbled.
  fn single(file: &File) -> Option<f64> {
    let mut buffer = [0; 32];
    number(again(file, &mut buffer)?.trim_ascii())
  }

  /// The number after `key` at the beginning of a line.
  fn field(text: &[u8], key: &[u8]) -> Option<f64> {
    let rest = text.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(key))?;
    number(rest.trim_ascii().split(u8::is_ascii_whitespace).next()?)
  }

  /// The hierarchy that has the memory controller, with its levels; no levels when there is none.
  ///
  /// On a hybrid machine the line `0::/` leads to a v2 tree without memory, and at the v2 root
  /// there are no limits either; so files count, not lines.
  fn find(root: &Path) -> (&'static Names, Vec<Level>) {
    let text = |path| {
      fs::read(root.join(path))
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .unwrap_or_default()
    };
    let groups = text("proc/self/cgroup");
    let mounts: Vec<_> = text("proc/self/mountinfo").lines().filter_map(Mount::parse).collect();
    for names in [&V1, &V2] {
      let Some(group) = groups.lines().find_map(|line| ours(line, names.source)) else { continue };
      let levels = open_all(root, group, names, &mounts);
      if !levels.is_empty() {
        return (names, levels);
      }
    }
    (&V2, Vec::new())
  }

  /// The path in a line of `/proc/self/cgroup`, when it is that of the memory controller.
  fn ours(line: &str, source: Source) -> Option<&str> {
    let (id, rest) = line.split_once(':')?;
    let (controllers, path) = rest.split_once(':')?;
    let found = match source {
      Source::Cgroup2 => id == "0" && controllers.is_empty(),
      _ => controllers.split(',').any(|one| one == "memory"),
    };
    (found && path.starts_with('/')).then_some(path)
  }

  /// Of the mounts that show our group, the one that shows most levels; else the usual place.
  fn open_all(root: &Path, group: &str, names: &Names, mounts: &[Mount]) -> Vec<Level> {
    mounts
      .iter()
      .filter(|mount| mount.source == names.source)
      .filter_map(|mount| Some(climb(root, &mount.point, &below(group, &mount.root)?, names)))
      .filter(|levels| !levels.is_empty())
      .max_by_key(Vec::len)
      .unwrap_or_else(|| climb(root, names.point, &below(group, "/").unwrap_or_default(), names))
  }

  /// Opens `point`/`parts` and all above it as far as `point`. What is missing is passed over: in a
  /// container the path may be the host's, and then `point` alone is there.
  fn climb(root: &Path, point: &str, parts: &[&str], names: &Names) -> Vec<Level> {
    let mut directory = root.join(point.trim_start_matches('/'));
    let mut directories: Vec<PathBuf> = vec![directory.clone()];
    for part in parts {
      directory.push(part);
      directories.push(directory.clone());
    }
    let levels = directories.iter().rev().filter_map(|path| Level::open(path, names));
    levels.take(DEEPEST).collect()
  }

  /// The parts of `group` below `top`; none when it is not below it, or leads out of the namespace.
  fn below<'a>(group: &'a str, top: &str) -> Option<Vec<&'a str>> {
    let mut parts = group.split('/').filter(|part| !part.is_empty());
    for expected in top.split('/').filter(|part| !part.is_empty()) {
      parts.next().filter(|part| *part == expected)?;
    }
    let rest: Vec<_> = parts.collect();
    (!rest.contains(&"..")).then_some(rest)
  }

  /// A control group file system of `/proc/self/mountinfo`.
  struct Mount {
    /// What part of the hierarchy is mounted.
    root: String,
    point: String,
    source: Source,
  }

  impl Mount {
    /// `id parent major:minor root point options [more]* - kind device super-options`
    fn parse(line: &str) -> Option<Self> {
      let (left, right) = line.split_once(" - ")?;
      let mut left = left.split(' ').skip(3);
      let (root, point) = (plain(left.next()?), plain(left.next()?));
      let mut right = right.split(' ');
      let source = match right.next()? {
        "cgroup2" => Source::Cgroup2,
        "cgroup" if right.next_back()?.split(',').any(|one| one == "memory") => Source::Cgroup1,
        _ => return None,
      };
      Some(Self { root, point, source })
    }
  }

  /// Undoes the octal escapes of mountinfo (`\040` is a blank).
  fn plain(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
      let code = after
        .get(..3)
        .filter(|_| *first == b'\\')
        .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok());
      bytes.push(code.unwrap_or(*first));
      rest = if code.is_some() { after.get(3..).unwrap_or_default() } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
  }

  #[cfg(test)]
  mod tests {
    use super::{Mount, below, field, plain};
    use crate::platform::cgroup::Source;

    #[test]
    fn fields_are_whole_keys() {
      let text = b"total_inactive_file 7\ninactive_file 5\ninactive_file_x 6\n";
      assert_eq!(field(text, b"inactive_file "), Some(5.0));
      assert_eq!(field(text, b"total_inactive_file "), Some(7.0));
      assert_eq!(field(b"MemTotal:   12 kB\n", b"MemTotal:"), Some(12.0));
      assert_eq!(field(b"MemTotal: lots kB\n", b"MemTotal:"), None);
      assert_eq!(field(b"MemTotal:", b"MemTotal:"), None);
    }

    #[test]
    fn below_goes_by_whole_parts() {
      assert_eq!(below("/a/b/c", "/a"), Some(vec!["b", "c"]));
      assert_eq!(below("/", "/"), Some(vec![]));
      assert_eq!(below("/../s/x", "/.."), Some(vec!["s", "x"]));
      for (group, top) in [("/ab", "/a"), ("/a", "/a/b"), ("/../x", "/")] {
        assert_eq!(below(group, top), None);
      }
    }

    #[test]
    fn mounts_are_told_apart() {
      let source = |line| Mount::parse(line).map(|mount| mount.source);
      let v2 = "41 31 0:38 / /sys/fs/cgroup rw shared:1 master:2 - cgroup2 cgroup2 rw";
      assert_eq!(source(v2), Some(Source::Cgroup2));
      assert_eq!(source("1 2 0:3 / /m rw - cgroup cgroup rw,memory"), Some(Source::Cgroup1));
      for other in ["1 2 0:3 / /m rw - cgroup cgroup rw,cpu", "1 2 0:3 / / rw - ext4 x rw", "-", ""]
      {
        assert_eq!(source(other), None);
      }
    }

    #[test]
    fn escapes_are_undone() {
      assert_eq!(plain("/a\\040b\\134"), "/a b\\");
      for same in ["\\", "\\04", "\\999", "/é\\é"] {
        assert_eq!(plain(same), same);
      }
    }
  }
}

#[cfg(not(target_os = "linux"))]
mod own {
  use super::{Source, Usage};
  use std::path::Path;

  /// Elsewhere nothing is known: half a truth, a limit without the use, would mislead.
  #[derive(Debug)]
  pub struct Own;

  impl Own {
    pub fn open(_root: &Path) -> Self {
      Self
    }

    #[expect(clippy::unused_self, reason = "one shape on all systems")]
    pub fn read(&self, _now: f64) -> Usage {
      Usage { used: 0.0, limit: 0.0, source: Source::Machine }
    }
  }
}

#[cfg(all(test, target_os = "linux"))]
mod tests;
