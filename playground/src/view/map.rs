//! The map: the network's output at each place, and the points.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::Block;

use crate::app::App;
use crate::color::{self, Palette, Rgb};
use crate::data_set::{EXTENT, Point};

/// The largest square of the area, of two places a cell, one above the other.
pub fn draw(frame: &mut Frame, area: Rect, app: &mut App) {
    let block = Block::bordered().title(if app.discrete { " classes " } else { " output " });
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let rows = inner.height.min(inner.width / 2);
    let [width, height] = [2 * rows, rows];
    if rows == 0 {
        return;
    }
    let square = Rect::new(inner.x + (inner.width - width) / 2, inner.y + (inner.height - height) / 2, width, height);
    let color = if app.discrete { color::class } else { color::shade };
    let outputs = app.session.map(usize::from(width), 2 * usize::from(height));
    let colors: Vec<_> = outputs.iter().map(|&output| color(output)).collect();
    let map = Map { square, colors, palette: app.palette };
    map.draw(frame.buffer_mut());
    if app.test_points {
        app.session.test().iter().for_each(|point| map.draw_point(point, '◦', frame.buffer_mut()));
    }
    app.session.train().iter().for_each(|point| map.draw_point(point, '•', frame.buffer_mut()));
}

/// The colours of the places of a square of the screen, row by row.
struct Map {
    square: Rect,
    colors: Vec<Rgb>,
    palette: Palette,
}

impl Map {
    /// The colour of a place: there are as many columns as cells, and two rows for each row of cells.
    fn color(&self, column: u16, row: u16) -> Rgb {
        self.colors[usize::from(row) * usize::from(self.square.width) + usize::from(column)]
    }

    fn draw(&self, buffer: &mut Buffer) {
        for Position { x, y } in self.square.positions() {
            let (column, row) = (x - self.square.x, 2 * (y - self.square.y));
            let [upper, lower] = [self.color(column, row), self.color(column, row + 1)];
            let symbol = if upper == lower { ' ' } else { '▀' };
            buffer[(x, y)].set_char(symbol).set_fg(self.palette.color(upper)).set_bg(self.palette.color(lower));
        }
    }

    /// Points outside of the map are left out.
    fn draw_point(&self, point: &Point, symbol: char, buffer: &mut Buffer) {
        let place = |x: f64, of: u16| ((x + EXTENT) / (2.0 * EXTENT) * f64::from(of)).floor();
        let (column, row) = (place(point.x1, self.square.width), place(-point.x2, 2 * self.square.height));
        let is_inside = |place: f64, of: u16| place >= 0.0 && place < f64::from(of);
        if is_inside(column, self.square.width) && is_inside(row, 2 * self.square.height) {
            let (column, row) = (column as u16, row as u16);
            buffer[(self.square.x + column, self.square.y + row / 2)]
                .set_char(symbol)
                .set_fg(self.palette.color(color::label(point.label)))
                .set_bg(self.palette.color(self.color(column, row)));
        }
    }
}
