//! Which line is which model: a legend above the panels, or labels beside the
//! data.

use super::canvas::{Canvas, Place, Stroke, Type};
use super::font;
use super::palette::{Look, look};
use super::panel::{Frame, INK, SMALL};

/// Length of the sample of a line, in points.
const SAMPLE: f64 = 16.0;
const GAP: f64 = 3.0;
const BETWEEN: f64 = 11.0;
const LINE: f64 = 11.0;

/// Models in lines above the panels.
pub(crate) struct Legend<'a> {
    entries: Vec<(&'a str, Place)>,
    /// How much room it takes, in points.
    pub(crate) height: f64,
}

impl<'a> Legend<'a> {
    /// Breaks the models into lines no wider than `width`.
    pub(crate) fn new(models: &[&'a str], left: f64, width: f64) -> Self {
        let (mut x, mut y) = (left, 0.7 * LINE);
        let mut entries = Vec::new();
        for &model in models {
            let wide = SAMPLE + GAP + font::width(model, SMALL);
            if x > left && x + wide > left + width {
                (x, y) = (left, y + LINE);
            }
            entries.push((model, (x, y)));
            x += wide + BETWEEN;
        }
        let height = if entries.is_empty() {
            0.0
        } else {
            y + 0.5 * LINE
        };
        Self { entries, height }
    }

    pub(crate) fn draw(&self, canvas: &Canvas) {
        for &(model, (x, y)) in &self.entries {
            let look = look(model);
            canvas.line(&[(x, y), (x + SAMPLE, y)], stroke(look));
            canvas.marker((x + 0.5 * SAMPLE, y), 2.2, look);
            canvas.text(model, (x + SAMPLE + GAP, y), Type::new(SMALL).color(INK));
        }
    }
}

/// The line of a model.
pub(crate) fn stroke(look: Look) -> Stroke {
    Stroke {
        dash: look.dash,
        ..Stroke::new(look.color, 1.2)
    }
}

/// Moves heights apart until neighbours are `step` apart, within `low..high`,
/// as little as needed and in their order.
pub(crate) fn spread(heights: &[f64], step: f64, low: f64, high: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..heights.len()).collect();
    order.sort_by(|&a, &b| heights[a].total_cmp(&heights[b]));
    // blocks of labels that touch: sum of (height - offset), count
    let mut blocks: Vec<(f64, usize)> = Vec::new();
    for &index in &order {
        blocks.push((heights[index], 1));
        while let [.., (sum_a, count_a), (sum_b, count_b)] = blocks[..] {
            let first = sum_a / count_a as f64;
            let second = sum_b / count_b as f64;
            if second - first >= step * count_a as f64 {
                break;
            }
            blocks.pop();
            blocks.pop();
            let shift = step * (count_a * count_b) as f64;
            blocks.push((sum_a + sum_b - shift, count_a + count_b));
        }
    }
    let mut placed = vec![0.0; heights.len()];
    let mut ranks = order.iter();
    for (sum, count) in blocks {
        let room = step * (count - 1) as f64;
        let start = (sum / count as f64).min(high - room).max(low);
        for (offset, &index) in ranks.by_ref().take(count).enumerate() {
            placed[index] = start + step * offset as f64;
        }
    }
    // blocks that the ends pushed into each other
    let mut floor = low;
    for &index in &order {
        placed[index] = placed[index].max(floor);
        floor = placed[index] + step;
    }
    placed
}

/// Names points within some room: right of the point if that is free, else on
/// another side; never across another point or a line if that can be.
pub(crate) fn name_points(
    canvas: &Canvas,
    frame: Frame,
    points: &[(&str, Place)],
    lines: &[&[Place]],
) {
    const REACH: f64 = 4.5;
    let mut taken: Vec<Frame> = points
        .iter()
        .map(|&(_, (x, y))| around(x - 3.0, y, 6.0, 6.0))
        .collect();
    let along = lines.iter().flat_map(|line| beads(line));
    taken.extend(along.map(|(x, y)| around(x - 0.7, y, 1.4, 1.4)));
    for &(name, (x, y)) in points {
        let wide = font::width(name, SMALL);
        let sides = [
            (x + REACH, y),
            (x - REACH - wide, y),
            (x - 0.5 * wide, y - 8.0),
            (x - 0.5 * wide, y + 8.0),
            (x + REACH, y - 7.0),
            (x + REACH, y + 7.0),
            (x - REACH - wide, y - 7.0),
            (x - REACH - wide, y + 7.0),
            (x - 0.5 * wide, y - 15.0),
            (x - 0.5 * wide, y + 15.0),
            (x - REACH - wide, y - 13.0),
            (x - REACH - wide, y + 13.0),
        ];
        let faults = |&&(left, middle): &&Place| {
            let room = around(left, middle, wide, SMALL);
            let crossed = taken.iter().filter(|other| overlap(&room, other)).count();
            crossed + if within(&room, &frame) { 0 } else { 1000 }
        };
        // the first of the best
        let &(left, middle) = sides.iter().min_by_key(faults).unwrap_or(&sides[0]);
        taken.push(around(left, middle, wide, SMALL));
        canvas.text(name, (left, middle), Type::new(SMALL).color(INK));
    }
}

/// Places along a line, two points apart.
fn beads(line: &[Place]) -> Vec<Place> {
    line.windows(2)
        .flat_map(|pair| {
            let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
            // a page is some hundred points wide
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let count = ((x1 - x0).hypot(y1 - y0) / 2.0).ceil() as u32;
            (0..=count).map(move |i| {
                let share = f64::from(i) / f64::from(count.max(1));
                (x0 + share * (x1 - x0), y0 + share * (y1 - y0))
            })
        })
        .collect()
}

fn around(left: f64, middle: f64, width: f64, height: f64) -> Frame {
    Frame {
        left,
        top: middle - 0.5 * height,
        width,
        height,
    }
}

fn within(inner: &Frame, outer: &Frame) -> bool {
    inner.left >= outer.left
        && inner.right() <= outer.right()
        && inner.top >= outer.top
        && inner.bottom() <= outer.bottom()
}

fn overlap(a: &Frame, b: &Frame) -> bool {
    a.left < b.right() && b.left < a.right() && a.top < b.bottom() && b.top < a.bottom()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn labels_that_are_apart_stay() {
        assert_eq!(spread(&[30.0, 10.0], 5.0, 0.0, 40.0), [30.0, 10.0]);
        assert_eq!(spread(&[10.0, 12.0], 4.0, 0.0, 40.0), [9.0, 13.0]);
    }

    proptest! {
        /// Labels never touch, whatever the data.
        #[test]
        fn labels_never_touch(heights in prop::collection::vec(0.0..100.0, 1..9)) {
            let mut placed = spread(&heights, 10.0, 0.0, 100.0);
            placed.sort_by(f64::total_cmp);
            for pair in placed.windows(2) {
                prop_assert!(pair[1] - pair[0] >= 10.0 - 1e-9);
            }
        }
    }
}
