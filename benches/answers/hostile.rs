//! A million requests nobody should send: no 5xx, no row, no growing memory, and patients are served all the while.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::http::get;
use crate::server::Server;

#[derive(Default)]
struct Tally {
    sent: AtomicU64,
    refused: AtomicU64,
    shown: AtomicU64,
    broken: AtomicU64,
    cut: AtomicU64,
}

const ROWS: &str = "SELECT (SELECT count(*) FROM response) + (SELECT count(*) FROM audit_event) + (SELECT count(*) FROM delivery) \
                    + (SELECT count(*) FROM task) + (SELECT count(*) FROM link) + (SELECT coalesce(sum(tries), 0) FROM link)";

/// Floods.
pub(crate) async fn flood(requests: u64) {
    let server = Server::start(50);
    let tally = Arc::new(Tally::default());
    let rows = server.count(ROWS);
    storm(server.at, &server.tokens, &tally, requests / 20).await;
    let before = server.resident();
    let begun = Instant::now();
    let (at, good) = (server.at, server.tokens[0].clone());
    let patient = tokio::spawn(async move {
        let mut slowest = Duration::ZERO;
        for _ in 0..100 {
            let asked = Instant::now();
            assert_eq!(get(at, &format!("/c/{good}")).await.status, 200, "a patient was not served");
            slowest = slowest.max(asked.elapsed());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        slowest
    });
    storm(server.at, &server.tokens, &tally, requests).await;
    let took = begun.elapsed();
    let slowest = patient.await.unwrap();
    let n = |count: &AtomicU64| count.load(Ordering::Relaxed);
    println!("{requests} hostile requests in {:.0} s", took.as_secs_f64());
    println!(
        "4xx {}, pages {}, cut off {}, 5xx {}",
        n(&tally.refused),
        n(&tally.shown),
        n(&tally.cut),
        n(&tally.broken)
    );
    println!(
        "memory {before} KiB before, {} KiB after; rows written {}",
        server.resident(),
        server.count(ROWS) - rows
    );
    println!("slowest page of a patient meanwhile: {:.1} ms", slowest.as_secs_f64() * 1000.0);
    assert_eq!((n(&tally.broken), server.count(ROWS) - rows), (0, 0));
}

async fn storm(at: SocketAddr, tokens: &[String], tally: &Arc<Tally>, requests: u64) {
    let workers = 16;
    let tasks = (0..workers).map(|worker| {
        let (tally, token) = (Arc::clone(tally), tokens[1].clone());
        tokio::spawn(async move { work(at, (worker, requests / workers), &token, &tally).await })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
}

async fn work(at: SocketAddr, (worker, count): (u64, u64), token: &str, tally: &Tally) {
    let mut line: Option<TcpStream> = None;
    for n in 0..count {
        let (bytes, ends) = request(worker.wrapping_mul(1_000_003).wrapping_add(n), token);
        let mut stream = match line.take() {
            Some(stream) => stream,
            None => TcpStream::connect(at).await.unwrap(),
        };
        tally.sent.fetch_add(1, Ordering::Relaxed);
        if stream.write_all(&bytes).await.is_err() {
            tally.cut.fetch_add(1, Ordering::Relaxed);
            continue;
        }
        if ends {
            drop(stream);
            tally.cut.fetch_add(1, Ordering::Relaxed);
            continue;
        }
        match status(&mut stream).await {
            Some((status, open)) => {
                let count = match status {
                    500.. => &tally.broken,
                    400..=499 => &tally.refused,
                    _ => &tally.shown,
                };
                count.fetch_add(1, Ordering::Relaxed);
                line = open.then_some(stream);
            }
            None => drop(tally.cut.fetch_add(1, Ordering::Relaxed)),
        }
    }
}

/// Reads one response; tells its status and whether the connection stays open.
async fn status(stream: &mut TcpStream) -> Option<(u16, bool)> {
    let mut all = Vec::with_capacity(16 * 1024);
    loop {
        if let Some(at) = all.windows(4).position(|w| w == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&all[..at]).to_lowercase();
            let status: u16 = head.split(' ').nth(1)?.parse().ok()?;
            let long = head
                .lines()
                .find_map(|l| l.strip_prefix("content-length: "))
                .and_then(|n| n.parse::<usize>().ok())?;
            while all.len() < at + 4 + long {
                if stream.read_buf(&mut all).await.ok()? == 0 {
                    return None;
                }
            }
            return Some((status, !head.contains("connection: close")));
        }
        if stream.read_buf(&mut all).await.ok()? == 0 {
            return None;
        }
    }
}

/// The n-th nonsense, and whether the sender walks off without waiting.
fn request(n: u64, token: &str) -> (Vec<u8>, bool) {
    let odd = n.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17);
    let forged = format!("{odd:016x}{n:016x}");
    let nasty = [
        "%27%20OR%201%3D1--",
        "%3Cscript%3E",
        "..%2f..%2f",
        "%00",
        "%ff",
        "%7B%7B7*7%7D%7D",
        "%F0%9F%92%A3",
        "-1",
    ];
    let word = nasty[usize::try_from(odd % 8).unwrap()];
    let get = |path: String| format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").into_bytes();
    let post = |path: String, body: String| {
        let head =
            "HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length:";
        format!("POST {path} {head} {}\r\n\r\n{body}", body.len()).into_bytes()
    };
    match n % 100 {
        0..=29 => (get(format!("/c/{forged}")), false),
        30..=39 => (get(format!("/o/{forged}?saved={word}")), false),
        40..=49 => (get(format!("/learn/{word}")), false),
        50..=54 => (get(format!("/{word}/../../etc/passwd")), false),
        55..=64 => {
            (post(format!("/c/{forged}"), format!("go=send&p={word}&n={word}&w=self&SP08={word}")), false)
        }
        65..=79 => (
            post(format!("/c/{token}"), format!("go=send&p=1&w=self&n={forged}&v={word}&{word}={word}")),
            false,
        ),
        80..=84 => (get(format!("/c/{token}?p={word}&n={word}&k={word}&b={word}")), false),
        85..=89 => (post(format!("/o/{forged}"), "List-Unsubscribe=One-Click".to_owned()), false),
        90..=92 => (post("/c/x".to_owned(), "a".repeat(40_000)), false),
        93..=94 => (
            format!("GET /help HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "y".repeat(30_000)).into_bytes(),
            false,
        ),
        95 => (b"\x16\x03\x01\x02\x00\x01\x00".to_vec(), true),
        96 => (format!("POST /c/{token} HTTP/1.1\r\nContent-Length: 9000\r\n\r\na=").into_bytes(), true),
        97 => (format!("GET /c/{token} HT").into_bytes(), true),
        98 => (format!("DELETE /c/{token} HTTP/1.1\r\nHost: x\r\n\r\n").into_bytes(), false),
        _ => (get(format!("/static/{word}.css")), false),
    }
}
