//! So many answers a second, each a page fetched and a form sent, whether the last one is back or not; then a kill.

use std::time::{Duration, Instant};

use crate::http::{get, send};
use crate::server::Server;

struct Sample {
    token: String,
    get: Duration,
    post: Duration,
    taken: bool,
}

/// Measures, kills, counts.
pub(crate) async fn measure(rate: u64, seconds: u64) {
    let mut server = Server::start(rate * (seconds + 20));
    let total = usize::try_from(rate * seconds).unwrap();
    let samples = run(&server, (0, total), rate).await;
    report(&samples, (rate, seconds));
    // A second load, and the process ends in the middle of it.
    let more = usize::try_from(rate * 10).unwrap();
    let at = server.at;
    let tokens = server.tokens[total..total + more].to_vec();
    let load = tokio::spawn(volley(at, tokens, rate));
    tokio::time::sleep(Duration::from_secs(5)).await;
    server.kill();
    let cut = load.await.unwrap();
    let acknowledged: Vec<&Sample> = cut.iter().filter(|sample| sample.taken).collect();
    let lost = acknowledged.iter().filter(|sample| !stored(&server, &sample.token)).count();
    println!("killed under load: {} answers acknowledged, {lost} of them lost", acknowledged.len());
    let alerts = "SELECT count(*) FROM response WHERE tier <> 'routine' AND alert_id IS NULL";
    println!("worrying answers without an alert: {}", server.count(alerts));
    println!(
        "integrity: {}",
        if server.count("SELECT count(*) FROM pragma_quick_check WHERE quick_check = 'ok'") == 1 {
            "ok"
        } else {
            "BROKEN"
        }
    );
    assert_eq!(lost, 0, "an acknowledged answer was lost");
}

async fn run(server: &Server, (from, count): (usize, usize), rate: u64) -> Vec<Sample> {
    volley(server.at, server.tokens[from..from + count].to_vec(), rate).await
}

async fn volley(at: std::net::SocketAddr, tokens: Vec<String>, rate: u64) -> Vec<Sample> {
    let mut ticks = tokio::time::interval(Duration::from_micros(1_000_000 / rate));
    let mut tasks = Vec::new();
    for (n, token) in tokens.into_iter().enumerate() {
        ticks.tick().await;
        tasks.push(tokio::spawn(answer(at, token, n)));
    }
    let mut samples = Vec::new();
    for task in tasks {
        samples.extend(task.await.ok());
    }
    samples
}

async fn answer(at: std::net::SocketAddr, token: String, n: usize) -> Sample {
    let begun = Instant::now();
    let mut page = get(at, &format!("/c/{token}")).await;
    let got = begun.elapsed();
    // The start page as the first page of questions sends it; every third answer worries.
    let feeling = if n.is_multiple_of(3) { "new" } else { "no" };
    let answers = [
        ("p", "1"),
        ("w", "self"),
        ("SP08", feeling),
        ("SP09", "no"),
        ("SP10", "no"),
        ("SP11", "no"),
        ("SP12", "no"),
        ("SP13", "no"),
        ("SP07", "no"),
        ("SP01", "no"),
        ("SP14", "no"),
        ("SP15.worst", "0"),
        ("SP15.stops", "0"),
        ("SP16", "no"),
    ];
    let begun = Instant::now();
    let taken = if page.status == 200 {
        page.head.clear();
        send(at, &page, &answers, "send").await.status == 200
    } else {
        false
    };
    Sample { token, get: got, post: begun.elapsed(), taken }
}

fn stored(server: &Server, token: &str) -> bool {
    let digest = data_encoding::HEXUPPER.encode(&aftercare::journey::link_key::digest(token));
    let ask = format!(
        "SELECT count(*) FROM response JOIN link ON link.id = response.link_id \
         WHERE hex(link.digest) = '{digest}' AND response.state = 'submitted'"
    );
    server.count(&ask) == 1
}

fn report(samples: &[Sample], (rate, seconds): (u64, u64)) {
    let taken = samples.iter().filter(|sample| sample.taken).count();
    println!("{rate} answers/s for {seconds} s: {taken} of {} taken", samples.len());
    let line = |name: &str, pick: &dyn Fn(&Sample) -> Duration| {
        let mut all: Vec<Duration> = samples.iter().map(pick).collect();
        all.sort_unstable();
        let at = |share: usize| all[(all.len() - 1) * share / 1000].as_secs_f64() * 1000.0;
        println!(
            "{name}: p50 {:.2} ms, p99 {:.2} ms, p99.9 {:.2} ms, most {:.2} ms",
            at(500),
            at(990),
            at(999),
            at(1000)
        );
    };
    line("GET ", &|sample| sample.get);
    line("POST", &|sample| sample.post);
}
