//! What every export of the binding must carry. A panic that leaves a Node-API callback ends the
//! server; a `u32` parameter makes 4294967295 of -1.

use super::files::File;

const INTEGERS: [&str; 6] = ["u8", "u16", "u32", "i8", "i16", "i32"];

/// An exported item: the line of its attribute, the attribute, and what follows up to the body.
struct Export {
  line: usize,
  attribute: String,
  item: String,
}

/// Every exported function, method, constructor and getter says `catch_unwind`.
pub fn caught(file: &File) -> Vec<String> {
  let bare = exports(file)
    .into_iter()
    .filter(|export| export.item.contains("fn ") && !export.attribute.contains("catch_unwind"));
  bare.map(|export| file.fault(export.line, "an export without catch_unwind")).collect()
}

/// Numbers come in as f64 and are checked.
pub fn counts(file: &File) -> Vec<String> {
  let integer = |item: &str| {
    let inputs = item.split("->").next().unwrap_or_default();
    inputs.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| INTEGERS.contains(&word))
  };
  let found = exports(file).into_iter().filter(|export| integer(&export.item));
  found.map(|export| file.fault(export.line, "an export that takes an integer")).collect()
}

/// What runs on another thread starts with `guard(`.
pub fn guarded(file: &File) -> Vec<String> {
  if !file.within("src/binding/") {
    return Vec::new();
  }
  let code: Vec<(usize, &str)> = file.code().collect();
  let starts = code.windows(2).filter_map(|pair| match pair {
    [(at, first), (_, second)] if first.contains("fn compute(") => Some((*at, *second)),
    _ => None,
  });
  let bare = starts.filter(|(_, body)| !body.trim_start().starts_with("guard("));
  bare.map(|(at, _)| file.fault(at, "compute does not start with guard(")).collect()
}

/// Everything under a `#[napi]` attribute.
fn exports(file: &File) -> Vec<Export> {
  let mut found = Vec::new();
  if !file.within("src/binding/") {
    return found;
  }
  let mut lines = file.code();
  while let Some((line, text)) = lines.next() {
    if !text.trim_start().starts_with("#[napi") {
      continue;
    }
    let mut attribute = text.to_owned();
    while !attribute.contains(")]") && !attribute.contains("napi]") {
      let Some((_, more)) = lines.next() else { break };
      attribute.push_str(more);
    }
    let mut item = String::new();
    // A function ends its head with `{`, a struct of fields with `}`; comments are cut already.
    for (_, more) in lines.by_ref() {
      item.push_str(more.trim());
      item.push(' ');
      let whole = item.contains("struct ") && !item.contains(';');
      if item.contains(if whole { '}' } else { '{' }) {
        break;
      }
    }
    found.push(Export { line, attribute, item });
  }
  found
}
