//! Shapes of values, and what layers make of them: as much of the language's rules as is drawn.

use super::syntax::{Block, Chain, Head, Layer, Link, Parameters, Size};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Vector,
    Sequence,
    Signal,
    Image,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    pub kind: Kind,
    pub dims: Vec<usize>,
}

impl Shape {
    pub fn vector(len: usize) -> Self {
        Self { kind: Kind::Vector, dims: vec![len] }
    }

    pub fn len(&self) -> usize {
        self.dims.iter().product()
    }

    /// Channels, or features.
    pub fn channels(&self) -> usize {
        if self.kind == Kind::Sequence { self.dims[1] } else { self.dims[0] }
    }

    /// The axes along which windows move: none, one or two.
    pub fn axes(&self) -> &[usize] {
        if matches!(self.kind, Kind::Signal | Kind::Image) { &self.dims[1..] } else { &[] }
    }

    /// The same axes with so many channels.
    pub fn with_channels(&self, channels: usize) -> Self {
        let mut dims = self.dims.clone();
        dims[usize::from(self.kind == Kind::Sequence)] = channels;
        Self { kind: self.kind, dims }
    }

    fn with_axes(&self, axis: impl Fn(usize) -> Option<usize>) -> Option<Self> {
        let axes = self.axes().iter().map(|len| axis(*len).filter(|len| *len > 0));
        let dims = core::iter::once(Some(self.dims[0])).chain(axes).collect::<Option<_>>()?;
        Some(Self { kind: self.kind, dims })
    }
}

/// What gives the shape of a chain: the values and the sizes that have names where it stands.
pub struct Scope<'a> {
    pub values: &'a [(String, Shape)],
    pub sizes: &'a [(String, usize)],
    pub blocks: &'a [Block],
}

/// A shape, and the number of parameters on the way to it.
type Given = Option<(Shape, usize)>;

impl Scope<'_> {
    /// What a chain gives; `None` if it does not fit.
    pub fn chain(&self, chain: &Chain, arriving: Option<&Shape>) -> Given {
        let head = match &chain.head {
            Head::Value(name) => self.values.iter().find(|(value, _)| value == name).map(|(_, shape)| shape),
            Head::Arriving | Head::Blank => arriving,
        };
        let mut given = (head?.clone(), 0);
        for link in &chain.links {
            let (shape, params) = self.link(link, &given.0)?;
            given = (shape, given.1 + params);
        }
        Some(given)
    }

    pub fn link(&self, link: &Link, input: &Shape) -> Given {
        match link {
            Link::Layer(layer) => self.layer(layer, input),
            Link::Merge { word, branches, axis } => self.merge(word, branches, *axis, input),
            Link::Block { block, sizes } => {
                let sizes: Vec<_> = sizes.iter().map(|size| self.size(size)).collect();
                self.block(&self.blocks[*block], &sizes, input)
            }
            Link::Repeat { copies, chain } => {
                let inner = Scope { values: &[], ..*self };
                let (shape, params) = inner.chain(chain, Some(input))?;
                (shape == *input).then_some((shape, params * copies))
            }
        }
    }

    fn block(&self, block: &Block, sizes: &[usize], input: &Shape) -> Given {
        let names = block.parameters.iter().map(|parameter| parameter.name.clone());
        let sizes: Vec<_> = names.zip(sizes.iter().copied()).collect();
        let mut values = vec![("input".to_owned(), input.clone())];
        let mut sum = 0;
        for (name, chain) in &block.lines {
            let scope = Scope { values: &values, sizes: &sizes, blocks: self.blocks };
            let (shape, params) = scope.chain(chain, values.last().map(|(_, shape)| shape))?;
            sum += params;
            values.push((name.clone(), shape));
        }
        values.pop().map(|(_, shape)| (shape, sum))
    }

    fn size(&self, size: &Size) -> usize {
        match size {
            Size::Number(number) => *number,
            Size::Parameter(name) => {
                let (_, size) = self.sizes.iter().find(|(size, _)| size == name).expect("a parameter has a size");
                *size
            }
        }
    }

    fn merge(&self, word: &str, branches: &[Chain], axis: Option<usize>, input: &Shape) -> Given {
        let branches: Vec<_> = branches.iter().map(|branch| self.chain(branch, Some(input))).collect::<Option<_>>()?;
        let params = branches.iter().map(|(_, params)| params).sum();
        let mut shape = branches[0].0.clone();
        if word != "concat" {
            return branches.iter().all(|(other, _)| *other == shape).then_some((shape, params));
        }
        let axis = axis.unwrap_or(usize::from(shape.kind == Kind::Sequence));
        let along = |shape: &Shape| shape.dims.get(axis).copied();
        let sum = branches.iter().map(|(shape, _)| along(shape)).sum::<Option<usize>>()?;
        shape.dims[axis] = sum;
        let same = |(other, _): &(Shape, usize)| {
            let mut other = other.clone();
            other.dims[axis] = sum;
            other == shape
        };
        branches.iter().all(same).then_some((shape, params))
    }

    fn layer(&self, layer: &Layer, input: &Shape) -> Given {
        let free = |shape: Option<Shape>| shape.map(|shape| (shape, 0));
        let channels = input.channels();
        let has_axes = !input.axes().is_empty();
        match layer {
            Layer::Dense(outputs) => {
                let outputs = self.size(outputs);
                let shape = (!has_axes).then(|| input.with_channels(outputs))?;
                Some((shape, (channels + 1) * outputs))
            }
            Layer::Convolution { rank, outputs, kernel, groups, transposed, .. } => {
                let outputs = self.size(outputs);
                let fits = input.axes().len() == *rank && channels % groups == 0 && outputs % groups == 0;
                let of_group = if *transposed { channels } else { channels / groups };
                let shape = layer.windows(&input.with_channels(outputs)).filter(|_| fits)?;
                let weights = if *transposed { of_group * outputs / groups } else { of_group * outputs };
                Some((shape, weights * kernel.pow(*rank as u32) + outputs))
            }
            Layer::Pool { rank, .. } => free(layer.windows(input).filter(|_| input.axes().len() == *rank)),
            Layer::Same { parameters, fits, .. } => fits(input).then(|| {
                let count = match parameters {
                    Parameters::None => 0,
                    Parameters::OfChannels => 2 * channels,
                    Parameters::OfPlaces if input.kind == Kind::Sequence => 2 * channels,
                    Parameters::OfPlaces => 2 * input.len(),
                };
                (input.clone(), count)
            }),
            Layer::Flatten => free(Some(Shape::vector(input.len()))),
            Layer::Global(_) => free((input.kind != Kind::Vector).then(|| Shape::vector(channels))),
            Layer::Adaptive([height, width]) => {
                let dims = vec![channels, *height, *width];
                free((input.kind == Kind::Image).then_some(Shape { kind: Kind::Image, dims }))
            }
            Layer::Upsample { scale, bilinear } => {
                let fits = has_axes && (!bilinear || input.kind == Kind::Image);
                free(input.with_axes(|len| Some(len * scale)).filter(|_| fits))
            }
            Layer::Pad => free(input.with_axes(|len| Some(len + 2)).filter(|_| has_axes)),
            Layer::Crop => free(input.with_axes(|len| len.checked_sub(2)).filter(|_| has_axes)),
            Layer::Subsample(outputs) => {
                let outputs = self.size(outputs);
                let fits = has_axes && outputs >= channels;
                free(input.with_channels(outputs).with_axes(|len| Some(len.div_ceil(2))).filter(|_| fits))
            }
            Layer::Network(earlier) => (earlier.input == *input).then(|| (earlier.output.clone(), earlier.parameters)),
        }
    }
}

impl Layer {
    /// The axes that windows of this layer leave.
    fn windows(&self, input: &Shape) -> Option<Shape> {
        match *self {
            Self::Convolution { kernel, stride, padding, transposed: true, .. } => {
                input.with_axes(|len| ((len - 1) * stride + kernel).checked_sub(2 * padding))
            }
            Self::Convolution { kernel, stride, padding, .. } | Self::Pool { kernel, stride, padding, .. } => {
                input.with_axes(|len| Some((len + 2 * padding).checked_sub(kernel)? / stride + 1))
            }
            _ => None,
        }
    }
}
