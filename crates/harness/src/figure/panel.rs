//! A pair of axes on a page.

use plotters::style::RGBColor;

use super::axis::Axis;
use super::canvas::{Align, Canvas, Place, Stroke, Type};
use super::font;

/// Size of tick labels and legends, in points.
pub(crate) const SMALL: f64 = 7.0;

/// Size of axis labels and titles, in points.
pub(crate) const NORMAL: f64 = 8.0;

/// Ink of axes.
pub(crate) const INK: RGBColor = RGBColor(0x33, 0x33, 0x33);

const GRID: RGBColor = RGBColor(0xe4, 0xe4, 0xe4);
const TICK: f64 = 2.5;

/// The rectangle that data are drawn in, in points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Frame {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Frame {
    pub(crate) fn right(&self) -> f64 {
        self.left + self.width
    }

    pub(crate) fn bottom(&self) -> f64 {
        self.top + self.height
    }
}

/// A pair of axes in a frame.
#[derive(Debug, Clone)]
pub(crate) struct Panel {
    pub(crate) frame: Frame,
    pub(crate) x: Axis,
    pub(crate) y: Axis,
}

impl Panel {
    /// Where a pair of values lies on the page.
    pub(crate) fn at(&self, x: f64, y: f64) -> Place {
        (
            self.frame.left + self.x.share(x) * self.frame.width,
            self.frame.bottom() - self.y.share(y) * self.frame.height,
        )
    }

    /// Grid, axes, ticks and their labels, and a title above the left corner.
    ///
    /// The y axis is named by [`Grid::name_y`], the x axis here if `named`.
    pub(crate) fn draw(&self, canvas: &Canvas, title: &str, named: bool) {
        self.grid(canvas);
        self.x_axis(canvas, named);
        self.y_axis(canvas);
        let place = (self.frame.left, self.frame.top - 0.9 * NORMAL);
        canvas.text(title, place, Type::new(NORMAL).bold());
    }

    fn grid(&self, canvas: &Canvas) {
        let thin = Stroke::new(GRID, 0.4);
        for (value, _) in &self.y.ticks {
            let y = self.frame.bottom() - self.y.share(*value) * self.frame.height;
            canvas.line(&[(self.frame.left, y), (self.frame.right(), y)], thin);
        }
        for (value, _) in &self.x.ticks {
            let x = self.frame.left + self.x.share(*value) * self.frame.width;
            canvas.line(&[(x, self.frame.top), (x, self.frame.bottom())], thin);
        }
    }

    fn x_axis(&self, canvas: &Canvas, named: bool) {
        let Frame { left, .. } = self.frame;
        let bottom = self.frame.bottom();
        let stroke = Stroke::new(INK, 0.6);
        let at = |value| left + self.x.share(value) * self.frame.width;
        canvas.line(&[(left, bottom), (self.frame.right(), bottom)], stroke);
        for &value in &self.x.minor {
            let x = at(value);
            canvas.line(&[(x, bottom), (x, bottom + 0.55 * TICK)], stroke);
        }
        let style = Type::new(SMALL).color(INK).align(Align::Center);
        let mut free = f64::NEG_INFINITY;
        for (value, label) in &self.x.ticks {
            let x = at(*value);
            canvas.line(&[(x, bottom), (x, bottom + TICK)], stroke);
            let half = 0.5 * font::width(label, SMALL);
            if x - half > free {
                canvas.text(label, (x, bottom + TICK + 0.85 * SMALL), style);
                free = x + half + 2.0;
            }
        }
        if named {
            let place = (
                left + 0.5 * self.frame.width,
                bottom + TICK + 1.6 * SMALL + NORMAL,
            );
            canvas.text(&self.x.label, place, Type::new(NORMAL).align(Align::Center));
        }
    }

    fn y_axis(&self, canvas: &Canvas) {
        let Frame { left, top, .. } = self.frame;
        let bottom = self.frame.bottom();
        let stroke = Stroke::new(INK, 0.6);
        let at = |value| bottom - self.y.share(value) * self.frame.height;
        canvas.line(&[(left, top), (left, bottom)], stroke);
        for &value in &self.y.minor {
            let y = at(value);
            canvas.line(&[(left - 0.55 * TICK, y), (left, y)], stroke);
        }
        let style = Type::new(SMALL).color(INK).align(Align::Right);
        for (value, label) in &self.y.ticks {
            let y = at(*value);
            canvas.line(&[(left - TICK, y), (left, y)], stroke);
            canvas.text(label, (left - TICK - 1.5, y), style);
        }
    }
}

/// Panels in rows, and the page that holds them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grid {
    /// Width of the page.
    pub(crate) width: f64,
    pub(crate) columns: usize,
    pub(crate) panels: usize,
    /// Height of a frame.
    pub(crate) height: f64,
    /// Left of a frame, for labels of its y axis.
    pub(crate) gutter: f64,
    /// Above the first row, for a legend.
    pub(crate) head: f64,
}

impl Grid {
    /// Above a frame, for its title.
    const TITLE: f64 = 16.0;
    /// Below a frame, for tick labels.
    const TICKS: f64 = 14.0;
    /// Below the last row, for the name of the axis.
    const NAME: f64 = 16.0;
    /// Left of the first column, for the name of the axis.
    const SIDE: f64 = 14.0;
    /// Right of the last column.
    const EDGE: f64 = 6.0;

    fn rows(&self) -> usize {
        self.panels.div_ceil(self.columns)
    }

    /// Height of the page.
    pub(crate) fn page_height(&self) -> f64 {
        self.head + self.rows() as f64 * (Self::TITLE + self.height + Self::TICKS) + Self::NAME
    }

    /// Width of a frame.
    pub(crate) fn frame_width(&self) -> f64 {
        (self.width - Self::SIDE - Self::EDGE) / self.columns as f64 - self.gutter
    }

    /// The frame of a panel.
    pub(crate) fn frame(&self, panel: usize) -> Frame {
        let (row, column) = (panel / self.columns, panel % self.columns);
        let pitch = self.frame_width() + self.gutter;
        Frame {
            left: Self::SIDE + self.gutter + column as f64 * pitch,
            top: self.head + Self::TITLE + row as f64 * (Self::TITLE + self.height + Self::TICKS),
            width: self.frame_width(),
            height: self.height,
        }
    }

    /// Whether a panel is the lowest of its column and names its x axis.
    pub(crate) fn is_lowest(&self, panel: usize) -> bool {
        panel + self.columns >= self.panels
    }

    /// Names the y axis of all panels at the left rim: in full if there is
    /// room.
    pub(crate) fn name_y(&self, canvas: &Canvas, full: &str, short: &str) {
        let (top, bottom) = (self.frame(0).top, self.frame(self.panels - 1).bottom());
        let room = bottom - top + Self::TITLE;
        let fits = font::width(full, NORMAL) <= room;
        let name = if fits { full } else { short };
        let place = (0.75 * NORMAL, 0.5 * (top + bottom));
        canvas.text_upwards(name, place, Type::new(NORMAL));
    }
}
