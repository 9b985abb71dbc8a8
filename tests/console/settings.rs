//! What staff decide for themselves, as pages: who decided what, the effect before it is saved, and numbers that are rung
//! before they count.

use aftercare::care::settings::setting::Setting;
use aftercare::config::origin::ConfigOrigin;
use aftercare::config::{embedded, setting_text};
use aftercare::daemon::assembly::engine::Engine;
use aftercare::daemon::assembly::settings;
use aftercare::journey::settings::change::{self, SettingChange};
use aftercare::journey::settings::ladder_gap;
use aftercare::store::database::Store;
use aftercare::store::db::transaction::Stamp;
use aftercare::store::settings::NewSetting;

use crate::fixture::{Fixture, NAME, now};

/// A clinic whose file leaves these keys to staff, and that has decided some of them.
pub(crate) async fn clinic(
    left_out: &'static [&'static str],
    decided: &'static [(Setting, &'static str)],
) -> Fixture {
    Fixture::configured(move |dir, store: &Store| {
        let mut shipped = embedded::text("aftercare.toml").unwrap();
        if left_out.contains(&"[[alerts.ladder]]") {
            let from = shipped.find("[[alerts.ladder]]\n").unwrap();
            let until = shipped.find("\n[web]").unwrap();
            shipped.replace_range(from..until, "");
        }
        let kept = |line: &&str| !left_out.iter().any(|key| line.starts_with(key));
        let text = shipped.lines().filter(kept).collect::<Vec<_>>().join("\n");
        for (setting, text) in decided {
            let new =
                NewSetting { setting: *setting, value: (*text).to_owned(), again_of: None, reason: None };
            let ask = SettingChange { new, seen: None };
            let version =
                store.write_blocking(Stamp::daemon(now()), move |tx| change::change(tx, &ask)).unwrap();
            if version.is_proposed() {
                let (setting, id) = (*setting, version.id);
                store
                    .write_blocking(Stamp::daemon(now()), move |tx| change::confirm(tx, setting, id))
                    .unwrap();
            }
        }
        let base = Some(dir.to_owned());
        let origin = ConfigOrigin {
            file: "/etc/aftercare/aftercare.toml".to_owned(),
            text,
            base,
            ..ConfigOrigin::default()
        };
        settings::config(store, &origin).unwrap()
    })
    .await
}

pub(crate) const OFFICE: (Setting, &str) =
    (Setting::OfficePhone, "[clinic]\nphone_office = \"+1 212 736 5000\"\n");
const PAGE: &str = "/settings/office-phone";

#[tokio::test]
async fn each_setting_says_who_decided_it_and_the_operators_cannot_be_changed() {
    let fixture = clinic(&["phone_office"], &[OFFICE]).await;
    let (lena, nora) = (fixture.sign_in("lena").await, fixture.sign_in("nora").await);
    let list = fixture.get("/settings", &lena).await.body;
    assert!(list.contains("+1 212 736 5000") && list.contains("set by the program"), "{list}");
    assert!(
        list.contains("fixed by whoever runs the program: /etc/aftercare/aftercare.toml, line 2"),
        "{list}"
    );
    let fixed = fixture.get("/settings/day-and-night-phone", &lena).await.body;
    assert!(fixed.contains("cannot be changed here") && !fixed.contains("Show what this changes"), "{fixed}");
    let typed = [("act", "preview"), ("value", "+1 212 736 5001"), ("seen", "")];
    let refused = fixture.act("/settings/day-and-night-phone", &lena, &typed).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("is the operator&#x27;s"), "{}", refused.body);
    let looks = fixture.get(PAGE, &nora).await.body;
    assert!(looks.contains("You can look at it") && !looks.contains("Show what this changes"), "{looks}");
    assert_eq!(fixture.act(PAGE, &nora, &[("act", "preview"), ("value", "112")]).await.status, 403);
    assert_eq!(fixture.get("/settings/nothing", &lena).await.status, 404);
}

#[tokio::test]
async fn a_new_number_shows_its_letters_first_and_counts_once_somebody_rang_it() {
    let fixture = clinic(&["phone_office"], &[OFFICE]).await;
    let lena = fixture.sign_in("lena").await;
    // The words of check, beside the field, and what was typed.
    let wrong = fixture.act(PAGE, &lena, &[("act", "preview"), ("value", "212 736 50"), ("seen", "1")]).await;
    assert_eq!(wrong.status, 422);
    assert!(
        wrong.body.contains("value=\"212 736 50\"") && wrong.body.contains("id=\"value-fault\""),
        "{}",
        wrong.body
    );
    let typed = [("value", "+1 212 736 5009"), ("seen", "1")];
    let shown = fixture.act(PAGE, &lena, &[&[("act", "preview")], &typed[..]].concat()).await;
    assert_eq!(shown.status, 200);
    assert!(
        shown.body.contains("What this changes") && shown.body.contains("kinds of letters"),
        "{}",
        shown.body
    );
    assert!(shown.body.contains("invitation") && shown.body.contains("Español"), "{}", shown.body);
    // What was not looked at is not saved.
    let blind = fixture.act(PAGE, &lena, &[&[("act", "save")], &typed[..]].concat()).await;
    assert!(blind.status == 200 && blind.body.contains("Look at it, then save."), "{}", blind.body);
    let text = setting_text::of_words(Setting::OfficePhone, "+1 212 736 5009");
    let save = [&[("act", "save"), ("looked_at", text.as_str())], &typed[..]].concat();
    let saved = fixture.act(PAGE, &lena, &save).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    let page = fixture.get(saved.header("location").unwrap(), &lena).await.body;
    assert!(page.contains("Proposed: +1 212 736 5009") && page.contains("It is proposed"), "{page}");
    assert!(page.contains("<strong>+1 212 736 5000</strong>"), "what counted counts on: {page}");
    // Somebody who saw the page of before is told, and loses nothing.
    let late = fixture.act(PAGE, &lena, &save).await;
    assert!(late.status == 422 && late.body.contains("in the meantime"), "{}", late.body);
    let untried = fixture.act(PAGE, &lena, &[("act", "confirm"), ("version", "2")]).await;
    assert!(untried.status == 422 && untried.body.contains("Tick the box"), "{}", untried.body);
    let rung = [("act", "confirm"), ("version", "2"), ("sure", "yes")];
    assert_eq!(fixture.act(PAGE, &lena, &rung).await.status, 303);
    assert_eq!(fixture.act(PAGE, &lena, &rung).await.status, 303, "the same form once more is no failure");
    let before = fixture.get(PAGE, &lena).await.body;
    assert!(before.contains("has not taken on yet"), "{before}");
    let renewed = fixture.renew().await;
    assert_eq!(renewed.config.clinic.phone_office, "+1 212 736 5009");
    let page = fixture.get(PAGE, &lena).await.body;
    assert!(
        page.contains("set by lena") && page.contains("said lena") && !page.contains("has not taken on yet"),
        "{page}"
    );
    // The version of before comes back into the form, with its effect.
    let again = fixture.act(PAGE, &lena, &[("act", "again"), ("version", "1")]).await.body;
    assert!(
        again.contains("value=\"+1 212 736 5000\"") && again.contains("name=\"again_of\" value=\"1\""),
        "{again}"
    );
    let events = fixture.engine.clinic.store.read(|view| view.last_events(50)).unwrap();
    assert!(events.iter().any(|event| event.action == "setting.counts"));
    // Four digits stand in a hash by chance now and then.
    assert!(events.iter().all(|event| !format!("{event:?}").replace(' ', "").contains("7365009")));
}

/// A file with a day, as an authority publishes it.
const CALENDAR: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\n\
                        DTSTART;VALUE=DATE:20260303\r\nSUMMARY:Fiesta\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

#[tokio::test]
async fn holidays_are_typed_or_come_from_a_calendar_file_and_show_what_they_touch() {
    let fixture = clinic(&["holidays"], &[]).await;
    let lena = fixture.sign_in("lena").await;
    let path = "/settings/holidays";
    let empty = fixture.get(path, &lena).await.body;
    assert!(empty.contains("enctype=\"multipart/form-data\"") && empty.contains("as shipped"), "{empty}");
    let wrong = fixture.act(path, &lena, &[("act", "preview"), ("days", "2026-02-30")]).await;
    assert!(wrong.status == 422 && wrong.body.contains("2026-02-30 is not a date"), "{}", wrong.body);
    assert!(wrong.body.contains("id=\"days-fault\""), "{}", wrong.body);
    let none = fixture.act(path, &lena, &[("act", "preview"), ("calendar", "no calendar")]).await;
    assert!(none.status == 422 && none.body.contains("id=\"calendar-fault\""), "{}", none.body);
    let fields = [("act", "preview"), ("days", "2026-12-24"), ("calendar", CALENDAR)];
    let shown = fixture.act(path, &lena, &fields).await;
    assert_eq!(shown.status, 200, "{}", shown.body);
    assert!(shown.body.contains("2026-03-03\n2026-12-24"), "{}", shown.body);
    assert!(shown.body.contains("their letters leave on 4 Mar 2026"), "{}", shown.body);
    let text = "[clinic]\nholidays = [\"2026-03-03\", \"2026-12-24\"]\n";
    let save = [("act", "save"), ("days", "2026-03-03\r\n2026-12-24\r\n"), ("looked_at", text), ("seen", "")];
    let saved = fixture.act(path, &lena, &save).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    let renewed = fixture.renew().await;
    assert_eq!(renewed.config.sending.hours.days.holidays.len(), 2);
    let list = fixture.get("/settings", &lena).await.body;
    assert!(list.contains("3 Mar 2026, 24 Dec 2026") && list.contains("set by lena"), "{list}");
}

#[tokio::test]
async fn a_key_that_the_file_decides_stays_out_of_what_staff_set() {
    let fixture = clinic(&["window", "weekdays", "daily_cap", "weekly_cap"], &[]).await;
    let lena = fixture.sign_in("lena").await;
    let path = "/settings/sending-hours";
    let page = fixture.get(path, &lena).await.body;
    assert!(
        page.contains("The hour of reminders, 09:00, is fixed") && page.contains("partly fixed"),
        "{page}"
    );
    let days = [("opens", "10:00"), ("closes", "18:00"), ("weekdays", "mon"), ("weekdays", "wed")];
    let caps = [("daily_cap", "1"), ("weekly_cap", "3")];
    let wrong = fixture.act(path, &lena, &[&[("act", "preview")], &days[..], &caps[..]].concat()).await;
    // Reminders leave at nine, which is the operator's.
    assert!(wrong.status == 422 && wrong.body.contains("id=\"window-fault\""), "{}", wrong.body);
    assert!(wrong.body.contains("value=\"10:00\""), "{}", wrong.body);
    let days = [("opens", "08:30"), ("closes", "18:00"), ("weekdays", "mon"), ("weekdays", "wed")];
    let shown = fixture.act(path, &lena, &[&[("act", "preview")], &days[..], &caps[..]].concat()).await;
    assert!(shown.status == 200 && shown.body.contains("at most 1 letters a day"), "{}", shown.body);
    assert!(!shown.body.contains("at = &quot;"), "{}", shown.body);
}

pub(crate) const LADDER: (Setting, &str) = (
    Setting::Ladder,
    "[[alerts.ladder]]\nid = \"nurses\"\nname = \"Nurse desk\"\nemail = \"n@clinic.example\"\nafter = \"0m\"\n\
     [[alerts.ladder]]\nid = \"oncall\"\nname = \"Doctor on call\"\nemail = \"d@clinic.example\"\nafter = \"15m\"\n",
);

/// Looks at the effect, then saves what was looked at.
async fn save(fixture: &Fixture, path: &str, who: &str, fields: &[(&str, &str)]) -> String {
    let shown = fixture.act(path, who, &[&[("act", "preview")], fields].concat()).await;
    assert_eq!(shown.status, 200, "{}", shown.body);
    let (text, seen) = (shown.hidden("looked_at").unwrap(), shown.hidden("seen").unwrap());
    let all = [&[("act", "save"), ("looked_at", text.as_str()), ("seen", seen.as_str())], fields].concat();
    let saved = fixture.act(path, who, &all).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    shown.body
}

fn told(engine: &Engine) -> Vec<String> {
    engine.clinic.care.contacts.iter().map(|contact| contact.name.clone()).collect()
}

#[tokio::test]
async fn whoever_is_away_has_a_deputy_or_leaves_a_gap_that_is_a_task() {
    let fixture = clinic(&["[[alerts.ladder]]"], &[LADDER]).await;
    let adam = fixture.sign_in("adam").await;
    let path = "/settings/absences";
    let away = [("away0-rung", "nurses"), ("away0-from", "2026-02-24"), ("away0-until", "2026-02-26")];
    let deputy = [&away[..], &[("away0-deputy", "oncall")]].concat();
    for (more, says) in [
        (&[("away1-rung", "oncall")][..], "Row 2: give the first day."),
        (&[("away1-rung", "oncall"), ("away1-from", "2026-02-24")][..], "Row 2: give the last day."),
        (
            &[("away0-deputy", "nurses")][..],
            "Row 1: choose somebody else to be told in the place, or nobody.",
        ),
    ] {
        let refused = fixture.act(path, &adam, &[&away[..], more, &[("act", "preview")]].concat()).await;
        assert!(refused.status == 422 && refused.body.contains(says), "{says}: {}", refused.body);
        assert!(refused.body.contains("aria-invalid"), "{}", refused.body);
    }
    let shown = save(&fixture, path, &adam, &deputy).await;
    assert!(shown.contains("Doctor on call at once") && !shown.contains("without a deputy:"), "{shown}");
    let renewed = fixture.renew().await;
    assert_eq!(told(&renewed), ["Doctor on call"]);
    let shown = save(&fixture, path, &adam, &away).await;
    assert!(shown.contains("Away without a deputy: Nurse desk"), "{shown}");
    let renewed = fixture.renew().await;
    ladder_gap::look(&renewed.clinic, now()).await.unwrap();
    let list = fixture.get("/tasks", &adam).await.body;
    assert!(list.contains("Nurse desk is away, and nobody is told in the place."), "{list}");
    let back = [("away0-rung", ""), ("away0-from", ""), ("away0-until", "")];
    save(&fixture, path, &adam, &back).await;
    let renewed = fixture.renew().await;
    ladder_gap::look(&renewed.clinic, now()).await.unwrap();
    assert_eq!(told(&renewed), ["Nurse desk", "Doctor on call"]);
    assert!(!fixture.get("/tasks", &adam).await.body.contains("Nurse desk is away"));
}

#[tokio::test]
async fn the_ladder_is_changed_row_by_row_and_a_rung_stays_itself() {
    let fixture = clinic(&["[[alerts.ladder]]"], &[LADDER]).await;
    let lena = fixture.sign_in("lena").await;
    let path = "/settings/ladder";
    let page = fixture.get(path, &lena).await.body;
    assert!(page.contains("Nurse desk") && page.contains("One more"), "{page}");
    let nurses = [("rung0-id", "nurses"), ("rung0-name", "Ward 3"), ("rung0-after", "0")];
    let new = [("rung1-name", "Head"), ("rung1-email", "h@clinic.example"), ("rung1-after", "30")];
    let typed = [&nurses[..], &new[..]].concat();
    let wrong =
        fixture.act(path, &lena, &[&typed[..], &[("act", "preview"), ("rung0-email", "n@")]].concat()).await;
    assert!(wrong.status == 422 && wrong.body.contains("id=\"rung0-email-fault\""), "{}", wrong.body);
    assert!(wrong.body.contains("value=\"Ward 3\"") && wrong.body.contains("value=\"n@\""), "{}", wrong.body);
    let late = [("rung0-email", "w@clinic.example"), ("rung2-name", "Desk"), ("rung2-email", "d@x.example")];
    for after in ["90", "15m", ""] {
        let ask = [&typed[..], &late[..], &[("act", "preview"), ("rung2-after", after)]].concat();
        let refused = fixture.act(path, &lena, &ask).await;
        let says = "Row 3: write whole minutes, from 0 to 60.";
        assert!(refused.status == 422 && refused.body.contains(says), "{after}: {}", refused.body);
        assert!(refused.body.contains("aria-describedby=\"rung2-after-fault\""), "{}", refused.body);
    }
    let hours = [("rung0-email", "w@clinic.example"), ("rung0-from", "08:00"), ("rung0-until", "17:00")];
    save(&fixture, path, &lena, &[&typed[..], &hours[..]].concat()).await;
    let renewed = fixture.renew().await;
    assert_eq!(told(&renewed), ["Ward 3", "Head"]);
    let ids: Vec<_> =
        renewed.clinic.care.contacts.iter().map(|contact| contact.id.clone().unwrap()).collect();
    assert_eq!(ids, ["nurses", "head"]);
    let empty = fixture.act(path, &lena, &[("act", "preview"), ("seen", "2")]).await;
    assert!(empty.status == 422 && empty.body.contains("Name at least one person"), "{}", empty.body);
}

#[tokio::test]
async fn opening_hours_show_what_they_move_and_count_in_letters_and_tasks() {
    let fixture = clinic(
        &["opening_hours", "# staffed"],
        &[(Setting::OpeningHours, "[clinic]\nopening_hours = \"Monday to Friday, 8 to 5\"\n")],
    )
    .await;
    let lena = fixture.sign_in("lena").await;
    let path = "/settings/opening-hours";
    let page = fixture.get(path, &lena).await.body;
    assert!(page.contains("tasks are due between 08:00 and 20:00") && page.contains("Spanish"), "{page}");
    let words = [("opening_hours", "Mon to Thu, 9 to 4"), ("in.es", "de lunes a jueves, de 9 a 16 h")];
    let wrong = [("from", "16:00"), ("until", "09:00")];
    let refused = fixture.act(path, &lena, &[&[("act", "preview")], &words[..], &wrong[..]].concat()).await;
    assert!(refused.status == 422 && refused.body.contains("id=\"staffed-fault\""), "{}", refused.body);
    assert!(refused.body.contains("value=\"Mon to Thu, 9 to 4\""), "{}", refused.body);
    let hours = [("from", "09:00"), ("until", "16:00"), ("staffed_weekdays", "mon")];
    let shown = save(&fixture, path, &lena, &[&words[..], &hours[..]].concat()).await;
    assert!(
        shown.contains("&quot;Mon to Thu, 9 to 4&quot; in place of") || shown.contains("in place of"),
        "{shown}"
    );
    assert!(shown.contains("A letter that failed") && shown.contains("<strong>2 Mar 2026"), "{shown}");
    let renewed = fixture.renew().await;
    assert_eq!(renewed.config.clinic.opening_hours_in("es"), "de lunes a jueves, de 9 a 16 h");
    let hours = renewed.config.office_hours();
    assert_eq!((hours.opens.hour(), hours.closes.hour(), hours.days.weekdays.len()), (9, 16, 1));
    let list = fixture.get("/settings", &lena).await.body;
    assert!(list.contains("Mon to Thu, 9 to 4; tasks are due between 09:00 and 16:00 on Monday"), "{list}");
}

#[tokio::test]
async fn the_level_of_detail_reaches_whoever_leaves_it_to_the_clinic() {
    let fixture = clinic(&[], &[]).await;
    fixture.worried(&[("SP08", "no")]).await;
    let lena = fixture.sign_in("lena").await;
    let path = "/settings/detail-default";
    let none = fixture.act(path, &lena, &[("act", "preview"), ("detail", "minimal")]).await.body;
    assert!(
        none.contains("No patient&#x27;s next letter changes") || none.contains("No patient's next"),
        "{none}"
    );
    // She had a level of her own; now the clinic decides.
    let form = fixture.get("/correct/C-100", &lena).await;
    let version = form.hidden("version").unwrap_or_else(|| panic!("{}", form.body));
    let fields = [
        ("act", "confirm"),
        ("version", version.as_str()),
        ("name", NAME),
        ("birth_date", "1970-03-27"),
        ("email", "zoraida@mail.example"),
        ("language", "es"),
        ("time_zone", "America/New_York"),
        ("detail", "clinic"),
    ];
    let corrected = fixture.act("/correct/C-100", &lena, &fields).await;
    assert_eq!(corrected.status, 303, "{}", corrected.body);
    let shown = save(&fixture, path, &lena, &[("detail", "minimal")]).await;
    assert!(shown.contains("1 patients get letters") && shown.contains("/patients/C-100"), "{shown}");
    fixture.renew().await;
    let page = fixture.get("/patients/C-100", &lena).await.body;
    assert!(page.contains("minimal (as the clinic decides)"), "{page}");
    let enrol = fixture.get("/enrol", &lena).await.body;
    assert!(enrol.contains("as the clinic decides, now minimal"), "{enrol}");
}

#[tokio::test]
async fn centres_are_changed_row_by_row_or_from_a_file_and_patients_see_them_at_once() {
    let fixture = clinic(&["centres = \"centres.toml\""], &[]).await;
    let lena = fixture.sign_in("lena").await;
    let path = "/settings/centres";
    let page = fixture.get(path, &lena).await.body;
    assert!(page.contains("value=\"Mayo Clinic\"") && page.contains("One more"), "{page}");
    let file = fixture.get("/settings/centres.toml", &lena).await;
    assert!(file.header("content-type").unwrap().starts_with("application/toml"), "{}", file.body);
    // The file comes back with a change, is looked at and saved as it stands in the form.
    let text = file.body.replace("Mayo Clinic", "Our Lady");
    let shown = save(&fixture, path, &lena, &[("file", text.as_str())]).await;
    assert!(
        shown.contains("New: <strong>Our Lady") && shown.contains("Taken off: <strong>Mayo Clinic"),
        "{shown}"
    );
    let renewed = fixture.renew().await;
    assert!(renewed.config.origin.setting(Setting::Centres).is_some());
    let list = fixture.get("/settings", &lena).await.body;
    assert!(list.contains("Our Lady") && list.contains("set by lena"), "{list}");
    let typed = [
        ("intro.en", "Ours."),
        ("intro.es", "La nuestra."),
        ("weigh.en", "How far?"),
        ("weigh.es", "¿A qué distancia?"),
        ("centre3-name", "North"),
        ("centre3-place", "Oslo"),
        ("centre3-offers.en", "Surgery"),
    ];
    let wrong = fixture.act(path, &lena, &[&[("act", "preview")], &typed[..]].concat()).await;
    assert!(wrong.status == 422 && wrong.body.contains("id=\"centre3-offers.es-fault\""), "{}", wrong.body);
    assert!(wrong.body.contains("value=\"North\""), "{}", wrong.body);
    let whole = [&typed[..], &[("centre3-offers.es", "Cirugía")]].concat();
    let shown = save(&fixture, path, &lena, &whole).await;
    assert!(shown.contains("New: <strong>North") && shown.contains("The words around the list"), "{shown}");
    fixture.renew().await;
    let history = fixture.get(path, &lena).await.body;
    assert!(history.contains("version 2: <strong>counts now</strong>"), "{history}");
}
