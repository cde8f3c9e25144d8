//! Resident memory of the process.
//!
//! `process.memoryUsage.rss()` opens and parses `/proc/self/stat` at each call; here the file stays
//! open and is read by position into a stack buffer. Cost: 1 to 2 us, no allocation. 0 when
//! unreadable. A forked child has to open its own: the kept file goes on telling of the parent.
//! Source: `proc(5)` statm; on macOS `proc_pidinfo`; on Windows `K32GetProcessMemoryInfo`.

/// Reads the process' resident memory.
#[derive(Debug)]
pub struct Memory {
  own: own::Own,
}

impl Memory {
  /// Opens what has to be kept open; never fails.
  #[must_use]
  pub fn open() -> Self {
    Self { own: own::Own::open() }
  }

  /// Resident bytes, or 0 when they cannot be read.
  pub fn rss(&mut self) -> f64 {
    self.own.rss()
  }
}

#[cfg(target_os = "linux")]
mod own {
  use crate::platform::{again, number};
  use std::fs::File;

  #[derive(Debug)]
  pub struct Own {
    statm: Option<File>,
    page: f64,
  }

  impl Own {
    pub fn open() -> Self {
      // SAFETY: sysconf reads a constant of the system and touches no memory of ours.
      let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
      Self {
        statm: File::open("/proc/self/statm").ok(),
        page: u32::try_from(page).map_or(0.0, f64::from),
      }
    }

    pub fn rss(&self) -> f64 {
      // Seven numbers of at most 20 digits.
      let mut buffer = [0; 160];
      let text = self.statm.as_ref().and_then(|file| again(file, &mut buffer));
      text.and_then(resident).map_or(0.0, |pages| pages * self.page)
    }
  }

  /// The second number of statm.
  fn resident(text: &[u8]) -> Option<f64> {
    number(text.split(|byte| *byte == b' ').nth(1)?)
  }

  #[cfg(test)]
  mod tests {
    use super::{Own, resident};

    #[test]
    fn the_second_number_counts() {
      assert_eq!(resident(b"2000 345 67 1 0 89 0\n"), Some(345.0));
    }

    #[test]
    fn garbled_is_none() {
      for bad in [&b""[..], b"12", b"12 ", b"a b c", b"1 -2 3"] {
        assert_eq!(resident(bad), None);
      }
    }

    #[test]
    fn no_file_is_zero() {
      assert!(Own { statm: None, page: 4096.0 }.rss() < 1.0);
    }
  }
}

#[cfg(target_os = "macos")]
mod own {
  use std::mem::{MaybeUninit, size_of};

  #[derive(Debug)]
  pub struct Own {
    pid: i32,
  }

  impl Own {
    pub fn open() -> Self {
      Self { pid: i32::try_from(std::process::id()).unwrap_or(0) }
    }

    #[expect(clippy::cast_precision_loss, reason = "no process holds 2^53 bytes")]
    pub fn rss(&self) -> f64 {
      let mut info = MaybeUninit::<libc::proc_taskinfo>::zeroed();
      let Ok(size) = i32::try_from(size_of::<libc::proc_taskinfo>()) else { return 0.0 };
      // SAFETY: `info` is live and writable for `size` bytes, which is what the call may fill.
      let filled = unsafe {
        libc::proc_pidinfo(self.pid, libc::PROC_PIDTASKINFO, 0, info.as_mut_ptr().cast(), size)
      };
      if filled != size {
        return 0.0;
      }
      // SAFETY: all of it was zeroed, then filled; it holds integers only, for which all bits are
      // valid.
      let info = unsafe { info.assume_init() };
      info.pti_resident_size as f64
    }
  }
}

#[cfg(windows)]
mod own {
  use std::ffi::c_void;
  use std::mem::size_of;

  /// `PROCESS_MEMORY_COUNTERS` of psapi.h.
  #[repr(C)]
  #[derive(Default)]
  struct Counters {
    size: u32,
    page_faults: u32,
    peak_working_set: usize,
    working_set: usize,
    quotas: [usize; 4],
    page_file: usize,
    peak_page_file: usize,
  }

  // SAFETY: the signatures are those of processthreadsapi.h and psapi.h; GetCurrentProcess takes
  // nothing and returns a constant.
  #[link(name = "kernel32")]
  unsafe extern "system" {
    safe fn GetCurrentProcess() -> *mut c_void;
    fn K32GetProcessMemoryInfo(process: *mut c_void, counters: *mut Counters, size: u32) -> i32;
  }

  #[derive(Debug)]
  pub struct Own;

  impl Own {
    pub fn open() -> Self {
      Self
    }

    #[expect(clippy::cast_precision_loss, reason = "no process holds 2^53 bytes")]
    #[expect(clippy::unused_self, reason = "one shape on all systems")]
    pub fn rss(&self) -> f64 {
      let Ok(size) = u32::try_from(size_of::<Counters>()) else { return 0.0 };
      let mut counters = Counters { size, ..Counters::default() };
      // SAFETY: `counters` is live and writable for `size` bytes; the pseudo handle needs no
      // closing.
      let done = unsafe { K32GetProcessMemoryInfo(GetCurrentProcess(), &raw mut counters, size) };
      if done == 0 { 0.0 } else { counters.working_set as f64 }
    }
  }
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
mod own {
  #[derive(Debug)]
  pub struct Own;

  impl Own {
    pub fn open() -> Self {
      Self
    }

    #[expect(clippy::unused_self, reason = "one shape on all systems")]
    pub fn rss(&self) -> f64 {
      0.0
    }
  }
}

#[cfg(all(test, any(target_os = "linux", target_os = "macos", windows)))]
mod tests {
  use super::Memory;

  #[test]
  fn touched_memory_shows() {
    const MORE: usize = 64 << 20;
    let mut memory = Memory::open();
    let before = memory.rss();
    let block = std::hint::black_box(vec![1_u8; MORE]);
    let after = memory.rss();
    assert!(before > 100_000.0);
    assert!(after - before > 48.0 * 1_048_576.0, "{before} {after}");
    drop(block);
  }
}
