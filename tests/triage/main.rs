//! What the spine rules promise (P5): proved over every answer set and over sequences of forms, spelled out case by case, tried at random; and the words it is asked in.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod spine;
mod proof;
mod cases;
mod random;
mod sequence;
mod reading;
