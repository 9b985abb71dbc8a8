//! Letters leave: taken in hand and sealed, looked at again, sent with no transaction open, recorded fenced by the attempt.
//! One transaction records the letters that came back and takes as many new ones as lines are free, so that a letter is
//! in hand only while a line carries it, or the one before it where lines look ahead (P3).

use crate::journey::delivery::post::Delivered;
use crate::journey::delivery::post::Post;
use std::sync::Arc;

use tokio::task::JoinSet;

use crate::journey::delivery::assign::Next;
use crate::journey::delivery::batcher::Batcher;
use crate::journey::delivery::worker::{Bag, Worker};
use crate::journey::deps::Deps;
use crate::journey::error::StepError;
use crate::ports::CourierConnection;

/// Sends every letter whose instant has come. Returns when none is left, the server asks us to slow down, cannot be
/// reached, or `stop` is cancelled; letters not begun stay in the outbox. While the store fails no letter leaves, and what
/// came back is brought again until it is on record.
///
/// # Errors
/// [`StepError`] when the store goes on failing.
pub async fn deliver(clinic: &Deps, post: &Post) -> Result<Delivered, StepError> {
    if let Err(fault) = post.watch.look(clinic, &*post.clock).await {
        // Letters to staff leave all the same: to the turns the clock is in doubt.
        tracing::error!(%fault, "the clock could not be compared; letters to patients wait");
    }
    let counter = Arc::new(Batcher::new(clinic, post));
    loop {
        let mut lines = JoinSet::new();
        let lane = post.readers.lane();
        for _ in 0..post.courier.lines_for(lane).max(1) {
            lines.spawn(work(Worker::join(&counter), post.courier.line_for(lane)));
        }
        while lines.join_next().await.is_some() {}
        if !crate::journey::delivery::unrecorded::bring_again(&counter).await {
            return counter.finish();
        }
    }
}

/// One line at work. No letter, no connection: an idle pass connects to nobody. A line that looks ahead holds one letter
/// more, whose body leaves only after the record of the one before is on disk, and writes a third meanwhile.
async fn work(place: Worker, mut line: Box<dyn CourierConnection>) {
    let mut bag = Bag::default();
    loop {
        if bag.hand.is_empty() {
            place.take_in(&mut bag).await;
        }
        let next = place.visit(&mut bag);
        place.take_in(&mut bag).await;
        let looked = match next.await {
            Ok(Next::Carry(load)) => place.load(&mut bag, load),
            Ok(Next::Later) => {
                place.rest().await;
                continue;
            }
            Err(_) => {
                line.call_off();
                place.leave_owing(&mut bag);
                break;
            }
        };
        if place.is_over() {
            line.call_off();
            place.take_in(&mut bag).await;
            bag.give_back();
            continue;
        }
        let Some(now) = bag.hand.pop_front() else { continue };
        if let Some(next) = bag.hand.front() {
            next.announce(&mut *line);
        }
        let end = place.errand().carry(&mut *line, &now, looked).await;
        bag.back.push((now.into_hand(), end));
    }
    drop(place);
    line.rest().await;
}
