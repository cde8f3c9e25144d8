//! Processor time used by the process and by the calling thread.
//!
//! Growth means little without the work that went with it, and our own cost must be told honestly.
//! Cost: 0.2 to 1 us each, one system call. What cannot be read is 0.
//! Source: `clock_gettime(2)`; on Windows `GetProcessTimes` and `GetThreadTimes`.

/// Milliseconds of processor time, user and kernel, of the whole process with all its threads.
#[must_use]
pub fn process_ms() -> f64 {
  own::process_ms()
}

/// Milliseconds of processor time, user and kernel, of the calling thread.
#[must_use]
pub fn thread_ms() -> f64 {
  own::thread_ms()
}

#[cfg(unix)]
mod own {
  use std::time::Duration;

  pub fn process_ms() -> f64 {
    read(libc::CLOCK_PROCESS_CPUTIME_ID)
  }

  pub fn thread_ms() -> f64 {
    read(libc::CLOCK_THREAD_CPUTIME_ID)
  }

  fn read(clock: libc::clockid_t) -> f64 {
    let mut spec = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `spec` is a live, writable timespec for the length of the call; an unknown clock is
    // an error value, not a fault.
    if unsafe { libc::clock_gettime(clock, &raw mut spec) } != 0 {
      return 0.0;
    }
    match (u64::try_from(spec.tv_sec), u32::try_from(spec.tv_nsec)) {
      (Ok(seconds), Ok(nanos)) if nanos < 1_000_000_000 => {
        Duration::new(seconds, nanos).as_secs_f64() * 1000.0
      }
      _ => 0.0,
    }
  }
}

#[cfg(windows)]
mod own {
  use std::ffi::c_void;

  /// FILETIME: units of 100 ns.
  #[repr(C)]
  #[derive(Clone, Copy, Default)]
  struct Filetime {
    low: u32,
    high: u32,
  }

  impl Filetime {
    fn ms(self) -> f64 {
      (f64::from(self.high) * 4_294_967_296.0 + f64::from(self.low)) / 10_000.0
    }
  }

  type Times = unsafe extern "system" fn(
    *mut c_void,
    *mut Filetime,
    *mut Filetime,
    *mut Filetime,
    *mut Filetime,
  ) -> i32;

  // SAFETY: the signatures are those of processthreadsapi.h; the two marked safe take nothing and
  // return a constant.
  #[link(name = "kernel32")]
  unsafe extern "system" {
    safe fn GetCurrentProcess() -> *mut c_void;
    safe fn GetCurrentThread() -> *mut c_void;
    fn GetProcessTimes(
      process: *mut c_void,
      creation: *mut Filetime,
      exit: *mut Filetime,
      kernel: *mut Filetime,
      user: *mut Filetime,
    ) -> i32;
    fn GetThreadTimes(
      thread: *mut c_void,
      creation: *mut Filetime,
      exit: *mut Filetime,
      kernel: *mut Filetime,
      user: *mut Filetime,
    ) -> i32;
  }

  pub fn process_ms() -> f64 {
    read(GetProcessTimes, GetCurrentProcess())
  }

  pub fn thread_ms() -> f64 {
    read(GetThreadTimes, GetCurrentThread())
  }

  fn read(times: Times, handle: *mut c_void) -> f64 {
    let mut creation = Filetime::default();
    let mut exit = Filetime::default();
    let mut kernel = Filetime::default();
    let mut user = Filetime::default();
    // SAFETY: `times` is one of the two functions above, `handle` the pseudo handle that belongs to
    // it, and all four places are live and writable for the length of the call.
    let done =
      unsafe { times(handle, &raw mut creation, &raw mut exit, &raw mut kernel, &raw mut user) };
    if done == 0 { 0.0 } else { kernel.ms() + user.ms() }
  }
}

#[cfg(not(any(unix, windows)))]
mod own {
  pub fn process_ms() -> f64 {
    0.0
  }

  pub fn thread_ms() -> f64 {
    0.0
  }
}

#[cfg(test)]
mod tests {
  use super::{process_ms, thread_ms};

  fn burn(ms: f64) {
    let start = thread_ms();
    while thread_ms() - start < ms {
      std::hint::spin_loop();
    }
  }

  #[test]
  fn both_rise_with_work() {
    let (process, thread) = (process_ms(), thread_ms());
    burn(60.0);
    assert!(thread_ms() - thread >= 60.0);
    assert!(process_ms() - process >= 45.0);
  }

  #[test]
  fn the_process_counts_other_threads_the_thread_does_not() {
    let (process, thread) = (process_ms(), thread_ms());
    std::thread::spawn(|| burn(80.0)).join().unwrap();
    assert!(process_ms() - process >= 60.0);
    assert!(thread_ms() - thread < 60.0);
  }
}
