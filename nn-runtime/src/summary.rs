//! The table of a network's layers.

use core::fmt;

/// One layer of a network, as its table shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerInfo {
    /// The line that it stands in.
    pub line: &'static str,
    /// The layer as it was declared: `dense(128)`.
    pub layer: &'static str,
    /// The word alone: `dense`.
    pub kind: &'static str,
    /// The shape that it gives.
    pub output: &'static [usize],
    /// How many parameters it has.
    pub params: usize,
    /// How many values it gives for a sample.
    pub activations: usize,
    /// Multiply-accumulates a sample.
    pub macs: usize,
    /// How much of the network's input one of its values depends on, by axis without the channels.
    pub receptive_field: &'static [usize],
}

/// A network's table: its layers and their sums. `Display` writes it in aligned columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The network's name.
    pub name: &'static str,
    /// The shape of its input.
    pub input: &'static [usize],
    /// The layers, in order.
    pub layers: &'static [LayerInfo],
    /// Bytes of the parameters, padding included.
    pub parameter_bytes: usize,
    /// Bytes of an inference workspace for one sample.
    pub inference_bytes: usize,
    /// Bytes of a training workspace: those it has in any case, and those for each sample; `None` if the network cannot be
    /// trained.
    pub training_bytes: Option<(usize, usize)>,
}

impl Summary {
    /// Parameters in all.
    #[must_use]
    pub const fn params(&self) -> usize {
        self.total().0
    }

    /// Values that the layers give for a sample, in all.
    #[must_use]
    pub const fn activations(&self) -> usize {
        self.total().1
    }

    /// Multiply-accumulates a sample, in all.
    #[must_use]
    pub const fn macs(&self) -> usize {
        self.total().2
    }

    const fn total(&self) -> (usize, usize, usize) {
        total(self.layers)
    }
}

/// The sums of parameters, activations and multiply-accumulates.
#[must_use]
pub const fn total(layers: &[LayerInfo]) -> (usize, usize, usize) {
    let (mut params, mut activations, mut macs) = (0, 0, 0);
    let mut i = 0;
    while i < layers.len() {
        params += layers[i].params;
        activations += layers[i].activations;
        macs += layers[i].macs;
        i += 1;
    }
    (params, activations, macs)
}

const HEADINGS: [&str; 7] = ["line", "layer", "output", "parameters", "activations", "MACs", "receptive field"];

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows = vec![HEADINGS.map(String::from)];
        let mut line = "";
        for layer in self.layers {
            let name = if layer.line == line { "" } else { layer.line };
            line = layer.line;
            rows.push([
                name.into(),
                layer.layer.into(),
                shape(layer.output),
                thousands(layer.params),
                thousands(layer.activations),
                thousands(layer.macs),
                extent(layer.receptive_field),
            ]);
        }
        let (params, activations, macs) = self.total();
        let sums = [thousands(params), thousands(activations), thousands(macs)];
        let [params, activations, macs] = sums;
        rows.push(["total".into(), String::new(), String::new(), params, activations, macs, String::new()]);

        writeln!(f, "{} {}", self.name, shape(self.input))?;
        write_aligned(f, &rows)?;
        write!(f, "parameters {}, inference {}", bytes(self.parameter_bytes), bytes(self.inference_bytes))?;
        match self.training_bytes {
            Some((fixed, sample)) => write!(f, ", training {} and {} a sample", bytes(fixed), bytes(sample)),
            None => write!(f, ", not trainable by gradients"),
        }
    }
}

/// Text to the left in the first three columns, numbers to the right in the others.
fn write_aligned(f: &mut fmt::Formatter<'_>, rows: &[[String; 7]]) -> fmt::Result {
    let widths: [usize; 7] =
        core::array::from_fn(|c| rows.iter().map(|row| row[c].chars().count()).max().unwrap_or_default());
    for row in rows {
        let cells = row.iter().zip(widths).enumerate().map(|(column, (cell, width))| match column {
            0..3 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        });
        writeln!(f, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}

/// `[6, 28, 28]`.
fn shape(dims: &[usize]) -> String {
    format!("{dims:?}")
}

/// `5 × 5`.
fn extent(dims: &[usize]) -> String {
    dims.iter().map(ToString::to_string).collect::<Vec<_>>().join(" × ")
}

/// `61,706`.
fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `397.6 KiB`.
fn bytes(n: usize) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if n < 1024 {
        return format!("{n} B");
    }
    let mut value = n as f64 / 1024.0;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAYERS: &[LayerInfo] = &[
        LayerInfo {
            line: "hidden",
            layer: "dense(128)",
            kind: "dense",
            output: &[128],
            params: 100_480,
            activations: 128,
            macs: 100_352,
            receptive_field: &[784],
        },
        LayerInfo {
            line: "hidden",
            layer: "relu",
            kind: "relu",
            output: &[128],
            params: 0,
            activations: 128,
            macs: 0,
            receptive_field: &[784],
        },
    ];

    #[test]
    fn display_aligns_the_columns_and_sums_them() {
        let summary = Summary {
            name: "Digits",
            input: &[784],
            layers: LAYERS,
            parameter_bytes: 401_920,
            inference_bytes: 512,
            training_bytes: Some((402_944, 1024)),
        };
        assert_eq!(
            summary.to_string(),
            "Digits [784]\n\
             line    layer       output  parameters  activations     MACs  receptive field\n\
             hidden  dense(128)  [128]      100,480          128  100,352              784\n        \
                     relu        [128]            0          128        0              784\n\
             total                          100,480          256  100,352\n\
             parameters 392.5 KiB, inference 512 B, training 393.5 KiB and 1.0 KiB a sample"
        );
    }
}
