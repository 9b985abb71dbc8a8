//! `check --online`: connects to the mail server, greets it, encrypts and signs in, and says goodbye.

use std::sync::Arc;

use super::{Finding, Ground};
use crate::clock::{SystemClock, SystemEntropy};
use crate::config::{Smtp, Transport};
use crate::daemon::engine::{self, World};
use crate::ports::{Courier, Receipt};

/// Greets the mail server; no letter leaves.
#[must_use]
pub fn mail_server(ground: &Ground) -> Vec<Finding> {
    let Some(config) = &ground.config else { return Vec::new() };
    let Transport::Smtp(smtp) = &config.mail.transport else {
        let hint = "set `mail.transport` to `smtp` when you want letters to leave";
        return vec![ground.remark(
            "mail.transport",
            "letters go into the spool; there is no server to greet",
            hint,
        )];
    };
    let world = World { clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy) };
    let greeted = engine::post(config, &world).map_err(|fault| fault.to_string()).and_then(|post| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.map_err(|e| e.to_string())?.block_on(greet(&*post.courier)).map_err(|receipt| words(&receipt))
    });
    greeted.err().map(|problem| unwelcome(ground, smtp, &problem)).into_iter().collect()
}

async fn greet(courier: &dyn Courier) -> Result<(), Receipt> {
    let mut line = courier.line();
    line.ready().await?;
    line.rest().await;
    Ok(())
}

fn words(receipt: &Receipt) -> String {
    let code = receipt.code.map(|code| format!("{code} ")).unwrap_or_default();
    format!("{code}{}", receipt.reply)
}

fn unwelcome(ground: &Ground, smtp: &Smtp, problem: &str) -> Finding {
    let problem = format!("{}:{} did not let us in: {problem}", smtp.host, smtp.port);
    let hint =
        "check host, port, tls, certificate (`ca_file`) and the credential; the server's log says more";
    ground.fault("mail.smtp.host", &problem, hint)
}
