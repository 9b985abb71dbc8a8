//! A stream that does not wait for ever: each step has a deadline on silence. lettre's async connection has none. The
//! answer to the final dot has one of its own (RFC 5321 §4.5.3.2.6): a server may deliver before it answers, and whoever
//! hangs up on it meanwhile gets the letter delivered again and again.
//!
//! Nor does it listen for ever: an answer without end is given up before it fills the memory.
//!
//! It also counts the bytes handed over, so that after a break we know whether the final dot can have left.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// What a connection needs of its transport: TCP, TLS over TCP.
pub(in crate::mail) trait MailStream:
    AsyncRead + AsyncWrite + Send + Sync + Unpin + std::fmt::Debug
{
}

impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin + std::fmt::Debug> MailStream for T {}

/// More than any honest answer, of one line or of many, to what we said last.
const LONGEST_ANSWER: usize = 64 * 1024;

/// Why a stream is given up although its connection stands. Nothing of it is in the server's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(in crate::mail) enum StreamFault {
    /// Nothing came, or nothing could be said.
    #[error("the server was silent for {0:?}")]
    Silent(Duration),
    /// More came than anybody asked for.
    #[error("the server's answer does not come to an end")]
    Endless,
    /// Lists within lists, deeper than anything that was asked for.
    #[error("the server's answer opens more lists than any that we ask for")]
    Tangled,
    /// A line that is longer than anything that was asked for.
    #[error("the server's answer has a line that does not come to an end")]
    LongLine,
}

/// How far the bytes of the current letter have come.
#[derive(Debug)]
pub(in crate::mail) struct BytesSent {
    handed: AtomicU64,
    dot_at: AtomicU64,
}

impl BytesSent {
    fn new() -> Arc<Self> {
        Arc::new(Self { handed: AtomicU64::new(0), dot_at: AtomicU64::new(u64::MAX) })
    }

    /// The next `length` bytes written are a letter's body with its final dot.
    pub(in crate::mail) fn expect_dot(&self, length: usize) {
        // The last three bytes are the dot and its line end: once one of them is handed over, nobody can be sure.
        let before = u64::try_from(length.saturating_sub(3)).unwrap_or(0);
        self.dot_at.store(self.handed.load(Ordering::Relaxed) + before, Ordering::Relaxed);
    }

    /// What is waited for now may be as long in coming as the answer to a dot.
    pub(in crate::mail) fn expect_news(&self) {
        self.dot_at.store(0, Ordering::Relaxed);
    }

    /// No letter is under way.
    pub(in crate::mail) fn settle(&self) {
        self.dot_at.store(u64::MAX, Ordering::Relaxed);
    }

    /// Whether any byte of the final dot may have left.
    pub(in crate::mail) fn dot_left(&self) -> bool {
        self.handed.load(Ordering::Relaxed) > self.dot_at.load(Ordering::Relaxed)
    }
}

/// The stream with its deadline.
#[derive(Debug)]
pub(in crate::mail) struct DeadlineStream {
    inner: Box<dyn MailStream>,
    peer: SocketAddr,
    limit: Duration,
    /// The same once the final dot may have left.
    dot_limit: Duration,
    silence: Option<Pin<Box<Sleep>>>,
    progress: Arc<BytesSent>,
    preface: &'static [u8],
    /// Bytes heard since we last said something, and how many are borne.
    heard: usize,
    longest: usize,
}

impl DeadlineStream {
    /// Bears at most `limit` of silence per step.
    pub(in crate::mail) fn new(inner: Box<dyn MailStream>, peer: SocketAddr, limit: Duration) -> Self {
        let (silence, progress) = (None, BytesSent::new());
        let (dot_limit, longest) = (limit, LONGEST_ANSWER);
        Self { inner, peer, limit, dot_limit, silence, progress, preface: b"", heard: 0, longest }
    }

    /// Hears so many bytes from now on in answer to what we said last: another protocol hands whole messages over.
    pub(in crate::mail) fn hear_up_to(&mut self, longest: usize) {
        self.longest = longest;
    }

    /// Bears more after the final dot.
    pub(in crate::mail) fn patient_after_dot(mut self, limit: Duration) -> Self {
        self.dot_limit = limit.max(self.limit);
        self
    }

    /// Reads `preface` before anything the server says: after STARTTLS no greeting comes, but lettre expects one.
    pub(in crate::mail) fn with_preface(mut self, preface: &'static [u8]) -> Self {
        self.preface = preface;
        self
    }

    /// The counter, to be kept beside the connection.
    pub(in crate::mail) fn progress(&self) -> Arc<BytesSent> {
        Arc::clone(&self.progress)
    }

    /// Passes a finished step on; a pending one only until the deadline.
    fn within<T>(&mut self, cx: &mut Context<'_>, step: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if step.is_ready() {
            self.silence = None;
            return step;
        }
        let limit = if self.progress.dot_left() { self.dot_limit } else { self.limit };
        let silence = self.silence.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        if silence.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        self.silence = None;
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, StreamFault::Silent(limit))))
    }
}

impl AsyncRead for DeadlineStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.preface.is_empty() {
            let (now, later) = self.preface.split_at(self.preface.len().min(buf.remaining()));
            buf.put_slice(now);
            self.preface = later;
            return Poll::Ready(Ok(()));
        }
        let start = buf.filled().len();
        let step = Pin::new(&mut *self.inner).poll_read(cx, buf);
        self.heard += buf.filled().len() - start;
        if self.heard > self.longest {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, StreamFault::Endless)));
        }
        self.within(cx, step)
    }
}

impl AsyncWrite for DeadlineStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let step = Pin::new(&mut *self.inner).poll_write(cx, bytes);
        if let Poll::Ready(Ok(count)) = &step {
            self.heard = 0;
            self.progress.handed.fetch_add(u64::try_from(*count).unwrap_or(u64::MAX), Ordering::Relaxed);
        }
        self.within(cx, step)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let step = Pin::new(&mut *self.inner).poll_flush(cx);
        self.within(cx, step)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let step = Pin::new(&mut *self.inner).poll_shutdown(cx);
        self.within(cx, step)
    }
}

impl AsyncTokioStream for DeadlineStream {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.peer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    fn pair(limit: u64) -> (DeadlineStream, tokio::io::DuplexStream) {
        let (ours, theirs) = tokio::io::duplex(8);
        let peer = SocketAddr::from(([127, 0, 0, 1], 25));
        (DeadlineStream::new(Box::new(ours), peer, Duration::from_secs(limit)), theirs)
    }

    #[tokio::test(start_paused = true)]
    async fn silence_ends_a_read_and_a_write() {
        let (mut timed, _theirs) = pair(2);
        assert_eq!(timed.read_u8().await.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!(timed.write_all(&[0; 9]).await.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn an_earlier_wait_does_not_shorten_the_next_step() {
        let (mut timed, mut theirs) = pair(2);
        drop(tokio::time::timeout(Duration::from_secs(1), timed.read_u8()).await);
        timed.write_all(b"x").await.unwrap();
        let answer = async {
            tokio::time::sleep(Duration::from_millis(1500)).await;
            theirs.write_all(b"y").await.unwrap();
        };
        let (byte, ()) = tokio::join!(timed.read_u8(), answer);
        assert_eq!(byte.unwrap(), b'y');
    }

    #[tokio::test(start_paused = true)]
    async fn the_dot_has_not_left_until_one_of_its_bytes_is_handed_over() {
        let (mut timed, mut theirs) = pair(2);
        let progress = timed.progress();
        assert!(!progress.dot_left());
        progress.expect_dot(8 + 3);
        assert!(timed.write_all(b"12345678.\r\n").await.is_err());
        assert!(!progress.dot_left());
        theirs.read_u8().await.unwrap();
        timed.write_all(b".").await.unwrap();
        assert!(progress.dot_left());
        progress.settle();
        assert!(!progress.dot_left());
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_may_take_ten_minutes_over_the_final_dot_and_over_nothing_else() {
        let (timed, mut theirs) = pair(30);
        let mut timed = timed.patient_after_dot(Duration::from_secs(600));
        let progress = timed.progress();
        for (late, is_heard) in [(40, true), (599, true), (601, false)] {
            progress.expect_dot(3);
            timed.write_all(b".\r\n").await.unwrap();
            let mut dot = [0; 3];
            theirs.read_exact(&mut dot).await.unwrap();
            let answer = async {
                tokio::time::sleep(Duration::from_secs(late)).await;
                theirs.write_all(b"2").await.unwrap();
            };
            let (byte, ()) = tokio::join!(timed.read_u8(), answer);
            assert_eq!(byte.is_ok(), is_heard, "{late} s");
            progress.settle();
            if !is_heard {
                timed.read_u8().await.unwrap();
            }
        }
        let mut within = async |span| tokio::time::timeout(Duration::from_secs(span), timed.read_u8()).await;
        assert!(within(29).await.is_err(), "other steps have their thirty seconds");
        assert_eq!(within(2).await.unwrap().unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn an_answer_without_end_is_given_up_and_what_we_say_begins_a_new_one() {
        let (ours, mut theirs) = tokio::io::duplex(256 * 1024);
        let peer = SocketAddr::from(([127, 0, 0, 1], 25));
        let mut timed = DeadlineStream::new(Box::new(ours), peer, Duration::from_secs(2));
        let mut read = vec![0; LONGEST_ANSWER];
        theirs.write_all(&vec![b'x'; 3 * LONGEST_ANSWER]).await.unwrap();
        timed.read_exact(&mut read).await.unwrap();
        timed.write_all(b"QUIT\r\n").await.unwrap();
        timed.read_exact(&mut read).await.unwrap();
        let fault = timed.read_u8().await.unwrap_err();
        assert_eq!(fault.kind(), io::ErrorKind::InvalidData, "{fault}");
    }

    #[tokio::test]
    async fn the_preface_is_read_before_what_the_server_says() {
        let (timed, mut theirs) = pair(2);
        let mut timed = timed.with_preface(b"220 \r\n");
        theirs.write_all(b"f\xfcr\n").await.unwrap();
        let mut read = [0; 10];
        timed.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"220 \r\nf\xfcr\n");
    }
}
