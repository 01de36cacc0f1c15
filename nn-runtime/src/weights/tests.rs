//! Saving and loading together: round trips, files of PyTorch, damaged files.

use std::fs;

use proptest::prelude::*;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

use super::*;
use crate::{Real, TensorInfo};

fn tensor(name: &str, shape: &'static [usize], order: &'static [usize], offset: usize) -> TensorInfo {
    TensorInfo { name: name.into(), shape, order, offset }
}

/// A dense layer of 3 inputs and 2 outputs, column-major, and a convolution of 2 channels to 3, with a kernel of 1 × 2,
/// whose memory has the kernel's axes outermost and the output channels contiguous.
fn net() -> [TensorInfo; 4] {
    [
        tensor("hidden.weight", &[2, 3], &[1, 0], 0),
        tensor("hidden.bias", &[2], &[0], 16),
        tensor("conv.weight", &[3, 2, 1, 2], &[2, 3, 1, 0], 32),
        tensor("conv.bias", &[3], &[0], 48),
    ]
}

const PYTORCH: &[u8] = include_bytes!("testdata/pytorch.safetensors");

/// 64 values with −9 between the tensors, and in each tensor the value k/2 − 1.25 at place k of the file.
fn numbered<T: Real>() -> Vec<T> {
    let mut params = vec![T::nearest(-9.0); 64];
    let place = |m: usize, f: usize, values: &[f64]| (m, values[f]);
    let values: Vec<f64> = (0..12).map(|k| f64::from(k) * 0.5 - 1.25).collect();
    let weight = [0, 3, 1, 4, 2, 5].into_iter().enumerate().map(|(m, f)| place(m, f, &values));
    let bias = (0..2).map(|k| place(16 + k, k, &values));
    // Memory [kernel column][input channel][output channel]; file [output channel][input channel][1][kernel column].
    let conv = (0..12).map(|m| place(32 + m, m % 3 * 4 + m / 3 % 2 * 2 + m / 6, &values));
    let conv_bias = (0..3).map(|k| place(48 + k, k, &values));
    weight.chain(bias).chain(conv).chain(conv_bias).for_each(|(m, value)| params[m] = Real::nearest(value));
    params
}

fn blank<T: Real>() -> Vec<T> {
    vec![T::nearest(-9.0); 64]
}

fn message<T: Real>(bytes: &[u8], tensors: &[TensorInfo]) -> String {
    let mut params = blank::<T>();
    let error = from_bytes(bytes, tensors, &mut params).unwrap_err().to_string();
    assert_eq!(params, blank::<T>(), "a failure changes nothing");
    error
}

/// A file of the reference implementation.
fn reference_file(tensors: &[(&str, Dtype, &[usize], &[u8])]) -> Vec<u8> {
    let views =
        tensors.iter().map(|&(name, dtype, shape, data)| (name, TensorView::new(dtype, shape.to_vec(), data).unwrap()));
    safetensors::serialize(views, None).unwrap()
}

#[test]
fn the_file_is_row_major_with_its_metadata() {
    let bytes = to_bytes("Net", &net(), &numbered::<f32>());
    let (_, metadata) = SafeTensors::read_metadata(&bytes).unwrap();
    let metadata = metadata.metadata().clone().unwrap();
    assert_eq!(metadata["format"], "pt");
    assert_eq!(metadata["network"], "Net");
    assert_eq!(metadata["monograd"], env!("CARGO_PKG_VERSION"));
    let file = SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(file.len(), 4);
    for info in &net() {
        let stored = file.tensor(&info.name).unwrap();
        assert_eq!((stored.dtype(), stored.shape()), (Dtype::F32, info.shape));
        let values: Vec<_> = stored.data().chunks(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect();
        let expected: Vec<_> = (0..info.len()).map(|k| k as f32 * 0.5 - 1.25).collect();
        assert_eq!(values, expected, "{}", info.name);
    }
}

#[test]
fn data_begin_on_eight_bytes_and_equal_parameters_give_equal_bytes() {
    for name in ["N", "Net", "Ünicode \"quoted\" \\ \n", "LeNet5"] {
        let bytes = to_bytes(name, &net(), &numbered::<f64>());
        let (header, metadata) = SafeTensors::read_metadata(&bytes).unwrap();
        assert_eq!(header % 8, 0);
        assert_eq!(metadata.metadata().as_ref().unwrap()["network"], name);
        assert_eq!(metadata.offset_keys(), net().map(|tensor| tensor.name));
        assert_eq!(bytes, to_bytes(name, &net(), &numbered::<f64>()));
    }
}

fn round_trip<T: Real>() {
    let bytes = to_bytes("Net", &net(), &numbered::<T>());
    let mut params = blank::<T>();
    from_bytes(&bytes, &net(), &mut params).unwrap();
    assert_eq!(params, numbered::<T>());
}

#[test]
fn round_trips() {
    round_trip::<f32>();
    round_trip::<f64>();
}

#[test]
fn a_file_of_pytorch_with_every_type_is_read() {
    let (mut single, mut double) = (blank::<f32>(), blank::<f64>());
    from_bytes(PYTORCH, &net(), &mut single).unwrap();
    from_bytes(PYTORCH, &net(), &mut double).unwrap();
    assert_eq!(single, numbered::<f32>());
    assert_eq!(double, numbered::<f64>());
}

fn one() -> [TensorInfo; 1] {
    [tensor("w", &[2], &[0], 1)]
}

#[test]
fn conversions_round_to_nearest_and_refuse_what_overflows() {
    let double = |values: [f64; 2]| reference_file(&[("w", Dtype::F64, &[2], &values.map(f64::to_le_bytes).concat())]);
    let mut params = blank::<f32>();
    from_bytes(&double([0.1, 1e-60]), &one(), &mut params).unwrap();
    assert_eq!(params[..4], [-9.0, 0.1, 0.0, -9.0]);
    assert_eq!(
        message::<f32>(&double([1.0, -1e39]), &one()),
        "`w` holds -1e39 at index 1, which is beyond the range of F32"
    );
    from_bytes(&double([1e39, f64::INFINITY]), &one(), &mut blank::<f64>()).unwrap();
    from_bytes(&double([f64::INFINITY, f64::MAX.recip()]), &one(), &mut params).unwrap();
    assert_eq!(params[1..3], [f32::INFINITY, 0.0]);
}

#[test]
fn values_that_are_not_finite_come_back() {
    let params = [0.0, f32::NAN, f32::NEG_INFINITY, 0.0];
    let mut loaded = [1.0_f32; 4];
    from_bytes(&to_bytes("Net", &one(), &params), &one(), &mut loaded).unwrap();
    assert!(loaded[1].is_nan());
    assert_eq!((loaded[0], loaded[2], loaded[3]), (1.0, f32::NEG_INFINITY, 1.0));
}

#[test]
fn every_difference_is_said_at_once() {
    let bytes = reference_file(&[
        ("conv.weight", Dtype::F32, &[3, 2, 2, 1], &[0; 48]),
        ("fc.bias", Dtype::F32, &[1], &[0; 4]),
        ("fc.weight", Dtype::F32, &[1, 2], &[0; 8]),
        ("hidden.bias", Dtype::I64, &[2], &[0; 16]),
        ("hidden.weight", Dtype::F32, &[2, 3], &[0; 24]),
    ]);
    assert_eq!(
        message::<f32>(&bytes, &net()),
        "the weights do not fit the network:\
         \n  `hidden.bias` has values of type I64, expected F64, F32, F16 or BF16\
         \n  `conv.weight` has shape [3, 2, 2, 1], expected [3, 2, 1, 2]\
         \n  `conv.bias` [3] is missing\
         \n  `fc.bias` [1] is unexpected\
         \n  `fc.weight` [1, 2] is unexpected"
    );
}

fn with_header(header: &str, data: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), data].concat()
}

#[test]
fn errors_of_damaged_files() {
    let bytes = to_bytes("Net", &one(), &[1.0_f32; 4]);
    let message = |bytes: &[u8]| message::<f32>(bytes, &one());
    assert_eq!(message(&[]), "the header is cut short: expected 8 bytes, found 0");
    assert_eq!(message(&bytes[..7]), "the header is cut short: expected 8 bytes, found 7");
    let header = bytes.len() - 8;
    assert_eq!(message(&bytes[..20]), format!("the header is cut short: expected {header} bytes, found 20"));
    assert_eq!(message(&bytes[..header + 5]), "truncated: expected 8 bytes of data, found 5");
    assert_eq!(message(&[&bytes[..], &[0]].concat()), "trailing bytes: expected 8 bytes of data, found more");
    assert_eq!(
        message(b"PK\x03\x04\0\0\x08\x08 a PyTorch checkpoint"),
        "not a safetensors file: its header would be 578712552184433488 bytes long"
    );
    assert_eq!(
        message(&with_header("{\"w\":", &[])),
        "not a safetensors file: EOF while parsing a value at line 1 column 5"
    );
    let with_offsets = |shape: &str, offsets: &str| {
        message(&with_header(
            &format!(r#"{{"w":{{"dtype":"F32","shape":{shape},"data_offsets":{offsets}}}}}"#),
            &[0; 8],
        ))
    };
    assert_eq!(with_offsets("[2]", "[4,12]"), "not a safetensors file: invalid offset for tensor `w`");
    assert_eq!(with_offsets("[2]", "[0,9]"), "not a safetensors file: invalid shape, data type, or offset for tensor");
    assert_eq!(
        with_offsets("[4294967296,4294967296,4294967296]", "[0,8]"),
        "not a safetensors file: overflow computing buffer size from shape and/or element type"
    );
}

#[test]
fn a_header_alone_takes_no_memory() {
    let huge = 1_u64 << 40;
    let header = format!(r#"{{"w":{{"dtype":"F32","shape":[{huge}],"data_offsets":[0,{}]}}}}"#, huge * 4);
    assert_eq!(
        message::<f32>(&with_header(&header, &[]), &one()),
        "the weights do not fit the network:\n  `w` has shape [1099511627776], expected [2]"
    );
}

#[test]
fn files_are_saved_loaded_and_named_in_errors() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.safetensors");
    let missing = load(&path, &net(), &mut blank::<f32>()).unwrap_err();
    assert_eq!(missing.to_string(), format!("`{}`: cannot be read: {}", path.display(), fs::read(&path).unwrap_err()));
    save(&path, "Net", &net(), &numbered::<f32>()).unwrap();
    assert_eq!(fs::read(&path).unwrap(), to_bytes("Net", &net(), &numbered::<f32>()));
    let mut params = blank::<f64>();
    load(&path, &net(), &mut params).unwrap();
    assert_eq!(params, numbered::<f64>());
    assert_eq!(
        load(&path, &net()[1..], &mut blank::<f32>()).unwrap_err().to_string(),
        format!("`{}`: the weights do not fit the network:\n  `hidden.weight` [2, 3] is unexpected", path.display())
    );
    assert_eq!(
        save(folder.path(), "Net", &net(), &numbered::<f32>()).unwrap_err().to_string(),
        format!("`{}`: cannot be written: it exists and is not a file", folder.path().display())
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn errors_travel_between_threads() {
    fn check<E: std::error::Error + Send + Sync + 'static>() {}
    check::<WeightsError>();
}

proptest! {
    #[test]
    fn odd_shapes_come_back(
        shapes in prop::collection::vec(prop::collection::vec(0_usize..5, 0..5), 0..5),
        reverse in any::<bool>(),
    ) {
        let mut offset = 0;
        let tensors: Vec<_> = shapes.into_iter().enumerate().map(|(k, shape)| {
            let mut order: Vec<_> = (0..shape.len()).collect();
            if reverse { order.reverse() } else { order.rotate_left(shape.len() / 2) }
            let tensor = tensor(&format!("t{k}"), shape.leak(), order.leak(), offset);
            offset += tensor.len() + k;
            tensor
        }).collect();
        let params: Vec<f64> = (0..offset).map(|k| k as f64).collect();
        let bytes = to_bytes("Odd", &tensors, &params);
        let mut loaded = vec![-1.0; offset];
        from_bytes(&bytes, &tensors, &mut loaded).unwrap();
        for tensor in &tensors {
            let place = tensor.offset..tensor.offset + tensor.len();
            prop_assert_eq!(&loaded[place.clone()], &params[place]);
        }
        prop_assert_eq!(to_bytes("Odd", &tensors, &loaded), bytes);
    }

    /// A mutated file is either refused without a change, or the reference implementation reads the same values.
    #[test]
    fn mutated_files_are_read_by_the_letter_or_refused(
        mutations in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
        cut in prop::option::of(any::<prop::sample::Index>()),
        tail in prop::collection::vec(any::<u8>(), 0..2),
    ) {
        let mut bytes = to_bytes("Net", &net(), &numbered::<f32>());
        bytes.extend(tail);
        for (at, value) in mutations {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len() + 1));
        }
        let mut params = blank::<f32>();
        if from_bytes(&bytes, &net(), &mut params).is_err() {
            prop_assert_eq!(params, blank::<f32>());
            return Ok(());
        }
        let file = SafeTensors::deserialize(&bytes).unwrap();
        prop_assert_eq!(file.len(), net().len());
        for info in &net() {
            let stored = file.tensor(&info.name).unwrap();
            prop_assert_eq!(stored.shape(), info.shape);
            prop_assert_eq!(stored.dtype(), Dtype::F32);
            let mut expected = vec![[0; 4]; info.len()];
            permute::for_each_place(info, |m, f| expected[m] = stored.data()[4 * f..][..4].try_into().unwrap());
            for (value, bytes) in params[info.offset..].iter().zip(expected) {
                let expected = f32::from_le_bytes(bytes);
                prop_assert!(*value == expected || (value.is_nan() && expected.is_nan()));
            }
        }
    }
}
