//! The network: its units, and its weights as lines.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Stylize;
use ratatui::symbols::Marker;
use ratatui::widgets::Block;
use ratatui::widgets::canvas::{Canvas, Context, Line};

use crate::app::App;
use crate::color::{self, Palette};
use crate::feature::Feature;
use crate::model::LayerWeights;

/// What the names of the features need beside the first layer, in cells.
const NAMES: f64 = 8.0;

/// A column of units for each layer, the features that are on in the first. A weight is a line, orange below 0 and blue above, the
/// brighter and the thicker the larger it is.
pub fn draw(frame: &mut Frame, area: Rect, app: &App) {
    let block = Block::bordered().title(" network ");
    let inner = block.inner(area);
    let diagram = Diagram::new(app, inner);
    let cell = diagram.cell_width;
    let canvas = Canvas::default()
        .block(block)
        .marker(Marker::Braille)
        .x_bounds([-NAMES * cell, 1.0 + cell])
        .y_bounds([0.0, 1.0])
        .paint(|context| diagram.paint(context));
    frame.render_widget(canvas, area);
}

/// A line from unit to unit.
struct Connection {
    from: (f64, f64),
    to: (f64, f64),
    weight: f32,
}

/// What is drawn, in a square of side 1 to the right of the names.
struct Diagram<'a> {
    features: Vec<Feature>,
    layers: Vec<LayerWeights<'a>>,
    palette: Palette,
    cell_width: f64,
    /// The height of a dot of a line.
    dot: f64,
}

impl<'a> Diagram<'a> {
    fn new(app: &'a App, area: Rect) -> Self {
        let features = app.session.settings().features;
        let width = f64::from(area.width) - NAMES - 1.0;
        Self {
            features: Feature::ALL.into_iter().filter(|&feature| features.has(feature)).collect(),
            layers: app.session.layers(),
            palette: app.palette,
            cell_width: if width >= 1.0 { 1.0 / width } else { 1.0 },
            dot: 1.0 / (4.0 * f64::from(area.height.max(1))),
        }
    }

    fn paint(&self, context: &mut Context) {
        let mut connections = self.connections();
        connections.sort_by(|a, b| a.weight.abs().total_cmp(&b.weight.abs()));
        for connection in &connections {
            self.draw(connection, context);
        }
        context.layer();
        for (index, feature) in self.features.iter().enumerate() {
            let (x, y) = self.place(0, index);
            context.print(x - NAMES * self.cell_width, y, feature.formula());
            context.print(x, y, "■");
        }
        for (layer, weights) in self.layers.iter().enumerate() {
            for output in 0..weights.outputs {
                let (x, y) = self.place(layer + 1, output);
                context.print(x, y, "●".white());
            }
        }
    }

    /// One to three dots thick, and brighter, with the size of the weight.
    fn draw(&self, &Connection { from, to, weight }: &Connection, context: &mut Context) {
        let thickness = (3.0 * weight.abs().tanh()).ceil() as usize;
        for index in 0..thickness {
            let shift = (index as f64 - (thickness - 1) as f64 / 2.0) * self.dot;
            let color = self.palette.color(color::weight(weight));
            context.draw(&Line { x1: from.0, y1: from.1 + shift, x2: to.0, y2: to.1 + shift, color });
        }
    }

    fn connections(&self) -> Vec<Connection> {
        let mut connections = Vec::new();
        for (layer, weights) in self.layers.iter().enumerate() {
            for index in 0..self.units(layer) {
                let input = if layer == 0 { self.features[index] as usize } else { index };
                for output in 0..weights.outputs {
                    let (from, to) = (self.place(layer, index), self.place(layer + 1, output));
                    connections.push(Connection { from, to, weight: weights.weight(input, output) });
                }
            }
        }
        connections
    }

    /// How many units are drawn in a layer; layer 0 are the features.
    fn units(&self, layer: usize) -> usize {
        if layer == 0 { self.features.len() } else { self.layers[layer - 1].outputs }
    }

    fn place(&self, layer: usize, index: usize) -> (f64, f64) {
        let y = 1.0 - (index as f64 + 0.5) / self.units(layer) as f64;
        (layer as f64 / self.layers.len() as f64, y)
    }
}
