//! Links the addon for Node; the pure core needs no build step.

fn main() {
  #[cfg(feature = "node-api")]
  napi_build::setup();
}
