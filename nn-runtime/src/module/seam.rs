//! Where a module begins and ends: the order of its inside against the order of the network around it.

use crate::Real;
use crate::activations::Activation;
use crate::kernels::{Kernels, SumInPlace, Transpose};
use crate::layers::InputGradient;
use crate::plan::Plan;
use crate::shapes::{Order, Shape, channels_and_places};

/// One end of a module. Outside of it values lie channels last.
#[derive(Clone, Copy)]
pub(super) struct Seam {
    channels: usize,
    places: usize,
    /// Whether the order inside is another one. With a single channel or place there is none.
    turns: bool,
}

impl Seam {
    pub(super) const fn of<S: Shape>(inside: Order) -> Self {
        let [channels, places] = channels_and_places::<S>();
        Self { channels, places, turns: matches!(inside, Order::ChannelsFirst) && channels > 1 && places > 1 }
    }

    const fn len(self) -> usize {
        self.channels * self.places
    }

    /// Values a sample of a copy in the order of the inside, if it is another one.
    pub(super) const fn room(self) -> usize {
        if self.turns { self.len() } else { 0 }
    }

    /// Room for the gradients of a backward pass: that of the output and that of the input in the orders of the inside, and what
    /// is added to the gradient outside.
    pub(super) const fn gradients(input: Self, output: Self) -> Plan<3> {
        Plan::side_by_side([output.room(), input.room(), input.len()])
    }

    /// `outer` in the order of the inside: itself, or a copy in `room`.
    pub(super) fn inward<'a, T: Real, L: Kernels<T>>(self, level: L, outer: &'a [T], room: &'a mut [T]) -> &'a [T] {
        if self.turns {
            self.copy_inward(level, outer, room);
            room
        } else {
            outer
        }
    }

    /// Copies to the inside.
    pub(super) fn copy_inward<T: Real, L: Kernels<T>>(self, level: L, x: &[T], y: &mut [T]) {
        if self.turns {
            level.transpose(Transpose { x, y, rows: self.places, columns: self.channels });
        } else {
            y.copy_from_slice(x);
        }
    }

    /// Copies to the outside.
    pub(super) fn copy_outward<T: Real, L: Kernels<T>>(self, level: L, x: &[T], y: &mut [T]) {
        if self.turns {
            level.transpose(Transpose { x, y, rows: self.channels, columns: self.places });
        } else {
            y.copy_from_slice(x);
        }
    }

    /// Has `write` write the result of the inside, and brings it to `outer`. `room` is for a copy.
    pub(super) fn outward<T: Real, L: Kernels<T>>(
        self,
        level: L,
        outer: &mut [T],
        room: &mut [T],
        write: impl FnOnce(&mut [T]),
    ) {
        if self.turns {
            write(room);
            self.copy_outward(level, room, outer);
        } else {
            write(outer);
        }
    }

    /// Has `write` write the gradient of the input, if it is wanted, and brings it outside, where it overwrites or is added. Rooms
    /// are those of [`gradients`](Self::gradients).
    pub(super) fn give<T: Real, L: Kernels<T>>(
        self,
        level: L,
        d_input: Option<InputGradient<'_, T>>,
        room: &mut [T],
        sum: &mut [T],
        write: impl FnOnce(Option<&mut [T]>),
    ) {
        let Some(InputGradient { values, accumulate }) = d_input else { return write(None) };
        if accumulate {
            self.outward(level, sum, room, |d_x| write(Some(d_x)));
            level.sum_in_place(SumInPlace { x: sum, y: values, activation: Activation::Linear });
        } else {
            self.outward(level, values, room, |d_x| write(Some(d_x)));
        }
    }
}
