//! The journey, step by step.

mod enrolling;
