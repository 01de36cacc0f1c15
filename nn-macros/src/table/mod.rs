//! The layer table: what the macro knows of each layer word.
//!
//! A row has the word, its sizes, its options, and a function that takes the shape that arrives to the layer that results:
//! output shape, parameters, cost, and how it runs. Adding a layer is adding a file here and a row below.

mod activations;
mod arguments;
mod conv;
mod conv_transpose;
mod dense;
mod dropout;
mod flatten;
mod norm;
mod pooling;
mod resize;
pub mod spatial;
mod subsample;
mod threshold;
pub mod windows;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::dimension::Dim;
use crate::errors::{Mistake, nearest};
use crate::receptive::Reach;
use crate::shape::{Kind, Shape};

pub use arguments::{Call, Index, alternatives, call};

/// Every word of the language.
pub static TABLE: &[Row] = &[
    dense::ROW,
    conv::CONV1D,
    conv::CONV2D,
    conv::CONV3D,
    conv_transpose::CONV_TRANSPOSE1D,
    conv_transpose::CONV_TRANSPOSE2D,
    conv_transpose::CONV_TRANSPOSE3D,
    pooling::MAX_POOL1D,
    pooling::MAX_POOL2D,
    pooling::MAX_POOL3D,
    pooling::AVG_POOL1D,
    pooling::AVG_POOL2D,
    pooling::AVG_POOL3D,
    pooling::ADAPTIVE_AVG_POOL2D,
    pooling::GLOBAL_AVG_POOL,
    pooling::GLOBAL_MAX_POOL,
    resize::UPSAMPLE,
    resize::PAD,
    resize::CROP,
    subsample::ROW,
    norm::BATCH_NORM,
    norm::LAYER_NORM,
    norm::GROUP_NORM,
    norm::INSTANCE_NORM,
    norm::LOCAL_RESPONSE_NORM,
    dropout::DROPOUT,
    dropout::DROPOUT2D,
    flatten::ROW,
    activations::LINEAR,
    activations::STEP,
    threshold::ROW,
    activations::LOGISTIC,
    activations::TANH,
    activations::RELU,
    activations::RELU6,
    activations::LEAKY_RELU,
    activations::ELU,
    activations::GELU,
    activations::SILU,
    activations::SOFTPLUS,
    activations::SOFTMAX,
];

const CONVOLUTIONS: &[&str] = &["conv1d", "conv2d", "conv3d"];
const TRANSPOSED: &[&str] = &["conv_transpose1d", "conv_transpose2d", "conv_transpose3d"];
const MAX_POOLS: &[&str] = &["max_pool1d", "max_pool2d", "max_pool3d"];
const AVG_POOLS: &[&str] = &["avg_pool1d", "avg_pool2d", "avg_pool3d"];

/// What other libraries call a layer.
const SYNONYMS: &[(&[&str], &[&str])] = &[
    (&["fc", "fully_connected", "fullyconnected"], &["dense"]),
    (&["heaviside"], &["step"]),
    (&["mcculloch_pitts"], &["threshold"]),
    (&["identity"], &["linear"]),
    (&["sigmoid"], &["logistic"]),
    (&["swish"], &["silu"]),
    (&["hardtanh6"], &["relu6"]),
    (&["conv", "convolution", "convolutional"], CONVOLUTIONS),
    (&["deconv", "deconvolution", "conv_transpose", "convtranspose", "transposed_conv"], TRANSPOSED),
    (&["deconv1d", "convtranspose1d", "conv1d_transpose", "conv1dtranspose"], &["conv_transpose1d"]),
    (&["deconv2d", "convtranspose2d", "conv2d_transpose", "conv2dtranspose"], &["conv_transpose2d"]),
    (&["deconv3d", "convtranspose3d", "conv3d_transpose", "conv3dtranspose"], &["conv_transpose3d"]),
    (&["maxpool", "max_pool", "max_pooling", "maxpooling"], MAX_POOLS),
    (&["maxpool1d", "max_pooling1d", "maxpooling1d"], &["max_pool1d"]),
    (&["maxpool2d", "max_pooling2d", "maxpooling2d"], &["max_pool2d"]),
    (&["maxpool3d", "max_pooling3d", "maxpooling3d"], &["max_pool3d"]),
    (&["pool", "pooling"], &["max_pool2d", "avg_pool2d"]),
    (&["pool2d"], &["max_pool2d", "avg_pool2d"]),
    (&["avgpool", "avg_pool", "average_pool", "mean_pool", "average_pooling"], AVG_POOLS),
    (&["avgpool1d", "average_pool1d", "average_pooling1d"], &["avg_pool1d"]),
    (&["avgpool2d", "average_pool2d", "average_pooling2d"], &["avg_pool2d"]),
    (&["avgpool3d", "average_pool3d", "average_pooling3d"], &["avg_pool3d"]),
    (&["adaptiveavgpool2d", "adaptive_avg_pool"], &["adaptive_avg_pool2d"]),
    (&["global_average_pool", "global_average_pooling", "gap"], &["global_avg_pool"]),
    (&["globalaveragepooling2d", "global_avg_pool2d"], &["global_avg_pool"]),
    (&["global_max_pooling", "globalmaxpooling2d", "global_max_pool2d"], &["global_max_pool"]),
    (&["upsampling", "upsampling2d", "upsample2d", "interpolate", "resize"], &["upsample"]),
    (&["zero_pad", "zero_padding", "zero_pad2d", "zeropad2d", "zeropadding2d", "padding"], &["pad"]),
    (&["cropping", "cropping2d", "crop2d", "center_crop"], &["crop"]),
    (&["subsampling", "subsampling2d", "option_a"], &["subsample"]),
    (&["batchnorm", "batch_normalization", "batch_normalisation", "batchnormalization", "bn"], &["batch_norm"]),
    (&["batch_norm1d", "batch_norm2d", "batch_norm3d"], &["batch_norm"]),
    (&["batchnorm1d", "batchnorm2d", "batchnorm3d"], &["batch_norm"]),
    (&["layernorm", "layer_normalization", "layer_normalisation", "ln"], &["layer_norm"]),
    (&["groupnorm", "group_normalization", "group_normalisation"], &["group_norm"]),
    (&["instancenorm", "instance_norm1d", "instance_norm2d", "instance_norm3d"], &["instance_norm"]),
    (&["instancenorm1d", "instancenorm2d", "instancenorm3d"], &["instance_norm"]),
    (&["lrn", "localresponsenorm", "local_response_normalization"], &["local_response_norm"]),
    (&["drop_out"], &["dropout"]),
    (&["spatial_dropout", "spatialdropout2d"], &["dropout2d"]),
];

/// A layer word.
pub struct Row {
    pub word: &'static str,
    /// Its sizes, in order.
    pub sizes: &'static [SizeRow],
    pub options: &'static [OptionRow],
    /// How it is written, for messages.
    pub example: &'static str,
    /// The shape rule, and what else follows from the arguments.
    pub layer: fn(&Call) -> Result<Layer, Mistake>,
}

impl Row {
    /// How many sizes cannot be left out.
    fn needed_sizes(&self) -> usize {
        self.sizes.iter().filter(|size| !size.optional).count()
    }
}

/// A size: an argument by its place.
pub struct SizeRow {
    /// What it is, in a sentence.
    pub what: &'static str,
    pub kind: SizeKind,
    /// It can be left out.
    pub optional: bool,
}

impl SizeRow {
    const fn new(what: &'static str, kind: SizeKind) -> Self {
        Self { what, kind, optional: false }
    }
}

/// What a size takes.
pub enum SizeKind {
    /// A whole number from 1.
    Dimension,
    /// A whole number for every axis, or one for each.
    Axes { least: usize },
    /// A number, by this name in messages.
    Number { name: &'static str, range: Range },
    /// A whole number of either sign, by this name in messages.
    Integer { name: &'static str },
}

/// A named option.
pub struct OptionRow {
    pub name: &'static str,
    pub kind: OptionKind,
}

impl OptionRow {
    const fn new(name: &'static str, kind: OptionKind) -> Self {
        Self { name, kind }
    }
}

/// What an option takes.
pub enum OptionKind {
    /// `true` or `false`.
    Flag,
    Number(Range),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A whole number from 1.
    Count,
    /// A list of places among what arrives, counted from 0.
    Indexes,
    /// A whole number for every axis, or one for each.
    Axes {
        least: usize,
    },
    /// The same, or one of these words.
    AxesOr {
        least: usize,
        words: &'static [&'static str],
    },
}

/// The numbers that an option takes.
pub struct Range {
    /// In words.
    pub says: &'static str,
    pub contains: fn(f64) -> bool,
    /// The function of the runtime's `claims` that verifies an expression. Without one it is the layer's constructor that
    /// does, at compile time too.
    pub claim: Option<&'static str>,
}

const POSITIVE: Range = Range { says: "a positive number", contains: |x| x > 0.0, claim: Some("positive") };
const ANY: Range = Range { says: "a number", contains: |_| true, claim: None };
const FRACTION: Range = Range { says: "a number from 0 to 1", contains: |x| (0.0..=1.0).contains(&x), claim: None };
const PROBABILITY: Range =
    Range { says: "a number from 0 to less than 1", contains: |x| (0.0..1.0).contains(&x), claim: None };

/// A layer in its place: what the plan and the expansion need to know.
pub struct Layer {
    pub output: Shape,
    /// Multiply-accumulates a sample.
    pub macs: Dim,
    pub form: Form,
    /// On which of the values that it takes one that it gives depends.
    pub reach: Reach,
    pub advice: Option<Advice>,
}

impl Layer {
    /// A layer without multiply-accumulates whose values depend on those in the same place.
    pub fn new(output: Shape, form: Form) -> Self {
        Self { output, macs: Dim::Literal(0), form, reach: Reach::Place, advice: None }
    }

    /// How many parameters it has.
    pub fn params(&self) -> Dim {
        match &self.form {
            Form::Parameterised(parameters) => parameters.count(),
            Form::Block(block) => block.params.clone(),
            Form::Module(module) => module.constant("PARAMS"),
            _ => Dim::Literal(0),
        }
    }

    /// How many values it computes for a sample; a block those of all its layers.
    pub fn activations(&self) -> Dim {
        match &self.form {
            Form::Block(block) => block.activations.clone(),
            Form::Module(module) => module.constant("ACTIVATIONS"),
            _ => self.output.len().clone(),
        }
    }

    /// One that gives the shape that it takes.
    fn of_same_shape(call: &Call, form: Form) -> Self {
        Self::new(call.input.clone(), form)
    }
}

/// A warning, not a mistake.
pub struct Advice {
    /// The name by which it is silenced.
    pub name: &'static str,
    pub text: String,
}

/// How a layer runs.
pub enum Form {
    /// It has parameters: a field of the runtime type.
    Parameterised(Parameters),
    /// It has none: a constant of the runtime type.
    Plain(Plain),
    /// A function of each value.
    Pointwise(Pointwise),
    /// A function of each column.
    Softmax,
    /// Something that training alone does, and that changes no shape: a constant of the runtime type, an expression after
    /// the path of the runtime's `layers`, such as `Dropout::new(0.5)`.
    Noise(TokenStream),
    /// Another shape for the same values.
    View,
    /// Several values become one.
    Merge(Merge),
    /// A block, or copies of one.
    Block(BlockUse),
    /// A type from elsewhere.
    Module(ModuleUse),
}

/// How values become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merge {
    Add,
    Multiply,
    /// One behind the other along an axis of the declared order.
    Concat {
        axis: usize,
    },
}

/// A use of a block.
pub struct BlockUse {
    /// Which one of the model.
    pub index: usize,
    /// Its struct.
    pub name: Ident,
    /// How many copies, one after the other; `None` for the block itself.
    pub copies: Option<Dim>,
    pub params: Dim,
    pub activations: Dim,
    /// The struct of its running statistics, if it has some.
    pub buffers: Option<Ident>,
    pub trainable: bool,
}

/// A use of a type from elsewhere.
pub struct ModuleUse {
    /// As it was written.
    pub path: TokenStream,
    /// The type of the shape that arrives.
    pub input: TokenStream,
}

impl ModuleUse {
    /// A constant of it, which does not depend on the scalar.
    pub fn constant(&self, name: &str) -> Dim {
        let (module, name) = (self.qualified(&quote!(f32)), Ident::new(name, Span::call_site()));
        Dim::atom(quote!(#module::#name))
    }
}

/// What a layer takes an open shape for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assumed {
    /// For whatever it is.
    Any,
    /// For the only kind that it takes.
    Kind(Kind),
}

/// What a layer takes an open shape for; `None` if it could be several things.
pub fn assumed(row: &Row) -> Option<Assumed> {
    let by_rank = [("1d", Kind::Signal), ("2d", Kind::Image), ("3d", Kind::Volume)];
    if let Some((_, kind)) = by_rank.iter().find(|(rank, _)| row.word.ends_with(rank)) {
        return Some(Assumed::Kind(*kind));
    }
    match row.word {
        "dense" | "softmax" | "threshold" => Some(Assumed::Kind(Kind::Vector)),
        "flatten" | "dropout" => Some(Assumed::Any),
        word => activations::WORDS.contains(&word).then_some(Assumed::Any),
    }
}

pub use spatial::noun;

/// Whether a word is a layer's in another spelling, or what other libraries call one: `ReLU`, `BatchNorm2d`.
pub fn is_spelling(word: &str) -> bool {
    let squeezed = word.to_lowercase();
    TABLE.iter().any(|row| row.word.replace('_', "") == squeezed) || synonym(&squeezed).is_some()
}

/// What other libraries call so.
fn synonym(lower: &str) -> Option<&'static [&'static str]> {
    SYNONYMS.iter().find(|(synonyms, _)| synonyms.contains(&lower)).map(|(_, words)| *words)
}

/// The parameters of a layer.
pub struct Parameters {
    /// The type in the runtime's `layers`, such as `Dense`.
    pub name: &'static str,
    /// Its const generics after the scalar.
    pub generics: Vec<Dim>,
    pub sizes: Sizes,
    pub tensors: Vec<Tensor>,
    /// What training keeps beside the parameters, in a field of the network's buffers.
    pub buffers: Option<Buffers>,
    pub initializer: Initial,
}

/// How the runtime knows the sizes of a layer with parameters.
pub enum Sizes {
    /// By its type: the shape of one application. A sequence applies the layer at every step.
    ByType { applied_to: Vec<Dim>, gives: Vec<Dim> },
    /// By a constant that each call is given, an expression after the path of the crate, such as
    /// `geometry::Convolution::new(…)`. It has the functions `input`, `output`, `inference_scratch` and `training_scratch`.
    ByConstant(TokenStream),
    /// As the last, by a `geometry::Convolution`; the transpose of a convolution by that of the convolution. Its epilogue can
    /// normalise what it gives, channel by channel.
    Convolution { constant: TokenStream, transposed: bool },
}

/// What a layer keeps beside its parameters: saved, but not optimised.
pub struct Buffers {
    /// The type in the runtime's `layers`, such as `RunningStatistics`.
    pub name: &'static str,
    /// Its const generics after the scalar.
    pub generics: Vec<Dim>,
    pub tensors: Vec<Tensor>,
}

/// How the parameters of a layer begin.
pub enum Initial {
    /// Drawn by the initialiser that suits the activation behind the layer.
    Suited,
    /// Drawn by this one, an expression after the path of the runtime's `initializers`.
    Given(TokenStream),
    /// The layer knows: nothing is drawn.
    Fixed,
}

/// A layer without parameters.
pub struct Plain {
    /// Its value, a constant expression after the path of the runtime's `layers`, such as `MaxPool2d::new(…)`. It has the
    /// functions `input` and `output`.
    pub value: TokenStream,
    /// Whether the backward pass reads what the layer took.
    pub reads_input: bool,
    /// Whether gradients can train a network with it.
    pub differentiable: bool,
}

impl Parameters {
    pub fn count(&self) -> Dim {
        count(&self.tensors)
    }

    /// Whether its epilogue can normalise what it gives, channel by channel.
    pub fn takes_normalisation(&self) -> bool {
        matches!(self.sizes, Sizes::Convolution { .. })
    }
}

/// There is no room for so many values.
pub fn too_large() -> Mistake {
    Mistake::new("this layer has more values than fit in memory")
}

/// How many values the tensors have.
pub fn count(tensors: &[Tensor]) -> Dim {
    tensors.iter().fold(Dim::Literal(0), |sum, tensor| {
        let len = Dim::product(&tensor.shape).expect("the layer's row checked its size");
        sum.plus(&len).expect("the layer's row checked its size")
    })
}

/// One tensor of a layer, as a file has it.
pub struct Tensor {
    pub name: &'static str,
    pub shape: Vec<Dim>,
    /// The file's axes in the order of memory, slowest first.
    pub order: &'static [usize],
}

/// An activation function.
pub struct Pointwise {
    /// Its value, an expression after the path of the runtime's `activations`, such as `LeakyRelu { slope: 0.1 }`.
    pub value: TokenStream,
    pub cached: Cached,
    /// The initialiser that suits the layer before it.
    pub suits: Suits,
    /// Whether gradients can train a network with it.
    pub differentiable: bool,
}

/// What a backward pass reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cached {
    Input,
    Output,
}

/// The family of initialisers for the weights before an activation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suits {
    He,
    Xavier,
}

/// The row of a word.
pub fn row(word: &str) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.word == word)
}

/// The mistake of a word that is neither a layer nor one of the others that could stand there, among which may be values.
pub fn unknown(word: &str, others: &[String], values: bool) -> Mistake {
    let layers = TABLE.iter().map(|row| row.word);
    let what = if values { "layer or value" } else { "layer" };
    let mistake = Mistake::new(format!("there is no {what} `{word}`"));
    let lower = word.to_lowercase();
    if let Some(words) = synonym(&lower) {
        return mistake.help(format!("it is called {} here", alternatives(words)));
    }
    match nearest(&lower, layers.clone().chain(others.iter().map(String::as_str))) {
        Some(nearest) => mistake.help(format!("did you mean `{nearest}`?")),
        None => {
            let all: Vec<_> = layers.chain(crate::parse::MERGES).collect();
            mistake.note(format!("the layers are {}", all.join(", ")))
        }
    }
}
