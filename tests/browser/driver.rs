//! Chromium behind chromedriver, and two accessibility engines to look through it.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use thirtyfour::common::command::FormatRequestData;
use thirtyfour::extensions::query::ElementPollerWithTimeout;
use thirtyfour::prelude::ElementQueryable;
use thirtyfour::{By, Capabilities, RequestData, SessionId, WebDriver};

use crate::wire::Wire;

/// What looks for faults of accessibility, by rules of its own.
struct Engine {
    /// Its script, below the folder that `./test tools` installs into.
    script: &'static str,
    /// A promise of what it found, as texts.
    run: &'static str,
}

const ENGINES: [Engine; 2] = [
    Engine {
        script: "axe-core/axe.min.js",
        run: "axe.run(document, {resultTypes: ['violations'], rules: {'target-size': {enabled: true}}}) \
              .then(found => found.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html).join(' | ')))",
    },
    Engine {
        script: "html_codesniffer/build/HTMLCS.js",
        // It has no words for a warning that `one-time-code` draws, and would stop there.
        run: "(HTMLCS.getTranslation = (known => text => known.call(HTMLCS, text) || text)(HTMLCS.getTranslation), \
              new Promise((yes, no) => HTMLCS.process('WCAG2AA', document, () => yes(HTMLCS.getMessages() \
              .filter(m => m.type === HTMLCS.ERROR).map(m => m.code + ': ' + m.msg + ' ' + m.element.outerHTML.slice(0, 200))), no)))",
    },
];

/// How a page is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// A window 1000 px wide.
    Desktop,
    /// A phone of 320 px.
    Phone,
    /// A phone that likes it dark.
    Dark,
    /// A window 1000 px wide, with script switched off.
    NoScript,
}

/// How long a page may take to load, by the standard of web drivers.
const SLOWEST: Duration = Duration::from_secs(300);

/// One browser window; closed when dropped.
pub(crate) struct Browser {
    pub(crate) client: WebDriver,
    _driver: Chromedriver,
}

impl Drop for Browser {
    /// Chromedriver ends the session with itself: nothing is left to ask it for.
    fn drop(&mut self) {
        drop(self.client.clone().leak());
    }
}

/// The program that drives one browser; both end when it is dropped.
struct Chromedriver {
    port: String,
    program: Child,
}

impl Drop for Chromedriver {
    /// Asks chromedriver to end its browser, and waits for it: killed by itself it would leave the browser running for ever.
    fn drop(&mut self) {
        if let Ok(mut line) = std::net::TcpStream::connect(format!("127.0.0.1:{}", self.port)) {
            drop(line.write_all(b"GET /shutdown HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"));
            drop(line.read_to_end(&mut Vec::new()));
            // It answers first and then ends its browser, in half a second.
            let mut looks = 0;
            while looks < 500 && matches!(self.program.try_wait(), Ok(None)) {
                looks += 1;
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        drop(self.program.kill());
        drop(self.program.wait());
    }
}

impl Chromedriver {
    fn start() -> Self {
        // Two that start at one time may choose the same port: the second ends, and is tried again.
        (0..5).find_map(|_| Self::try_start()).expect("chromedriver did not say its port, five times")
    }

    fn try_start() -> Option<Self> {
        let mut program = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver was not found; hint: ./test tools installs it (Debian: chromium-driver)");
        let mut said = BufReader::new(program.stdout.take().unwrap());
        let port = said.by_ref().lines().find_map(|line| {
            let line = line.unwrap();
            line.split("successfully on port ").nth(1).map(|rest| rest.trim_end_matches('.').to_owned())
        });
        let Some(port) = port else {
            program.wait().unwrap();
            return None;
        };
        // It would stop when nobody reads what it says.
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        Some(Self { port, program })
    }
}

impl Browser {
    /// Starts chromedriver and a browser window of that look.
    pub(crate) async fn open(look: Look) -> Self {
        let driver = tokio::task::spawn_blocking(Chromedriver::start).await.unwrap();
        let waits = ElementPollerWithTimeout::new(Duration::from_secs(30), Duration::from_millis(250));
        let client = WebDriver::builder(format!("http://127.0.0.1:{}", driver.port), wishes(look))
            .client(Wire::new())
            .poller(Arc::new(waits))
            .await
            .expect("chromium did not start; hint: ./test tools installs it");
        client.set_page_load_timeout(SLOWEST).await.unwrap();
        Self { client, _driver: driver }
    }

    /// The words of the page's first heading.
    pub(crate) async fn heading(&self) -> String {
        self.client.find(By::Css("h1")).await.unwrap().text().await.unwrap()
    }

    /// Clicks what a patient would click: the label of a choice, a button, a link.
    pub(crate) async fn click(&self, css: &str) {
        let found = self.client.find(By::Css(css)).await;
        found.unwrap_or_else(|_| panic!("nothing at {css}")).click().await.unwrap();
    }

    /// Presses a button or follows a link, and waits for the page it leads to.
    pub(crate) async fn press(&self, css: &str) {
        let found = self.client.find(By::Css(css)).await;
        let pressed = found.unwrap_or_else(|_| panic!("nothing at {css}"));
        pressed.click().await.unwrap();
        // A phone's tap returns before the page is gone. Each look is a round trip, so this is no busy loop.
        let mut looks = 0;
        while pressed.tag_name().await.is_ok() {
            looks += 1;
            assert!(looks < 5_000, "{css} led nowhere");
        }
        self.client.query(By::Css("footer")).first().await.unwrap();
    }

    /// Answers a page and goes on.
    pub(crate) async fn answer(&self, fields: &[(&str, &str)]) {
        for (field, word) in fields {
            self.click(&format!("label[for='{}-{word}']", field.replace('.', "-"))).await;
        }
        self.press("button[value='next']").await;
    }

    /// Takes a picture of the whole page, and lets both engines look for what keeps people out.
    pub(crate) async fn inspect(&self, name: &str) {
        self.picture(name).await;
        for engine in ENGINES {
            let script = std::fs::read_to_string(root().join("target/axe/node_modules").join(engine.script));
            let script = script.unwrap_or_else(|_| {
                panic!("{} was not found; hint: ./test tools installs it into target/axe", engine.script)
            });
            self.client.execute(script, Vec::new()).await.unwrap();
            let run = format!(
                "const done = arguments[arguments.length - 1]; {}.then(done, e => done(['' + e]));",
                engine.run
            );
            let found = self.client.execute_async(run, Vec::new()).await.unwrap();
            assert_eq!(found.json(), &json!([]), "{} on {name}", engine.script);
        }
        let wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        let beyond = self.client.execute(wide, Vec::new()).await.unwrap();
        assert_eq!(beyond.json(), &json!(0), "{name} scrolls sideways");
    }

    /// Takes a picture of the whole page.
    pub(crate) async fn picture(&self, name: &str) {
        let body = self.client.find(By::Css("body")).await.unwrap();
        let whole = body.rect().await.unwrap();
        let shot = json!({ "format": "png", "captureBeyondViewport": true,
            "clip": { "x": 0, "y": 0, "width": whole.width, "height": whole.height.min(6000.0), "scale": 1 } });
        let taken = self.command("Page.captureScreenshot", shot).await;
        let picture = data_encoding::BASE64.decode(taken["data"].as_str().unwrap().as_bytes()).unwrap();
        let screens = root().join("target/screens");
        std::fs::create_dir_all(&screens).unwrap();
        std::fs::write(screens.join(format!("{name}.png")), picture).unwrap();
    }

    /// Sets a feature of the medium, e.g. `prefers-color-scheme`.
    pub(crate) async fn medium(&self, kind: &str, features: &Value) {
        self.command("Emulation.setEmulatedMedia", json!({ "media": kind, "features": features })).await;
    }

    async fn command(&self, name: &str, parameters: Value) -> Value {
        let command = DevTools(json!({ "cmd": name, "params": parameters }));
        self.client.cmd(command).await.unwrap().value().unwrap()
    }
}

/// A command of the browser's own tools.
#[derive(Debug)]
struct DevTools(Value);

impl FormatRequestData for DevTools {
    fn format_request(&self, session: &SessionId) -> RequestData {
        let path = format!("session/{session}/goog/cdp/execute");
        RequestData::new(axum::http::Method::POST, path).add_body(self.0.clone())
    }
}

fn wishes(look: Look) -> Capabilities {
    let mut options = json!({ "args": ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--window-size=1000,900"] });
    if matches!(look, Look::Phone | Look::Dark) {
        options["mobileEmulation"] =
            json!({ "deviceMetrics": { "width": 320, "height": 640, "pixelRatio": 2.0, "touch": true } });
    }
    if look == Look::NoScript {
        options["prefs"] = json!({ "profile.managed_default_content_settings.javascript": 2 });
    }
    let all = json!({ "browserName": "chrome", "goog:chromeOptions": options });
    all.as_object().unwrap().clone().into()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
