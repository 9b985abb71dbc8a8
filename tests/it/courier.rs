//! A courier that keeps every letter it was handed, and answers as it was told.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use aftercare::care::delivery::AttemptVerdict;
use aftercare::care::refusal::classify::{self, DialogueStage, RefusalText};
use aftercare::care::refusal::envelope::Envelope;
use aftercare::care::refusal::receipt::Receipt;
use aftercare::ports::{
    BoxFuture, Clock, Courier, CourierConnection, LastLook, Outgoing, Readiness, Transfer,
};
use jiff::Timestamp;

/// What the server does with a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reply {
    /// 250.
    Accept,
    /// 450, or any temporary fault.
    Later,
    /// 421.
    Busy,
    /// 554.
    Refuse,
    /// 550 5.1.1.
    BadAddress,
    /// The server took it; the reply never came.
    LostAfter,
    /// The server did not take it; the line broke after the final dot.
    LostBefore,
    /// No connection at all.
    NoLine,
    /// Never answers the final dot, and never took it.
    HangBefore,
    /// Took it, and never answers the final dot.
    HangAfter,
    /// The line ended between two letters: nothing of this one left.
    LineGone,
    /// A refusal in a real server's words, judged as the courier judges it.
    Says(DialogueStage, &'static str),
}

/// A letter that reached the server.
#[derive(Debug, Clone)]
pub(crate) struct Accepted {
    pub(crate) at: Timestamp,
    pub(crate) to: String,
    pub(crate) message_id: String,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) envelope: String,
}

impl Accepted {
    /// The steps it carries, e.g. `visit:book`.
    pub(crate) fn steps(&self) -> Vec<&str> {
        self.text
            .lines()
            .filter_map(|l| l.strip_prefix("item "))
            .map(|l| l.split(' ').next().unwrap())
            .collect()
    }

    pub(crate) fn fact(&self, name: &str) -> Option<&str> {
        self.text.split([' ', '\n']).find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
    }
}

type Hook = Arc<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;
type Witness = Box<dyn FnMut(&Accepted) + Send>;
type Weather = Box<dyn FnMut(&str, Timestamp) -> Reply + Send>;

#[derive(Default)]
struct Book {
    accepted: Vec<Accepted>,
    in_flight: u32,
    script: HashMap<String, VecDeque<Reply>>,
    weather: Option<Weather>,
    before_ready: Option<Hook>,
    before_transfer: Option<Hook>,
    before_body: Option<Hook>,
    after_accept: Option<Hook>,
    witness: Option<Witness>,
    is_away: bool,
    turns_away: Option<(DialogueStage, &'static str)>,
    looks_ahead: bool,
}

/// Keeps the post. Clones share one book.
#[derive(Clone)]
pub(crate) struct RecordingCourier {
    book: Arc<Mutex<Book>>,
    clock: Arc<dyn Clock>,
    lines: usize,
}

impl RecordingCourier {
    pub(crate) fn new(clock: Arc<dyn Clock>, lines: usize) -> Self {
        Self { book: Arc::default(), clock, lines }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next letters to that address meet these replies; after them the weather decides.
    pub(crate) fn next(&self, to: &str, replies: &[Reply]) {
        self.book().script.entry(to.to_owned()).or_default().extend(replies);
    }

    /// How letters fare that no script names; fair when never set.
    pub(crate) fn weather(&self, weather: impl FnMut(&str, Timestamp) -> Reply + Send + 'static) {
        self.book().weather = Some(Box::new(weather));
    }

    pub(crate) fn always(&self, reply: Reply) {
        self.weather(move |_, _| reply);
    }

    /// The server cannot be reached, until told otherwise.
    pub(crate) fn away(&self, is_away: bool) {
        self.book().is_away = is_away;
    }

    /// No line can be had, in the server's words at the greeting or the sign-in, until told otherwise.
    pub(crate) fn turns_away(&self, words: Option<(DialogueStage, &'static str)>) {
        self.book().turns_away = words;
    }

    /// Its lines hold the letter after the one they carry.
    pub(crate) fn look_ahead(&self) {
        self.book().looks_ahead = true;
    }

    /// Runs while the line makes itself ready, before the last look.
    pub(crate) fn before_ready(&self, hook: impl Fn() -> BoxFuture<'static, ()> + Send + Sync + 'static) {
        self.book().before_ready = Some(Arc::new(hook));
    }

    /// Runs when the look is over and the envelope has not been said.
    pub(crate) fn before_transfer(&self, hook: impl Fn() -> BoxFuture<'static, ()> + Send + Sync + 'static) {
        self.book().before_transfer = Some(Arc::new(hook));
    }

    /// Runs when the server waits for the body.
    pub(crate) fn before_body(&self, hook: impl Fn() -> BoxFuture<'static, ()> + Send + Sync + 'static) {
        self.book().before_body = Some(Arc::new(hook));
    }

    /// Runs after the server took a letter, before we know.
    pub(crate) fn after_accept(&self, hook: impl Fn() -> BoxFuture<'static, ()> + Send + Sync + 'static) {
        self.book().after_accept = Some(Arc::new(hook));
    }

    /// Sees every letter at the moment the server takes it.
    pub(crate) fn witness(&self, witness: impl FnMut(&Accepted) + Send + 'static) {
        self.book().witness = Some(Box::new(witness));
    }

    pub(crate) fn accepted(&self) -> Vec<Accepted> {
        self.book().accepted.clone()
    }

    /// Letters taken since the last call.
    pub(crate) fn collect(&self) -> Vec<Accepted> {
        std::mem::take(&mut self.book().accepted)
    }

    /// How often a letter was handed over, whatever came of it.
    pub(crate) fn in_flight(&self) -> u32 {
        self.book().in_flight
    }
}

impl Courier for RecordingCourier {
    fn connections(&self) -> usize {
        self.lines
    }

    fn connection(&self) -> Box<dyn CourierConnection> {
        Box::new(RecordingLine { courier: self.clone(), is_under_way: false })
    }

    fn looks_ahead(&self) -> bool {
        self.book().looks_ahead
    }
}

struct RecordingLine {
    courier: RecordingCourier,
    is_under_way: bool,
}

async fn run(hook: Option<Hook>) {
    if let Some(hook) = hook {
        hook().await;
    }
}

impl CourierConnection for RecordingLine {
    fn ready(&mut self) -> BoxFuture<'_, Result<Readiness, Receipt>> {
        let hook = self.courier.book().before_ready.clone();
        Box::pin(async move {
            let ready = if hook.is_some() { Readiness::InTime } else { Readiness::AtOnce };
            if let Some(hook) = hook {
                hook().await;
            }
            if let Some((place, words)) = self.courier.book().turns_away {
                return Err(said(place, words));
            }
            match self.courier.book().is_away {
                true => Err(receipt(AttemptVerdict::Later, None, "no route to host")),
                false => Ok(ready),
            }
        })
    }

    fn transfer<'a>(
        &'a mut self,
        letter: &'a Outgoing,
        last_look: &'a dyn LastLook,
    ) -> BoxFuture<'a, Transfer> {
        Box::pin(async move {
            run(self.hook(|book| &book.before_transfer)).await;
            let reply = self.reply(letter.to.expose());
            if reply == Reply::LineGone {
                return Transfer::LineGone(receipt(AttemptVerdict::Later, None, "line closed"));
            }
            run(self.hook(|book| &book.before_body)).await;
            if !last_look.may_leave() {
                self.courier.book().in_flight -= 1;
                return Transfer::Stopped;
            }
            self.is_under_way = true;
            if matches!(reply, Reply::Accept | Reply::LostAfter | Reply::HangAfter) {
                self.take(letter);
                run(self.hook(|book| &book.after_accept)).await;
            }
            let receipt = match reply {
                Reply::Accept => receipt(AttemptVerdict::Accepted, Some(250), "queued"),
                Reply::Later => receipt(AttemptVerdict::Later, Some(450), "try again later"),
                Reply::Busy => receipt(AttemptVerdict::Overloaded, Some(421), "too busy"),
                Reply::Refuse => receipt(AttemptVerdict::Refused, Some(554), "refused"),
                Reply::BadAddress => receipt(AttemptVerdict::BadAddress, Some(550), "no such mailbox"),
                Reply::LostAfter | Reply::LostBefore => {
                    receipt(AttemptVerdict::Unknown, None, "the line broke")
                }
                Reply::NoLine => receipt(AttemptVerdict::Later, None, "connection reset"),
                Reply::HangBefore | Reply::HangAfter | Reply::LineGone => std::future::pending().await,
                Reply::Says(place, words) => said(place, words),
            };
            self.is_under_way = false;
            Transfer::Over(receipt)
        })
    }

    fn abandoned(&mut self) -> Option<Receipt> {
        let is_under_way = std::mem::take(&mut self.is_under_way);
        is_under_way.then(|| receipt(AttemptVerdict::Unknown, None, "cut off"))
    }

    fn rest(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

impl RecordingLine {
    fn hook(&self, which: impl Fn(&Book) -> &Option<Hook>) -> Option<Hook> {
        which(&self.courier.book()).clone()
    }

    fn reply(&self, to: &str) -> Reply {
        let now = self.courier.clock.now();
        let mut book = self.courier.book();
        book.in_flight += 1;
        let scripted = book.script.get_mut(to).and_then(VecDeque::pop_front);
        scripted.unwrap_or_else(|| book.weather.as_mut().map_or(Reply::Accept, |weather| weather(to, now)))
    }

    fn take(&self, letter: &Outgoing) {
        let accepted = Accepted {
            at: self.courier.clock.now(),
            to: letter.to.expose().to_owned(),
            message_id: letter.message_id.clone(),
            subject: letter.letter.subject.clone(),
            text: letter.letter.text.clone(),
            envelope: letter.return_path.expose().to_owned(),
        };
        let mut book = self.courier.book();
        if let Some(witness) = &mut book.witness {
            witness(&accepted);
        }
        book.accepted.push(accepted);
    }
}

fn receipt(verdict: AttemptVerdict, code: Option<u16>, reply: &str) -> Receipt {
    let enhanced = (verdict == AttemptVerdict::BadAddress).then(|| "5.1.1".to_owned());
    let at = code.map(|_| DialogueStage::Body);
    Receipt { at, code, enhanced, ..Receipt::unsaid(verdict, reply.to_owned()) }
}

/// What words mean, judged once: the simulation hears the same few thousands of times.
type Judged = HashMap<(DialogueStage, &'static str), AttemptVerdict>;
static JUDGED: LazyLock<Mutex<Judged>> = LazyLock::new(Mutex::default);

/// The receipt for a refusal in a real server's words, e.g. `550 5.1.1 No such user`.
fn said(at: DialogueStage, words: &'static str) -> Receipt {
    let (code, reply) = words.split_once(' ').unwrap();
    let code = code.parse().unwrap();
    let first = reply.split(' ').next().unwrap();
    let status = (first.split('.').count() == 3).then(|| first.to_owned());
    let text = RefusalText {
        at,
        code: Some(code),
        status: status.as_deref(),
        words: reply,
        envelope: Envelope::default(),
    };
    let mut judged = JUDGED.lock().unwrap_or_else(PoisonError::into_inner);
    let verdict = *judged.entry((at, words)).or_insert_with(|| classify::read(&text).verdict());
    let receipt = Receipt::unsaid(verdict, reply.to_owned());
    Receipt { at: Some(at), code: Some(code), enhanced: status, ..receipt }
}
