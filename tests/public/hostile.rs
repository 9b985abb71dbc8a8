//! Strangers with bad intentions: nothing they send makes a 5xx, a row or a wait.

use std::time::Duration;

use aftercare::web::ListenerLimits;
use aftercare::web::listener::Bounds;
use aftercare::web::middleware::Rate;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::fixture::{Fixture, Judge};
use crate::http::{fill, get, post, raw};

fn generous() -> ListenerLimits {
    let much = std::num::NonZeroU32::new(1_000_000).unwrap();
    ListenerLimits { bounds: Bounds::default(), rate: Rate { burst: much, per_second: much } }
}

#[tokio::test]
async fn odd_paths_tokens_and_queries_are_refused_and_write_nothing() {
    let fixture = Fixture::with(Judge::Rules, generous()).await;
    let patient = fixture.patient("A-1", "en").await;
    let before = fixture.rows();
    let long = "a".repeat(5000);
    let paths = [
        "/c/../../etc/passwd",
        "/c/%2e%2e%2f%2e%2e%2fetc",
        "/c/..%2f",
        "/learn/../../x",
        "/learn/%2e%2e%2fsheet.css",
        "/static/../mod.rs",
        "/c/%00",
        "/c/%ff%fe",
        "/c/%",
        "/c/'%20OR%201=1--",
        "/c/<script>",
        "/o/%3Cscript%3E",
        "//",
        "/c/",
        "/o/",
        "/help/x",
        "/.git/config",
        "/wp-login.php",
        "/c/{{7919*7907}}",
        "/c/%7B%7B7919*7907%7D%7D",
        "/help?lang=../../x",
        "/help?lang=%00&lang=en",
        "/help?%ff=%fe",
        "*",
    ];
    for path in paths.iter().copied().chain([format!("/c/{long}").as_str()]) {
        let page = get(fixture.at, path).await;
        assert!((200..500).contains(&page.status), "{path}: {}", page.status);
        assert!(!page.body.contains("<script") && !page.body.contains("62615533"), "{path}");
    }
    for field in ["p", "w", "n", "k", "s", "b", "v", "go", "SP08", "x"] {
        for word in [
            "'; DROP TABLE patient; --",
            "\0",
            "\u{202e}",
            "-1",
            "99999999999999999999",
            "<b>",
            "../..",
            &long,
        ] {
            for path in [format!("/c/{}", patient.checklist), format!("/o/{}", patient.opt_out)] {
                let page = post(fixture.at, &path, &[(field, word), ("go", "start")]).await;
                assert!((200..500).contains(&page.status), "{path} {field}={word}: {}", page.status);
                assert!(
                    !page.body.contains("<b>") && !page.body.contains("DROP"),
                    "nothing comes back: {field}"
                );
            }
        }
    }
    assert_eq!(fixture.rows(), before);
}

#[tokio::test]
async fn a_form_without_our_nonce_stores_nothing() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "en").await;
    let other = fixture.patient("A-2", "en").await;
    let start = get(fixture.at, &format!("/c/{}", other.checklist)).await;
    let foreign = start.hidden().into_iter().find(|(name, _)| name == "n").unwrap().1;
    let before = fixture.rows();
    for nonce in ["", "aaaaaaaaaaaaaaaaaaaaaa", foreign.as_str()] {
        let fields = [("p", "1"), ("w", "self"), ("n", nonce), ("go", "send"), ("SP08", "new"), ("v", "x")];
        let page = post(fixture.at, &format!("/c/{}", patient.checklist), &fields).await;
        assert_eq!(page.status, 400);
    }
    assert_eq!(fixture.rows(), before);
}

#[tokio::test]
async fn injected_answers_are_blank_answers() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "en").await;
    let start = get(fixture.at, &format!("/c/{}", patient.checklist)).await;
    let page = fill(fixture.at, &start, &[("w", "self")], "start").await;
    let odd =
        [("SP08", "<script>alert(1)</script>"), ("SP99", "new"), ("SP09", "no"), ("SP10", "new' OR 1=1")];
    let next = fill(fixture.at, &page, &odd, "skip").await;
    assert_eq!(next.status, 200);
    assert!(!next.body.contains("alert(1)"));
    assert_eq!(fixture.count("SELECT count(*) FROM response WHERE answers = '{\"SP09\":\"no\"}'"), 1);
}

#[tokio::test]
async fn too_much_and_too_slow_end_soon() {
    let bounds = Bounds {
        header_within: Duration::from_millis(300),
        body_within: Duration::from_millis(300),
        ..Bounds::default()
    };
    let fixture = Fixture::with(Judge::Rules, ListenerLimits { bounds, rate: Rate::default() }).await;
    let huge = "a=".to_owned() + &"b".repeat(200_000);
    let page = post(fixture.at, "/c/x", &[("a", &huge)]).await;
    assert_eq!(page.status, 413);
    assert!(page.body.contains("Get help at once"));
    let bomb = format!("GET /help HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "y".repeat(100_000));
    assert!(matches!(raw(fixture.at, bomb.as_bytes()).await.status, 0 | 400 | 431));
    let lines: String = (0..500).map(|n| format!("x-{n}: y\r\n")).collect();
    assert!(matches!(
        raw(fixture.at, format!("GET /help HTTP/1.1\r\n{lines}\r\n").as_bytes()).await.status,
        0 | 400 | 431
    ));
    for start in [
        "GET /help HT",
        "POST /c/x HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\na=",
    ] {
        let mut slow = TcpStream::connect(fixture.at).await.unwrap();
        slow.write_all(start.as_bytes()).await.unwrap();
        let mut all = Vec::new();
        let ended = tokio::time::timeout(Duration::from_secs(5), slow.read_to_end(&mut all)).await;
        assert!(ended.is_ok(), "a slow client is let go: {start}");
    }
    assert_eq!(get(fixture.at, "/help").await.status, 200, "others are served");
}

#[tokio::test]
async fn a_flood_is_told_to_wait_in_words() {
    let few = std::num::NonZeroU32::new(3).unwrap();
    let rate = Rate { burst: few, per_second: std::num::NonZeroU32::MIN };
    let fixture = Fixture::with(Judge::Rules, ListenerLimits { bounds: Bounds::default(), rate }).await;
    let mut seen = Vec::new();
    for _ in 0..5 {
        seen.push(get(fixture.at, "/help").await);
    }
    let last = seen.last().unwrap();
    assert_eq!(last.status, 429);
    assert!(last.body.contains("Please wait a little") && last.body.contains("Get help at once"));
}

#[tokio::test]
async fn one_address_cannot_hold_every_connection_and_a_stop_ends_them_all() {
    let bounds = Bounds { per_client: 2, shutdown_grace: Duration::from_millis(200), ..Bounds::default() };
    let fixture = Fixture::with(Judge::Rules, ListenerLimits { bounds, rate: Rate::default() }).await;
    let mut first = TcpStream::connect(fixture.at).await.unwrap();
    let _second = TcpStream::connect(fixture.at).await.unwrap();
    first.write_all(b"GET /robots.txt HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut some = [0; 16];
    first.read_exact(&mut some).await.unwrap();
    let mut third = TcpStream::connect(fixture.at).await.unwrap();
    let mut all = Vec::new();
    let closed = tokio::time::timeout(Duration::from_secs(5), third.read_to_end(&mut all)).await;
    assert!(closed.is_ok() && all.is_empty(), "one too many is closed unread");
    fixture.stop.cancel();
    let ended = tokio::time::timeout(Duration::from_secs(5), first.read_to_end(&mut all)).await;
    assert!(ended.is_ok());
}
