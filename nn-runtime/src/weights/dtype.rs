//! The floating-point types of a file.

use safetensors::Dtype;

/// Reads one value from its little-endian bytes; every type's values are `f64` values too.
pub(super) type Decode = fn(&[u8]) -> f64;

/// The size in bytes of a type that can be read, and how.
pub(super) fn decoder(dtype: Dtype) -> Option<(usize, Decode)> {
    match dtype {
        Dtype::F64 => Some((8, |b| f64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]))),
        Dtype::F32 => Some((4, |b| f64::from(f32::from_le_bytes([b[0], b[1], b[2], b[3]])))),
        Dtype::F16 => Some((2, |b| from_f16(u16::from_le_bytes([b[0], b[1]])))),
        Dtype::BF16 => Some((2, |b| from_bf16(u16::from_le_bytes([b[0], b[1]])))),
        _ => None,
    }
}

/// The upper half of an `f32`.
fn from_bf16(bits: u16) -> f64 {
    f64::from(f32::from_bits(u32::from(bits) << 16))
}

/// IEEE 754 binary16: 1 bit of sign, 5 of exponent, 10 of fraction.
///
/// ```text
/// exponent 0    ±fraction · 2⁻²⁴
/// 1 to 30       ±(1024 + fraction) · 2^(exponent − 25)
/// 31            ±∞, or NaN with a fraction
/// ```
fn from_f16(bits: u16) -> f64 {
    let sign = if bits >> 15 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = (bits >> 10 & 31, f64::from(bits & 1023));
    sign * match exponent {
        0 => fraction * f64::exp2(-24.0),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1024.0 + fraction) * f64::exp2(f64::from(exponent) - 25.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_precision() {
        for (bits, value) in [
            (0x0000, 0.0),
            (0x0001, 5.960_464_477_539_063e-8),
            (0x03FF, 6.097_555_160_522_461e-5),
            (0x0400, 6.103_515_625e-5),
            (0x3555, 0.333_251_953_125),
            (0x3C00, 1.0),
            (0xC000, -2.0),
            (0x7BFF, 65504.0),
            (0x7C00, f64::INFINITY),
            (0xFC00, f64::NEG_INFINITY),
        ] {
            assert_eq!(from_f16(bits), value, "{bits:04x}");
        }
        assert!(from_f16(0x8000).is_sign_negative());
        assert!(from_f16(0x7C01).is_nan() && from_f16(0xFE00).is_nan());
    }

    #[test]
    fn the_values_of_half_precision_are_in_order() {
        let values: Vec<_> = (0..=0x7C00).map(from_f16).collect();
        assert!(values.is_sorted_by(|a, b| a < b));
        assert!((0..=0x7C00).all(|bits: u16| from_f16(bits | 0x8000) == -from_f16(bits)));
    }

    #[test]
    fn brain_floats() {
        for (bits, value) in [(0x3F80, 1.0), (0xC049, -3.140_625), (0x0001, f64::from(f32::from_bits(1 << 16)))] {
            assert_eq!(from_bf16(bits), value, "{bits:04x}");
        }
        assert!(from_bf16(0x7FC0).is_nan());
        assert_eq!(from_bf16(0xFF80), f64::NEG_INFINITY);
    }
}
