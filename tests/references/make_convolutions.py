"""Writes the reference numbers of the convolutional family, layer by layer: what PyTorch computes on the CPU.

Run, in any directory:

    python3 tests/references/make_convolutions.py

Needs `torch` and `safetensors`; versions and the order of bits are as `make.py` says. What is given (inputs, parameters,
running statistics) is stored in f32, which holds it exactly, and what PyTorch computes from it, in f64. The numbers of a
tensor depend on nothing but its name. README.md lists the cases.
"""

import warnings
from zlib import crc32

import torch
from make import fixed, save
from torch.nn import functional

BATCH = 2


def given(name, *shape, scale=1.0):
    """Numbers of a name of its own."""
    return fixed(crc32(name.encode()), *shape, scale=scale)


def gradients(name, function, leaves):
    """What a layer gives for the leaves, and the gradients of `Σ y·d_y`."""
    for leaf in leaves.values():
        leaf.requires_grad_()
    y = function(**leaves)
    d_y = given(f"{name}.d_y", *y.shape)
    y.backward(d_y)
    computed = {"y": y} | {f"d_{key}": leaf.grad for key, leaf in leaves.items()}
    result = {key: leaf.float() for key, leaf in leaves.items()} | {"d_y": d_y.float()} | computed
    return {f"{name}.{key}": value.detach() for key, value in result.items()}


def check(tensors):
    """Nothing was lost where f32 is stored: every number is a multiple of 2⁻¹⁴ that is not too large."""
    for name, value in tensors.items():
        if value.dtype == torch.float32:
            exact = value.double() * 2**14
            assert torch.equal(exact, exact.round()) and exact.abs().max() < 2**24, name
    return tensors


# --- Convolutions -----------------------------------------------------------------------------------------------------

# Layer: case: (input without the batch, outputs, kernel size, options).
CONVOLUTIONS = {
    "conv1d": {
        "plain": ([3, 11], 4, 3, {}),
        "size1": ([5, 7], 3, 1, {}),
        "stride2_pad1": ([3, 12], 4, 3, {"stride": 2, "padding": 1}),
        "same_even": ([2, 9], 3, 4, {"padding": "same"}),
        "dilation2_same": ([2, 10], 3, 3, {"dilation": 2, "padding": "same"}),
        "half": ([2, 9], 2, 5, {"padding": 2}),
        "full": ([2, 6], 3, 4, {"padding": 3}),
        "groups2_no_bias": ([4, 13], 6, 4, {"stride": 3, "groups": 2, "bias": False}),
        "depthwise": ([5, 9], 5, 3, {"padding": 1, "groups": 5}),
    },
    "conv2d": {
        "plain": ([3, 9, 8], 4, 3, {}),
        "size1": ([5, 4, 3], 7, 1, {}),
        "size1_stride2": ([4, 5, 6], 3, 1, {"stride": 2, "bias": False}),
        "stride2": ([2, 9, 7], 3, 3, {"stride": 2}),
        "stride2_pad1": ([3, 9, 8], 4, 3, {"stride": 2, "padding": 1}),
        "stride4": ([3, 15, 15], 4, 7, {"stride": 4, "padding": 2}),
        "rectangle": ([3, 7, 8], 4, [3, 2], {"stride": [2, 1], "padding": [1, 0]}),
        "wide": ([2, 5, 9], 3, [1, 5], {"padding": [0, 2]}),
        "same": ([3, 6, 5], 4, 3, {"padding": "same"}),
        "same_even": ([2, 6, 5], 3, [4, 2], {"padding": "same"}),
        "same_dilated": ([2, 6, 8], 3, [3, 2], {"dilation": [2, 3], "padding": "same"}),
        "half": ([2, 6, 5], 3, [5, 3], {"padding": [2, 1]}),
        "half_even": ([2, 5, 6], 3, [4, 2], {"padding": [2, 1]}),
        "half_dilated": ([2, 7, 6], 3, 3, {"padding": 2, "dilation": 2}),
        "full": ([2, 5, 4], 3, [3, 2], {"padding": [2, 1]}),
        "full_dilated": ([2, 4, 5], 3, 2, {"padding": [2, 3], "dilation": [2, 3]}),
        "beyond_full": ([2, 3, 4], 2, 2, {"padding": 2}),
        "dilation2": ([3, 9, 8], 3, 3, {"dilation": 2}),
        "whole_input": ([3, 4, 5], 6, [4, 5], {}),
        "skipping": ([2, 8, 9], 3, 2, {"stride": 3}),
        "groups2": ([4, 6, 5], 6, 3, {"groups": 2}),
        "groups3_no_bias": ([6, 5, 5], 3, 3, {"groups": 3, "bias": False}),
        "depthwise": ([5, 6, 5], 5, 3, {"padding": 1, "groups": 5}),
        "depthwise_stride2": ([3, 7, 8], 6, 3, {"stride": 2, "padding": 1, "groups": 3, "bias": False}),
        "no_bias": ([3, 6, 5], 5, 3, {"padding": 1, "bias": False}),
        "everything": (
            [4, 9, 10],
            6,
            [3, 2],
            {"stride": [2, 3], "padding": [1, 2], "dilation": [1, 2], "groups": 2, "bias": False},
        ),
        "many_channels": ([17, 4, 5], 35, 2, {}),
        "lenet": ([1, 10, 12], 6, 5, {}),
    },
    "conv3d": {
        "plain": ([2, 4, 5, 4], 3, 3, {}),
        "size1": ([3, 2, 3, 2], 4, 1, {}),
        "stride2_pad1": ([2, 4, 5, 6], 3, 3, {"stride": 2, "padding": 1}),
        "oblong": ([2, 3, 5, 4], 2, [1, 3, 2], {"stride": [1, 2, 1], "padding": [0, 1, 1]}),
        "same_dilated": ([2, 3, 4, 5], 2, [2, 3, 2], {"dilation": [1, 2, 1], "padding": "same"}),
        "full": ([2, 2, 3, 2], 2, 2, {"padding": 1}),
        "groups2_no_bias": ([4, 3, 3, 4], 4, [2, 3, 2], {"groups": 2, "bias": False}),
    },
}

TRANSPOSED = {
    "conv_transpose1d": {
        "plain": ([3, 6], 4, 3, {}),
        "stride2_pad1": ([2, 6], 3, 3, {"stride": 2, "padding": 1, "output_padding": 1}),
        "holes": ([2, 5], 3, 2, {"stride": 3, "output_padding": 2}),
        "groups2_no_bias": ([4, 5], 6, 4, {"stride": 2, "groups": 2, "bias": False}),
    },
    "conv_transpose2d": {
        "plain": ([3, 5, 4], 4, 3, {}),
        "size1": ([3, 4, 3], 5, 1, {}),
        "stride2": ([3, 4, 3], 2, 2, {"stride": 2}),
        "stride2_pad1": ([2, 5, 4], 3, 3, {"stride": 2, "padding": 1}),
        "output_padding": ([2, 4, 5], 3, 3, {"stride": 2, "padding": 1, "output_padding": 1}),
        "rectangle": ([2, 4, 5], 3, [3, 2], {"stride": [1, 3], "padding": [2, 0], "output_padding": [0, 1]}),
        "half": ([2, 5, 4], 3, [5, 3], {"padding": [2, 1]}),
        "full": ([2, 5, 6], 3, [3, 4], {"padding": [2, 3]}),
        "dilation2": ([2, 4, 3], 3, 3, {"dilation": 2, "padding": 1}),
        "dilated_output_padding": ([2, 3, 4], 2, 2, {"dilation": [3, 2], "output_padding": [2, 1]}),
        "holes": ([2, 3, 3], 3, [1, 2], {"stride": 3, "output_padding": [2, 1]}),
        "groups2": ([4, 4, 3], 6, 3, {"groups": 2, "stride": 2}),
        "depthwise": ([4, 3, 4], 4, 3, {"groups": 4, "stride": 2, "padding": 1, "bias": False}),
        "no_bias": ([3, 4, 3], 4, 2, {"bias": False}),
        "everything": (
            [4, 4, 3],
            6,
            [3, 2],
            {
                "stride": [2, 3],
                "padding": [1, 2],
                "output_padding": [1, 2],
                "dilation": [1, 2],
                "groups": 2,
                "bias": False,
            },
        ),
        "many_channels": ([18, 3, 2], 33, 2, {"stride": 2}),
    },
    "conv_transpose3d": {
        "plain": ([2, 2, 3, 2], 3, [2, 3, 2], {}),
        "stride2_pad1": ([2, 2, 3, 2], 2, 3, {"stride": 2, "padding": 1, "output_padding": 1}),
        "groups2_no_bias": ([4, 2, 2, 3], 2, 2, {"stride": [1, 2, 1], "groups": 2, "bias": False}),
    },
}


def sizes(value, axes):
    return list(value) if isinstance(value, list) else [value] * axes


def convolution(layer, case, shape, outputs, kernel_size, options):
    name, transposed = f"{layer}.{case}", "transpose" in layer
    options = dict(options)
    bias = options.pop("bias", True)
    groups, axes = options.get("groups", 1), len(shape) - 1
    inputs = shape[0]
    channels = [inputs, outputs // groups] if transposed else [outputs, inputs // groups]
    leaves = {
        "x": given(f"{name}.x", BATCH, *shape),
        "weight": given(f"{name}.weight", *channels, *sizes(kernel_size, axes), scale=0.5),
    }
    if bias:
        leaves["bias"] = given(f"{name}.bias", outputs, scale=0.5)
    function = getattr(functional, layer)

    def call(x, weight, bias=None):
        return function(x, weight, bias, **options)

    return gradients(name, call, leaves)


def convolutions(cases):
    tensors = {}
    for layer, layer_cases in cases.items():
        for case, settings in layer_cases.items():
            tensors |= convolution(layer, case, *settings)
    return tensors


# --- Pools ------------------------------------------------------------------------------------------------------------

# Layer: case: (input without the batch, arguments of PyTorch's function, options).
POOLS = {
    "max_pool1d": {
        "size2": ([3, 9], [2], {}),
        "stride1_pad1": ([2, 7], [3], {"stride": 1, "padding": 1}),
        "ceil": ([2, 9], [2], {"ceil_mode": True}),
        "dilation2": ([2, 9], [2], {"stride": 2, "dilation": 2}),
    },
    "max_pool2d": {
        "size2": ([3, 6, 8], [2], {}),
        "odd": ([2, 7, 5], [2], {}),
        "size3_stride2": ([3, 7, 9], [3], {"stride": 2}),
        "size3_stride2_pad1": ([3, 7, 8], [3], {"stride": 2, "padding": 1}),
        "size3_stride1_pad1": ([2, 5, 6], [3], {"stride": 1, "padding": 1}),
        "rectangle": ([2, 7, 8], [[3, 2]], {"stride": [2, 1], "padding": [1, 0]}),
        "dilation2": ([2, 8, 7], [[2, 3]], {"stride": 1, "dilation": [3, 2]}),
        "skipping": ([2, 8, 7], [2], {"stride": 3}),
        "ceil": ([2, 7, 8], [[2, 3]], {"ceil_mode": True}),
        "ceil_pad1": ([2, 6, 8], [3], {"stride": 2, "padding": 1, "ceil_mode": True}),
        "ceil_last_in_padding": ([2, 5, 4], [2], {"stride": 2, "padding": 1, "ceil_mode": True}),
        "many_channels": ([19, 4, 4], [2], {}),
        "ties": ([2, 6, 6], [3], {"stride": 1}),
    },
    "max_pool3d": {
        "size2": ([2, 4, 4, 6], [2], {}),
        "oblong": ([2, 3, 4, 5], [[1, 2, 3]], {"stride": [1, 2, 2]}),
        "pad1_ceil": ([2, 3, 4, 4], [2], {"padding": [0, 1, 1], "ceil_mode": True}),
    },
    "avg_pool1d": {
        "size2": ([3, 9], [2], {}),
        "stride1_pad1": ([2, 7], [3], {"stride": 1, "padding": 1}),
        "ceil_uncounted": ([2, 8], [3], {"stride": 2, "padding": 1, "ceil_mode": True, "count_include_pad": False}),
    },
    "avg_pool2d": {
        "size2": ([3, 6, 8], [2], {}),
        "odd": ([2, 7, 5], [2], {}),
        "size3_stride2": ([3, 7, 9], [3], {"stride": 2}),
        "pad1": ([2, 7, 8], [3], {"stride": 2, "padding": 1}),
        "pad1_uncounted": ([2, 7, 8], [3], {"stride": 2, "padding": 1, "count_include_pad": False}),
        "rectangle": ([2, 7, 8], [[3, 2]], {"stride": [2, 1], "padding": [1, 0]}),
        "skipping": ([2, 8, 7], [2], {"stride": 3}),
        "ceil": ([2, 7, 8], [[2, 3]], {"ceil_mode": True}),
        "ceil_pad1": ([2, 6, 8], [3], {"stride": 2, "padding": 1, "ceil_mode": True}),
        "ceil_pad1_uncounted": ([2, 6, 8], [3], {"stride": 2, "padding": 1, "ceil_mode": True, "count_include_pad": False}),
        "many_channels": ([19, 4, 4], [2], {}),
    },
    "avg_pool3d": {
        "size2": ([2, 4, 4, 6], [2], {}),
        "oblong_ceil": ([2, 3, 4, 5], [[1, 2, 3]], {"stride": [1, 2, 2], "ceil_mode": True}),
        "pad1_uncounted": ([2, 3, 4, 4], [3], {"stride": 2, "padding": 1, "count_include_pad": False}),
    },
    "adaptive_avg_pool2d": {
        "smaller": ([3, 9, 8], [[6, 3]], {}),
        "larger": ([2, 3, 4], [[5, 4]], {}),
        "one": ([3, 4, 5], [[1, 1]], {}),
    },
    "global_avg_pool": {
        "signal": ([3, 7], [], {}),
        "image": ([5, 4, 3], [], {}),
        "volume": ([3, 2, 3, 4], [], {}),
    },
    "global_max_pool": {
        "signal": ([3, 7], [], {}),
        "image": ([5, 4, 3], [], {}),
        "volume": ([3, 2, 3, 4], [], {}),
        "ties": ([3, 4, 4], [], {}),
    },
}


def global_pool(pool):
    """To one value a channel, as a vector, by the adaptive pool of so many axes."""

    def call(x):
        axes = x.dim() - 2
        return getattr(functional, f"adaptive_{pool}_pool{axes}d")(x, 1).flatten(1)

    return call


OF_NO_NAME_IN_PYTORCH = {"global_avg_pool": global_pool("avg"), "global_max_pool": global_pool("max")}


def input_of_pool(name, shape):
    """Values far enough apart that the maximum is one of them; where a case is about ties, four values only."""
    x = given(f"{name}.x", BATCH, *shape)
    return (x * 2).floor() / 2 if name.endswith(".ties") else x


def pools():
    tensors = {}
    for layer, cases in POOLS.items():
        function = OF_NO_NAME_IN_PYTORCH.get(layer) or getattr(functional, layer)
        for case, (shape, arguments, options) in cases.items():
            name = f"{layer}.{case}"

            def call(x):
                return function(x, *arguments, **options)

            tensors |= gradients(name, call, {"x": input_of_pool(name, shape)})
    return tensors


# --- Sizes of images --------------------------------------------------------------------------------------------------


def bilinear(scale, align_corners):
    return lambda x: functional.interpolate(x, scale_factor=scale, mode="bilinear", align_corners=align_corners)


def nearest(scale):
    return lambda x: functional.interpolate(x, scale_factor=scale, mode="nearest")


def padded(*amounts, value=0.0):
    """Before and after, from the last axis to the first, as PyTorch counts."""
    return lambda x: functional.pad(x, amounts, value=value)


# Name: (input without the batch, function).
RESIZES = {
    "upsample.signal": ([3, 5], nearest(3)),
    "upsample.nearest": ([3, 4, 3], nearest(2)),
    "upsample.nearest_rectangle": ([2, 3, 4], nearest((2, 3))),
    "upsample.volume": ([2, 2, 3, 2], nearest((2, 1, 3))),
    "upsample.bilinear": ([3, 4, 3], bilinear(2, align_corners=False)),
    "upsample.bilinear_rectangle": ([2, 3, 4], bilinear((2, 3), align_corners=False)),
    "upsample.bilinear_one_row": ([2, 1, 4], bilinear(2, align_corners=False)),
    "upsample.corners": ([3, 4, 3], bilinear(2, align_corners=True)),
    "upsample.corners_rectangle": ([2, 3, 4], bilinear((2, 3), align_corners=True)),
    "upsample.corners_one_row": ([2, 1, 4], bilinear(2, align_corners=True)),
    "pad.signal": ([3, 5], padded(2, 2)),
    "pad.image": ([3, 4, 3], padded(1, 1, 1, 1)),
    "pad.rectangle_value": ([2, 4, 3], padded(2, 2, 1, 1, value=0.5)),
    "pad.one_sided": ([2, 4, 3], padded(0, 1, 2, 0)),
    "pad.volume": ([2, 2, 3, 2], padded(1, 1, 1, 1, 1, 1, value=-1.5)),
    "crop.signal": ([3, 9], padded(-2, -2)),
    "crop.image": ([3, 5, 4], padded(-1, -1, -1, -1)),
    "crop.rectangle": ([2, 5, 7], padded(-2, -2, -1, -1)),
    "crop.one_sided": ([2, 5, 4], padded(0, -1, -2, 0)),
    "crop.volume": ([2, 4, 3, 5], padded(-1, -1, -1, -1, -1, -1)),
}


def resizes():
    tensors = {}
    for name, (shape, function) in RESIZES.items():
        tensors |= gradients(name, function, {"x": given(f"{name}.x", BATCH, *shape)})
    return tensors


# --- Normalisations ---------------------------------------------------------------------------------------------------

# Case: (batch, input without the batch, options).
BATCH_NORMS = {
    "vector": (5, [4], {}),
    "signal": (3, [3, 7], {"momentum": 0.3}),
    "image": (3, [5, 4, 3], {}),
    "image_of_one_sample": (1, [3, 4, 3], {"eps": 1e-3, "momentum": 0.01}),
    "volume": (2, [3, 2, 3, 2], {"eps": 1e-3}),
    # Steps of features, each feature with statistics over the batch and the steps.
    "sequence": (3, [4, 5], {}),
    "many_channels": (4, [37, 2, 2], {}),
}

# The layer and its case: (input without the batch, shape of gamma or none, options).
NORMS = {
    "layer_norm.vector": ([7], [7], {}),
    "layer_norm.sequence": ([5, 6], [6], {}),
    "layer_norm.signal": ([3, 5], [3, 5], {}),
    "layer_norm.image": ([3, 4, 2], [3, 4, 2], {}),
    "layer_norm.volume": ([3, 2, 3, 2], [3, 2, 3, 2], {}),
    "layer_norm.eps": ([9], [9], {"eps": 1e-2}),
    "group_norm.groups2": ([6, 3, 4], [6], {"num_groups": 2}),
    "group_norm.one_group": ([4, 3, 2], [4], {"num_groups": 1}),
    "group_norm.groups_of_one": ([4, 3, 2], [4], {"num_groups": 4, "eps": 1e-2}),
    "group_norm.vector": ([8], [8], {"num_groups": 2}),
    "group_norm.signal": ([6, 5], [6], {"num_groups": 3}),
    "group_norm.plain": ([6, 3, 2], None, {"num_groups": 3}),
    "group_norm.many_channels": ([34, 2, 2], [34], {"num_groups": 2}),
    "instance_norm.plain": ([4, 3, 4], None, {}),
    "instance_norm.affine": ([4, 3, 4], [4], {}),
    "instance_norm.signal": ([3, 8], None, {"eps": 1e-2}),
    "instance_norm.volume": ([3, 2, 3, 2], [3], {}),
}

RESPONSE_NORMS = {
    "defaults": ([7, 3, 2], 5, {}),
    "strong": ([7, 3, 2], 3, {"alpha": 2.0, "beta": 0.5, "k": 2.0}),
    "even": ([6, 2, 3], 4, {"alpha": 0.5}),
    "wider_than_channels": ([3, 3, 2], 9, {"alpha": 1.0}),
    "signal": ([5, 4], 3, {"alpha": 1.0}),
    "volume": ([5, 2, 2, 2], 3, {"alpha": 1.0}),
    "many_channels": ([37, 2, 2], 5, {"alpha": 1.0}),
}


def scale_and_shift(name, shape):
    """A gamma around one, and a beta."""
    return {
        "gamma": 1 + given(f"{name}.gamma", *shape, scale=0.5),
        "beta": given(f"{name}.beta", *shape, scale=0.5),
    }


def batch_norm(case, batch, shape, options):
    """One training step's numbers, the running statistics after it and after three, and what inference makes of the
    first batch with those after three. Each step has a batch of its own, `x`, `x2` and `x3`."""
    name, channel_axis = f"batch_norm.{case}", -1 if case == "sequence" else 1
    channels = [batch, *shape][channel_axis]
    parameters = scale_and_shift(name, [channels])
    start = {
        "running_mean": given(f"{name}.running_mean", channels, scale=0.5),
        "running_var": 1 + given(f"{name}.running_var", channels, scale=0.5),
    }
    running = {key: value.clone() for key, value in start.items()}

    def call(x, gamma, beta, training=True):
        x = x.transpose(1, channel_axis)
        y = functional.batch_norm(x, **running, weight=gamma, bias=beta, training=training, **options)
        return y.transpose(1, channel_axis)

    batches = [1 + given(f"{name}.{key}", batch, *shape, scale=2.0) for key in ("x", "x2", "x3")]
    tensors = gradients(name, call, {"x": batches[0].clone(), **{key: value.clone() for key, value in parameters.items()}})
    result = {key: value.float() for key, value in start.items()}
    result |= {f"{key}.after1": value.clone() for key, value in running.items()}
    for key, x in zip(("x2", "x3"), batches[1:]):
        call(x, **parameters)
        result[key] = x.float()
    result |= {f"{key}.after3": value for key, value in running.items()}
    result["inference.y"] = call(batches[0], **parameters, training=False)
    return tensors | {f"{name}.{key}": value for key, value in result.items()}


def norm(name, shape, affine, options):
    layer = name.split(".")[0]
    leaves = {"x": given(f"{name}.x", BATCH, *shape, scale=2.0)}
    if affine:
        leaves |= scale_and_shift(name, affine)
    if layer == "layer_norm":
        options = options | {"normalized_shape": affine}

    def call(x, gamma=None, beta=None):
        return getattr(functional, layer)(x, weight=gamma, bias=beta, **options)

    return gradients(name, call, leaves)


def normalizations():
    tensors = {}
    for case, settings in BATCH_NORMS.items():
        tensors |= batch_norm(case, *settings)
    for name, settings in NORMS.items():
        tensors |= norm(name, *settings)
    for case, (shape, size, options) in RESPONSE_NORMS.items():
        name = f"local_response_norm.{case}"

        def call(x):
            return functional.local_response_norm(x, size, **options)

        tensors |= gradients(name, call, {"x": given(f"{name}.x", BATCH, *shape, scale=2.0)})
    return tensors


# --- Dropout ----------------------------------------------------------------------------------------------------------

DROPOUTS = {
    "dropout.p25": (functional.dropout, 0.25, [32]),
    "dropout.p50": (functional.dropout, 0.5, [32]),
    "dropout.p10": (functional.dropout, 0.1, [32]),
    "dropout2d.p25": (functional.dropout2d, 0.25, [8, 2, 2]),
    "dropout2d.p50": (functional.dropout2d, 0.5, [8, 2, 2]),
}


def dropout(name, function, p, shape):
    """PyTorch's mask is its own: what it leaves is the rule that a value becomes `kept` or 0, and its gradient likewise."""
    x = (given(f"{name}.x", BATCH, *shape) + 2).requires_grad_()
    torch.manual_seed(0)
    y = function(x, p, training=True)
    d_y = given(f"{name}.d_y", *x.shape) + 2
    y.backward(d_y)
    mask, (kept, d_kept) = y != 0, (value.detach() / (1 - p) for value in (x, d_y))
    for found, scaled in (y, kept), (x.grad, d_kept):
        assert torch.allclose(found, torch.where(mask, scaled, 0.0), rtol=1e-15, atol=0) and 0 < mask.sum() < mask.numel()
    if function is functional.dropout2d:
        assert torch.equal(mask, mask[:, :, :1, :1].expand_as(mask)), "whole channels"
    result = {"x": x.float(), "d_y": d_y.float(), "kept": kept, "d_kept": d_kept}
    return {f"{name}.{key}": value for key, value in result.items()}


def dropouts():
    tensors = {}
    for name, settings in DROPOUTS.items():
        tensors |= dropout(name, *settings)
    return tensors


if __name__ == "__main__":
    torch.set_num_threads(1)
    # `same` with an even kernel: PyTorch says that it copies the input.
    warnings.filterwarnings("ignore", message="Using padding='same' with even kernel lengths")
    save("convolutions", check(convolutions(CONVOLUTIONS)))
    save("transposed_convolutions", check(convolutions(TRANSPOSED)))
    save("pools", check(pools()))
    save("resizes", check(resizes()))
    save("normalizations", check(normalizations()))
    save("dropout", check(dropouts()))
