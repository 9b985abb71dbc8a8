//! How an answer is judged (helper D).
