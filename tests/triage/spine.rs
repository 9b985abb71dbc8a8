//! Forms, histories and judgements of the shipped spine checklist, for the tests of its rules.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use aftercare::care::checklist::answer::{Answers, Baseline, Known, Last, Mark};
use aftercare::care::checklist::definition::Checklist;
use aftercare::care::triage::case::{BoneSpread, Case, FormStage, History};
use aftercare::care::triage::judge::{TriageVerdict, judge, told_new};
use aftercare::care::triage::tier::Code;
use aftercare::config::checklists::checklist;
use jiff::civil::{Date, date};

/// Fields and words.
pub(crate) type Fields = Vec<(&'static str, &'static str)>;

/// The day every form is answered.
pub(crate) const TODAY: Date = date(2026, 6, 1);
/// Answers to a sign, best first.
pub(crate) const CHANGE: [&str; 4] = ["no", "same", "unsure", "new"];
/// The change items but SP10, which has a place.
pub(crate) const SIGNS: [&str; 6] = ["SP07", "SP08", "SP09", "SP11", "SP12", "SP13"];
/// Every field of the checklist.
pub(crate) const FIELDS: [&str; 19] = [
    "SP07",
    "SP08",
    "SP09",
    "SP10",
    "SP10.site",
    "SP11",
    "SP12",
    "SP13",
    "SP01",
    "SP02",
    "SP03",
    "SP04",
    "SP05",
    "SP06.strain",
    "SP06.move",
    "SP14",
    "SP15.worst",
    "SP15.stops",
    "SP16",
];
const MILD: [(&str, &str); 6] = [
    ("SP02", "low"),
    ("SP03", "2"),
    ("SP04", "no"),
    ("SP05", "no"),
    ("SP06.strain", "no"),
    ("SP06.move", "no"),
];

/// The shipped checklist.
pub(crate) struct Spine(pub(crate) Checklist);

impl Spine {
    pub(crate) fn shipped() -> Self {
        static SHIPPED: LazyLock<Checklist> = LazyLock::new(|| checklist::shipped().unwrap().checklist);
        Self(SHIPPED.clone())
    }

    pub(crate) fn answers(&self, fields: &Fields) -> Answers {
        let reading = Answers::read(&self.0, fields.iter().copied());
        assert_eq!(reading.faults, []);
        reading.answers
    }

    pub(crate) fn judge(&self, fields: &Fields, history: &History) -> TriageVerdict {
        self.judge_at(FormStage::Submitted, fields, history)
    }

    pub(crate) fn judge_at(&self, stage: FormStage, fields: &Fields, history: &History) -> TriageVerdict {
        let answers = self.answers(fields);
        judge(&self.0, &Case { answers: &answers, stage, answered_on: TODAY, history })
    }
}

/// A complete form with no trouble, changed by `FIELD=word` pairs; `-` leaves a field blank. Pain that is named gets mild
/// details where none are given.
pub(crate) fn form(changes: &'static str) -> Fields {
    let no = ["SP07", "SP08", "SP09", "SP10", "SP11", "SP12", "SP13", "SP01", "SP14"];
    let mut form: BTreeMap<&'static str, &'static str> = no.into_iter().map(|field| (field, "no")).collect();
    form.extend([("SP15.worst", "0"), ("SP15.stops", "0")]);
    if changes.contains("SP01=") && !changes.contains("SP01=no") {
        form.extend(MILD);
    }
    for pair in changes.split_whitespace() {
        let (field, word) = pair.split_once('=').unwrap();
        let field = FIELDS.into_iter().find(|known| *known == field).unwrap();
        if word == "-" {
            form.remove(field)
        } else {
            form.insert(field, word)
        };
    }
    form.into_iter().collect()
}

/// The same form with another answer.
pub(crate) fn with(form: &Fields, field: &'static str, word: &'static str) -> Fields {
    let mut form = without(form, field);
    form.push((field, word));
    form
}

/// The same form with a field left blank.
pub(crate) fn without(form: &Fields, field: &str) -> Fields {
    form.iter().filter(|(other, _)| *other != field).copied().collect()
}

/// A confirmed baseline with further marks.
pub(crate) fn confirmed(fields: &Fields, marks: &[(&str, Mark)]) -> History {
    let spine = Spine::shipped();
    let baseline = Baseline {
        confirmed_by: "Dr. Roe".to_owned(),
        confirmed_on: date(2026, 1, 1),
        marks: marks.iter().map(|(item, mark)| ((*item).to_owned(), *mark)).collect(),
        answers: spine.answers(fields),
    };
    History { baseline: Some(baseline), ..History::default() }
}

/// Every sign and the pain known and confirmed.
pub(crate) fn all_known() -> History {
    let items = ["SP07", "SP08", "SP09", "SP10", "SP11", "SP12", "SP13", "SP01"];
    confirmed(&form("SP01=same SP03=4 SP15.worst=1"), &items.map(|item| (item, Mark::Known)))
}

/// A form answered so many days ago, as it was judged then.
pub(crate) fn last(changes: &'static str, days: i32, reviewed: bool) -> History {
    let spine = Spine::shipped();
    let fields = form(changes);
    let last = Last {
        answered_on: TODAY.checked_sub(jiff::Span::new().days(days)).unwrap(),
        answers: spine.answers(&fields),
        reasons: spine.judge(&fields, &History::default()).codes(),
        reviewed,
    };
    let unlooked = match reviewed {
        true => BTreeSet::new(),
        false => told_new(&spine.0, &last.answers, &last.reasons),
    };
    History { last: Some(last), unlooked, ..History::default() }
}

/// S2 and S3 marked as known.
pub(crate) fn marked() -> Vec<Known> {
    [Code::S2, Code::S3].map(|code| Known::new(code, TODAY, date(2026, 7, 1)).unwrap()).to_vec()
}

/// Histories that reach every branch of the rules.
pub(crate) fn histories() -> Vec<History> {
    vec![
        History::default(),
        all_known(),
        History { bone: BoneSpread::Known, ..all_known() },
        last("SP01=same SP03=3 SP14=yes SP15.worst=1", 30, false),
        last("SP01=new SP03=5 SP15.worst=3 SP16=yes", 30, false),
        last("SP01=same SP06.move=yes SP03=1", 30, false),
        History { baseline: all_known().baseline, ..last("SP01=same SP03=4 SP06.move=yes", 30, true) },
        History { known: marked(), ..all_known() },
        History {
            known: marked(),
            bone: BoneSpread::Known,
            ..last("SP01=same SP03=5 SP06.move=yes", 30, false)
        },
        confirmed(&form(""), &[("SP12", Mark::NotApplicable), ("SP10", Mark::NotApplicable)]),
    ]
}

/// A form without a block of fields.
pub(crate) fn quiet(block: std::ops::Range<usize>, changes: &'static str) -> Fields {
    form(changes).into_iter().filter(|(field, _)| !FIELDS[block.clone()].contains(field)).collect()
}

/// Two blocks together.
pub(crate) fn joined(left: &Fields, right: &Fields) -> Fields {
    left.iter().chain(right).copied().collect()
}
