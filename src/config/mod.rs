//! What the clinic decides, read once and typed. Every fault is found at once, each with its line and a hint; nothing is
//! guessed. Secrets never stand here: [`credential`] fetches them.

use std::path::Path;
use std::sync::Arc;

use self::file::reader::Section;
use self::file::time_window::TimeWindow;
use self::origin::ConfigOrigin;
use self::sections::account::oauth::GrantCredential;
use self::sections::alerts::Alerts;
use self::sections::backup::Backup;
use self::sections::checklists::Checklists;
use self::sections::clinic::Clinic;
use self::sections::database::Database;
use self::sections::heartbeat::Heartbeat;
use self::sections::learn::Learn;
use self::sections::mail::{Mail, Transport};
use self::sections::openid::OpenId;
use self::sections::paths::Paths;
use self::sections::retention;
use self::sections::sending::Sending;
use self::sections::test::Test;
use self::sections::web::Web;
use crate::care::record::retention::RetentionPeriods;
use crate::care::time::calendar::OpenDays;
use crate::care::time::office_hours::OfficeHours;

pub mod embedded;
pub mod credential;
pub mod load;
pub mod holiday_calendar;
pub mod origin;
pub mod setting_text;
pub mod sources;
pub mod centres;
mod cross;
pub mod file;
pub mod sections;
pub mod protocols;
pub mod checklists;
pub mod pages;

/// Everything the clinic decides: one field per section of `config/aftercare.toml`.
#[derive(Debug, Clone)]
pub struct Config {
    /// `[clinic]`: who writes, and whom to ring.
    pub clinic: Clinic,
    /// `[database]`: where everything is stored.
    pub database: Database,
    /// `[mail]`: how letters leave, and in whose name.
    pub mail: Mail,
    /// `[sending]`: when and how much is sent.
    pub sending: Sending,
    /// `[checklists]`: what becomes of answers.
    pub checklists: Checklists,
    /// `[alerts]`: how an alert reaches a person.
    pub alerts: Alerts,
    /// `[web]`: where the pages and the console listen.
    pub web: Web,
    /// `[openid]`: the provider through which staff may sign in, where there is one.
    pub openid: Option<OpenId>,
    /// `[learn]`: what patients may read beyond their letters.
    pub learn: Learn,
    /// `[heartbeat]`: proof of life for a watcher outside.
    pub heartbeat: Heartbeat,
    /// `[retention]`: for how many years records are kept.
    pub retention: RetentionPeriods,
    /// `[backup]`: the nightly copies.
    pub backup: Backup,
    /// `[paths]`: the clinic's own files.
    pub paths: Paths,
    /// `[test]`: who may get a trial letter.
    pub test: Test,
    /// The texts it was read from.
    pub origin: Arc<ConfigOrigin>,
}

impl Config {
    /// Reads the whole file; `None` when a section it needs is missing or faulty, which has then been reported.
    fn read(root: &Section<'_, '_>) -> Option<Self> {
        let clinic_section = root.must("clinic");
        let clinic = Clinic::read(&clinic_section);
        let database = Database::read(&root.must("database"));
        let mail = Mail::read(&root.must("mail"));
        let holidays = clinic.as_ref().map(|c| c.holidays.clone()).unwrap_or_default();
        let sending = Sending::read(&root.section("sending"), holidays);
        let checklists = Checklists::read(&root.section("checklists"));
        let alerts = Alerts::read(&root.must("alerts"), clinic.as_ref().and_then(|c| c.country.as_deref()));
        let web = Web::read(&root.must("web"));
        let openid_section = root.section("openid");
        let openid = OpenId::read(&openid_section);
        let learn = Learn::read(&root.section("learn"));
        let heartbeat = Heartbeat::read(&root.section("heartbeat"));
        let retention = retention::read(&root.section("retention"));
        let backup = Backup::read(&root.section("backup"));
        let paths = Paths::read(&root.section("paths"));
        let test = Test::read(&root.section("test"));
        root.close();
        let (clinic, mail, web) = (clinic?, mail?, web?);
        cross::local_languages(&clinic_section, &clinic, &sending.languages);
        cross::made_up_numbers(&clinic_section, &clinic, &mail.transport);
        cross::openid_return(&openid_section, &web);
        Some(Self {
            clinic,
            database: database?,
            mail,
            sending,
            checklists,
            alerts: alerts?,
            web,
            openid,
            learn,
            heartbeat,
            retention,
            backup,
            paths,
            test,
            origin: Arc::new(ConfigOrigin::default()),
        })
    }

    /// When people work at the clinic: in the hours written for it, else in those in which letters leave, so that somebody is
    /// there to answer.
    #[must_use]
    pub fn office_hours(&self) -> OfficeHours {
        let letters = &self.sending.hours;
        let weekdays = self.clinic.staffed_weekdays.as_ref().unwrap_or(&letters.days.weekdays);
        let window = TimeWindow { opens: letters.opens, closes: letters.closes };
        let TimeWindow { opens, closes } = self.clinic.staffed.unwrap_or(window);
        let days = OpenDays { weekdays: weekdays.clone(), holidays: letters.days.holidays.clone() };
        OfficeHours { days, opens, closes, zone: self.clinic.zone.clone() }
    }

    /// The secrets that the configuration names, each by its key; but for those of the database and of signed letters, which
    /// nothing takes where others may read them.
    #[must_use]
    pub fn secrets(&self) -> Vec<GrantCredential<'_>> {
        let webhook = self.alerts.webhook.as_ref().map(|webhook| webhook.secret_credential.as_str());
        let imap = self.mail.imap.as_ref().and_then(|imap| imap.password_credential.as_deref());
        let smtp = match &self.mail.transport {
            Transport::Smtp(smtp) => smtp.password_credential.as_deref(),
            Transport::Spool => None,
        };
        let openid = self.openid.as_ref().map(|openid| openid.client_secret_credential.as_str());
        let named = [
            ("alerts.webhook.secret_credential", webhook),
            ("mail.imap.password_credential", imap),
            ("mail.smtp.password_credential", smtp),
            ("openid.client_secret_credential", openid),
        ];
        let named = named.into_iter().filter_map(|(key, name)| Some(GrantCredential { key, name: name? }));
        let oauth = self.mail.oauth.iter().flat_map(|oauth| oauth.grant.credentials());
        named.chain(oauth).collect()
    }

    /// Makes every relative path count from `base`.
    fn settle(&mut self, base: &Path) {
        self.database.settle(base);
        self.mail.settle(base);
        self.backup.settle(base);
        self.paths.settle(base);
        self.openid.iter_mut().for_each(|openid| openid.settle(base));
    }
}
