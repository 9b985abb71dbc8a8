//! Proof of life for a watcher outside: an empty GET, whose absence is what the watcher notices. It carries nothing (P10).

use std::time::Duration;

const DEADLINE: Duration = Duration::from_secs(10);

/// Who shows the watcher that the daemon lives.
#[derive(Clone)]
pub struct HeartbeatClient {
    agent: ureq::Agent,
}

impl Default for HeartbeatClient {
    fn default() -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(DEADLINE))
            .max_redirects(0)
            .http_status_as_error(false)
            .build();
        Self { agent: config.into() }
    }
}

impl HeartbeatClient {
    /// Fetches the address once; only a status of 2xx counts.
    ///
    /// # Errors
    /// What the watcher said or the line did, for the log; never the address, which may hold the watcher's token.
    pub async fn beat(&self, url: &str) -> Result<(), String> {
        let (agent, address) = (self.agent.clone(), url.to_owned());
        let call = move || match agent.get(&address).call() {
            Ok(reply) if reply.status().is_success() => Ok(()),
            Ok(reply) => Err(format!("the watcher answers HTTP {}", reply.status().as_u16())),
            Err(fault) => Err(fault.to_string().replace(&address, "the address").chars().take(120).collect()),
        };
        tokio::task::spawn_blocking(call).await.unwrap_or_else(|_| Err("the call broke off".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use super::*;

    /// A watcher that answers once; the thread ends with what it was asked.
    fn watcher(status: &'static str) -> (String, std::thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/beat?token=secret", listener.local_addr().unwrap());
        let asked = std::thread::spawn(move || {
            let (mut line, _) = listener.accept().unwrap();
            let (mut asked, mut bytes) = (Vec::new(), [0; 1024]);
            while !asked.ends_with(b"\r\n\r\n") {
                let read = line.read(&mut bytes).unwrap();
                assert!(read > 0);
                asked.extend_from_slice(&bytes[..read]);
            }
            write!(line, "HTTP/1.1 {status}\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n").unwrap();
            String::from_utf8(asked).unwrap()
        });
        (url, asked)
    }

    #[tokio::test]
    async fn a_beat_is_one_empty_get_and_only_a_yes_counts() {
        for (status, fine) in [("204 No Content", true), ("302 Found", false), ("500 Sorry", false)] {
            let (url, asked) = watcher(status);
            let beat = HeartbeatClient::default().beat(&url).await;
            assert_eq!(beat.is_ok(), fine, "{status}: {beat:?}");
            let asked = asked.join().unwrap();
            assert!(asked.starts_with("GET /beat?token=secret HTTP/1.1\r\n"), "{asked}");
            assert!(!asked.to_lowercase().contains("content-length"), "{asked}");
        }
    }

    #[tokio::test]
    async fn a_watcher_that_is_away_is_told_without_its_address() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/beat?token=secret", listener.local_addr().unwrap());
        drop(listener);
        let reason = HeartbeatClient::default().beat(&url).await.unwrap_err();
        assert!(!reason.is_empty() && !reason.contains("secret"), "{reason}");
    }
}
