//! What the ready networks say of themselves: their outputs, and the memory that they need.

use monograd::nalgebra::{Const, Dyn, OMatrix};
use monograd::networks::*;
use monograd::prelude::*;

/// The name of a network, the workspace of its inference a sample, what of it is needed at once, and all its activations.
type Memory = (&'static str, usize, usize, usize);

macro_rules! memory {
    ($($net:ident),* $(,)?) => {
        [$((stringify!($net), $net::<f32>::INFERENCE_SIZE, $net::<f32>::INFERENCE_BOUND, $net::<f32>::ACTIVATIONS)),*]
    };
}

#[rustfmt::skip]
const NETWORKS: [Memory; 25] = memory![
    LeNet5, MnistCnn, AlexNet, Vgg11, Vgg11Bn, Vgg13, Vgg13Bn, Vgg16, Vgg16Bn, Vgg19, Vgg19Bn, C3d, C3dUcf101,
    GoogLeNet, UNet, SmallUNet, ResNet18, ResNet34, ResNet50, ResNet20, ResNet110, ResNet1202, SqueezeNet, DenseNet121,
    MobileNetV2,
];

/// A value takes the place of those that are over: hardly more is needed than what is alive at the worst step, and much less
/// than all that the layers give.
#[test]
fn workspaces_are_as_small_as_what_is_alive_at_once() {
    for (name, size, bound, activations) in NETWORKS {
        println!("{name}: {size} values a sample, {bound} alive at once, {activations} in all");
        assert!(size >= bound && size <= bound + bound / 20, "{name}: {size}, but {bound} are alive at once");
        assert!(size < activations, "{name}: {size} of {activations}");
    }
}

#[test]
fn googlenet_classifies_once_in_inference_and_three_times_in_training() {
    let ports = |ports: &[monograd::Port]| ports.iter().map(|port| (port.name, port.len())).collect::<Vec<_>>();
    assert_eq!(ports(GoogLeNet::<f32>::OUTPUTS), [("class", 1000)]);
    assert_eq!(ports(GoogLeNet::<f32>::TRAINING_OUTPUTS), [("class", 1000), ("aux1", 1000), ("aux2", 1000)]);

    let (net, mut work) = (GoogLeNet::new(), GoogLeNet::workspace(2));
    let images = OMatrix::<f32, Const<{ 3 * 224 * 224 }>, Dyn>::from_fn(2, |i, j| ((i + j) % 7) as f32 / 7.0);
    let classes = net.forward(&images, &mut work);
    assert_eq!(classes.shape(), (1000, 2));
    assert!(classes.iter().all(|logit| logit.is_finite()));
}
