//! A colleague at her browser: signs in, reads headings, fills forms in by their labels' fields, and presses buttons.

use aftercare::clock::SystemClock;
use aftercare::ports::Clock;
use thirtyfour::components::SelectElement;
use thirtyfour::prelude::ElementQueryable;
use thirtyfour::{By, WebDriver, WebElement};
use totp_rs::{Builder, Secret};

use crate::driver::{Browser, Look};

/// The code an authenticator with that secret shows now.
pub(crate) fn code(secret: &str) -> String {
    let totp = Builder::new().with_secret(Secret::try_from_base32(secret).unwrap()).build().unwrap();
    totp.generate(u64::try_from(SystemClock.now().as_second()).unwrap()).to_string()
}

/// Somebody of the clinic with a browser window of her own.
pub(crate) struct Colleague {
    pub(crate) browser: Browser,
    console: String,
    look: Look,
}

impl Colleague {
    pub(crate) async fn at(console: &str, look: Look) -> Self {
        Self { browser: Browser::open(look).await, console: console.to_owned(), look }
    }

    /// Lets the accessibility engines look at the page; they are scripts themselves.
    pub(crate) async fn inspect(&self, name: &str) {
        if self.look != Look::NoScript {
            self.browser.inspect(&format!("day-{name}")).await;
        }
    }

    pub(crate) fn client(&self) -> &WebDriver {
        &self.browser.client
    }

    /// Opens a page of the console, or an address that begins with `http`.
    pub(crate) async fn goto(&self, path: &str) {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.console) };
        self.client().goto(&url).await.unwrap();
    }

    /// Opens a page again and again until it says these words, as somebody does who waits for something.
    pub(crate) async fn goto_until(&self, path: &str, words: &str) {
        let mut looks = 0;
        loop {
            self.goto(path).await;
            if self.main().await.contains(words) {
                return;
            }
            looks += 1;
            assert!(looks < 500, "{path} never says `{words}`:\n{}", self.main().await);
        }
    }

    /// Where she is, without the host.
    pub(crate) async fn path(&self) -> String {
        let url = self.client().current_url().await.unwrap();
        url.path().to_owned()
    }

    pub(crate) async fn text(&self, css: &str) -> String {
        let found = self.client().find(By::Css(css)).await;
        let Ok(found) = found else {
            panic!("nothing at {css} on {}:\n{}", self.path().await, self.main().await)
        };
        found.text().await.unwrap()
    }

    async fn main(&self) -> String {
        let main = self.client().find(By::Css("main")).await.unwrap();
        main.text().await.unwrap()
    }

    /// The page says these words.
    pub(crate) async fn reads(&self, words: &str) {
        let main = self.main().await;
        assert!(main.contains(words), "`{words}` is not on {}:\n{main}", self.path().await);
    }

    /// Writes into a field by its id, in place of what stands there. Dates and hours are set as a picker sets them.
    pub(crate) async fn write(&self, id: &str, words: &str) {
        let css = format!("[id='{id}']");
        let Ok(field) = self.client().find(By::Css(css.as_str())).await else {
            panic!("no field `{id}` on {}:\n{}", self.path().await, self.main().await)
        };
        self.open_around(&css).await;
        match field.attr("type").await.unwrap().as_deref() {
            Some("date" | "time") => self.pick(&field, words).await,
            _ => {
                field.clear().await.unwrap();
                field.send_keys(words).await.unwrap();
            }
        }
    }

    /// Types a date or an hour as the browser's own field takes it in American English: month first.
    async fn pick(&self, field: &WebElement, words: &str) {
        let keys = match words.split('-').collect::<Vec<_>>()[..] {
            [year, month, day] => format!("{month}{day}{year}"),
            _ => twelve_hours(words),
        };
        field.send_keys(&keys).await.unwrap();
        assert_eq!(field.prop("value").await.unwrap().as_deref(), Some(words), "typed {keys}");
    }

    /// Chooses an option of a list by its value.
    pub(crate) async fn choose(&self, id: &str, value: &str) {
        let css = format!("[id='{id}']");
        self.open_around(&css).await;
        let list = self.client().find(By::Css(css.as_str())).await.unwrap();
        let list = SelectElement::new(&list).await.unwrap();
        list.select_by_value(value).await.unwrap();
    }

    /// Ticks a box or picks one of several.
    pub(crate) async fn tick(&self, name: &str, value: &str) {
        let css = format!("input[name='{name}'][value='{value}']");
        self.open_around(&css).await;
        let found = self.client().find(By::Css(css.as_str())).await;
        let Ok(found) = found else {
            panic!("no {name}={value} on {}:\n{}", self.path().await, self.main().await)
        };
        if !found.is_selected().await.unwrap() {
            found.click().await.unwrap();
        }
    }

    /// Presses the button of a form that reads so, or follows a link.
    pub(crate) async fn press(&self, words: &str) {
        self.press_at(words, &format!("normalize-space()=\"{words}\"")).await;
    }

    /// The same for words that go on with what only the page knows.
    pub(crate) async fn press_beginning(&self, words: &str) {
        self.press_at(words, &format!("starts-with(normalize-space(), \"{words}\")")).await;
    }

    /// Presses the button of the form that this field belongs to.
    pub(crate) async fn send_with(&self, field: &str, words: &str) {
        let own = format!("ancestor::form//*[@id='{field}']");
        self.press_at(words, &format!("normalize-space()=\"{words}\" and {own}")).await;
    }

    async fn press_at(&self, words: &str, reads: &str) {
        let xpath = format!("//main//*[self::button or self::a][{reads}][not(@tabindex='-1')]");
        let found = self.client().find(By::XPath(xpath.as_str())).await;
        let Ok(found) = found else {
            panic!("no `{words}` on {}:\n{}", self.path().await, self.main().await)
        };
        self.open_details_of(&xpath).await;
        found.click().await.unwrap();
        self.gone(&found, words).await;
        self.client().query(By::Css("footer")).first().await.unwrap();
    }

    /// Waits until the page that held it is another. Each look is a round trip, so this is no busy loop.
    async fn gone(&self, pressed: &WebElement, words: &str) {
        let mut looks = 0;
        while pressed.tag_name().await.is_ok() {
            looks += 1;
            assert!(looks < 20_000, "`{words}` led nowhere");
        }
    }

    /// Opens what is folded around an element, as she would to see it: with its summary, so that it works without script.
    async fn open_around(&self, css: &str) {
        let folded = format!("details:not([open]):has({css}) > summary");
        if let Ok(summary) = self.client().find(By::Css(folded.as_str())).await {
            summary.click().await.unwrap();
        }
    }

    async fn open_details_of(&self, xpath: &str) {
        let folded = format!("{xpath}/ancestor::details[not(@open)]/summary");
        if let Ok(summary) = self.client().find(By::XPath(folded.as_str())).await {
            summary.click().await.unwrap();
        }
    }

    pub(crate) async fn sign_in(&self, account: &Account) {
        self.goto("/sign-in").await;
        self.write("name", &account.name).await;
        self.write("password", &account.password).await;
        self.factor(account).await;
        self.press("Sign in").await;
    }

    async fn factor(&self, account: &Account) {
        match &account.recovery {
            Some(recovery) => self.write("recovery", recovery).await,
            None => self.write("code", &code(&account.secret)).await,
        }
    }
}

/// What somebody signs in with.
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) password: String,
    pub(crate) secret: String,
    /// In place of the authenticator, whose code of this half minute may be used up.
    pub(crate) recovery: Option<String>,
}

/// `13:30` as it is typed where hours go to twelve.
fn twelve_hours(words: &str) -> String {
    let time: jiff::civil::Time = words.parse().unwrap();
    time.strftime("%I%M%p").to_string()
}
