//! `threshold`.

use quote::quote;

use super::{Call, Form, Index, Layer, OptionKind, OptionRow, Plain, Row, SizeKind, SizeRow};
use crate::dimension::Dim;
use crate::errors::Mistake;
use crate::receptive::Reach;
use crate::shape::{Kind, Shape};

pub const ROW: Row = Row {
    word: "threshold",
    sizes: &[SizeRow::new("how many inputs have to be active", SizeKind::Integer { name: "theta" })],
    options: &[OptionRow::new("excitatory", OptionKind::Indexes), OptionRow::new("inhibitory", OptionKind::Indexes)],
    example: "threshold(2)",
    layer,
};

fn layer(call: &Call) -> Result<Layer, Mistake> {
    let (Kind::Vector, [inputs]) = (call.input.kind, &call.input.dims[..]) else { return Err(call.needs_a_vector()) };
    let (excitatory, inhibitory) = (call.indexes("excitatory"), call.indexes("inhibitory"));
    for list in [excitatory, inhibitory].into_iter().flatten() {
        check_places(call, list, inputs)?;
    }
    check_apart(excitatory.unwrap_or_default(), inhibitory.unwrap_or_default())?;
    let theta = call.size_integer(0);
    let excitatory = excitatory.map(places).map(|places| quote!(.excitatory(&[#(#places),*])));
    let inhibitory = inhibitory.map(places).map(|places| quote!(.inhibitory(&[#(#places),*])));
    let value = quote!(Threshold::new(#inputs, #theta) #excitatory #inhibitory);
    let form = Form::Plain(Plain { value, reads_input: false, differentiable: false });
    Ok(Layer { reach: Reach::Whole, ..Layer::new(Shape::vector(Dim::Literal(1)), form) })
}

fn places(list: &[Index]) -> Vec<&Dim> {
    list.iter().map(|index| &index.place).collect()
}

/// Each index is one of the inputs, and stands once in its list. Of expressions the runtime's constructor has the same rules.
fn check_places(call: &Call, list: &[Index], inputs: &Dim) -> Result<(), Mistake> {
    for (at, Index { place, span }) in list.iter().enumerate() {
        if let (Some(index), Some(inputs)) = (place.literal(), inputs.literal())
            && index >= inputs
        {
            let mistake = Mistake::new(format!("there is no input {index}: {} {}", call.giver, call.input));
            return Err(mistake.help(range(inputs)).at(*span).about_shape());
        }
        if list[..at].iter().any(|before| before.place.same(place)) {
            return Err(Mistake::new(format!("the input {place} is listed twice")).at(*span));
        }
    }
    Ok(())
}

fn range(inputs: usize) -> String {
    match inputs {
        1 => "its only index is 0".into(),
        _ => format!("indexes are 0 to {}", inputs - 1),
    }
}

/// No input is in both lists.
fn check_apart(excitatory: &[Index], inhibitory: &[Index]) -> Result<(), Mistake> {
    let both = inhibitory.iter().find(|index| excitatory.iter().any(|other| other.place.same(&index.place)));
    let Some(Index { place, span }) = both else { return Ok(()) };
    Err(Mistake::new(format!("the input {place} is both excitatory and inhibitory"))
        .help("leave `excitatory` out if all inputs count that are not inhibitory")
        .at(*span))
}
