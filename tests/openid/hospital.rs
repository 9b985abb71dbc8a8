//! A clinic whose staff may sign in through a provider, and the provider.

use std::path::Path;

use aftercare::config::{embedded, load};
use aftercare::store::people::staff::Staff;

use crate::browser::Browser;
use crate::fixture::{Fixture, PASSWORD};
use crate::http::Answer;
use crate::provider::{Provider, SECRET};

/// Both, while they run.
pub(crate) struct Hospital {
    pub(crate) clinic: Fixture,
    pub(crate) provider: Provider,
}

/// The shipped configuration with a provider, whose secret lies beside it.
pub(crate) fn configuration(dir: &Path, issuer: &str, more: &str) -> String {
    let secret = dir.join("openid-secret");
    std::fs::write(&secret, format!("{SECRET}\n")).unwrap();
    let shipped = embedded::text("aftercare.toml").unwrap();
    format!(
        "{shipped}\n[openid]\nissuer = \"{issuer}\"\nname = \"St. Example\"\nclient_id = \"aftercare\"\n\
         client_secret_credential = \"{}\"\nscopes = [\"profile\"]\n{more}\n",
        secret.display()
    )
}

impl Hospital {
    pub(crate) async fn open() -> Self {
        Self::with("").await
    }

    /// With further lines in `[openid]`.
    pub(crate) async fn with(more: &'static str) -> Self {
        let provider = Provider::start();
        let issuer = provider.issuer();
        let clinic = Fixture::configured(move |dir, _| {
            load::settled("aftercare.toml", &configuration(dir, &issuer, more), dir).unwrap()
        })
        .await;
        Self { clinic, provider }
    }

    pub(crate) fn staff(&self, name: &str) -> Staff {
        self.clinic.engine.clinic.store.read(|view| view.staff_named(name)).unwrap().unwrap()
    }

    /// A browser in which somebody has signed in with her password and code.
    pub(crate) async fn signed_in(&self, name: &str) -> Browser {
        self.clinic.pass_time(1);
        Browser::signed_in(self.clinic.at, &self.clinic.sign_in(name).await)
    }

    /// Somebody goes to the provider from her own page and signs in there: the address that she is sent back to.
    pub(crate) async fn goes_to_connect(&self, browser: &mut Browser, there: &str) -> String {
        let fields = [("act", "connect"), ("password", PASSWORD)];
        let page = browser.act(self.clinic.at, "/account", &fields).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let (_, url) = page.body.split_once("content=\"0; url=").unwrap();
        let url = url.split('"').next().unwrap().replace("&amp;", "&");
        browser.signs_in_there(&url, there).await
    }

    /// Somebody connects her account with that sign-in at the provider; the answer to her confirmation.
    pub(crate) async fn connects(&self, browser: &mut Browser, there: &str) -> Answer {
        let back = self.goes_to_connect(browser, there).await;
        // The strict cookie does not come along from the provider: a page of ours leads on to the same address.
        let landing = browser.comes_back(self.clinic.at, &back).await;
        assert!(landing.body.contains("http-equiv=\"refresh\""), "{}", landing.body);
        let page = browser.get(self.clinic.at, &back).await;
        assert!(page.body.contains("Connect your account?"), "{}", page.body);
        assert!(page.body.contains(&format!("{there}@hospital")), "{}", page.body);
        let proof = page.hidden("proof").unwrap();
        browser.act(self.clinic.at, "/account/openid", &[("act", "connect"), ("proof", &proof)]).await
    }

    /// Where the console sends a browser that wants to sign in through the provider.
    pub(crate) async fn begins(&self, browser: &mut Browser, to: &str) -> String {
        let answer = browser.get(self.clinic.at, &format!("/sign-in/openid?to={to}")).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        answer.header("location").unwrap().to_owned()
    }

    /// Somebody signs in through the provider in a browser of her own; the page she comes back to.
    pub(crate) async fn comes_in(&self, browser: &mut Browser, there: &str) -> Answer {
        let url = self.begins(browser, "/tasks").await;
        let back = browser.signs_in_there(&url, there).await;
        browser.comes_back(self.clinic.at, &back).await
    }
}

/// Whether a page lets nobody in and says so in these words.
pub(crate) fn refuses(page: &Answer, words: &str) {
    assert!((400..600).contains(&page.status), "{}: {}", page.status, page.body);
    assert!(page.body.contains(words), "{words}: {}", page.body);
    let session = page.cookies().into_iter().find(|line| line.starts_with("aftercare="));
    assert!(session.is_none_or(|line| line.starts_with("aftercare=;")), "{session:?}");
}
