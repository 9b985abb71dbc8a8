//! The spine rules case by case, as the clinical brief words them.

use aftercare::care::checklist::answer::{AnswerFault, Answers, Known, KnownFault, Mark};
use aftercare::care::checklist::item::AnswerValue;
use aftercare::care::triage::case::{BoneSpread, FilledForm, FormStage, History};
use aftercare::care::triage::judge::{Reads, review};
use aftercare::care::triage::tier::{Code, Tier};
use jiff::civil::date;

use crate::spine::{CHANGE, Fields, SIGNS, Spine, TODAY, all_known, confirmed, form, last, marked, with};

#[test]
fn an_empty_submitted_form_is_urgent_and_an_empty_saved_page_is_not() {
    let spine = Spine::shipped();
    assert_eq!(spine.judge(&vec![], &History::default()).tier, Tier::Urgent);
    let saved = spine.judge_at(FormStage::Saved, &vec![], &History::default());
    assert_eq!((saved.tier, saved.reasons.len()), (Tier::Routine, 0));
}

#[test]
fn a_form_left_after_its_first_page_still_raises_its_emergency() {
    let spine = Spine::shipped();
    let page = vec![("SP08", "no"), ("SP09", "new")];
    assert_eq!(spine.judge_at(FormStage::Saved, &page, &History::default()).tier, Tier::Emergency);
    // The place is asked together with the sign: left out, it counts as the worst at once.
    let odd = vec![("SP10", "new")];
    assert_eq!(spine.judge_at(FormStage::Saved, &odd, &History::default()).tier, Tier::Emergency);
}

#[test]
fn the_cases_of_the_clinical_brief_come_out_as_written() {
    let none = History::default;
    let bone = || History { bone: BoneSpread::Known, ..all_known() };
    let mark = || History { known: marked(), ..all_known() };
    let marked_bone = || History { bone: BoneSpread::Known, ..mark() };
    let stoma = || confirmed(&form(""), &[("SP13", Mark::NotApplicable)]);
    let cases: Vec<(&'static str, History, Tier, &str)> = vec![
        ("", none(), Tier::Routine, ""),
        ("SP08=new", none(), Tier::Emergency, "E1"),
        ("SP12=new", all_known(), Tier::Emergency, "E1"),
        ("SP01=new SP05=yes", none(), Tier::Urgent, "U7 S1"),
        ("SP01=new SP13=new", none(), Tier::Emergency, "E1 S1"),
        ("SP10=new SP10.site=both-legs", none(), Tier::Emergency, "E2"),
        ("SP10=new SP10.site=one-limb", none(), Tier::Urgent, "U2"),
        ("SP10=new SP10.site=hands-feet SP01=same", none(), Tier::Emergency, "E2"),
        ("SP10=new SP10.site=hands-feet SP07=unsure", none(), Tier::Emergency, "E2 U1"),
        ("SP07=new", none(), Tier::Urgent, "U3"),
        ("SP07=new SP11=unsure", none(), Tier::Emergency, "E3 U1 U3"),
        ("SP09=unsure", none(), Tier::Urgent, "U1"),
        ("SP12=same", none(), Tier::Urgent, "U9"),
        ("SP12=same", all_known(), Tier::Routine, ""),
        ("SP12=same", confirmed(&form(""), &[]), Tier::Urgent, "U9"),
        ("SP01=new", none(), Tier::Soon, "S1"),
        ("SP01=new SP02=neck", none(), Tier::Urgent, "U6 S1"),
        ("SP01=new SP03=7", all_known(), Tier::Urgent, "U4 U5 S1 S2"),
        ("SP01=same SP03=7", none(), Tier::Urgent, "U4 S2"),
        ("SP01=same SP03=5", all_known(), Tier::Soon, "S2"),
        ("SP01=same SP03=6", all_known(), Tier::Urgent, "U5 S2"),
        ("SP01=same SP06.move=yes", none(), Tier::Soon, "S3"),
        ("SP01=new SP06.move=yes", none(), Tier::Urgent, "U8 S1"),
        ("SP14=yes", none(), Tier::Soon, "S4"),
        ("SP15.stops=3", none(), Tier::Soon, "S5"),
        ("SP01=same SP03=4 SP14=yes", none(), Tier::Urgent, "U10 S2 S4"),
        ("SP16=yes", none(), Tier::Soon, "S6"),
        ("SP14=yes", bone(), Tier::Urgent, "S4 K1"),
        ("SP07=new", bone(), Tier::Emergency, "U3 K1"),
        ("", bone(), Tier::Routine, ""),
        ("SP01=same SP03=4", mark(), Tier::Routine, "S2 M1"),
        ("SP01=same SP03=4", marked_bone(), Tier::Urgent, "S2 K1"),
        ("SP01=same SP03=4 SP14=yes", mark(), Tier::Urgent, "U10 S2 S4 M1"),
        ("SP13=new", stoma(), Tier::Urgent, "U1"),
        ("SP13=-", stoma(), Tier::Routine, ""),
        ("SP13=new SP12=new", stoma(), Tier::Emergency, "E1 U1"),
        ("SP14=yes", last("SP14=yes", 30, false), Tier::Urgent, "U11 S4"),
        ("SP14=yes", last("SP14=yes", 30, true), Tier::Soon, "S4"),
        ("SP14=yes", last("SP16=yes", 30, false), Tier::Soon, "S4"),
        ("SP01=same SP03=4", last("SP01=same SP03=2", 120, true), Tier::Urgent, "U5 S2"),
        ("SP01=same SP03=6", last("SP01=no", 30, true), Tier::Urgent, "U5 S2"),
        ("SP01=same SP03=4", last("SP01=no", 120, true), Tier::Urgent, "U5 S2"),
        ("SP01=same SP03=4", last("SP01=no", 121, true), Tier::Soon, "S2"),
        ("SP01=same SP03=4", confirmed(&form(""), &[("SP01", Mark::Known)]), Tier::Urgent, "U5 S2"),
        ("SP01=same SP03=3", last("SP01=no", 30, true), Tier::Routine, ""),
        ("SP01=same SP03=4", last("SP01=same SP03=2", 121, true), Tier::Soon, "S2"),
        ("SP01=same SP03=3", last("SP01=same SP03=0", 30, true), Tier::Routine, ""),
        ("SP15.worst=2", last("", 30, true), Tier::Soon, "S5"),
    ];
    come_out(cases);
}

fn come_out(cases: Vec<(&'static str, History, Tier, &str)>) {
    let spine = Spine::shipped();
    for (changes, history, tier, codes) in cases {
        let verdict = spine.judge(&form(changes), &history);
        let found: Vec<&str> = verdict.reasons.iter().map(|reason| reason.code.word()).collect();
        assert_eq!((verdict.tier, found.join(" ").as_str()), (tier, codes), "{changes}");
        assert_eq!(verdict.version, spine.0.version);
    }
}

#[test]
fn what_was_new_and_nobody_has_looked_at_stays_so_however_it_is_called_next() {
    come_out(vec![
        ("SP01=same", last("SP01=new", 30, false), Tier::Soon, "S7"),
        ("SP01=same", last("SP01=new", 30, true), Tier::Routine, ""),
        ("SP01=new", last("SP01=new", 30, false), Tier::Urgent, "U11 S1"),
        ("SP01=same SP14=yes", last("SP01=new", 30, false), Tier::Urgent, "U10 S4 S7"),
        ("SP08=same", last("SP08=new", 30, false), Tier::Urgent, "U9"),
        ("SP15.worst=2", last("SP15.worst=2", 30, false), Tier::Routine, ""),
    ]);
}

#[test]
fn only_two_soon_reasons_can_be_marked_as_known_and_for_six_months_at_most() {
    for code in Code::ALL {
        let mark = Known::new(code, TODAY, date(2026, 12, 1));
        assert_eq!(mark.is_ok(), [Code::S2, Code::S3].contains(&code), "{code:?}");
    }
    assert_eq!(Known::new(Code::S2, TODAY, date(2026, 12, 2)), Err(KnownFault::Until(date(2026, 12, 1))));
    assert_eq!(Known::new(Code::S2, TODAY, date(2026, 5, 31)), Err(KnownFault::Until(date(2026, 12, 1))));
}

#[test]
fn in_education_mode_anything_but_no_is_read_by_a_person() {
    let spine = Spine::shipped();
    let review = |fields: &Fields, stage| {
        let form = FilledForm { answers: &spine.answers(fields), stage };
        review(&spine.0, form, Reads::Everything, None)
    };
    assert!(!review(&form(""), FormStage::Submitted));
    for field in SIGNS.into_iter().chain(["SP10"]) {
        for word in &CHANGE[1..] {
            assert!(review(&with(&form(""), field, word), FormStage::Saved), "{field} {word}");
        }
    }
    for changes in ["SP01=same", "SP14=yes", "SP15.worst=2", "SP16=yes", "SP08=-"] {
        assert!(review(&form(changes), FormStage::Submitted), "{changes}");
    }
    assert!(!review(&form("SP08=-"), FormStage::Saved));
}

#[test]
fn a_little_tired_is_nothing_to_read_and_what_nobody_confirmed_is() {
    let spine = Spine::shipped();
    let stoma = confirmed(&form(""), &[("SP13", Mark::NotApplicable)]);
    let pain = confirmed(&form("SP01=same SP03=3"), &[("SP01", Mark::Known)]);
    let cases: Vec<(&'static str, History, bool, bool)> = vec![
        ("", History::default(), false, false),
        ("SP15.worst=1 SP15.stops=1", History::default(), false, false),
        ("SP15.worst=2", History::default(), true, false),
        ("SP15.worst=3", History::default(), true, true),
        ("SP08=new", all_known(), true, true),
        ("SP08=unsure", all_known(), true, true),
        ("SP08=same", History::default(), true, true),
        ("SP08=same", all_known(), true, false),
        ("SP01=same SP03=3", pain.clone(), true, false),
        ("SP01=same SP03=3 SP06.move=yes", pain.clone(), true, false),
        ("SP01=same SP03=5", pain.clone(), true, true),
        ("SP01=same SP03=3 SP05=yes", pain.clone(), true, true),
        ("SP01=same SP03=7", all_known(), true, true),
        ("SP01=new", pain, true, true),
        ("SP14=yes", all_known(), true, true),
        ("SP16=yes", all_known(), true, true),
        ("SP08=-", all_known(), true, true),
        // What is not asked of her is no blank.
        ("SP13=-", stoma, false, false),
        ("SP13=-", History::default(), true, true),
    ];
    for (changes, history, everything, new_or_worse) in cases {
        let answers = spine.answers(&form(changes));
        let form = FilledForm { answers: &answers, stage: FormStage::Submitted };
        let read = |reads| review(&spine.0, form, reads, history.baseline.as_ref());
        let found = (read(Reads::Everything), read(Reads::NewOrWorse));
        assert_eq!(found, (everything, new_or_worse), "{changes}");
    }
}

#[test]
fn what_cannot_be_read_is_named_and_costs_no_other_answer() {
    let spine = Spine::shipped();
    let reading = Answers::read(
        &spine.0,
        [
            ("SP08", "new"),
            ("SP09", "perhaps"),
            ("SP77", "x"),
            ("SP08", "no"),
            ("SP01", "no"),
            ("SP03", "9"),
            ("SP14", ""),
        ],
    );
    assert_eq!(reading.answers.words().collect::<Vec<_>>(), [("SP01", "no".into()), ("SP08", "new".into())]);
    let faults: Vec<String> = reading.faults.iter().map(ToString::to_string).collect();
    assert_eq!(faults.len(), 4, "{faults:?}");
    assert!(reading.faults.contains(&AnswerFault::Hidden("SP03".into())));
    assert!(reading.faults.contains(&AnswerFault::Twice("SP08".into())));
    assert!(!faults.join(" ").contains("perhaps"));
}

#[test]
fn a_page_saved_later_stands_and_takes_with_it_what_is_no_longer_asked() {
    let spine = Spine::shipped();
    let mut answers = spine.answers(&form("SP01=new SP03=8"));
    answers.merge(spine.answers(&vec![("SP01", "no")]), &spine.0);
    assert_eq!(answers.get("SP03"), None);
    assert_eq!(answers.get("SP08").map(AnswerValue::word), Some("no".into()));
}
