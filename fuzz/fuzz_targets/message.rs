//! Hands any bytes to `entries::message`.

#![no_main]

#[path = "../entries.rs"]
#[expect(dead_code, reason = "each target knocks at one door")]
mod entries;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entries::message(bytes));
