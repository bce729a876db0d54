//! The format `json`: versioned, in a fixed order, indented, secrets redacted.
//!
//! The structs here are the public format. They mirror the core's types by hand, so that the format
//! changes on purpose only. A path that is not UTF-8 is written as git quotes it.

use serde::Serialize;

use super::Format;

mod campaign;
mod plan;
mod status;
#[cfg(test)]
mod tests;
mod users;
mod verify;

pub(super) static FORMAT: Format = Format {
    name: "json",
    about: "for programs; versioned",
    plan: plan::render,
    verify: Some(verify::render),
    why: Some(users::why),
    status: Some(status::render),
    log: Some(users::log),
    batch: Some(campaign::render),
};

/// Writes a value with indents and a line end.
pub(super) fn pretty(value: &impl Serialize) -> Vec<u8> {
    // Only a map with keys that are no text, or a failing `Serialize`, could fail: none is here.
    let mut out = serde_json::to_vec_pretty(value).unwrap_or_default();
    out.push(b'\n');
    out
}
