//! What is to be told: a short queue that JavaScript empties. Bounded, oldest out first, because a
//! process whose event loop is blocked for an hour must not find an hour of events.

use std::collections::VecDeque;

use serde_json::Value;

const MOST: usize = 32;

/// Events that wait to be told.
#[derive(Debug, Default)]
pub struct Events {
  waiting: VecDeque<Value>,
}

impl Events {
  /// Adds one.
  pub fn push(&mut self, event: Value) {
    if self.waiting.len() == MOST {
      self.waiting.pop_front();
    }
    self.waiting.push_back(event);
  }

  /// Whether there are none.
  #[must_use]
  pub fn is_empty(&self) -> bool {
    self.waiting.is_empty()
  }

  /// All of them, oldest first; none are left.
  pub fn take(&mut self) -> Vec<Value> {
    self.waiting.drain(..).collect()
  }
}

#[cfg(test)]
mod tests {
  use super::*;
  use serde_json::json;

  #[test]
  fn the_queue_is_bounded_and_keeps_the_newest() {
    let mut events = Events::default();
    for i in 0..1000 {
      events.push(json!({ "i": i }));
    }
    let told = events.take();
    assert_eq!(told.len(), MOST);
    assert_eq!(told.last().unwrap()["i"], 999);
    assert!(events.is_empty());
  }
}
