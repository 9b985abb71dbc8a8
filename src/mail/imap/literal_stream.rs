//! The stream whose answers the IMAP library may read ([`LiteralLines`]); what we say passes as it is.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::mail::imap::literal_lines::LiteralLines;
use crate::mail::smtp::transport::deadline_stream::DeadlineStream;

/// Bytes read at once.
const CHUNK: usize = 8 * 1024;

/// The stream, with what was read and not yet handed on. It bears no silence, and no answer without end.
pub(in crate::mail::imap) struct LiteralStream {
    inner: DeadlineStream,
    lines: LiteralLines,
    readable: Vec<u8>,
    /// The server has hung up.
    is_over: bool,
}

impl LiteralStream {
    /// Reads the answers of that stream.
    pub(in crate::mail::imap) fn new(inner: DeadlineStream) -> Self {
        Self { inner, lines: LiteralLines::default(), readable: Vec::new(), is_over: false }
    }

    /// Hears so many bytes from now on in answer to what we said last.
    pub(in crate::mail::imap) fn hear_up_to(&mut self, longest: usize) {
        self.inner.hear_up_to(longest);
    }

    /// The text that the library was handed this for.
    pub(in crate::mail::imap) fn literal(&mut self, handed_on: Vec<u8>) -> Vec<u8> {
        self.lines.literal(handed_on)
    }
}

impl AsyncRead for LiteralStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        while self.readable.is_empty() && !self.is_over {
            let mut chunk = [0; CHUNK];
            let mut read = ReadBuf::new(&mut chunk);
            ready!(Pin::new(&mut self.inner).poll_read(cx, &mut read))?;
            self.is_over = read.filled().is_empty();
            self.readable = if self.is_over {
                self.lines.rest()
            } else {
                let taken = self.lines.take(read.filled());
                taken.map_err(|fault| io::Error::new(io::ErrorKind::InvalidData, fault))?
            };
        }
        let count = self.readable.len().min(buf.remaining());
        buf.put_slice(&self.readable[..count]);
        self.readable.drain(..count);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for LiteralStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.lines.forget();
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

/// What a mailbox holds is nobody else's to read.
impl std::fmt::Debug for LiteralStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LiteralStream").finish_non_exhaustive()
    }
}
