//! The jobs as boxes, from left to right by what they need.

use super::{
    super::document::{Document, Task},
    anchor, class, label, mark,
};
use quick_xml::escape::escape;
use std::{collections::HashMap, fmt::Write};

/// Beyond so many boxes nobody can follow a line.
const MOST_JOBS: usize = 150;

const BOX_WIDTH: usize = 232;
const BOX_HEIGHT: usize = 30;
const COLUMN: usize = BOX_WIDTH + 56;
const ROW: usize = BOX_HEIGHT + 10;
const MARGIN: usize = 14;
const TITLE: usize = 24;

/// A stage's name and the positions of its jobs.
type Cluster<'a> = (Option<&'a str>, Vec<usize>);

/// Where a job's box stands.
struct Place {
    x: usize,
    y: usize,
}

/// The drawing; nothing where there are too many jobs for one.
pub fn render(document: &Document) -> String {
    let jobs = &document.jobs;
    if jobs.is_empty() {
        return String::new();
    }
    if jobs.len() > MOST_JOBS {
        return format!("<p>{} jobs are too many to draw.</p>", jobs.len());
    }
    let position: HashMap<&str, usize> =
        jobs.iter().enumerate().map(|(position, job)| (job.number.as_str(), position)).collect();
    let needs: Vec<Vec<usize>> = jobs
        .iter()
        .map(|job| job.needs.iter().filter_map(|number| position.get(number.as_str()).copied()).collect())
        .collect();
    let clusters = clusters(document);
    let mut out = String::new();
    let mut places: Vec<Place> = jobs.iter().map(|_| Place { x: 0, y: 0 }).collect();
    let (mut left, mut height) = (MARGIN, 0);
    let mut frames: Vec<(usize, usize)> = Vec::new();
    for (name, members) in &clusters {
        let depth = depths(members, &needs);
        let columns = members.iter().map(|at| depth[at] + 1).max().unwrap_or(1);
        let mut rows = vec![0; columns];
        for at in members {
            let column = depth[at];
            places[*at] = Place { x: left + column * COLUMN, y: MARGIN + TITLE + rows[column] * ROW };
            rows[column] += 1;
        }
        let width = (columns - 1) * COLUMN + BOX_WIDTH;
        let tall = rows.into_iter().max().unwrap_or(0) * ROW + TITLE;
        if let Some(name) = name {
            let _ = writeln!(
                out,
                "<rect class=\"stage\" x=\"{}\" y=\"4\" width=\"{}\" height=\"{}\" rx=\"8\"/>\
                 <text class=\"stage\" x=\"{left}\" y=\"24\">{}</text>",
                left - 10,
                width + 20,
                tall + MARGIN,
                label(name, 30 * columns),
            );
        }
        frames.push((left, left + width));
        left += width + 56;
        height = height.max(tall);
    }
    out.insert_str(0, &between(document, &clusters, &frames));
    for (at, job) in jobs.iter().enumerate() {
        for need in &needs[at] {
            out.push_str(&edge(&places[*need], &places[at]));
        }
        out.push_str(&node(job, &places[at]));
    }
    let (width, height) = (left - 56 + MARGIN, height + 2 * MARGIN);
    format!(
        "<div class=\"wide\"><svg role=\"img\" aria-label=\"Graph of the jobs\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\">\n{out}</svg></div>"
    )
}

/// Lines from the stages that others wait for; drawn first, so that they run behind the frames.
fn between(document: &Document, clusters: &[Cluster], frames: &[(usize, usize)]) -> String {
    let frame = |wanted: &str| {
        let at = clusters.iter().position(|(name, _)| *name == Some(wanted))?;
        frames.get(at)
    };
    let y = MARGIN + TITLE + BOX_HEIGHT / 2;
    let mut out = String::new();
    for stage in &document.stages {
        for need in &stage.needs {
            if let (Some(from), Some(to)) = (frame(need), frame(&stage.name)) {
                let _ = writeln!(out, "<path class=\"barrier\" d=\"M{} {y} H{}\"/>", from.1 + 10, to.0 - 10);
            }
        }
    }
    out
}

/// A playbook's stages, each with its jobs; one without a name for a sequence.
fn clusters(document: &Document) -> Vec<Cluster<'_>> {
    let all = || (0..document.jobs.len()).collect();
    if document.stages.is_empty() {
        return vec![(None, all())];
    }
    let mut clusters: Vec<Cluster> = Vec::new();
    for (at, job) in document.jobs.iter().enumerate() {
        match clusters.iter_mut().find(|(name, _)| *name == Some(&job.stage)) {
            Some((_, members)) => members.push(at),
            None => clusters.push((Some(&job.stage), vec![at])),
        }
    }
    clusters
}

/// How many jobs of the same cluster stand in front of each, along the longest line.
fn depths(members: &[usize], needs: &[Vec<usize>]) -> HashMap<usize, usize> {
    let mut depth: HashMap<usize, usize> = members.iter().map(|at| (*at, 0)).collect();
    // A need may stand behind its dependent; as many rounds as jobs are enough for any order.
    for _ in members {
        let mut changed = false;
        for at in members {
            let wanted = needs[*at].iter().filter_map(|need| depth.get(need)).map(|it| it + 1).max();
            if let Some(wanted) = wanted.filter(|wanted| *wanted > depth[at] && *wanted < members.len()) {
                depth.insert(*at, wanted);
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    depth
}

fn edge(from: &Place, to: &Place) -> String {
    let (x1, y1) = (from.x + BOX_WIDTH, from.y + BOX_HEIGHT / 2);
    let (x2, y2) = (to.x, to.y + BOX_HEIGHT / 2);
    let bend = 24;
    format!(
        "<path class=\"edge\" d=\"M{x1} {y1} C{} {y1} {} {y2} {x2} {y2}\"/>\n",
        x1 + bend,
        x2.saturating_sub(bend)
    )
}

fn node(job: &Task, place: &Place) -> String {
    let Place { x, y } = place;
    let text = match &job.matrix_id {
        Some(id) => format!("{} {id}", job.number),
        None if job.name.starts_with(&job.number) => job.name.clone(),
        None => format!("{} {}", job.number, job.name),
    };
    format!(
        "<a href=\"#{}\"><g class=\"job {}\"><title>{}</title><rect x=\"{x}\" y=\"{y}\" width=\"{BOX_WIDTH}\" \
         height=\"{BOX_HEIGHT}\" rx=\"6\"/><text x=\"{}\" y=\"{}\">{} {}</text></g></a>\n",
        anchor(job),
        class(job),
        escape(&format!("{} {}", job.number, job.title())),
        x + 10,
        y + BOX_HEIGHT / 2 + 4,
        mark(job),
        label(&text, 30),
    )
}
