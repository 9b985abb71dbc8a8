//! Every family of measurements, with its name, its labels and what it means. docs/monitoring.md lists the same; a test
//! compares them. Names and units follow Prometheus (prometheus.io/docs/practices/naming). No label names a person.

/// A family of measurements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MetricFamily {
    /// Its name in Prometheus.
    pub name: &'static str,
    /// The names of its labels.
    pub labels: &'static [&'static str],
    /// What it means, in one sentence.
    pub help: &'static str,
}

macro_rules! families {
    ($(#[$about:meta])* $kind:ident { $($family:ident $name:literal [$($label:literal),*] $help:literal;)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $kind { $(#[doc = $help] $family,)* }

        impl $kind {
            /// Every family of this kind, in the order of its declaration.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$family),*];

            /// Its name, labels and meaning.
            #[must_use]
            pub const fn family(self) -> MetricFamily {
                match self {
                    $(Self::$family => MetricFamily { name: $name, labels: &[$($label),*], help: $help },)*
                }
            }
        }
    };
}

families! {
    /// What goes up and down; read anew at each scrape.
    Gauge {
        BuildInfo "aftercare_build_info" ["version", "sqlite", "zones"]
            "Always 1; its labels name the releases of the program, of SQLite and of the zone database inside it.";
        Started "aftercare_start_timestamp_seconds" []
            "When this process began, in seconds since 1970.";
        Ready "aftercare_ready" []
            "1 while the daemon can do its work: a small change was committed lately and every loop moves on.";
        ScrapeFailed "aftercare_scrape_failed" []
            "1 if the database could not be read for this scrape; what comes from it is then of the last one.";
        ScrapeSeconds "aftercare_scrape_read_seconds" []
            "How long reading the database took for this scrape.";
        Letters "aftercare_letters" ["kind", "fate"]
            "Letters in the ledger, by why they exist and where they are or how their trip ended.";
        LettersDue "aftercare_letters_due" ["kind"]
            "Letters that wait although their instant has come.";
        OldestDueLetter "aftercare_letters_oldest_due_age_seconds" ["kind"]
            "For how long the oldest letter that is due could have left; 0 where none is due.";
        AlertsOpen "aftercare_alerts_open" ["tier", "state"]
            "Open alerts, by how urgent they are and whether a person has taken them on.";
        AlertsOverdue "aftercare_alerts_overdue" ["tier"]
            "Open alerts by whose clock a person should have acted.";
        OldestAlert "aftercare_alerts_oldest_open_age_seconds" ["tier"]
            "For how long the oldest open alert has been open; 0 where none is.";
        TasksOpen "aftercare_tasks_open" ["kind"]
            "Open tasks by kind, those put off included.";
        TasksOverdue "aftercare_tasks_overdue" ["kind"]
            "Open tasks that are past their time and not put off.";
        Patients "aftercare_patients" ["status"]
            "Patients on record by status, up to a minute old.";
        PatientsWithoutContact "aftercare_patients_without_next_contact" []
            "Patients with neither a next contact nor a person who was asked to look after them, up to a minute old; must be 0.";
        Held "aftercare_letters_held" []
            "1 while letters to patients are held until a person has looked.";
        ClockDoubtful "aftercare_clock_doubtful" []
            "1 while the clock is in doubt, so that nothing falls due and no letter leaves to a patient.";
        ClockOffset "aftercare_clock_offset_seconds" []
            "How far the wall clock stands from where it should by the clock that never jumps, since it was last believed.";
        ClockSynchronized "aftercare_clock_synchronized" []
            "1 while the kernel says that something outside (NTP, PTP) keeps its clock right.";
        CoverMissing "aftercare_cover_missing" []
            "1 while nobody on the alert ladder has proved reachable.";
        MailRefused "aftercare_mail_server_refusing" ["cause"]
            "1 under the cause for which the mail server refuses us or cannot be reached; 0 under every other.";
        MailRefusedAge "aftercare_mail_server_refusing_age_seconds" []
            "For how long the mail server has refused us; 0 while it does not.";
        MailRest "aftercare_mail_server_rest_seconds" []
            "What is left of the rest that an overloaded mail server asked for.";
        MailboxRead "aftercare_mailbox_read_timestamp_seconds" []
            "When all that had come to the mailbox of replies was last taken in, in seconds since 1970; 0 before the first time, and without one.";
        MailboxAwayAge "aftercare_mailbox_away_age_seconds" []
            "For how long the mailbox of replies could not be read; 0 while it can, and without one.";
        CanaryBroken "aftercare_canary_broken" []
            "1 while the daily test of the whole chain is broken.";
        CanaryWalked "aftercare_canary_timestamp_seconds" []
            "When the last daily test began whose chain held, in seconds since 1970; 0 before the first.";
        BackupMade "aftercare_backup_timestamp_seconds" []
            "When the newest nightly copy was written, in seconds since 1970; 0 while there is none.";
        BackupSize "aftercare_backup_size_bytes" []
            "The size of the newest nightly copy.";
        DatabaseSize "aftercare_database_size_bytes" []
            "The size of the database file.";
        WalSize "aftercare_database_wal_size_bytes" []
            "The size of the database's write-ahead log.";
        DiskFree "aftercare_disk_free_bytes" ["place"]
            "Bytes that may still be written where the database lies and where its copies go.";
        InodesFree "aftercare_disk_free_inodes" ["place"]
            "Files that may still be made where the database lies and where its copies go.";
        BackupSilent "aftercare_backup_directory_silent" []
            "1 while the directory of the copies does not answer, so that what is said of them is of before.";
        WriterQueue "aftercare_writer_queue_length" []
            "Changes that wait for the one writer or are being made.";
    }
}

families! {
    /// What only goes up, from the start of the process.
    Counted {
        Requests "aftercare_http_requests_total" ["listener", "route", "status"]
            "Requests answered, by listener, template of the route and class of the status.";
        Pages "aftercare_pages_total" ["status"]
            "Requests to the patients' pages, by status.";
        CommitsFailed "aftercare_writer_commits_failed_total" []
            "Commits of the writer that failed, each with all its changes.";
    }
}

families! {
    /// How long things took.
    Timed {
        Requests "aftercare_http_request_duration_seconds" ["listener", "route"]
            "How long a request took to answer, by listener and template of the route.";
        Commits "aftercare_writer_commit_duration_seconds" []
            "How long the writer's commits took that held, from the first statement to the disk.";
        FirstActs "aftercare_alert_first_act_seconds" ["tier"]
            "How long it took from a worrying answer to the first person who took the alert on, over all alerts on record, up to a minute old.";
    }
}
