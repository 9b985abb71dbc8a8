//! The loop under both listeners. It bounds what a stranger can hold: how many connections, how long a header may take, how
//! large it may be, how long a connection lives. `axum::serve` has none of these.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use futures_util::FutureExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service as _;

use crate::web::client_address::network;

/// How soon another connection is looked for where none could be accepted, and how often the log says so.
const TRY_AGAIN: Duration = Duration::from_millis(50);
const TOLD_EVERY: Duration = Duration::from_secs(60);

/// What one listener allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    /// Connections at once; one more is closed unread.
    pub connections: usize,
    /// Connections at once from one network address (IPv6: one /64). Trusted proxies are not counted.
    pub per_client: usize,
    /// The whole request line and header must be here by then; also how long an idle connection is kept.
    pub header_within: Duration,
    /// A body must be here by then.
    pub body_within: Duration,
    /// The most bytes of a body.
    pub body_bytes: usize,
    /// The most bytes of request line and header.
    pub header_bytes: usize,
    /// The most header lines.
    pub headers: usize,
    /// A connection is asked to end after this long.
    pub max_age: Duration,
    /// How long requests under way may take to end when the listener stops.
    pub shutdown_grace: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: 512,
            per_client: 32,
            header_within: Duration::from_secs(10),
            body_within: Duration::from_secs(10),
            body_bytes: 16 * 1024,
            header_bytes: 16 * 1024,
            headers: 64,
            max_age: Duration::from_secs(120),
            shutdown_grace: Duration::from_secs(5),
        }
    }
}

/// The other end of a connection, as the kernel names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Peer(pub(super) IpAddr);

/// Asked at every connection: the configuration may have been read again.
pub(super) type Proxies = Arc<dyn Fn() -> Vec<IpAddr> + Send + Sync>;

/// What one listener serves, and its bounds.
#[derive(Clone)]
pub(super) struct ListenerSetup {
    pub(super) router: Router,
    pub(super) bounds: Arc<Bounds>,
    /// The addresses that may hold many connections now, because many people come through them.
    pub(super) proxies: Proxies,
}

/// Serves until stopped; then lets requests under way end, for a while.
pub(super) async fn run(listener: TcpListener, setup: ListenerSetup, stop: CancellationToken) {
    let (connections, open) = (Connections::default(), TaskTracker::new());
    let mut telling = tokio::time::interval(TOLD_EVERY);
    telling.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let accepted = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                if let Some(permit) = connections.permit(peer, &setup) {
                    let connection = Accepted { stream, peer, permit };
                    open.spawn(serve_connection(connection, setup.clone(), stop.clone()));
                }
            }
            Err(error) => {
                // Mostly: no file descriptors left. Connections that end will free some. Told once a minute.
                if telling.tick().now_or_never().is_some() {
                    tracing::warn!(%error, "a connection could not be accepted");
                }
                tokio::time::sleep(TRY_AGAIN).await;
            }
        }
    }
    drop(listener);
    open.close();
    if tokio::time::timeout(setup.bounds.shutdown_grace, open.wait()).await.is_err() {
        tracing::warn!(open = open.len(), "requests under way were cut off at the stop");
    }
}

/// A connection that was let in.
struct Accepted {
    stream: TcpStream,
    peer: SocketAddr,
    /// Held as long as the connection lives.
    permit: ConnectionPermit,
}

async fn serve_connection(accepted: Accepted, setup: ListenerSetup, stop: CancellationToken) {
    let Accepted { stream, peer, permit } = accepted;
    // Small answers on a fresh connection would wait for the other side's delayed ACK; without the option they are slow.
    drop(stream.set_nodelay(true));
    let router = setup.router;
    let answer = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
        let mut router = router.clone();
        async move {
            let mut request: Request = request.map(Body::new);
            request.extensions_mut().insert(Peer(peer.ip()));
            router.call(request).await as Result<_, Infallible>
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(setup.bounds.header_within)
        .max_headers(setup.bounds.headers)
        .max_header_size(setup.bounds.header_bytes)
        .max_buf_size(setup.bounds.header_bytes.max(8 * 1024))
        .half_close(false)
        .serve_connection(TokioIo::new(stream), answer);
    tokio::pin!(connection);
    // How it ended is the other side's affair: scanners break off by the thousand, and their words may not be logged.
    let over = tokio::select! {
        ended = connection.as_mut() => { drop(ended); true }
        () = stop.cancelled() => false,
        () = tokio::time::sleep(setup.bounds.max_age) => false,
    };
    if !over {
        connection.as_mut().graceful_shutdown();
        drop(tokio::time::timeout(setup.bounds.shutdown_grace, connection).await);
    }
    drop(permit);
}

/// Who is connected, by network.
#[derive(Clone, Default)]
struct Connections(Arc<Mutex<ConnectionCounts>>);

#[derive(Default)]
struct ConnectionCounts {
    all: usize,
    by_network: HashMap<IpAddr, usize>,
}

/// One of the connections that are allowed at once; given back when dropped.
struct ConnectionPermit {
    connections: Connections,
    network: Option<IpAddr>,
}

impl Connections {
    fn permit(&self, peer: SocketAddr, setup: &ListenerSetup) -> Option<ConnectionPermit> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.all >= setup.bounds.connections {
            return None;
        }
        let from = network(peer.ip());
        let counted = (!(setup.proxies)().iter().any(|proxy| network(*proxy) == from)).then_some(from);
        if let Some(network) = counted {
            let held = counts.by_network.entry(network).or_default();
            if *held >= setup.bounds.per_client {
                return None;
            }
            *held += 1;
        }
        counts.all += 1;
        Some(ConnectionPermit { connections: self.clone(), network: counted })
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        let mut counts = self.connections.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.all = counts.all.saturating_sub(1);
        if let Some(network) = self.network
            && let Some(held) = counts.by_network.get_mut(&network)
        {
            *held = held.saturating_sub(1);
            if *held == 0 {
                counts.by_network.remove(&network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setup(connections: usize, per_client: usize, proxies: &[&str]) -> ListenerSetup {
        let proxies: Vec<IpAddr> = proxies.iter().map(|p| p.parse().unwrap()).collect();
        let proxies: Proxies = Arc::new(move || proxies.clone());
        let bounds = Arc::new(Bounds { connections, per_client, ..Bounds::default() });
        ListenerSetup { router: Router::new(), bounds, proxies }
    }

    fn from(address: &str) -> SocketAddr {
        SocketAddr::new(address.parse().unwrap(), 40_000)
    }

    #[test]
    fn one_network_takes_only_its_share_and_gives_it_back() {
        let (connections, setup) = (Connections::default(), setup(10, 2, &[]));
        let first = connections.permit(from("2001:db8::1"), &setup);
        let second = connections.permit(from("2001:db8::2"), &setup);
        assert!(first.is_some() && second.is_some());
        assert!(connections.permit(from("2001:db8::3"), &setup).is_none(), "same /64");
        assert!(connections.permit(from("2001:db8:0:1::1"), &setup).is_some());
        drop(first);
        assert!(connections.permit(from("2001:db8::3"), &setup).is_some());
    }

    #[test]
    fn proxies_of_a_configuration_read_again_are_trusted_at_the_next_connection() {
        let now = Arc::new(Mutex::new(Vec::<IpAddr>::new()));
        let asked = Arc::clone(&now);
        let proxies: Proxies = Arc::new(move || asked.lock().unwrap().clone());
        let (connections, setup) = (Connections::default(), ListenerSetup { proxies, ..setup(9, 1, &[]) });
        let held = connections.permit(from("192.0.2.7"), &setup);
        assert!(held.is_some() && connections.permit(from("192.0.2.7"), &setup).is_none());
        now.lock().unwrap().push("192.0.2.7".parse().unwrap());
        assert!(connections.permit(from("192.0.2.7"), &setup).is_some());
    }

    #[test]
    fn a_trusted_proxy_carries_many_and_all_together_are_bounded() {
        let (connections, setup) = (Connections::default(), setup(3, 1, &["192.0.2.7"]));
        let held: Vec<_> = (0..4).map(|_| connections.permit(from("192.0.2.7"), &setup)).collect();
        assert_eq!(held.iter().flatten().count(), 3);
        drop(held);
        assert_eq!(connections.0.lock().unwrap().all, 0);
    }
}
