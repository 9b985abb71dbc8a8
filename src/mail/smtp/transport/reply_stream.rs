//! A stream whose replies lettre can read ([`ReplyLines`]); what we say passes as it is.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::mail::smtp::transport::deadline_stream::DeadlineStream;
use crate::mail::smtp::transport::reply_lines::ReplyLines;

/// Bytes read at once.
const CHUNK: usize = 2048;

/// The stream, with what was read and not yet handed on.
#[derive(Debug)]
pub(in crate::mail) struct ReplyStream {
    inner: DeadlineStream,
    lines: ReplyLines,
    readable: Vec<u8>,
    /// The server has hung up.
    is_over: bool,
}

impl ReplyStream {
    /// Reads the replies of that stream.
    pub(in crate::mail) fn new(inner: DeadlineStream) -> Self {
        Self { inner, lines: ReplyLines::default(), readable: Vec::new(), is_over: false }
    }
}

impl AsyncRead for ReplyStream {
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
            self.readable = if self.is_over { self.lines.rest() } else { self.lines.take(read.filled()) };
        }
        let count = self.readable.len().min(buf.remaining());
        buf.put_slice(&self.readable[..count]);
        self.readable.drain(..count);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for ReplyStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

impl AsyncTokioStream for ReplyStream {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.inner.peer_addr()
    }
}
