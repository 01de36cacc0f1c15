//! Names for the values of a step: views of the workspace, or what the caller handed over.

use proc_macro2::{Ident, Literal, Span, TokenStream};

use super::quote;
use crate::plan::{Gradient, Place};

/// Where the slots of a pass lie.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Areas<'p> {
    /// All in one arena.
    One,
    /// Those that a block keeps from its forward to its backward pass on the tape, the others where it works: for each slot
    /// whether it is kept, and its number among those of its area.
    Two(&'p [(bool, usize)]),
}

/// The views that one step takes.
pub struct Binding<'p> {
    areas: Areas<'p>,
    /// How many inputs the network has.
    inputs: usize,
    /// By slot, in the order of the names.
    slots: Vec<(usize, Ident)>,
}

impl<'p> Binding<'p> {
    pub fn new(areas: Areas<'p>, inputs: usize) -> Self {
        Self { areas, inputs, slots: Vec::new() }
    }

    /// What goes by the name of a slot; the one under which it already has a view, if it has.
    pub fn slot(&mut self, name: &str, slot: usize) -> TokenStream {
        if let Some((_, bound)) = self.slots.iter().find(|(bound, _)| *bound == slot) {
            return quote!(#bound);
        }
        let name = Ident::new(name, Span::mixed_site());
        self.slots.push((slot, name.clone()));
        quote!(#name)
    }

    /// A value that a step reads or gives.
    pub fn value(&mut self, name: &str, place: Place) -> TokenStream {
        match place {
            Place::Input(input) => input_name("input", input, self.inputs),
            Place::Output => quote!(output),
            Place::Slot(slot) => self.slot(name, slot),
        }
    }

    /// The gradient of a value, if it does not go to an input of the caller's.
    pub fn gradient(&mut self, name: &str, gradient: Gradient) -> Option<TokenStream> {
        match gradient {
            Gradient::Slot(slot) => Some(self.slot(name, slot)),
            Gradient::Output => Some(quote!(d_output)),
            Gradient::Input(_) => None,
        }
    }

    /// The views: `let [from, to] = arena.views([plan[0], plan[3]]);`.
    pub fn views(&self) -> TokenStream {
        match self.areas {
            Areas::One => views(&quote!(arena), &quote!(plan), self.slots.iter().map(|(slot, name)| (*slot, name))),
            Areas::Two(slots) => {
                let of = |kept: bool| {
                    let here = self.slots.iter().filter(move |(slot, _)| slots[*slot].0 == kept);
                    here.map(|(slot, name)| (slots[*slot].1, name))
                };
                let (tape, work) = (
                    views(&quote!(tape), &quote!(tape_plan), of(true)),
                    views(&quote!(arena), &quote!(plan), of(false)),
                );
                quote!(#tape #work)
            }
        }
    }
}

fn views<'n>(arena: &TokenStream, plan: &TokenStream, slots: impl Iterator<Item = (usize, &'n Ident)>) -> TokenStream {
    let (slots, names): (Vec<_>, Vec<_>) = slots.map(|(slot, name)| (Literal::usize_unsuffixed(slot), name)).unzip();
    if names.is_empty() {
        return TokenStream::new();
    }
    quote!(let [#(#names),*] = #arena.views([#(#plan[#slots]),*]);)
}

/// `input`, or `input_1` of several.
pub fn input_name(name: &str, input: usize, inputs: usize) -> TokenStream {
    let name = if inputs == 1 { name.into() } else { format!("{name}_{input}") };
    let name = Ident::new(&name, Span::mixed_site());
    quote!(#name)
}
