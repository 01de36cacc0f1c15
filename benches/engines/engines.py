"""PyTorch and ONNX Runtime, one thread: reads a question a line, answers with a line. Started by the Rust program."""

import contextlib
import json
import sys
import time

import numpy as np

try:
    import torch

    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
except ImportError:
    torch = None
try:
    import onnx
    import onnxruntime
except ImportError:
    onnxruntime = None


def values(stream, shape):
    """The numbers of `values` in workload.rs."""
    z = (np.arange(1, np.prod(shape) + 1, dtype=np.uint64) + np.uint64(stream << 32)) * np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1)):
        z ^= z >> np.uint64(shift)
        z *= np.uint64(factor)
    z >>= np.uint64(40)
    return (z.astype(np.float32) / np.float32(1 << 23) - np.float32(1)).reshape(shape)


def parameters(question):
    """Weight and bias of each layer that has them."""
    for index, (shape, scale) in enumerate(question["parameters"]):
        yield values(2 * index, shape) * np.float32(scale), values(2 * index + 1, shape[:1]) * np.float32(scale)


def inputs(question):
    return values(100, (question["samples"], *question["input"]))


def torch_layer(layer, filled):
    match layer:
        case ["Dense", outputs]:
            weight, bias = next(filled)
            module = torch.nn.Linear(weight.shape[1], outputs)
        case ["Conv2d", outputs, size, stride, padding]:
            weight, bias = next(filled)
            module = torch.nn.Conv2d(weight.shape[1], outputs, size, stride, padding)
        case ["MaxPool", size, stride]:
            return torch.nn.MaxPool2d(size, stride)
        case ["AvgPool", size, stride]:
            return torch.nn.AvgPool2d(size, stride)
        case ["Flatten"]:
            return torch.nn.Flatten()
        case ["Relu"]:
            return torch.nn.ReLU()
        case ["Tanh"]:
            return torch.nn.Tanh()
    module.weight.data, module.bias.data = torch.from_numpy(weight), torch.from_numpy(bias)
    return module


def torch_model_and_inputs(question):
    """Images, and the windows that slide over them, lie channels last, which PyTorch recommends."""
    filled = parameters(question)
    model = torch.nn.Sequential(*[torch_layer(layer, filled) for layer in question["layers"]])
    x = torch.from_numpy(inputs(question))
    if x.dim() == 2:
        return model, x
    return model.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)


def torch_targets(question):
    samples, classes = question["samples"], question["outputs"]
    if question["loss"] == "mse_loss":
        return torch.from_numpy(values(101, (samples, classes)))
    return torch.from_numpy(((values(102, (samples,)) + 1) * np.float32(0.5) * classes).astype(np.int64))


def torch_call(question):
    """What to measure, in which context, and its result as a list."""
    if question["loss"] is None:
        with torch.inference_mode():
            model, x = torch_model_and_inputs(question)
        return lambda: model(x), torch.inference_mode, lambda y: y.flatten().tolist()
    model, x = torch_model_and_inputs(question)
    targets, loss_function = torch_targets(question), getattr(torch.nn.functional, question["loss"])
    kind = getattr(torch.optim, question["optimizer"])
    optimizer = kind(model.parameters(), lr=question["learning_rate"], fused=True)

    def step():
        optimizer.zero_grad()
        loss = loss_function(model(x), targets)
        loss.backward()
        optimizer.step()
        return loss

    return step, contextlib.nullcontext, lambda loss: [loss.item()]


def onnx_layer(layer, x, y):
    """The node from the value `x` to the value `y`; its parameters are called after `y`."""
    node = onnx.helper.make_node
    match layer:
        case ["Dense", _]:
            return node("Gemm", [x, f"{y}.weight", f"{y}.bias"], [y], transB=1)
        case ["Conv2d", _, _, stride, padding]:
            return node("Conv", [x, f"{y}.weight", f"{y}.bias"], [y], strides=[stride] * 2, pads=[padding] * 4)
        case ["MaxPool" | "AvgPool" as kind, size, stride]:
            kind = kind.replace("Avg", "Average")
            return node(kind, [x], [y], kernel_shape=[size] * 2, strides=[stride] * 2)
        case [kind]:
            return node(kind, [x], [y])


def onnx_model(question):
    nodes, tensors, filled = [], [], parameters(question)
    names = ["x", *(f"value{index}" for index in range(1, len(question["layers"]))), "y"]
    for layer, x, y in zip(question["layers"], names, names[1:]):
        nodes.append(onnx_layer(layer, x, y))
        if layer[0] in ("Dense", "Conv2d"):
            tensors += [
                onnx.numpy_helper.from_array(array, f"{y}.{name}")
                for array, name in zip(next(filled), ("weight", "bias"))
            ]
    ends = [
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [question["samples"], *shape])
        for name, shape in (("x", question["input"]), ("y", [question["outputs"]]))
    ]
    graph = onnx.helper.make_graph(nodes, "network", ends[:1], ends[1:], tensors)
    return onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)


def onnx_call(question):
    """What to measure, in which context, and its result as a list."""
    if question["loss"] is not None:
        return None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    model = onnx_model(question).SerializeToString()
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    y = onnxruntime.OrtValue.ortvalue_from_shape_and_type([question["samples"], question["outputs"]], np.float32)
    binding = session.io_binding()
    binding.bind_ortvalue_input("x", onnxruntime.OrtValue.ortvalue_from_numpy(inputs(question)))
    binding.bind_ortvalue_output("y", y)
    return lambda: session.run_with_iobinding(binding), contextlib.nullcontext, lambda _: y.numpy().flatten().tolist()


def seconds(call, context, samples, calls):
    """Seconds a call: that many samples, each the mean of so many calls."""

    def sample():
        begin = time.perf_counter()
        for _ in range(calls):
            call()
        return (time.perf_counter() - begin) / calls

    with context():
        return [sample() for _ in range(samples)]


def prepare(question, prepared):
    """Builds what `question` asks for, and runs it once or for as many steps as are checked."""
    call = {"torch": torch_call, "onnxruntime": onnx_call}[question["engine"]](question)
    if call is None:
        return {"check": None}
    run, context, result = call
    prepared[question["engine"]] = run, context
    steps = 1 if question["loss"] is None else question["steps"]
    with context():
        return {"check": [value for _ in range(steps) for value in result(run())]}


def main():
    """Answers. An engine has one workload at a time, until it drops it."""
    prepared = {}
    for line in sys.stdin:
        question = json.loads(line)
        match question["op"]:
            case "versions":
                installed = [engine for engine in (torch, onnxruntime) if engine]
                answer = {engine.__name__: engine.__version__.split("+")[0] for engine in installed}
            case "prepare":
                answer = prepare(question, prepared)
            case "seconds":
                answer = {"seconds": seconds(*prepared[question["engine"]], question["samples"], question["calls"])}
            case "drop":
                answer = {"dropped": prepared.pop(question["engine"]) is not None}
        print(json.dumps(answer), flush=True)


main()
