//! Every optimiser in several settings, by its name in the reference files.

use nn_runtime::Real;
use nn_runtime::optimizers::{AdaGrad, Adadelta, Adam, AdamW, AmsGrad, Lion, NAdam, Optimizer, RmsProp, Rprop, Sgd};

pub type Case<T> = (&'static str, Box<dyn Optimizer<T>>);

/// Those of `optimizers.*.safetensors`.
pub fn classic<T: Real>() -> Vec<Case<T>> {
    let sgd = || Sgd::<T>::new(0.1);
    let momentum = || sgd().momentum(0.9);
    let decay = 0.02;
    vec![
        ("sgd", Box::new(sgd())),
        ("sgd_momentum", Box::new(momentum())),
        ("sgd_dampening", Box::new(momentum().dampening(0.3))),
        ("sgd_nesterov", Box::new(momentum().nesterov())),
        ("sgd_weight_decay", Box::new(sgd().weight_decay(decay))),
        ("sgd_momentum_weight_decay", Box::new(momentum().weight_decay(decay))),
        ("sgd_nesterov_weight_decay", Box::new(momentum().nesterov().weight_decay(decay))),
        ("adam", Box::new(Adam::new(0.01))),
        ("adam_betas", Box::new(Adam::new(0.05).beta1(0.5).beta2(0.9).eps(1e-4))),
        ("adam_weight_decay", Box::new(Adam::new(0.01).weight_decay(decay))),
        ("adamw", Box::new(AdamW::new(0.01).weight_decay(decay))),
    ]
}

/// Those of `stochastic_optimizers.*.safetensors`.
pub fn adaptive<T: Real>() -> Vec<Case<T>> {
    let decay = 0.02;
    let ams_grad = || AmsGrad::<T>::new(0.05);
    let nadam = || NAdam::<T>::new(0.05);
    let rms_prop = || RmsProp::<T>::new(0.01);
    vec![
        ("adagrad", Box::new(AdaGrad::new(0.1))),
        ("adagrad_decays", Box::new(AdaGrad::new(0.1).learning_rate_decay(0.05).weight_decay(decay))),
        ("adagrad_accumulator", Box::new(AdaGrad::new(0.5).initial_accumulator(0.25).eps(1e-3))),
        ("adadelta", Box::new(Adadelta::new(1.0))),
        ("adadelta_settings", Box::new(Adadelta::new(5.0).rho(0.7).eps(1e-3).weight_decay(decay))),
        ("amsgrad", Box::new(AmsGrad::new(0.01))),
        ("amsgrad_settings", Box::new(ams_grad().beta1(0.5).beta2(0.6).eps(1e-4).weight_decay(decay))),
        ("amsgrad_decoupled", Box::new(ams_grad().weight_decay(0.3).decoupled_weight_decay())),
        ("nadam", Box::new(NAdam::new(0.01))),
        ("nadam_settings", Box::new(nadam().beta1(0.8).beta2(0.9).eps(1e-4).weight_decay(decay).momentum_decay(0.3))),
        ("nadam_decoupled", Box::new(nadam().weight_decay(0.3).decoupled_weight_decay())),
        ("rmsprop", Box::new(rms_prop())),
        ("rmsprop_settings", Box::new(RmsProp::new(0.02).alpha(0.9).eps(1e-4).weight_decay(decay))),
        ("rmsprop_momentum", Box::new(rms_prop().momentum(0.9))),
        ("rmsprop_centered", Box::new(rms_prop().alpha(0.9).centered())),
        ("rmsprop_centered_momentum", Box::new(rms_prop().alpha(0.95).centered().momentum(0.8).weight_decay(decay))),
        ("lion", Box::new(Lion::new(0.01))),
        ("lion_settings", Box::new(Lion::new(0.05).beta1(0.7).beta2(0.8).weight_decay(0.3))),
        ("rprop", Box::new(Rprop::new(0.01))),
        ("rprop_settings", Box::new(Rprop::new(0.1).factors(0.3, 1.5).step_sizes(0.02, 0.2))),
        ("rprop_plus", Box::new(Rprop::new(0.01).backtracking())),
    ]
}

pub fn all<T: Real>() -> Vec<Case<T>> {
    classic().into_iter().chain(adaptive()).collect()
}

/// A number of ±1 that depends on `i` alone, never 0.
pub fn number(i: usize) -> f64 {
    let bits = (i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    f64::from((bits >> 40) as u32 + 1) / f64::from(1 << 23) - 1.0
}
