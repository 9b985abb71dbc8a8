//! Which keys differ between two configurations, by the names they have in the file. Every field is taken apart by name:
//! a key that is added without a line here does not compile, so none is changed without a word.

use crate::care::record::retention::RetentionPeriods;
use crate::config::Config;
use crate::config::sections::account::imap::Imap;
use crate::config::sections::account::oauth::Oauth;
use crate::config::sections::alerts::Alerts;
use crate::config::sections::backup::Backup;
use crate::config::sections::checklists::Checklists;
use crate::config::sections::clinic::Clinic;
use crate::config::sections::database::Database;
use crate::config::sections::dkim::Dkim;
use crate::config::sections::heartbeat::Heartbeat;
use crate::config::sections::learn::Learn;
use crate::config::sections::mail::{Mail, Transport};
use crate::config::sections::openid::OpenId;
use crate::config::sections::paths::Paths;
use crate::config::sections::sending::Sending;
use crate::config::sections::smtp::Smtp;
use crate::config::sections::test::Test;
use crate::config::sections::web::Web;

/// Keys that the daemon holds from its start to its end: what other commands would go to must not part from it.
pub const FIXED: [&str; 4] = ["database.path", "database.key_credential", "web.listen", "web.console_listen"];

/// The keys whose values differ, in the order of the file. Values that follow from another key are not named.
#[must_use]
pub fn keys(old: &Config, new: &Config) -> Vec<&'static str> {
    let Config {
        clinic,
        database,
        mail,
        sending,
        checklists,
        alerts,
        web,
        openid,
        learn,
        heartbeat,
        retention,
        backup,
        paths,
        test,
        // The keys that differ are found one by one.
        origin: _,
    } = old;
    let all = [
        of_clinic(clinic, &new.clinic),
        of_database(database, &new.database),
        of_mail(mail, &new.mail),
        of_sending(sending, &new.sending),
        of_checklists(checklists, &new.checklists),
        of_alerts(alerts, &new.alerts),
        of_web(web, &new.web),
        of_openid(openid.as_ref(), new.openid.as_ref()),
        of_learn(learn, &new.learn),
        of_heartbeat(heartbeat, &new.heartbeat),
        of_retention(*retention, new.retention),
        of_backup(backup, &new.backup),
        of_test(test, &new.test),
        of_paths(paths, &new.paths),
    ];
    all.concat()
}

fn differing<const N: usize>(same: [(&'static str, bool); N]) -> Vec<&'static str> {
    same.into_iter().filter(|(_, same)| !same).map(|(key, _)| key).collect()
}

fn of_clinic(old: &Clinic, new: &Clinic) -> Vec<&'static str> {
    let Clinic {
        name,
        short_name,
        time_zone,
        // It is that of the name.
        zone: _,
        country,
        phone_office,
        phone_24h,
        emergency_number,
        emergency_numbers,
        // They follow from the numbers and the country.
        dial: _,
        emergency_first,
        emergency_dept,
        address,
        opening_hours,
        staffed,
        staffed_weekdays,
        holidays,
        local,
    } = old;
    differing([
        ("clinic.name", *name == new.name),
        ("clinic.short_name", *short_name == new.short_name),
        ("clinic.time_zone", *time_zone == new.time_zone),
        ("clinic.country", *country == new.country),
        ("clinic.phone_office", *phone_office == new.phone_office),
        ("clinic.phone_24h", *phone_24h == new.phone_24h),
        ("clinic.emergency_number", *emergency_number == new.emergency_number),
        ("clinic.emergency_numbers", *emergency_numbers == new.emergency_numbers),
        ("clinic.emergency_first", *emergency_first == new.emergency_first),
        ("clinic.emergency_dept", *emergency_dept == new.emergency_dept),
        ("clinic.address", *address == new.address),
        ("clinic.opening_hours", *opening_hours == new.opening_hours),
        ("clinic.staffed", *staffed == new.staffed),
        ("clinic.staffed_weekdays", *staffed_weekdays == new.staffed_weekdays),
        ("clinic.holidays", *holidays == new.holidays),
        ("clinic.in", *local == new.local),
    ])
}

fn of_retention(old: RetentionPeriods, new: RetentionPeriods) -> Vec<&'static str> {
    let RetentionPeriods { after_last_contact, after_death } = old;
    differing([
        ("retention.after_last_contact", after_last_contact == new.after_last_contact),
        ("retention.after_death", after_death == new.after_death),
    ])
}

fn of_learn(old: &Learn, new: &Learn) -> Vec<&'static str> {
    let Learn { leaflets, centres } = old;
    differing([("learn.leaflets", *leaflets == new.leaflets), ("learn.centres", *centres == new.centres)])
}

fn of_database(old: &Database, new: &Database) -> Vec<&'static str> {
    let Database { path, journal, key_credential } = old;
    differing([
        ("database.path", *path == new.path),
        ("database.journal", *journal == new.journal),
        ("database.key_credential", *key_credential == new.key_credential),
    ])
}

fn of_mail(old: &Mail, new: &Mail) -> Vec<&'static str> {
    let Mail { transport, from, reply_to, message_id_domain, spool_dir, oauth, imap, dkim } = old;
    let mut found = differing([
        ("mail.transport", transport.is_smtp() == new.transport.is_smtp()),
        ("mail.from", *from == new.from),
        ("mail.reply_to", *reply_to == new.reply_to),
        ("mail.message_id_domain", *message_id_domain == new.message_id_domain),
        ("mail.spool_dir", *spool_dir == new.spool_dir),
    ]);
    if let (Transport::Smtp(old), Transport::Smtp(new)) = (transport, &new.transport) {
        found.extend(of_smtp(old, new));
    }
    found.extend(of_oauth(oauth.as_ref(), new.oauth.as_ref()));
    found.extend(of_imap(imap.as_ref(), new.imap.as_ref()));
    found.extend(of_dkim(dkim.as_ref(), new.dkim.as_ref()));
    found
}

fn of_dkim(old: Option<&Dkim>, new: Option<&Dkim>) -> Vec<&'static str> {
    let (Some(old), Some(new)) = (old, new) else {
        return differing([("mail.dkim", old.is_some() == new.is_some())]);
    };
    let Dkim { domain, selector, key_credential } = old;
    differing([
        ("mail.dkim.domain", *domain == new.domain),
        ("mail.dkim.selector", *selector == new.selector),
        ("mail.dkim.key_credential", *key_credential == new.key_credential),
    ])
}

fn of_imap(old: Option<&Imap>, new: Option<&Imap>) -> Vec<&'static str> {
    let (Some(old), Some(new)) = (old, new) else {
        return differing([("mail.imap", old.is_some() == new.is_some())]);
    };
    let Imap { host, port, tls, username, auth, password_credential, ca_file, folder } = old;
    differing([
        ("mail.imap.host", *host == new.host),
        ("mail.imap.port", *port == new.port),
        ("mail.imap.tls", *tls == new.tls),
        ("mail.imap.username", *username == new.username),
        ("mail.imap.auth", *auth == new.auth),
        ("mail.imap.password_credential", *password_credential == new.password_credential),
        ("mail.imap.ca_file", *ca_file == new.ca_file),
        ("mail.imap.folder", *folder == new.folder),
    ])
}

fn of_oauth(old: Option<&Oauth>, new: Option<&Oauth>) -> Vec<&'static str> {
    let (Some(old), Some(new)) = (old, new) else {
        return differing([("mail.oauth", old.is_some() == new.is_some())]);
    };
    let Oauth { token_url, scope, grant, ca_file } = old;
    differing([
        ("mail.oauth.token_url", *token_url == new.token_url),
        ("mail.oauth.scope", *scope == new.scope),
        ("mail.oauth.grant", *grant == new.grant),
        ("mail.oauth.ca_file", *ca_file == new.ca_file),
    ])
}

fn of_smtp(old: &Smtp, new: &Smtp) -> Vec<&'static str> {
    let Smtp { host, port, tls, hello, username, auth, password_credential, ca_file, connections, timeout } =
        old;
    differing([
        ("mail.smtp.host", *host == new.host),
        ("mail.smtp.port", *port == new.port),
        ("mail.smtp.tls", *tls == new.tls),
        ("mail.smtp.hello", *hello == new.hello),
        ("mail.smtp.username", *username == new.username),
        ("mail.smtp.auth", *auth == new.auth),
        ("mail.smtp.password_credential", *password_credential == new.password_credential),
        ("mail.smtp.ca_file", *ca_file == new.ca_file),
        ("mail.smtp.connections", *connections == new.connections),
        ("mail.smtp.timeout", *timeout == new.timeout),
    ])
}

fn of_sending(old: &Sending, new: &Sending) -> Vec<&'static str> {
    let Sending {
        hours,
        detail,
        daily_cap,
        weekly_cap,
        max_per_minute,
        unusual_volume,
        retry,
        give_up_after,
        unknown_rests,
        languages,
    } = old;
    let window = (hours.opens, hours.closes) == (new.hours.opens, new.hours.closes);
    differing([
        ("sending.at", hours.at == new.hours.at),
        ("sending.window", window),
        ("sending.weekdays", hours.days.weekdays == new.hours.days.weekdays),
        ("sending.detail", *detail == new.detail),
        ("sending.daily_cap", *daily_cap == new.daily_cap),
        ("sending.weekly_cap", *weekly_cap == new.weekly_cap),
        ("sending.max_per_minute", *max_per_minute == new.max_per_minute),
        ("sending.unusual_volume", *unusual_volume == new.unusual_volume),
        ("sending.retry", *retry == new.retry),
        ("sending.give_up_after", *give_up_after == new.give_up_after),
        ("sending.unknown_rests", *unknown_rests == new.unknown_rests),
        ("sending.languages", *languages == new.languages),
    ])
}

fn of_checklists(old: &Checklists, new: &Checklists) -> Vec<&'static str> {
    let Checklists { mode, sign_off, read } = old;
    differing([
        ("checklists.read", *read == new.read),
        ("checklists.mode", *mode == new.mode),
        ("checklists.sign_off", *sign_off == new.sign_off),
    ])
}

fn of_alerts(old: &Alerts, new: &Alerts) -> Vec<&'static str> {
    let Alerts { ladder, absences, webhook, repeat_every, test_every_days, patient_letter } = old;
    differing([
        ("alerts.repeat_every", *repeat_every == new.repeat_every),
        ("alerts.test_every_days", *test_every_days == new.test_every_days),
        ("alerts.patient_letter", *patient_letter == new.patient_letter),
        ("alerts.ladder", *ladder == new.ladder),
        ("alerts.absence", *absences == new.absences),
        ("alerts.webhook", *webhook == new.webhook),
    ])
}

fn of_web(old: &Web, new: &Web) -> Vec<&'static str> {
    let Web { listen, public_url, console_listen, console_url, trusted_proxies } = old;
    differing([
        ("web.listen", *listen == new.listen),
        ("web.public_url", *public_url == new.public_url),
        ("web.console_listen", *console_listen == new.console_listen),
        ("web.console_url", *console_url == new.console_url),
        ("web.trusted_proxies", *trusted_proxies == new.trusted_proxies),
    ])
}

fn of_openid(old: Option<&OpenId>, new: Option<&OpenId>) -> Vec<&'static str> {
    let (Some(old), Some(new)) = (old, new) else {
        return differing([("openid", old.is_some() == new.is_some())]);
    };
    let OpenId {
        issuer,
        name,
        client_id,
        client_secret_credential,
        ca_file,
        scopes,
        prompt,
        require_acr,
        require_amr,
    } = old;
    differing([
        ("openid.issuer", *issuer == new.issuer),
        ("openid.name", *name == new.name),
        ("openid.client_id", *client_id == new.client_id),
        ("openid.client_secret_credential", *client_secret_credential == new.client_secret_credential),
        ("openid.ca_file", *ca_file == new.ca_file),
        ("openid.scopes", *scopes == new.scopes),
        ("openid.prompt", *prompt == new.prompt),
        ("openid.require_acr", *require_acr == new.require_acr),
        ("openid.require_amr", *require_amr == new.require_amr),
    ])
}

fn of_heartbeat(old: &Heartbeat, new: &Heartbeat) -> Vec<&'static str> {
    let Heartbeat { url, mail_to, digest_to, digest_at } = old;
    differing([
        ("heartbeat.url", *url == new.url),
        ("heartbeat.mail_to", *mail_to == new.mail_to),
        ("heartbeat.digest_to", *digest_to == new.digest_to),
        ("heartbeat.digest_at", *digest_at == new.digest_at),
    ])
}

fn of_backup(old: &Backup, new: &Backup) -> Vec<&'static str> {
    let Backup { directory, at, keep, second, second_command, second_fetch } = old;
    differing([
        ("backup.directory", *directory == new.directory),
        ("backup.at", *at == new.at),
        ("backup.keep", keep.daily == new.keep.daily),
        ("backup.keep_weekly", keep.weekly == new.keep.weekly),
        ("backup.keep_monthly", keep.monthly == new.keep.monthly),
        ("backup.second", *second == new.second),
        ("backup.second_command", *second_command == new.second_command),
        ("backup.second_fetch", *second_fetch == new.second_fetch),
    ])
}

fn of_test(old: &Test, new: &Test) -> Vec<&'static str> {
    let Test { allow } = old;
    differing([("test.allow", *allow == new.allow)])
}

fn of_paths(old: &Paths, new: &Paths) -> Vec<&'static str> {
    let Paths { protocols, checklists, letters, leaflets, centres } = old;
    differing([
        ("paths.protocols", *protocols == new.protocols),
        ("paths.checklists", *checklists == new.checklists),
        ("paths.letters", *letters == new.letters),
        ("paths.leaflets", *leaflets == new.leaflets),
        ("paths.centres", *centres == new.centres),
    ])
}
