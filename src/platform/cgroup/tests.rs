//! Control groups as kernels, containers and accidents lay them out, as trees of files.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking, as tests do")]

use super::{Cgroup, Source, Usage};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

const MEMINFO: &str = "MemTotal: 1000 kB\nMemFree: 100 kB\nMemAvailable: 400 kB\n";
const MACHINE: Usage = Usage { used: 614_400.0, limit: 1_024_000.0, source: Source::Machine };
const NOTHING: Usage = Usage { used: 0.0, limit: 0.0, source: Source::Machine };
const MOUNT2: &str = "41 31 0:38 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
const MOUNT1: &str = "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n";
const V1_NONE: &str = "9223372036854771712\n";

/// A small machine in the temporary directory.
struct Tree(PathBuf);

impl Tree {
  fn new(group: &str, mounts: &str) -> Self {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("leakguard-cgroup-{}-{count}", std::process::id());
    let tree = Self(std::env::temp_dir().join(name));
    tree.put("proc/meminfo", MEMINFO);
    tree.put("proc/self/cgroup", group);
    tree.put("proc/self/mountinfo", mounts);
    tree
  }

  fn put(&self, path: &str, text: &str) {
    let path = self.0.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
  }

  fn v2(&self, group: &str, limit: &str, usage: &str, inactive: &str) {
    let at = format!("sys/fs/cgroup/{group}");
    self.put(&format!("{at}/memory.max"), limit);
    self.put(&format!("{at}/memory.current"), usage);
    self.put(&format!("{at}/memory.stat"), &format!("anon 1\ninactive_file {inactive}\nx 1\n"));
  }

  fn v1(&self, group: &str, limit: &str, usage: &str, inactive: &str) {
    let at = format!("sys/fs/cgroup/memory/{group}");
    self.put(&format!("{at}/memory.limit_in_bytes"), limit);
    self.put(&format!("{at}/memory.usage_in_bytes"), usage);
    let stat = format!("inactive_file 1\ntotal_inactive_file {inactive}\n");
    self.put(&format!("{at}/memory.stat"), &stat);
  }

  fn remove(&self, path: &str) {
    fs::remove_file(self.0.join(path)).unwrap();
  }

  fn read(&self) -> Usage {
    Cgroup::with_root(&self.0).read(0.0)
  }
}

impl Drop for Tree {
  fn drop(&mut self) {
    let _ = fs::remove_dir_all(&self.0);
  }
}

fn v2(used: f64, limit: f64) -> Usage {
  Usage { used, limit, source: Source::Cgroup2 }
}

fn v1(used: f64, limit: f64) -> Usage {
  Usage { used, limit, source: Source::Cgroup1 }
}

#[test]
fn words() {
  let words = [Source::Cgroup2, Source::Cgroup1, Source::Machine].map(Source::word);
  assert_eq!(words, ["cgroup2", "cgroup1", "machine"]);
}

#[test]
fn v2_container_sees_itself_as_the_root() {
  let tree = Tree::new("0::/\n", MOUNT2);
  tree.v2("", "500000\n", "300000\n", "50000");
  assert_eq!(tree.read(), v2(250_000.0, 500_000.0));
}

#[test]
fn v2_the_smallest_limit_wins_with_its_own_usage() {
  let tree = Tree::new("0::/pod/box/app\n", MOUNT2);
  tree.v2("pod", "600000\n", "400000\n", "1");
  tree.v2("pod/box", "500000\n", "300000\n", "2");
  tree.v2("pod/box/app", "max\n", "200000\n", "3");
  assert_eq!(tree.read(), v2(299_998.0, 500_000.0));
}

#[test]
fn between_equal_limits_the_outer_one_counts() {
  let tree = Tree::new("0::/pod/box\n", MOUNT2);
  tree.v2("pod", "500000", "400000", "0");
  tree.v2("pod/box", "500000", "300000", "0");
  assert_eq!(tree.read(), v2(400_000.0, 500_000.0));
}

#[test]
fn v2_the_root_of_the_mount_is_taken_off() {
  let mount = "1 2 0:3 /pod/box /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
  let tree = Tree::new("0::/pod/box/app\n", mount);
  tree.v2("app", "500000", "300000", "0");
  assert_eq!(tree.read(), v2(300_000.0, 500_000.0));
}

#[test]
fn a_mount_of_another_group_is_not_ours() {
  let mounts = format!("1 2 0:3 /other /mnt/other rw - cgroup2 cgroup2 rw\n{MOUNT2}");
  let tree = Tree::new("0::/app\n", &mounts);
  tree.put("mnt/other/memory.max", "1000");
  tree.put("mnt/other/memory.current", "900");
  assert_eq!(tree.read(), MACHINE);
  tree.v2("app", "500000", "300000", "0");
  assert_eq!(tree.read(), v2(300_000.0, 500_000.0));
}

#[test]
fn mount_points_may_hold_blanks() {
  let tree = Tree::new("0::/app\n", "1 2 0:3 / /my\\040groups rw - cgroup2 cgroup2 rw\n");
  tree.put("my groups/app/memory.max", "500000");
  tree.put("my groups/app/memory.current", "300000");
  assert_eq!(tree.read(), v2(300_000.0, 500_000.0));
}

#[test]
fn without_mountinfo_the_usual_place_is_tried() {
  for group in ["0::/\n", "0::/hosts/path\n", "0::/../neighbour\n"] {
    let tree = Tree::new(group, "");
    tree.remove("proc/self/mountinfo");
    tree.v2("", "500000", "300000", "0");
    assert_eq!(tree.read(), v2(300_000.0, 500_000.0), "{group}");
  }
  let tree = Tree::new("3:memory:/docker/abc\n", "");
  tree.v1("", "500000", "300000", "0");
  assert_eq!(tree.read(), v1(300_000.0, 500_000.0));
}

#[test]
fn v1_reads_its_own_names() {
  let tree = Tree::new("5:cpu:/x\n4:cpuset,memory:/docker/abc\n", MOUNT1);
  tree.v1("", V1_NONE, "900000\n", "0");
  tree.v1("docker", V1_NONE, "800000\n", "0");
  tree.v1("docker/abc", "500000\n", "300000\n", "50000");
  assert_eq!(tree.read(), v1(250_000.0, 500_000.0));
}

#[test]
fn v1_in_docker_mounts_the_group_itself() {
  let mount = "1 2 0:3 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n";
  let tree = Tree::new("4:memory:/docker/abc\n0::/docker/abc\n", mount);
  tree.v1("", "500000\n", "300000\n", "0");
  assert_eq!(tree.read(), v1(300_000.0, 500_000.0));
}

#[test]
fn hybrid_takes_the_side_with_the_memory_controller() {
  let unified = "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
  let tree = Tree::new("4:memory:/app\n1:name=systemd:/\n0::/\n", &format!("{MOUNT1}{unified}"));
  tree.put("sys/fs/cgroup/unified/cgroup.controllers", "\n");
  assert_eq!(tree.read(), MACHINE);
  tree.v1("app", "500000", "300000", "0");
  assert_eq!(tree.read(), v1(300_000.0, 500_000.0));

  let other = Tree::new("4:cpu:/\n1:name=systemd:/\n0::/app\n", unified);
  other.put("sys/fs/cgroup/unified/app/memory.max", "500000");
  other.put("sys/fs/cgroup/unified/app/memory.current", "300000");
  assert_eq!(other.read(), v2(300_000.0, 500_000.0));
}

#[test]
fn no_limit_is_the_machine() {
  for limit in ["max\n", "1024001\n", V1_NONE, "18446744073709551615", "0\n", "", "-1", "many"] {
    let tree = Tree::new("0::/a\n", MOUNT2);
    tree.v2("a", limit, "300000", "0");
    assert_eq!(tree.read(), MACHINE, "{limit}");
  }
  let tree = Tree::new("4:memory:/a\n", MOUNT1);
  tree.v1("a", V1_NONE, "300000", "0");
  assert_eq!(tree.read(), MACHINE);
}

#[test]
fn garbled_files_are_passed_over() {
  for noise in ["", "\n\n", ":::", "0:", "0::", "0::a\n", "4:memory\n", "\u{0}\u{fffd}: : :"] {
    let tree = Tree::new(noise, noise);
    tree.v2("", "500000", "300000", "0");
    assert_eq!(tree.read(), MACHINE, "{noise:?}");
  }
  let tree = Tree::new("0::/a\n", "1 2 - \n - cgroup2\n1 2 3 4 5 - \n1 2 3 / - cgroup2 x rw\n");
  tree.v2("a", "500000", "none\n", "0");
  assert_eq!(tree.read(), MACHINE);
  tree.v2("a", "500000", "300000", "none");
  assert_eq!(tree.read(), v2(300_000.0, 500_000.0));
  tree.remove("sys/fs/cgroup/a/memory.stat");
  assert_eq!(tree.read(), v2(300_000.0, 500_000.0));
}

#[test]
fn a_garbled_machine_is_nothing() {
  let tree = Tree::new("0::/\n", MOUNT2);
  for noise in ["", "MemTotal: x kB\nMemAvailable: 1 kB\n", "MemTotal: 5 kB\n", "MemTotal: 0 kB\n"]
  {
    tree.put("proc/meminfo", noise);
    assert_eq!(tree.read(), NOTHING, "{noise}");
  }
  tree.v2("", "500000", "300000", "0");
  assert_eq!(tree.read(), v2(300_000.0, 500_000.0));
  assert_eq!(Cgroup::with_root(Path::new("/no/such/place")).read(0.0), NOTHING);
}

#[test]
fn usage_is_never_below_zero() {
  let tree = Tree::new("0::/\n", MOUNT2);
  tree.v2("", "500000", "1000", "2000");
  assert_eq!(tree.read(), v2(0.0, 500_000.0));
}

#[test]
fn usage_is_always_fresh_limits_every_ten_seconds() {
  let tree = Tree::new("0::/\n", MOUNT2);
  tree.v2("", "max", "300000", "0");
  let mut cgroup = Cgroup::with_root(&tree.0);
  assert_eq!(cgroup.read(5.0), MACHINE);
  tree.v2("", "500000", "300000", "1000");
  assert_eq!(cgroup.read(10_004.0), MACHINE);
  assert_eq!(cgroup.read(10_005.0), v2(299_000.0, 500_000.0));
  tree.v2("", "400000", "200000", "0");
  assert_eq!(cgroup.read(10_006.0), v2(199_000.0, 500_000.0));
  // A clock that fell, or is none, reads anew.
  assert_eq!(cgroup.read(1.0), v2(200_000.0, 400_000.0));
  assert_eq!(cgroup.read(f64::NAN), v2(200_000.0, 400_000.0));
}

#[test]
fn this_machine_can_be_read() {
  let usage = Cgroup::open().read(0.0);
  assert!(usage.limit > 1_048_576.0 && usage.used > 0.0 && usage.used <= usage.limit * 1.1);
}
