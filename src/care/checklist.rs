//! What is asked: items, answers, skips (helper D).
