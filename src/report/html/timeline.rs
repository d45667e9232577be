//! When each job ran, as bars under each other.

use super::{
    super::{
        document::{Document, Task},
        text::span,
    },
    anchor, class, label,
};
use quick_xml::escape::escape;
use std::fmt::Write;

/// Beyond so many bars a picture is no help.
const MOST_JOBS: usize = 300;

const LABELS: f64 = 300.0;
const BARS: f64 = 780.0;
const RIGHT: f64 = 90.0;
const ROW: usize = 22;
const TOP: usize = 26;

/// The drawing; nothing where no job ran.
pub fn render(document: &Document) -> String {
    let mut ran: Vec<(&Task, u64)> =
        document.jobs.iter().filter_map(|job| Some((job, job.started_at?))).collect();
    ran.sort_by_key(|(_, started)| *started);
    let Some(first) = ran.first().map(|(_, started)| *started) else { return String::new() };
    let left_out = ran.len().saturating_sub(MOST_JOBS);
    ran.truncate(MOST_JOBS);
    let end = |(job, started): &(&Task, u64)| (*started - first) as f64 + job.duration_ms.max(0.0);
    let length = ran.iter().map(end).fold(1.0, f64::max);
    let x = |milliseconds: f64| LABELS + milliseconds / length * BARS;
    let height = TOP + ran.len() * ROW + 6;

    let mut out = String::new();
    for tick in ticks(length) {
        let at = x(tick);
        let _ = writeln!(
            out,
            "<path class=\"grid\" d=\"M{at:.1} {} V{height}\"/><text class=\"tick\" x=\"{at:.1}\" y=\"14\">{}</text>",
            TOP - 6,
            if tick == 0.0 { "0".to_owned() } else { span(tick) },
        );
    }
    for (row, (job, started)) in ran.iter().enumerate() {
        let y = TOP + row * ROW;
        let begin = x((started - first) as f64);
        // A bar of no width could not be seen.
        let width = (job.duration_ms.max(0.0) / length * BARS).max(2.0);
        let text = match &job.matrix_id {
            Some(id) => format!("{} {id}", job.number),
            None if job.name.starts_with(&job.number) => job.name.clone(),
            None => format!("{} {}", job.number, job.name),
        };
        let _ = writeln!(
            out,
            "<a href=\"#{}\"><g class=\"bar {}\"><title>{}</title><text x=\"4\" y=\"{}\">{}</text>\
             <rect x=\"{begin:.1}\" y=\"{}\" width=\"{width:.1}\" height=\"14\" rx=\"3\"/>\
             <text class=\"tick\" x=\"{:.1}\" y=\"{}\">{}</text></g></a>",
            anchor(job),
            class(job),
            escape(&format!("{} {}: {}", job.number, job.title(), span(job.duration_ms))),
            y + 12,
            label(&text, 40),
            y,
            begin + width + 5.0,
            y + 12,
            span(job.duration_ms),
        );
    }
    let width = LABELS + BARS + RIGHT;
    let more = if left_out > 0 { format!("<p>{left_out} more jobs ran.</p>") } else { String::new() };
    format!(
        "<div class=\"wide\"><svg role=\"img\" aria-label=\"Timeline of the jobs\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\">\n{out}</svg></div>{more}"
    )
}

/// Four to nine round times from 0 on.
fn ticks(length: f64) -> Vec<f64> {
    let power = 10_f64.powf((length / 4.0).max(0.001).log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|it| it * power).find(|it| length / it <= 8.0);
    let step = step.unwrap_or(length);
    (0..=8).map(|number| f64::from(number) * step).take_while(|tick| *tick <= length).collect()
}

#[cfg(test)]
mod tests {
    use super::ticks;

    #[test]
    fn ticks_are_round_and_few() {
        assert_eq!(ticks(1_000.0), [0.0, 200.0, 400.0, 600.0, 800.0, 1_000.0]);
        assert_eq!(ticks(1.0).len(), 6);
        for length in [0.5, 3.0, 17.0, 999.0, 123_456.0, 86_400_000.0] {
            assert!((4..=9).contains(&ticks(length).len()), "{length}: {:?}", ticks(length));
        }
    }
}
