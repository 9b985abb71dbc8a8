//! The open tasks, a page at a time: of one kind, mine, nobody's, overdue, put off.

use axum::extract::Query;
use axum::response::Response;
use minijinja::{Value, context};
use serde::Deserialize;

use crate::care::task::TaskKind;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::store::work::task_pages::{TaskDue, TaskFilter, TaskOwner, TaskScope};
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::filter_link::{FilterLink, filter_links};
use crate::web::console::layout::page;
use crate::web::console::layout::prose::prose;
use crate::web::console::layout::time_format::TimeFormat;
use crate::web::console::worklist::call_lines::task_to_do;
use crate::web::console::worklist::task_words;

/// Tasks on a page.
const TASKS: u32 = 50;

/// Which part of the list is looked at.
#[derive(Clone, Deserialize)]
pub(in crate::web::console) struct WorklistQuery {
    /// Only tasks of this kind.
    #[serde(default)]
    kind: String,
    /// `mine` or `nobody`; any other word is everybody's.
    #[serde(default)]
    whose: String,
    /// `overdue`; any other word is whenever they are due.
    #[serde(default)]
    due: String,
    /// Not empty: tasks that are put off.
    #[serde(default)]
    put_off: String,
    /// The last task of the page before; `None` begins with the first.
    after: Option<i64>,
}

impl WorklistQuery {
    /// Whether a part of the list is asked for.
    pub(in crate::web::console) fn is_list(&self) -> bool {
        self.after.is_some()
            || [&self.kind, &self.whose, &self.due, &self.put_off].iter().any(|one| !one.is_empty())
    }

    fn filter(&self, signed_in: &SignedIn) -> TaskFilter {
        TaskFilter {
            kind: TaskKind::parse(&self.kind),
            scope: if self.put_off.is_empty() { TaskScope::Waiting } else { TaskScope::Snoozed },
            owner: match self.whose.as_str() {
                "mine" => TaskOwner::Account(signed_in.who.name.clone()),
                "nobody" => TaskOwner::Nobody,
                _ => TaskOwner::Anyone,
            },
            due: if self.due == "overdue" { TaskDue::Overdue } else { TaskDue::AnyTime },
            now: signed_in.now,
            after: self.after,
            limit: TASKS,
        }
    }

    /// The address of the list with one part of the question changed; it begins at its first page.
    fn address(&self, part: &str, value: &str) -> String {
        let parts =
            [("kind", &self.kind), ("whose", &self.whose), ("due", &self.due), ("put_off", &self.put_off)];
        let given = parts.into_iter().filter(|(name, word)| *name != part && is_word(word));
        let given = given.map(|(name, word)| format!("{name}={word}"));
        let new = Some(format!("{part}={value}")).filter(|_| !value.is_empty());
        let all: Vec<String> = given.chain(new).collect();
        if all.is_empty() { "/tasks".to_owned() } else { format!("/tasks?{}", all.join("&")) }
    }
}

fn is_word(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}

/// Shows a page of the open tasks.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Query(ask): Query<WorklistQuery>) -> Response {
    page::blocking(signed_in, move |signed_in| {
        signed_in.listed("tasks");
        match signed_in.clinic().store.read(|view| words(view, signed_in, &ask)) {
            Ok(words) => page::render(signed_in, "worklist", words),
            Err(fault) => page::failed(signed_in, &fault.into()),
        }
    })
    .await
}

fn words(view: &View<'_>, signed_in: &SignedIn, ask: &WorklistQuery) -> Result<Value, StoreError> {
    let times = TimeFormat::from(signed_in);
    let filter = ask.filter(signed_in);
    let page = view.task_page(&filter)?;
    let groups = view.task_groups(times.now)?;
    let total: u32 = groups.iter().map(|group| group.count).sum();
    let kinds = groups.iter().map(|group| FilterLink {
        text: task_words::title(group.kind),
        href: ask.address("kind", group.kind.word()),
        on: filter.kind == Some(group.kind),
        count: Some(group.count),
    });
    let all = FilterLink {
        text: "Everything",
        href: ask.address("kind", ""),
        on: filter.kind.is_none(),
        count: Some(total),
    };
    let shown = page.tasks.iter().map(|task| task_to_do(view, task, &times, signed_in.who.role));
    Ok(context! {
        shown => shown.collect::<Result<Vec<_>, _>>()?,
        total,
        kinds => filter_links(std::iter::once(all).chain(kinds)),
        whose => whose(ask, &filter),
        when => when(ask, &filter, view.tasks_snoozed(times.now)?),
        kind => filter.kind.map(|kind| context! { word => kind.word(), title => task_words::title(kind), ask => prose(kind.ask()) }),
        only_snoozed => filter.scope == TaskScope::Snoozed,
        next => page.next.map(|after| ask.address("after", &after.to_string())),
        first => ask.after.map(|_| ask.address("after", "")),
    })
}

fn whose(ask: &WorklistQuery, filter: &TaskFilter) -> Value {
    let is_mine = matches!(filter.owner, TaskOwner::Account(_));
    let choices = [
        ("Everybody's", "", filter.owner == TaskOwner::Anyone),
        ("Mine", "mine", is_mine),
        ("Nobody's yet", "nobody", filter.owner == TaskOwner::Nobody),
    ];
    filter_links(choices.into_iter().map(|(text, word, on)| FilterLink {
        text,
        href: ask.address("whose", word),
        on,
        count: None,
    }))
}

fn when(ask: &WorklistQuery, filter: &TaskFilter, snoozed: u32) -> Value {
    let waits = filter.scope == TaskScope::Waiting;
    let plain = WorklistQuery { put_off: String::new(), due: String::new(), ..ask.clone() };
    let is_overdue = filter.due == TaskDue::Overdue;
    let any = FilterLink {
        text: "Whenever due",
        href: plain.address("due", ""),
        on: waits && !is_overdue,
        count: None,
    };
    let late = FilterLink {
        text: "Overdue",
        href: plain.address("due", "overdue"),
        on: waits && is_overdue,
        count: None,
    };
    let later = FilterLink {
        text: "Put off",
        href: plain.address("put_off", "yes"),
        on: !waits,
        count: Some(snoozed),
    };
    filter_links([any, late, later])
}
