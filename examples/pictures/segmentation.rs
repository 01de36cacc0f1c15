//! Images beside their masks.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// A line of the picture: square images, row by row.
pub struct Row {
    /// From 0, black, to 1, white.
    pub image: Vec<f32>,
    /// Where something is.
    pub truth: Vec<bool>,
    /// Where it was found.
    pub prediction: Vec<bool>,
}

/// A line for each row, `side × side` pixels an image: the image, the truth, and the prediction, in which what is missing is orange
/// and what is too much blue.
pub fn draw(path: &Path, side: usize, rows: &[Row]) -> std::io::Result<()> {
    const SCALE: usize = 3;
    const GAP: usize = 4;
    const TITLE: usize = 10;
    let step = side + GAP;
    let (width, height) = (GAP + 3 * step, TITLE + rows.len() * step);
    let mut svg = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' width='{}' height='{}' viewBox='0 0 {width} {height}'>\n\
         <rect width='100%' height='100%' fill='white'/>\n\
         <g font-family='sans-serif' font-size='5' fill='#3c3c3c' text-anchor='middle'>\n",
        SCALE * width,
        SCALE * height
    );
    for (column, title) in ["image", "truth", "prediction"].iter().enumerate() {
        write_line(&mut svg, format_args!("<text x='{}' y='7'>{title}</text>", GAP + column * step + side / 2));
    }
    svg.push_str("</g>\n");
    for (index, Row { image, truth, prediction }) in rows.iter().enumerate() {
        let columns: [Vec<&str>; 3] = [
            image.iter().map(|&pixel| GREYS[((pixel.clamp(0.0, 1.0) * 15.0).round()) as usize]).collect(),
            truth.iter().map(|&shape| if shape { "#fff" } else { "#000" }).collect(),
            truth.iter().zip(prediction).map(|pair| mask_color(*pair.0, *pair.1)).collect(),
        ];
        for (column, colors) in columns.iter().enumerate() {
            let (left, top) = (GAP + column * step, TITLE + index * step);
            write_line(&mut svg, format_args!("<g transform='translate({left} {top})' shape-rendering='crispEdges'>"));
            write_pixels(&mut svg, side, colors);
            svg.push_str("</g>\n");
        }
    }
    svg.push_str("</svg>\n");
    std::fs::write(path, svg)
}

const GREYS: [&str; 16] = [
    "#000", "#111", "#222", "#333", "#444", "#555", "#666", "#777", "#888", "#999", "#aaa", "#bbb", "#ccc", "#ddd",
    "#eee", "#fff",
];

fn mask_color(truth: bool, prediction: bool) -> &'static str {
    match (truth, prediction) {
        (true, true) => "#fff",
        (false, false) => "#000",
        (true, false) => "#e08030",
        (false, true) => "#4080d0",
    }
}

/// One path a colour, of strips of equal pixels.
fn write_pixels(svg: &mut String, side: usize, colors: &[&str]) {
    let mut paths = BTreeMap::<&str, String>::new();
    for (y, row) in colors.chunks(side).enumerate() {
        let mut x = 0;
        for strip in row.chunk_by(|a, b| a == b) {
            let path = paths.entry(strip[0]).or_default();
            let _ = write!(path, "M{x} {y}h{0}v1h-{0}z", strip.len());
            x += strip.len();
        }
    }
    for (color, path) in paths {
        write_line(svg, format_args!("<path fill='{color}' d='{path}'/>"));
    }
}

fn write_line(svg: &mut String, line: std::fmt::Arguments) {
    // Text in memory takes every line.
    let _ = writeln!(svg, "{line}");
}
