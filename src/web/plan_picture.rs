//! A plan as a picture: a row for each series, a dot for each follow-up, a line for each year. On paper of its own; a page
//! that shows it gives it the page's colours.

use jiff::civil::Date;

use crate::care::plan::protocol::{Protocol, Series};
use crate::care::publication::example_plan::{ExamplePatient, PreviewLine};
use crate::care::time::calendar::{Span, Unit};
use crate::letter::markup::escaped;
use crate::web::locale::reader::ReaderWords;

const LEFT: f64 = 220.0;
const WIDTH: f64 = 980.0;
const RIGHT: f64 = 60.0;
const TOP: f64 = 64.0;
const ROW: f64 = 36.0;

/// The picture as SVG, for staff who read that language.
#[must_use]
pub fn write(
    protocol: &Protocol,
    patient: &ExamplePatient<'_>,
    lines: &[PreviewLine<'_>],
    language: &str,
) -> String {
    let count = u32::try_from(protocol.series.len()).unwrap_or(u32::MAX);
    let height = TOP + ROW * f64::from(count) + 16.0;
    let heading = format!("{} ({}), from {}", protocol.title, protocol.id, patient.anchor);
    let heading = escaped(&said(&heading, language));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         font-family=\"sans-serif\" font-size=\"13\">\n<title>{heading}</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"12\" y=\"24\" font-size=\"16\">{heading}</text>\n"
    );
    svg += &years(patient, height, language);
    let mut y = TOP;
    for series in &protocol.series {
        y += ROW;
        let at = y - ROW / 2.0;
        svg += &text(12.0, at + 4.0, title(series, language));
        lines
            .iter()
            .filter(|line| line.series.id == series.id)
            .for_each(|line| svg += &dot(line, patient, at, language));
    }
    svg + "</svg>\n"
}

fn years(patient: &ExamplePatient<'_>, height: f64, language: &str) -> String {
    let dates = (0..).map(|count| Span { count, unit: Unit::Years }.from(patient.anchor));
    let mut marks = String::new();
    for (date, year) in dates.take_while(|date| *date <= patient.until).take(200).zip(0..) {
        let x = across(date, patient);
        let line = format!("<path d=\"M{x:.1} {} V{:.1}\" stroke=\"#bbb\"/>\n", TOP - 10.0, height - 8.0);
        marks += &line;
        marks += &text(x + 3.0, TOP - 14.0, &said(&format!("year {year}"), language));
    }
    marks
}

fn dot(line: &PreviewLine<'_>, patient: &ExamplePatient<'_>, y: f64, language: &str) -> String {
    let x = across(line.owed.due_on, patient);
    let said =
        escaped(&format!("{} {}, {}", title(line.series, language), line.owed.number, line.owed.due_on));
    format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"#246\"><title>{said}</title></circle>\n")
}

fn text(x: f64, y: f64, words: &str) -> String {
    format!("<text x=\"{x:.1}\" y=\"{y:.1}\">{}</text>\n", escaped(words))
}

/// Where a date lies between the left and right edge.
fn across(date: Date, patient: &ExamplePatient<'_>) -> f64 {
    let days = |to: Date| patient.anchor.duration_until(to).as_secs_f64() / 86_400.0;
    LEFT + (WIDTH - LEFT - RIGHT) * (days(date) / days(patient.until).max(1.0))
}

/// What a series is called, for staff: in that language, else in English, else whatever there is, else its id.
fn title<'s>(series: &'s Series, language: &str) -> &'s str {
    series
        .title
        .get(language)
        .or_else(|| series.title.get("en"))
        .or_else(|| series.title.values().next())
        .unwrap_or(&series.id)
}

/// Words of the picture in that language, English where there are none.
fn said(words: &str, language: &str) -> String {
    ReaderWords::of(language).said(words)
}
