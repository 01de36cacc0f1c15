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
    /// The layers of a block, of which the counts are those of one copy if there are several; empty for a layer.
    pub inner: &'static [LayerInfo],
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
    /// Values of it that are for what a sample is on its way.
    pub inference_values: usize,
    /// How many of those are alive at once, a block counted with all that it works in: no plan could have less.
    pub inference_bound: usize,
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

    /// What inference needs, against what it could not do without and what it would need if it kept everything.
    fn write_inference(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [values, bound, all] = [self.inference_values, self.inference_bound, self.activations()].map(thousands);
        write!(
            f,
            "inference {} (workspace {values} values a sample: at least {bound} live at once; all activations {all})",
            bytes(self.inference_bytes)
        )
    }
}

/// The sums of parameters, activations and multiply-accumulates. What a block consists of is in its own counts.
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
        push_rows(&mut rows, self.layers, 0);
        let (params, activations, macs) = self.total();
        let sums = [thousands(params), thousands(activations), thousands(macs)];
        let [params, activations, macs] = sums;
        rows.push(["total".into(), String::new(), String::new(), params, activations, macs, String::new()]);

        writeln!(f, "{} {}", self.name, shape(self.input))?;
        write_aligned(f, &rows)?;
        write!(f, "parameters {}, ", bytes(self.parameter_bytes))?;
        self.write_inference(f)?;
        match self.training_bytes {
            Some((fixed, sample)) => write!(f, ", training {} and {} a sample", bytes(fixed), bytes(sample)),
            None => write!(f, ", not trainable by gradients"),
        }
    }
}

/// The rows of the layers, and under each block those of its layers, further in. A line is named in its first row.
fn push_rows(rows: &mut Vec<[String; 7]>, layers: &[LayerInfo], depth: usize) {
    let indent = "  ".repeat(depth);
    let mut line = "";
    for layer in layers {
        let name = if layer.line == line { String::new() } else { format!("{indent}{}", layer.line) };
        line = layer.line;
        rows.push([
            name,
            format!("{indent}{}", layer.layer),
            shape(layer.output),
            thousands(layer.params),
            thousands(layer.activations),
            thousands(layer.macs),
            extent(layer.receptive_field),
        ]);
        push_rows(rows, layer.inner, depth + 1);
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

    const fn layer(line: &'static str, layer: &'static str, params: usize, inner: &'static [LayerInfo]) -> LayerInfo {
        let macs = if params == 0 { 0 } else { 100_352 };
        let (output, receptive_field) = (&[128], &[784]);
        LayerInfo { line, layer, kind: layer, output, params, activations: 128, macs, receptive_field, inner }
    }

    const LAYERS: &[LayerInfo] = &[layer("hidden", "dense(128)", 100_480, &[]), layer("hidden", "relu", 0, &[])];

    const fn summary(layers: &'static [LayerInfo]) -> Summary {
        Summary {
            name: "Digits",
            input: &[784],
            layers,
            parameter_bytes: 401_920,
            inference_bytes: 512,
            inference_values: 144,
            inference_bound: 128,
            training_bytes: Some((402_944, 1024)),
        }
    }

    #[test]
    fn display_aligns_the_columns_and_sums_them() {
        assert_eq!(
            summary(LAYERS).to_string(),
            "Digits [784]\n\
             line    layer       output  parameters  activations     MACs  receptive field\n\
             hidden  dense(128)  [128]      100,480          128  100,352              784\n        \
                     relu        [128]            0          128        0              784\n\
             total                          100,480          256  100,352\n\
             parameters 392.5 KiB, inference 512 B (workspace 144 values a sample: at least 128 live at once; \
             all activations 256), training 393.5 KiB and 1.0 KiB a sample"
        );
    }

    /// The sums are those of the outer rows alone: the block counts all of its copies.
    #[test]
    fn the_layers_of_a_block_stand_further_in() {
        const DEEPER: &[LayerInfo] = &[layer("hidden", "dense(128)", 7, &[])];
        const INNER: &[LayerInfo] =
            &[layer("body", "dense(128)", 5, &[]), layer("body", "relu", 0, &[]), layer("out", "sub(1)", 7, DEEPER)];
        const OUTER: &[LayerInfo] = &[layer("stage", "repeat(3, unit(8))", 36, INNER), layer("stage", "relu", 0, &[])];
        let text = summary(OUTER).to_string();
        let lines: Vec<_> = text.lines().map(|line| line.split("  [128]").next().unwrap().trim_end()).collect();
        assert_eq!(
            lines[2..lines.len() - 2],
            [
                "stage       repeat(3, unit(8))",
                "  body        dense(128)",
                "              relu",
                "  out         sub(1)",
                "    hidden      dense(128)",
                "            relu",
            ]
        );
        assert_eq!((summary(OUTER).params(), summary(OUTER).activations()), (36, 256));
    }
}
