//! The colours of outputs and labels: orange for −1, blue for 1, as in the original.

use ratatui::style::Color;

/// Red, green and blue.
pub type Rgb = [u8; 3];

const ORANGE: Rgb = [0xf5, 0x93, 0x22];
const NEUTRAL: Rgb = [0xe8, 0xea, 0xeb];
const BLUE: Rgb = [0x08, 0x77, 0xbd];
/// For points, which lie on the others.
const DEEP_ORANGE: Rgb = [0x8f, 0x3c, 0x00];
const DEEP_BLUE: Rgb = [0x00, 0x2f, 0x5c];
const GREY: Rgb = [0x70, 0x70, 0x70];

/// How many shades there are from 0 to either side.
const SHADES: f32 = 15.0;

/// The colour of a place in the map: in 15 steps from grey, for 0, to orange, for −1 and less, or to blue, for 1 and more.
///
/// ```
/// use playground::color::shade;
///
/// assert_eq!(shade(1.0), [0x08, 0x77, 0xbd]);
/// assert_eq!(shade(0.9), shade(0.92));
/// assert_eq!(shade(f32::NAN), shade(0.0));
/// ```
#[must_use]
pub fn shade(output: f32) -> Rgb {
    let share = (output.clamp(-1.0, 1.0) * SHADES).round() / SHADES;
    if share < 0.0 { mix(NEUTRAL, ORANGE, -share) } else { mix(NEUTRAL, BLUE, share) }
}

/// The colour of the class of a place: that of its sign.
#[must_use]
pub fn class(output: f32) -> Rgb {
    shade(if output.is_nan() { 0.0 } else { 1.0_f32.copysign(output) })
}

/// The colour of a point, darker than any place of the map.
#[must_use]
pub fn label(label: f64) -> Rgb {
    let share = label.clamp(-1.0, 1.0) as f32;
    if share < 0.0 { mix(GREY, DEEP_ORANGE, -share) } else { mix(GREY, DEEP_BLUE, share) }
}

/// The colour of a weight: its sign, the brighter the larger it is. For a dark ground.
#[must_use]
pub fn weight(weight: f32) -> Rgb {
    const DARK: Rgb = [0x30, 0x30, 0x30];
    mix(DARK, if weight < 0.0 { ORANGE } else { [0x30, 0xa0, 0xf0] }, weight.abs().tanh())
}

/// From `a`, for a share of 0, to `b`, for 1. A share that is no number gives `a`.
fn mix(a: Rgb, b: Rgb, share: f32) -> Rgb {
    let share = if share.is_nan() { 0.0 } else { share };
    let channel = |at: usize| (f32::from(a[at]) + share * (f32::from(b[at]) - f32::from(a[at]))).round() as u8;
    [channel(0), channel(1), channel(2)]
}

/// The colours that a terminal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Palette {
    /// All of them.
    TrueColor,
    /// 256, of which 216 are a cube of six levels a channel.
    Indexed,
}

impl Palette {
    /// By the value of the variable `COLORTERM`.
    ///
    /// ```
    /// use playground::color::Palette;
    ///
    /// assert_eq!(Palette::of(Some("truecolor")), Palette::TrueColor);
    /// assert_eq!(Palette::of(None), Palette::Indexed);
    /// ```
    #[must_use]
    pub fn of(colorterm: Option<&str>) -> Self {
        if matches!(colorterm, Some("truecolor" | "24bit")) { Self::TrueColor } else { Self::Indexed }
    }

    /// The colour of the terminal that is nearest.
    #[must_use]
    pub fn color(self, [red, green, blue]: Rgb) -> Color {
        match self {
            Self::TrueColor => Color::Rgb(red, green, blue),
            Self::Indexed => Color::Indexed(16 + 36 * level(red) + 6 * level(green) + level(blue)),
        }
    }
}

/// The nearest of the six levels of the cube.
fn level(channel: u8) -> u8 {
    const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    (0..6).min_by_key(|&level| LEVELS[usize::from(level)].abs_diff(channel)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_thirty_one_shades() {
        let mut shades: Vec<_> = (-1000..=1000_i16).map(|k| shade(f32::from(k) / 1000.0)).collect();
        shades.dedup();
        assert_eq!((shades.len(), shades[0], shades[15], shades[30]), (31, ORANGE, NEUTRAL, BLUE));
        assert_eq!((shade(-7.0), shade(f32::INFINITY), class(-0.01), class(0.01)), (ORANGE, BLUE, ORANGE, BLUE));
    }

    #[test]
    fn the_cube_has_its_corners() {
        let index = |rgb| Palette::Indexed.color(rgb);
        assert_eq!(index([0, 0, 0]), Color::Indexed(16));
        assert_eq!(index([255, 255, 255]), Color::Indexed(231));
        assert_eq!(index([255, 0, 10]), Color::Indexed(196));
        assert_eq!(index([100, 100, 100]), Color::Indexed(16 + 36 + 6 + 1));
    }
}
