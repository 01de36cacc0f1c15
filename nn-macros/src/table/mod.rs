//! The layer table: what the macro knows of each layer word.
//!
//! A row has the word, the names of its sizes, its options, and a function that takes the shape that arrives to the layer
//! that results: output shape, parameters, cost, and how it runs. Adding a layer is adding a file here and a row below.

mod activations;
mod dense;
mod flatten;

use proc_macro2::{Delimiter, Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};

use crate::dimension::{Dim, dimension, refuse_generated_types};
use crate::errors::{Errors, Mistake, nearest};
use crate::shape::Shape;
use crate::syntax::{Argument, Link, is_name, plain};
use crate::text::text;

/// Every word of the language.
pub static TABLE: &[Row] = &[
    dense::ROW,
    flatten::ROW,
    activations::LINEAR,
    activations::STEP,
    activations::LOGISTIC,
    activations::TANH,
    activations::RELU,
    activations::LEAKY_RELU,
    activations::ELU,
    activations::GELU,
    activations::SILU,
    activations::SOFTPLUS,
    activations::SOFTMAX,
];

/// What other libraries call a layer.
const SYNONYMS: &[(&str, &str)] = &[
    ("fc", "dense"),
    ("fully_connected", "dense"),
    ("heaviside", "step"),
    ("identity", "linear"),
    ("sigmoid", "logistic"),
    ("swish", "silu"),
];

/// A layer word.
pub struct Row {
    pub word: &'static str,
    /// The names of the sizes, in order.
    pub sizes: &'static [&'static str],
    pub options: &'static [OptionRow],
    /// How it is written, for messages.
    pub example: &'static str,
    /// The shape rule, and what else follows from the arguments.
    pub layer: fn(&Call) -> Result<Layer, Mistake>,
}

/// A named option.
pub struct OptionRow {
    pub name: &'static str,
    pub kind: OptionKind,
}

/// What an option takes.
pub enum OptionKind {
    /// `true` or `false`.
    Flag,
    /// A number, in the range that the words say.
    Number { range: &'static str, contains: fn(f64) -> bool },
    /// One of these words.
    Choice(&'static [&'static str]),
}

/// A use of a layer: its arguments, read and checked, and the shape that arrives.
pub struct Call<'a> {
    /// The layer as it was written.
    pub text: String,
    pub sizes: Vec<Dim>,
    options: Vec<GivenOption>,
    pub input: &'a Shape,
    /// Who gives that shape, for messages: `` `s4` gives `` or `the input is`.
    pub giver: String,
}

struct GivenOption {
    name: Ident,
    value: TokenStream,
}

impl Call<'_> {
    fn option(&self, name: &str) -> Option<&GivenOption> {
        self.options.iter().find(|option| plain(&option.name) == name)
    }

    /// The value of a flag.
    pub fn flag(&self, name: &str, default: bool) -> bool {
        self.choice(name).map_or(default, |value| value == "true")
    }

    /// The value of a number, as an `f64` expression.
    pub fn number(&self, name: &str, default: f64) -> TokenStream {
        let given = self.option(name).map(|option| option.value.clone());
        given.unwrap_or_else(|| Literal::f64_unsuffixed(default).into_token_stream())
    }

    /// The chosen word.
    pub fn choice(&self, name: &str) -> Option<String> {
        self.option(name).map(|option| text(&option.value))
    }

    /// What arrives is no vector.
    pub fn needs_a_vector(&self, word: &str) -> Mistake {
        let values = self.input.len().literal().map(|n| format!(" ({n} values)")).unwrap_or_default();
        Mistake::new(format!("`{word}` needs a vector, but {} {}", self.giver, self.input))
            .help(format!("write `flatten -> {}`{values}", self.text))
            .about_shape()
    }
}

/// A layer in its place: what the plan and the expansion need to know.
pub struct Layer {
    pub output: Shape,
    /// Multiply-accumulates a sample.
    pub macs: Dim,
    pub form: Form,
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
}

impl Parameters {
    pub fn count(&self) -> Dim {
        count(&self.tensors)
    }

    /// Whether its epilogue can normalise what it gives, channel by channel.
    pub fn takes_normalisation(&self) -> bool {
        self.name.starts_with("Conv")
    }
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

/// The mistake of a word that is neither a layer nor one of the values that could stand there.
pub fn unknown(word: &str, values: &[String]) -> Mistake {
    let layers = TABLE.iter().map(|row| row.word);
    let what = if values.is_empty() { "layer" } else { "layer or value" };
    let mistake = Mistake::new(format!("there is no {what} `{word}`"));
    let lower = word.to_lowercase();
    if let Some((_, layer)) = SYNONYMS.iter().find(|(synonym, _)| *synonym == lower) {
        return mistake.help(format!("it is called `{layer}` here"));
    }
    match nearest(&lower, layers.clone().chain(values.iter().map(String::as_str))) {
        Some(nearest) => mistake.help(format!("did you mean `{nearest}`?")),
        None => mistake.note(format!("the layers are {}", layers.collect::<Vec<_>>().join(", "))),
    }
}

/// Reads the arguments of a layer by its row; `None` if something is wrong with them, which is reported.
pub fn call<'a>(row: &Row, link: &Link, input: &'a Shape, giver: String, errors: &Errors) -> Option<Call<'a>> {
    let mut call = Call { text: link.text(), sizes: Vec::new(), options: Vec::new(), input, giver };
    let mut good = true;
    let no_arguments = Vec::new();
    for argument in link.arguments.as_ref().unwrap_or(&no_arguments) {
        let read = match &argument.name {
            None => size(row, argument, &mut call),
            Some(name) => option(row, name, argument, &mut call),
        };
        if let Err(mistake) = read {
            errors.at_tokens(&argument.value, mistake);
            good = false;
        }
    }
    if good && call.sizes.len() < row.sizes.len() {
        let missing = row.sizes[call.sizes.len()];
        let mistake = Mistake::new(format!("`{}` needs {missing}", row.word)).help(format!("write `{}`", row.example));
        errors.at(link.word.span(), mistake);
        good = false;
    }
    good.then_some(call)
}

/// A size by its place.
fn size(row: &Row, argument: &Argument, call: &mut Call) -> Result<(), Mistake> {
    if let Some(option) = call.options.first() {
        let (found, option) = (text(&argument.value), &option.name);
        return Err(Mistake::new(format!("sizes come first: `{found}` stands behind the option `{option}`"))
            .help(format!("write `{}`", row.example)));
    }
    if call.sizes.len() == row.sizes.len() {
        let takes = match row.sizes {
            [] => "no sizes".into(),
            [one] => format!("one size, {one}"),
            several => format!("{} sizes: {}", several.len(), several.join(", ")),
        };
        let found = text(&argument.value);
        let instead = match (row.sizes, row.options.first()) {
            ([], Some(option)) => format!("{}({} = {found})", row.word, option.name),
            _ => row.example.into(),
        };
        return Err(Mistake::new(format!("`{}` takes {takes}; `{found}` is one too many", row.word))
            .help(format!("write `{instead}`")));
    }
    call.sizes.push(dimension(&argument.value)?);
    Ok(())
}

/// An option by its name.
fn option(row: &Row, name: &Ident, argument: &Argument, call: &mut Call) -> Result<(), Mistake> {
    let word = plain(name);
    let Some(option) = row.options.iter().find(|option| option.name == word) else {
        return Err(unknown_option(row, &word).at(name.span()));
    };
    if call.option(option.name).is_some() {
        return Err(Mistake::new(format!("`{word}` is given twice")).at(name.span()));
    }
    let value = match &option.kind {
        OptionKind::Flag => choice(&word, &argument.value, &["true", "false"])?,
        OptionKind::Choice(words) => choice(&word, &argument.value, words)?,
        OptionKind::Number { range, contains } => number(&word, &argument.value, range, *contains)?,
    };
    call.options.push(GivenOption { name: name.clone(), value });
    Ok(())
}

fn unknown_option(row: &Row, word: &str) -> Mistake {
    let names = row.options.iter().map(|option| option.name);
    let mistake = Mistake::new(format!("`{}` has no option `{word}`", row.word));
    match nearest(word, names.clone()) {
        Some(nearest) => mistake.help(format!("did you mean `{nearest}`?")),
        None if row.options.is_empty() => mistake.note(format!("`{}` has no options", row.word)),
        None => mistake.note(format!("its options are {}", names.collect::<Vec<_>>().join(", "))),
    }
}

/// One of `words`.
fn choice(option: &str, value: &TokenStream, words: &[&str]) -> Result<TokenStream, Mistake> {
    let found = text(value);
    if words.contains(&found.as_str()) {
        return Ok(value.clone());
    }
    let listed: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    let (last, first) = listed.split_last().expect("an option has choices");
    let expected = if first.is_empty() { last.clone() } else { format!("{} or {last}", first.join(", ")) };
    Err(format!("`{option}` is {expected}, found `{found}`").into())
}

/// A number literal, or a const expression of type `f64`.
fn number(option: &str, value: &TokenStream, range: &str, contains: fn(f64) -> bool) -> Result<TokenStream, Mistake> {
    refuse_generated_types(value)?;
    let wrong = || Mistake::new(format!("`{option}` is {range}, found `{}`", text(value)));
    if let Some(number) = literal_number(value) {
        let number = number.map_err(|()| wrong())?;
        if !contains(number) {
            return Err(wrong());
        }
        let literal = Literal::f64_unsuffixed(number.abs());
        return Ok(if number.is_sign_negative() { quote!(-#literal) } else { quote!(#literal) });
    }
    match syn::parse2::<syn::Expr>(value.clone()) {
        Ok(syn::Expr::Lit(_)) | Err(_) => Err(wrong()),
        Ok(syn::Expr::Path(path)) if path.path.get_ident().is_some_and(|word| !is_name(word)) => Err(wrong()),
        Ok(_) => {
            let span = value.clone().into_iter().next().map_or_else(Span::call_site, |token| token.span());
            Ok(quote_spanned!(span=> const { ::monograd::claims::positive(#option, #value) }))
        }
    }
}

/// `1`, `0.5`, `-2.5`: `None` if it is no number literal, an error if it is one that an `f64` cannot be.
fn literal_number(value: &TokenStream) -> Option<Result<f64, ()>> {
    let tokens: Vec<_> = value.clone().into_iter().collect();
    let (literal, sign) = match &tokens[..] {
        [TokenTree::Group(group)] if group.delimiter() == Delimiter::None => return literal_number(&group.stream()),
        [TokenTree::Literal(literal)] => (literal, 1.0),
        [TokenTree::Punct(minus), TokenTree::Literal(literal)] if minus.as_char() == '-' => (literal, -1.0),
        _ => return None,
    };
    let magnitude = match syn::Lit::new(literal.clone()) {
        syn::Lit::Int(int) if int.suffix().is_empty() => int.base10_parse::<f64>(),
        syn::Lit::Float(float) if matches!(float.suffix(), "" | "f64") => float.base10_parse::<f64>(),
        _ => return Some(Err(())),
    };
    Some(magnitude.ok().filter(|number| number.is_finite()).map(|number| sign * number).ok_or(()))
}
