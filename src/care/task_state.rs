//! A task is open until somebody closes it. Its one legal move is a `match`; SQL's CHECK and `docs/flow.md` show the same.

/// Whether a person still has to do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TaskState {
    /// It waits for a person, even while it is put off.
    Open,
    /// A person or what it asked for closed it. The same cause opens another one.
    Done,
}

/// What can happen to a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TaskEvent {
    /// It was closed, with a note.
    Close,
}

impl TaskState {
    /// Every state, in the order of a task's life.
    pub const ALL: [Self; 2] = [Self::Open, Self::Done];

    /// The word in SQL, JSON and docs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done => "done",
        }
    }

    /// The state of that word in SQL and JSON; `None` for any other word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.word() == word)
    }

    /// The state after `event`; `None` when the move is illegal.
    #[must_use]
    pub const fn after(self, event: TaskEvent) -> Option<Self> {
        match (self, event) {
            (Self::Open, TaskEvent::Close) => Some(Self::Done),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_closed_once() {
        let done = TaskState::Open.after(TaskEvent::Close);
        assert_eq!(done, Some(TaskState::Done));
        assert_eq!(done.and_then(|done| done.after(TaskEvent::Close)), None);
    }
}
