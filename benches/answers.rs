//! The patients' pages under load: how fast an answer is taken, what a kill leaves behind, what a flood of nonsense costs.
//! Loopback only, synthetic patients. Driven by `answers.sh` and `hostile.sh`.

#![expect(clippy::unwrap_used, reason = "a bench may fail loudly")]
#![expect(clippy::print_stdout, reason = "a bench prints its result")]
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]

#[path = "../tests/empty_database/mod.rs"]
mod empty_database;
#[expect(dead_code, reason = "the tests use the rest")]
#[path = "../tests/public/fixture.rs"]
mod fixture;
#[expect(dead_code, reason = "the tests use the rest")]
#[path = "../tests/public/http.rs"]
mod http;
#[path = "answers/server.rs"]
mod server;
#[path = "answers/load.rs"]
mod load;
#[path = "answers/hostile.rs"]
mod hostile;

#[tokio::main]
async fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    match words.first().map(String::as_str) {
        Some("serve") => server::serve(words[1].parse().unwrap()).await,
        Some("hostile") => hostile::flood(number("REQUESTS", 1_000_000)).await,
        _ => load::measure(number("RATE", 200), number("SECONDS", 60)).await,
    }
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}
