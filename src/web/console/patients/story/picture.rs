//! Her story as a picture: a row for visits and tests, for letters, for answers by tier, for pain from 0 to 10, for loss of
//! weight; a line where today is. Colours come from the style sheet; every mark has a shape of its own.

use jiff::civil::Date;

use super::events::{EventMark, StoryEvent, told};
use crate::care::triage::tier::Tier;
use crate::letter::markup::escaped;
use crate::web::locale::reader::ReaderWords;

const LEFT: f64 = 128.0;
const WIDTH: f64 = 960.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 34.0;
const ROW: f64 = 34.0;
const CHART: f64 = 84.0;
/// The most pain there is.
const WORST: f64 = 10.0;

/// The days between the left and the right edge.
struct TimeAxis {
    from: Date,
    until: Date,
}

impl TimeAxis {
    /// From the first event to half a year from today, and on to whatever is booked or planned later, within two years.
    fn of(events: &[StoryEvent], today: Date) -> Self {
        let ahead = |months: i32| today.saturating_add(jiff::Span::new().months(months));
        let first = events.first().map_or(today, |event| event.on).min(ahead(-6));
        let last = events.last().map_or(today, |event| event.on);
        Self { from: first, until: last.clamp(ahead(6), ahead(24)) }
    }

    fn x(&self, on: Date) -> f64 {
        let days = |to: Date| f64::from((to - self.from).get_days());
        LEFT + (WIDTH - LEFT - RIGHT) * (days(on) / days(self.until).max(1.0)).clamp(0.0, 1.0)
    }

    /// The first days of years, and of quarters where there is room for them.
    fn grid(&self, reader: &ReaderWords) -> Vec<(Date, String)> {
        let years = i32::from(self.until.year()) - i32::from(self.from.year());
        let months: &[i8] = if years <= 3 { &[1, 4, 7, 10] } else { &[1] };
        let each = (self.from.year()..=self.until.year())
            .flat_map(|year| months.iter().filter_map(move |month| Date::new(year, *month, 1).ok()));
        let within = each.filter(|on| (self.from..=self.until).contains(on));
        within
            .map(|on| {
                let format = if on.month() == 1 { "%Y" } else { "%b" };
                (on, reader.said(&on.strftime(format).to_string()))
            })
            .collect()
    }
}

/// The picture as SVG.
pub(super) fn svg(events: &[StoryEvent], today: Date, reader: &ReaderWords) -> String {
    let axis = TimeAxis::of(events, today);
    let has_pain = events.iter().any(|event| event.pain.is_some());
    let has_weight = events.iter().any(|event| event.lost_weight.is_some());
    let rows = [("Visits and tests", 0.5), ("Letters", 1.5), ("Answers", 2.5)];
    let pain_top = TOP + 3.0 * ROW + 8.0;
    let weight_at = pain_top + if has_pain { CHART + 22.0 } else { 16.0 };
    let height = weight_at + if has_weight { 22.0 } else { 0.0 };
    let mut out = format!(
        "<svg class=\"story\" viewBox=\"0 0 {WIDTH} {height:.0}\" role=\"img\" aria-labelledby=\"story-name\">\
         <title id=\"story-name\">{}</title>",
        reader.said(&summed_up(events))
    );
    for (on, name) in axis.grid(reader) {
        let x = axis.x(on);
        out += &format!(
            "<path class=\"grid\" d=\"M{x:.1} {TOP} V{height:.0}\"/><text x=\"{:.1}\" y=\"{:.0}\">{name}</text>",
            x + 3.0,
            TOP - 8.0
        );
    }
    for (name, at) in rows {
        out += &format!("<text x=\"4\" y=\"{:.1}\">{}</text>", TOP + at * ROW + 4.0, reader.said(name));
        // Once more at the end, where a narrow window opens.
        let (x, y) = (WIDTH - 4.0, TOP + (at - 0.5) * ROW + 8.0);
        out += &format!(
            "<text class=\"again\" x=\"{x}\" y=\"{y:.1}\" text-anchor=\"end\" aria-hidden=\"true\">{}</text>",
            reader.said(name)
        );
    }
    let now = axis.x(today);
    out += &format!(
        "<path class=\"today\" d=\"M{now:.1} {TOP} V{height:.0}\"/><text class=\"today\" x=\"{:.1}\" y=\"12\">{}</text>",
        now - 16.0,
        reader.said("today")
    );
    for event in events {
        out += &mark(event, axis.x(event.on), reader);
    }
    if has_pain {
        out += &pain(events, &axis, pain_top, reader);
    }
    if has_weight {
        out += &weight(events, &axis, weight_at, reader);
    }
    out + "</svg>"
}

/// What the picture shows, for whoever does not see it.
fn summed_up(events: &[StoryEvent]) -> String {
    let count = |fits: fn(&EventMark) -> bool| events.iter().filter(|event| fits(&event.mark)).count();
    format!(
        "Time line: {} visits and tests, {} letters, {} answers. The list tells the same.",
        count(|m| row(*m) < 1.0),
        count(|m| (1.0..2.0).contains(&row(*m))),
        count(|m| row(*m) > 2.0),
    )
}

/// In which row a mark stands, in rows from the top.
const fn row(mark: EventMark) -> f64 {
    match mark {
        EventMark::Done | EventMark::Booked | EventMark::Planned | EventMark::Missed => 0.5,
        EventMark::Sent | EventMark::Waiting | EventMark::NotSent => 1.5,
        EventMark::Answered(_) => 2.5,
    }
}

fn mark(event: &StoryEvent, x: f64, reader: &ReaderWords) -> String {
    let y = TOP + row(event.mark) * ROW;
    let circle =
        |class: &str, r: f64| format!("<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{r}\">");
    let path = |class: &str, d: &str| {
        format!("<path class=\"{class}\" transform=\"translate({x:.1} {y:.1})\" d=\"{d}\">")
    };
    let (cross, diamond) = ("M-5 -5 L5 5 M5 -5 L-5 5", "M0 -7 L7 0 L0 7 L-7 0 Z");
    let (begin, end) = match event.mark {
        EventMark::Done => (circle("full", 6.0), "</circle>"),
        EventMark::Planned => (circle("hollow", 5.5), "</circle>"),
        EventMark::Booked => (path("full", diamond), "</path>"),
        EventMark::Missed | EventMark::NotSent => (path("cross", cross), "</path>"),
        EventMark::Sent => (circle("full", 3.5), "</circle>"),
        EventMark::Waiting => (circle("hollow", 3.5), "</circle>"),
        EventMark::Answered(Some(Tier::Emergency)) => (path("alarm", "M0 -8 L8 7 L-8 7 Z"), "</path>"),
        EventMark::Answered(Some(Tier::Urgent)) => (path("alarm", "M-6 -6 H6 V6 H-6 Z"), "</path>"),
        EventMark::Answered(Some(Tier::Soon)) => (path("warn", diamond), "</path>"),
        EventMark::Answered(Some(Tier::Routine)) => (circle("full", 4.0), "</circle>"),
        EventMark::Answered(None) => (path("hollow", "M-5 -5 H5 V5 H-5 Z"), "</path>"),
    };
    format!("{begin}<title>{}</title>{end}", escaped(&told(event, reader)))
}

/// Pain from 0 to 10 as a line through her answers.
fn pain(events: &[StoryEvent], axis: &TimeAxis, top: f64, reader: &ReaderWords) -> String {
    let y = |score: u8| top + CHART * (1.0 - f64::from(score) / WORST);
    let name = reader.said("Pain, 0 to 10");
    let mut out = format!("<text x=\"4\" y=\"{:.1}\">{name}</text>", top + CHART / 2.0 + 4.0);
    for score in [0, 5, 10] {
        let at = y(score);
        out += &format!(
            "<path class=\"grid\" d=\"M{LEFT} {at:.1} H{:.0}\"/><text class=\"scale\" x=\"{:.0}\" y=\"{:.1}\">{score}</text>",
            WIDTH - RIGHT,
            LEFT - 6.0,
            at + 4.0
        );
    }
    let points: Vec<(f64, f64, &StoryEvent)> =
        events.iter().filter_map(|event| Some((axis.x(event.on), y(event.pain?), event))).collect();
    let line: Vec<String> = points.iter().map(|(x, y, _)| format!("{x:.1},{y:.1}")).collect();
    out += &format!("<polyline class=\"line\" points=\"{}\"/>", line.join(" "));
    for (x, y, event) in points {
        let said = escaped(&told(event, reader));
        out += &format!(
            "<circle class=\"full\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"><title>{said}</title></circle>"
        );
    }
    out
}

/// Where she said that she has lost weight.
fn weight(events: &[StoryEvent], axis: &TimeAxis, at: f64, reader: &ReaderWords) -> String {
    let name = reader.said("Loss of weight");
    let mut out = format!("<text x=\"4\" y=\"{:.1}\">{name}</text>", at + 4.0);
    for event in events {
        let x = axis.x(event.on);
        let class = match event.lost_weight {
            Some(true) => "warn",
            Some(false) => "hollow",
            None => continue,
        };
        let shape = if class == "warn" { "M-6 -5 H6 L0 6 Z" } else { "M-3 0 H3" };
        let said = escaped(&told(event, reader));
        out += &format!(
            "<path class=\"{class}\" transform=\"translate({x:.1} {at:.1})\" d=\"{shape}\"><title>{said}</title></path>"
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn event(on: Date, mark: EventMark, pain: Option<u8>) -> StoryEvent {
        let what = "<b>".to_owned();
        StoryEvent { on, mark, what, more: String::new(), link: None, pain, lost_weight: pain.map(|p| p > 5) }
    }

    #[test]
    fn a_story_is_drawn_within_its_frame_and_nothing_in_it_is_markup() {
        let today = date(2026, 7, 1);
        let events = [
            event(date(2026, 1, 10), EventMark::Done, None),
            event(date(2026, 2, 1), EventMark::Answered(Some(Tier::Urgent)), Some(8)),
            event(date(2026, 3, 1), EventMark::Answered(None), Some(0)),
            event(date(2031, 3, 1), EventMark::Planned, None),
        ];
        let svg = svg(&events, today, &ReaderWords::of("en"));
        assert!(svg.contains("&lt;b&gt;") && !svg.contains("<b>"), "{svg}");
        assert!(
            svg.contains(">2027</text>") && svg.contains(">Apr</text>") && svg.contains(">today<"),
            "{svg}"
        );
        assert!(svg.contains("cx=\"936.0\""), "what lies far ahead stands at the edge: {svg}");
        assert_eq!(svg.matches("class=\"line\"").count(), 1);
    }

    #[test]
    fn an_empty_story_is_a_frame() {
        let svg = svg(&[], date(2026, 7, 1), &ReaderWords::of("en"));
        assert!(svg.contains("0 visits and tests") && !svg.contains("Pain"), "{svg}");
    }
}
