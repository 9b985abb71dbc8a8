//! Chromium behind chromedriver, and two accessibility engines to look through it.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::Stdio;

use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

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

/// One browser window; closed when dropped.
pub(crate) struct Browser {
    pub(crate) client: Client,
    port: String,
    _driver: Child,
}

impl Drop for Browser {
    /// Asks chromedriver to end its browser, and waits for it: killed by itself it would leave the browser running for ever.
    fn drop(&mut self) {
        if let Ok(mut line) = std::net::TcpStream::connect(format!("127.0.0.1:{}", self.port)) {
            drop(line.write_all(b"GET /shutdown HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"));
            drop(line.read_to_end(&mut Vec::new()));
        }
    }
}

impl Browser {
    /// Starts chromedriver and a browser window of that look.
    pub(crate) async fn open(look: Look) -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("chromedriver was not found; hint: ./test tools installs it (Debian: chromium-driver)");
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let mut port = None;
        while let Some(line) = lines.next_line().await.unwrap() {
            if let Some(rest) = line.split("successfully on port ").nth(1) {
                port = Some(rest.trim_end_matches('.').to_owned());
                break;
            }
        }
        let port = port.expect("chromedriver did not say its port");
        // It would stop when nobody reads what it says.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(wishes(look));
        let client = builder.connect(&format!("http://127.0.0.1:{port}")).await;
        Self {
            client: client.expect("chromium did not start; hint: ./test tools installs it"),
            port,
            _driver: driver,
        }
    }

    /// The words of the page's first heading.
    pub(crate) async fn heading(&self) -> String {
        self.client.find(Locator::Css("h1")).await.unwrap().text().await.unwrap()
    }

    /// Clicks what a patient would click: the label of a choice, a button, a link.
    pub(crate) async fn click(&self, css: &str) {
        let found = self.client.find(Locator::Css(css)).await;
        found.unwrap_or_else(|_| panic!("nothing at {css}")).click().await.unwrap();
    }

    /// Presses a button or follows a link, and waits for the page it leads to.
    pub(crate) async fn press(&self, css: &str) {
        let found = self.client.find(Locator::Css(css)).await;
        let pressed = found.unwrap_or_else(|_| panic!("nothing at {css}"));
        pressed.click().await.unwrap();
        // A phone's tap returns before the page is gone. Each look is a round trip, so this is no busy loop.
        let mut looks = 0;
        while pressed.tag_name().await.is_ok() {
            looks += 1;
            assert!(looks < 5_000, "{css} led nowhere");
        }
        self.client.wait().for_element(Locator::Css("footer")).await.unwrap();
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
            self.client.execute(&script, Vec::new()).await.unwrap();
            let run = format!(
                "const done = arguments[arguments.length - 1]; {}.then(done, e => done(['' + e]));",
                engine.run
            );
            let found = self.client.execute_async(&run, Vec::new()).await.unwrap();
            assert_eq!(found, json!([]), "{} on {name}", engine.script);
        }
        let wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert_eq!(self.client.execute(wide, Vec::new()).await.unwrap(), json!(0), "{name} scrolls sideways");
    }

    /// Takes a picture of the whole page.
    pub(crate) async fn picture(&self, name: &str) {
        let body = self.client.find(Locator::Css("body")).await.unwrap();
        let (_, _, width, height) = body.rectangle().await.unwrap();
        let shot = json!({ "format": "png", "captureBeyondViewport": true,
            "clip": { "x": 0, "y": 0, "width": width, "height": height.min(6000.0), "scale": 1 } });
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
        self.client.issue_cmd(command).await.unwrap()
    }
}

/// A command of the browser's own tools.
#[derive(Debug)]
struct DevTools(Value);

impl fantoccini::wd::WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (axum::http::Method, Option<String>) {
        (axum::http::Method::POST, Some(self.0.to_string()))
    }
}

fn wishes(look: Look) -> fantoccini::wd::Capabilities {
    let mut options = json!({ "args": ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--window-size=1000,900"] });
    if matches!(look, Look::Phone | Look::Dark) {
        options["mobileEmulation"] =
            json!({ "deviceMetrics": { "width": 320, "height": 640, "pixelRatio": 2.0, "touch": true } });
    }
    if look == Look::NoScript {
        options["prefs"] = json!({ "profile.managed_default_content_settings.javascript": 2 });
    }
    let all = json!({ "browserName": "chrome", "goog:chromeOptions": options });
    all.as_object().unwrap().clone()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
