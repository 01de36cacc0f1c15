use monograd::prelude::*;

network! {
    pub struct Net([784]) -> [10] {
        hidden: dense(128) -> relu,
        other: dens(64) -> tanh,
        out: dense(10),
    }
}

fn main() {
    let mut net = Net::new();
    net.hidden.weight.fill(0.0);
    net.hidden.bias[0] = 1.0;
    let x = nalgebra::SMatrix::<f32, 784, 4>::zeros();
    let mut work = Net::workspace(4);
    let y: f32 = net.forward(&x, &mut work).sum();
    let mut training = Training::<Net>::new(4);
    let _ = training.backprop(&mut net, &x, &monograd::losses::MeanSquaredError, &[0.0; 40]);
    println!("{y} {} {} {:?} {}", Net::PARAMS, Net::summary(), net, Network::params(&*net).len());
}
