//! Figures as a picture: bars side by side, drawn here as SVG so that no script and no third party is needed. The table
//! beside it says the same; colour only helps: the second kind of bar is hollow, the third is thin, and where there is room
//! each bar bears its figure.

use std::fmt::Write as _;

use minijinja::{HtmlEscape, Value};

use crate::web::locale::reader::ReaderWords;

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 260.0;
/// Left of the bars: the scale.
const LEFT: f64 = 64.0;
/// Above them: the legend.
const TOP: f64 = 44.0;
/// Below them: the labels.
const BOTTOM: f64 = 34.0;
/// Labels are drawn for so many groups at most; the others are read from the table.
const LABELS: usize = 14;
/// A bar so wide bears its figure.
const ROOM: f64 = 20.0;

/// Bars of one kind.
pub(in crate::web::console) struct ChartSeries<'a> {
    /// What they stand for.
    pub(in crate::web::console) name: &'a str,
    /// One for each label; not a number where there is none.
    pub(in crate::web::console) values: Vec<f64>,
}

/// A picture of figures.
pub(in crate::web::console) struct BarChart<'a> {
    /// What a reader of the picture hears.
    pub(in crate::web::console) title: &'a str,
    /// What stands under each group of bars.
    pub(in crate::web::console) labels: Vec<String>,
    /// The bars: at most three kinds have a colour of their own.
    pub(in crate::web::console) series: Vec<ChartSeries<'a>>,
}

impl BarChart<'_> {
    /// The picture in the reader's words, for a template; nothing where there is nothing to draw. Labels are drawn as given.
    pub(in crate::web::console) fn svg(&self, reader: &ReaderWords) -> Value {
        let mut svg = String::new();
        match self.draw(&mut svg, reader) {
            Ok(()) if !self.labels.is_empty() => Value::from_safe_string(svg),
            _ => Value::from(""),
        }
    }

    fn draw(&self, svg: &mut String, reader: &ReaderWords) -> std::fmt::Result {
        let heard = reader.said(&format!("{}. The table below says the same.", self.title));
        write!(
            svg,
            "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">",
            HtmlEscape(&heard)
        )?;
        let top = scale(self.series.iter().flat_map(|s| &s.values).copied().fold(0.0, f64::max));
        self.draw_scale(svg, top, reader)?;
        self.draw_bars(svg, top, reader)?;
        self.draw_labels(svg)?;
        let mut x = LEFT;
        for (at, series) in self.series.iter().enumerate().filter(|_| self.series.len() > 1) {
            write!(svg, "<rect class=\"bar b{at}\" x=\"{x:.0}\" y=\"6\" width=\"14\" height=\"14\"/>")?;
            let name = reader.said(series.name);
            write!(svg, "<text x=\"{:.0}\" y=\"18\">{}</text>", x + 20.0, HtmlEscape(&name))?;
            x += 60.0 + 8.0 * length(name.chars().count());
        }
        svg.push_str("</svg>");
        Ok(())
    }

    fn draw_scale(&self, svg: &mut String, top: f64, reader: &ReaderWords) -> std::fmt::Result {
        for step in 0..=4_u8 {
            let value = top * f64::from(step) / 4.0;
            let y = floor() - (floor() - TOP) * f64::from(step) / 4.0;
            write!(svg, "<path class=\"grid\" d=\"M{LEFT} {y:.1}H{WIDTH}\"/>")?;
            let label = if top < 4.0 { format!("{value}") } else { format!("{value:.0}") };
            let label = reader.number(&label);
            write!(
                svg,
                "<text x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
                LEFT - 8.0,
                y + 4.0
            )?;
        }
        Ok(())
    }

    fn draw_bars(&self, svg: &mut String, top: f64, reader: &ReaderWords) -> std::fmt::Result {
        let group = (WIDTH - LEFT) / length(self.labels.len()).max(1.0);
        let bar = (group * 0.8 / length(self.series.len()).max(1.0)).min(48.0);
        let indent = (group - bar * length(self.series.len())) / 2.0;
        for (kind, series) in self.series.iter().enumerate() {
            for (at, value) in series.values.iter().enumerate().filter(|(_, value)| **value > 0.0) {
                let x = LEFT + group * length(at) + indent + bar * length(kind);
                let tall = (floor() - TOP) * value / top;
                if bar >= ROOM {
                    let (middle, above) = (x + bar / 2.0, floor() - tall - 4.0);
                    let figure = figure(*value, reader);
                    write!(
                        svg,
                        "<text x=\"{middle:.1}\" y=\"{above:.1}\" text-anchor=\"middle\">{figure}</text>"
                    )?;
                }
                write!(
                    svg,
                    "<rect class=\"bar b{kind}\" x=\"{x:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{tall:.1}\"/>",
                    floor() - tall,
                    (bar - 1.0).max(1.0)
                )?;
            }
        }
        Ok(())
    }

    fn draw_labels(&self, svg: &mut String) -> std::fmt::Result {
        let group = (WIDTH - LEFT) / length(self.labels.len()).max(1.0);
        let every = self.labels.len().div_ceil(LABELS).max(1);
        for (at, label) in self.labels.iter().enumerate().filter(|(at, _)| at % every == 0) {
            let x = LEFT + group * (length(at) + 0.5);
            let y = HEIGHT - 12.0;
            write!(svg, "<text x=\"{x:.1}\" y=\"{y}\" text-anchor=\"middle\">{}</text>", HtmlEscape(label))?;
        }
        Ok(())
    }
}

fn floor() -> f64 {
    HEIGHT - BOTTOM
}

/// A value as it stands on its bar.
fn figure(value: f64, reader: &ReaderWords) -> String {
    reader.number(&if value < 10.0 && value.fract() > 0.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.0}")
    })
}

fn length(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

/// The end of the scale: the next round figure above.
fn scale(most: f64) -> f64 {
    let step = 10_f64.powf(most.max(1.0).log10().floor());
    let round = [1.0, 2.0, 4.0, 5.0, 8.0, 10.0].into_iter().map(|n| n * step);
    round.into_iter().find(|end| *end >= most).unwrap_or(most.max(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_ends_on_a_round_figure_that_holds_the_longest_bar() {
        for (most, end) in [(0.0, 1.0), (1.0, 1.0), (3.0, 4.0), (7.0, 8.0), (41.0, 50.0), (1200.0, 2000.0)] {
            assert!((scale(most) - end).abs() < 1e-9, "{most}: {}", scale(most));
        }
    }

    #[test]
    fn a_bar_bears_its_figure_and_what_is_not_known_has_none() {
        let series = vec![ChartSeries { name: "a", values: vec![0.25, f64::NAN, 12.4] }];
        let labels = ["x", "y", "z"].map(str::to_owned).to_vec();
        let svg = BarChart { title: "t", labels, series }.svg(&ReaderWords::of("en")).to_string();
        assert_eq!(svg.matches("<rect").count(), 2, "{svg}");
        assert!(svg.contains(">0.2</text>") && svg.contains(">12</text>") && !svg.contains("NaN"), "{svg}");
    }

    #[test]
    fn words_in_a_chart_bring_no_markup() {
        let series = vec![
            ChartSeries { name: "<b>", values: vec![2.0] },
            ChartSeries { name: "b", values: vec![0.0] },
        ];
        let svg = BarChart { title: "\"<x>\"", labels: vec!["<i>".to_owned()], series }
            .svg(&ReaderWords::of("en"))
            .to_string();
        assert!(!svg.contains("<b>") && !svg.contains("<i>") && !svg.contains("<x>"), "{svg}");
        assert_eq!(svg.matches("class=\"bar b0\"").count(), 2, "one bar and its mark in the legend: {svg}");
    }
}
