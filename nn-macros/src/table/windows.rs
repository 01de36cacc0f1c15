//! The arithmetic of windows that slide along an axis, as the runtime's `geometry` has it.
//!
//! Source: Dumoulin and Visin, “A guide to convolution arithmetic for deep learning” (2016).

use proc_macro2::TokenStream;
use quote::quote;

use super::spatial::{axis_name, three};
use super::{Advice, Call, OptionKind, OptionRow, too_large};
use crate::dimension::Dim;
use crate::errors::Mistake;
use crate::receptive::Apart;

pub const STRIDE: OptionRow = OptionRow::new("stride", OptionKind::Axes { least: 1 });
pub const PADDING: OptionRow =
    OptionRow::new("padding", OptionKind::AxesOr { least: 0, words: &["valid", "same", "half", "full"] });
pub const DILATION: OptionRow = OptionRow::new("dilation", OptionKind::Axes { least: 1 });
pub const CEIL_MODE: OptionRow = OptionRow::new("ceil_mode", OptionKind::Flag);

/// What a window is, along an axis; where it stands follows.
#[derive(Clone, Debug)]
pub struct Window {
    pub size: Dim,
    pub stride: Dim,
    pub dilation: Dim,
    pub before: Dim,
    pub after: Dim,
    /// The padding keeps the size.
    same: bool,
}

/// How many outputs there are.
#[derive(Clone, Debug)]
pub enum Rounding {
    /// One wherever the window fits.
    Floor,
    /// One more if it reaches beyond the end.
    Ceil,
    /// The window is that of the convolution whose transpose the layer is, with so many more values.
    Transposed(Dim),
}

/// The axis of a layer.
#[derive(Clone, Debug)]
pub struct Axis {
    pub window: Window,
    pub rounding: Rounding,
    /// What the layer takes.
    pub taken: Dim,
    /// What it gives.
    pub given: Dim,
}

/// The windows of a layer with a `size`, and the options `stride`, `padding` and `dilation`.
pub fn windows(call: &Call, sizes: &[Dim], strides: &[Dim]) -> Result<Vec<Window>, Mistake> {
    let axes = sizes.len();
    let dilations = call.axes_or("dilation", axes, 1)?;
    let padding = call.axes("padding", axes).transpose()?;
    (0..axes)
        .map(|axis| {
            let (size, stride, dilation) = (&sizes[axis], &strides[axis], &dilations[axis]);
            let [before, after] = match &padding {
                Some(padding) => [padding[axis].clone(), padding[axis].clone()],
                None => padding_by_word(call, size, stride, dilation)?,
            };
            let same = call.choice("padding").is_some_and(|word| word == "same");
            Ok(Window { size: size.clone(), stride: stride.clone(), dilation: dilation.clone(), before, after, same })
        })
        .collect()
}

/// The padding before and after that a word asks for; none without a word.
fn padding_by_word(call: &Call, size: &Dim, stride: &Dim, dilation: &Dim) -> Result<[Dim; 2], Mistake> {
    let reach = reach(size, dilation).ok_or_else(too_large)?;
    let two = Dim::Literal(2);
    let both = |padding: Option<Dim>| padding.map(|padding| [padding.clone(), padding]).ok_or_else(too_large);
    match call.choice("padding").as_deref() {
        Some("same") => {
            if !stride.is(1) {
                return Err(same_with_a_stride(call, stride));
            }
            let before = reach.over(&two).ok_or_else(too_large)?;
            // The extra one stands behind.
            let after = match (&reach, &before) {
                (Dim::Literal(reach), Dim::Literal(before)) => Dim::Literal(reach - before),
                _ => reach.over_up(&two).ok_or_else(too_large)?,
            };
            Ok([before, after])
        }
        Some("half") => both(reach.offset(1).and_then(|extent| extent.over(&two))),
        Some("full") => both(Some(reach)),
        _ => both(Some(Dim::Literal(0))),
    }
}

fn same_with_a_stride(call: &Call, stride: &Dim) -> Mistake {
    let default = call.option_span("stride").is_none();
    let which = if default { format!("its stride of {stride}") } else { format!("a stride of {stride}") };
    let mistake = Mistake::new(format!("`padding = same` keeps the size, which {which} does not"));
    let help = if default {
        "write `stride = 1` with it"
    } else {
        "write `padding = half`: for an odd kernel, the size divided by the stride"
    };
    mistake.help(help).at(call.option_span("padding").expect("the padding is a word"))
}

/// From the first tap to the last: `dilation·(size − 1)`.
fn reach(size: &Dim, dilation: &Dim) -> Option<Dim> {
    dilation.times(&size.minus(&Dim::Literal(1))?)
}

impl Window {
    fn reach(&self) -> Option<Dim> {
        reach(&self.size, &self.dilation)
    }

    /// How many values it reaches over.
    pub fn extent(&self) -> Option<Dim> {
        self.reach()?.offset(1)
    }

    fn padding(&self) -> Option<Dim> {
        if self.before.same(&self.after) { self.before.scaled(&Dim::Literal(2)) } else { self.before.plus(&self.after) }
    }

    /// How many values it slides over.
    fn padded(&self, taken: &Dim) -> Option<Dim> {
        taken.plus(&self.padding()?)
    }

    /// How many times it fits; `None` if that is too many, or certainly not once.
    fn floor(&self, taken: &Dim) -> Option<Dim> {
        if self.same || (self.stride.is(1) && self.padding()?.same(&self.reach()?)) {
            return Some(taken.clone());
        }
        self.steps(taken, &self.padded(taken)?.minus(&self.extent()?)?)
    }

    /// `⌊free / stride⌋ + 1`, for so many values that the window leaves free.
    fn steps(&self, taken: &Dim, free: &Dim) -> Option<Dim> {
        let stride = self.stride.literal().and_then(|stride| isize::try_from(stride).ok());
        let left = free.constant()?.checked_sub(taken.constant()?)?;
        match stride {
            // `(N − 1) / 2 + 1` is `(N + 1) / 2`: nothing is taken away.
            Some(stride) if free.literal().is_none() && left < 0 && left + stride >= 0 => {
                free.offset(stride)?.over(&self.stride)
            }
            _ => free.over(&self.stride)?.offset(1),
        }
    }

    /// As [`floor`](Self::floor), with a last window that reaches beyond the end, if it begins within the values or the
    /// padding before them.
    fn ceil(&self, taken: &Dim) -> Option<Dim> {
        let floor = self.floor(taken)?;
        let extent = self.extent()?;
        if let (Some(floor), Some(padded), Some(extent), Some(stride), Some(begins)) = (
            floor.literal(),
            self.padded(taken)?.literal(),
            extent.literal(),
            self.stride.literal(),
            taken.plus(&self.before)?.literal(),
        ) {
            let reaches_beyond = (padded - extent) % stride > 0 && floor.checked_mul(stride)? < begins;
            return Some(Dim::Literal(floor + usize::from(reaches_beyond)));
        }
        let within = match (self.after.literal(), self.stride.literal(), extent.literal()) {
            (Some(after), Some(stride), Some(extent)) => after.checked_add(stride)? <= extent,
            _ => false,
        };
        if within {
            let stride_less_one = self.stride.minus(&Dim::Literal(1))?;
            return self.steps(taken, &self.padded(taken)?.plus(&stride_less_one)?.minus(&extent)?);
        }
        let axis = self.tokens(taken, &Rounding::Ceil);
        Some(Dim::atom(quote!(#axis.output)))
    }

    /// What the transpose of a convolution with this window gives.
    fn transposed(&self, taken: &Dim, output_padding: &Dim) -> Option<Dim> {
        let spread = match self.stride.literal() {
            Some(1) => taken.offset(-1)?,
            Some(stride) if taken.literal().is_none() => {
                taken.scaled(&self.stride)?.offset(-isize::try_from(stride).ok()?)?
            }
            _ => taken.minus(&Dim::Literal(1))?.times(&self.stride)?,
        };
        let whole = spread.plus(&self.reach()?)?.plus(output_padding)?.plus(&Dim::Literal(1))?;
        whole.minus(&self.padding()?)
    }

    /// The runtime's `Axis` over so many values.
    fn tokens(&self, taken: &Dim, rounding: &Rounding) -> TokenStream {
        let Self { size, stride, dilation, before, after, .. } = self;
        let arguments = quote!(#taken, #size, #stride, #dilation, #before, #after);
        match rounding {
            Rounding::Floor => quote!(::monograd::geometry::Axis::new(#arguments)),
            Rounding::Ceil => quote!(::monograd::geometry::Axis::ceil(#arguments)),
            Rounding::Transposed(more) => quote!(::monograd::geometry::Axis::transposed(#arguments, #more)),
        }
    }
}

impl Axis {
    /// The window over so many values of an axis: `place` of `axes`, for messages.
    pub fn new(
        call: &Call,
        window: Window,
        rounding: Rounding,
        taken: &Dim,
        place: [usize; 2],
    ) -> Result<Self, Mistake> {
        let given = match &rounding {
            Rounding::Transposed(more) => {
                check_something_is_left(&window, taken, more, place)?;
                window.transposed(taken, more)
            }
            Rounding::Floor | Rounding::Ceil => {
                check_fits(call, &window, taken, place)?;
                if matches!(rounding, Rounding::Ceil) { window.ceil(taken) } else { window.floor(taken) }
            }
        };
        Ok(Self { window, rounding, taken: taken.clone(), given: given.ok_or_else(too_large)? })
    }

    /// The runtime's `Axis`.
    pub fn tokens(&self) -> TokenStream {
        self.window.tokens(&self.taken, &self.rounding)
    }

    /// How far apart lies what its values see.
    pub fn apart(&self) -> Option<Apart> {
        let (stride, reach) = (self.window.stride.clone(), self.window.reach()?);
        Some(match self.rounding {
            Rounding::Transposed(_) => Apart::spread(stride, reach),
            Rounding::Floor | Rounding::Ceil => Apart::strided(stride, reach),
        })
    }

    /// How many of the values no window reads, at the end and elsewhere, if all is numbers. A window of one tap means to
    /// leave some out.
    fn skipped(&self) -> Option<[usize; 2]> {
        /// Longer axes are not looked at: they would take time.
        const LONGEST: usize = 1 << 16;
        let Window { size, stride, dilation, before, .. } = &self.window;
        let [size, stride, dilation, before] = [size, stride, dilation, before].map(Dim::literal);
        let (size, stride, dilation, before) = (size?, stride?, dilation?, before?);
        let (taken, given) = (self.taken.literal()?, self.given.literal()?);
        if size == 1 || taken > LONGEST || given.checked_mul(size)? > 16 * LONGEST {
            return None;
        }
        let mut read = vec![false; taken];
        for output in 0..given {
            for tap in 0..size {
                let place = (output * stride + tap * dilation).checked_sub(before);
                if let Some(read) = place.and_then(|place| read.get_mut(place)) {
                    *read = true;
                }
            }
        }
        let at_the_end = read.iter().rev().take_while(|read| !**read).count();
        let in_all = read.iter().filter(|read| !**read).count();
        Some([at_the_end, in_all - at_the_end])
    }
}

/// The runtime's axes, depth first.
pub fn axes_tokens(axes: &[Axis]) -> TokenStream {
    let axes = three(axes.iter().map(Axis::tokens), || quote!(::monograd::geometry::Axis::NONE));
    quote!([#(#axes),*])
}

/// A window that is larger than what it slides over fits nowhere.
fn check_fits(call: &Call, window: &Window, taken: &Dim, [axes, place]: [usize; 2]) -> Result<(), Mistake> {
    let extent = window.extent().ok_or_else(too_large)?;
    let padded = window.padded(taken).ok_or_else(too_large)?;
    let (Some(extent), Some(padded)) = (extent.literal(), padded.literal()) else { return Ok(()) };
    if extent <= padded {
        return Ok(());
    }
    let convolves = call.word.starts_with("conv");
    let what = if convolves { "kernel" } else { "window" };
    let (axis, values) = axis_name(axes, place);
    let dilated = match window.dilation.literal() {
        Some(1) | None => String::new(),
        Some(dilation) => format!(" ({} taps, {dilation} apart)", window.size),
    };
    let is =
        if window.padding().is_some_and(|padding| padding.is(0)) { "input is only" } else { "padded input is only" };
    let mistake = Mistake::new(format!(
        "the {what} of `{}` reaches over {extent} {values}{dilated}, but the {axis} of its {is} {padded}",
        call.word
    ));
    let fits = window.dilation.literal().map_or(1, |dilation| (padded - 1) / dilation + 1);
    let smaller = format!("a {what} of at most {fits}");
    let more = (extent - padded).div_ceil(2) + window.before.literal().unwrap_or_default();
    let help = if convolves { format!("write `padding = {more}`, or {smaller}") } else { format!("write {smaller}") };
    Err(mistake.help(help).about_shape())
}

/// The padding of a transposed convolution is taken away from what it gives.
fn check_something_is_left(window: &Window, taken: &Dim, more: &Dim, [axes, place]: [usize; 2]) -> Result<(), Mistake> {
    let without = Window { before: Dim::Literal(0), after: Dim::Literal(0), ..window.clone() };
    let whole = without.transposed(taken, more).ok_or_else(too_large)?;
    let padding = window.padding().ok_or_else(too_large)?;
    match (whole.literal(), padding.literal()) {
        (Some(whole), Some(padding)) if padding >= whole => {
            let (axis, _) = axis_name(axes, place);
            let mistake = Mistake::new(format!("a padding of {padding} in all leaves nothing of a {axis} of {whole}"));
            let mistake =
                mistake.note("the padding of a transposed convolution is that of the convolution it reverses");
            Err(mistake.help(format!("write a padding of at most {}", (whole - 1) / 2)).about_shape())
        }
        _ => Ok(()),
    }
}

/// What no window reads is worth a warning: on the first axis on which it happens.
pub fn skipped_input(call: &Call, axes: &[Axis]) -> Option<Advice> {
    let (place, axis, [at_the_end, between]) = axes.iter().enumerate().find_map(|(place, axis)| {
        let skipped = axis.skipped()?;
        (skipped != [0, 0]).then_some((place, axis, skipped))
    })?;
    let (_, values) = axis_name(axes.len(), place);
    let (taken, stride, extent) = (&axis.taken, &axis.window.stride, axis.window.extent()?);
    let skipped = match (at_the_end, between) {
        (1, 0) => format!("the last of {taken} {values}"),
        (end, 0) => format!("the last {end} of {taken} {values}"),
        (end, between) => format!("{} of {taken} {values}", end + between),
    };
    let apart = stride.literal() > extent.literal();
    let instead = match (between, call.word.contains("pool")) {
        (0, true) if apart => "a smaller stride reads all".into(),
        (0, true) => "`ceil_mode = true` reads all".into(),
        (0, false) => match axis.padding_that_reads_all() {
            Some(padding) => format!("`padding = {padding}` reads all"),
            None => "a `pad` before it lets it read all".into(),
        },
        _ if axis.window.dilation.is(1) => format!("a stride of at most {extent} reads all"),
        _ => "a smaller stride reads all".into(),
    };
    let text = format!(
        "with a stride of {stride}, no window of `{}` reads {skipped}; {instead}, or a window of one tap says that this \
         is meant; `#[allow(skipped_input)]` on the line or the network silences this",
        call.text
    );
    Some(Advice { name: "skipped_input", text })
}

impl Axis {
    /// The least padding on both sides with which the windows read all.
    fn padding_that_reads_all(&self) -> Option<usize> {
        const MOST_TRIED: usize = 64;
        let (least, stride) = (self.window.before.literal()?, self.window.stride.literal()?);
        (least + 1..=least.checked_add(stride.min(MOST_TRIED))?).find(|padding| {
            let (before, after) = (Dim::Literal(*padding), Dim::Literal(*padding));
            let window = Window { before, after, ..self.window.clone() };
            let given = window.floor(&self.taken);
            given.is_some_and(|given| Self { window, given, ..self.clone() }.skipped() == Some([0, 0]))
        })
    }
}
