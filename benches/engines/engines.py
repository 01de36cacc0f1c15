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
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = (z ^ (z >> np.uint64(31))) >> np.uint64(40)
    return (z.astype(np.float32) / np.float32(1 << 23) - np.float32(1)).reshape(shape)


def layers(sizes):
    """Weight and bias of each layer, as `Network::layers` in workload.rs."""
    for index, (inputs, outputs) in enumerate(zip(sizes, sizes[1:])):
        scale = np.float32(np.sqrt(3 / inputs))
        yield values(2 * index, (outputs, inputs)) * scale, values(2 * index + 1, (outputs,)) * scale


def inputs(question):
    return values(100, (question["samples"], question["sizes"][0]))


def torch_model(question):
    modules, activation = [], {"Relu": torch.nn.ReLU, "Tanh": torch.nn.Tanh}[question["activation"]]
    for weight, bias in layers(question["sizes"]):
        linear = torch.nn.Linear(weight.shape[1], weight.shape[0])
        linear.weight.data = torch.from_numpy(weight)
        linear.bias.data = torch.from_numpy(bias)
        modules += [linear, activation()]
    return torch.nn.Sequential(*modules[:-1])


def torch_targets(question):
    samples, classes = question["samples"], question["sizes"][-1]
    if question["loss"] == "mse_loss":
        return torch.from_numpy(values(101, (samples, classes)))
    return torch.from_numpy(((values(102, (samples,)) + 1) * np.float32(0.5) * classes).astype(np.int64))


def torch_call(question):
    """What to measure, in which context, and its result as a list."""
    if question["loss"] is None:
        with torch.inference_mode():
            model, x = torch_model(question), torch.from_numpy(inputs(question))
        return lambda: model(x), torch.inference_mode, lambda y: y.flatten().tolist()
    model, x = torch_model(question), torch.from_numpy(inputs(question))
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


def onnx_model(question):
    nodes, tensors, value = [], [], "x"
    parameters = list(layers(question["sizes"]))
    for index, (weight, bias) in enumerate(parameters):
        names = [f"weight{index}", f"bias{index}"]
        tensors += [onnx.numpy_helper.from_array(array, name) for array, name in zip((weight, bias), names)]
        is_last = index == len(parameters) - 1
        y = "y" if is_last else f"sum{index}"
        nodes.append(onnx.helper.make_node("Gemm", [value, *names], [y], transB=1))
        if not is_last:
            value = f"hidden{index}"
            nodes.append(onnx.helper.make_node(question["activation"], [y], [value]))
    ends = [
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [question["samples"], size])
        for name, size in (("x", question["sizes"][0]), ("y", question["sizes"][-1]))
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
    y = onnxruntime.OrtValue.ortvalue_from_shape_and_type([question["samples"], question["sizes"][-1]], np.float32)
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


def main():
    """Answers. The last prepared workload of each engine is the one that is measured."""
    prepare, prepared = {"torch": torch_call, "onnxruntime": onnx_call}, {}
    for line in sys.stdin:
        question = json.loads(line)
        if question["op"] == "versions":
            answer = {engine.__name__: engine.__version__.split("+")[0] for engine in (torch, onnxruntime) if engine}
        elif question["op"] == "prepare":
            prepared.pop(question["engine"], None)
            call = prepare[question["engine"]](question)
            if call is None:
                answer = {"check": None}
            else:
                run, context, result = call
                prepared[question["engine"]] = run, context
                steps = 1 if question["loss"] is None else question["steps"]
                with context():
                    answer = {"check": [value for _ in range(steps) for value in result(run())]}
        else:
            answer = {"seconds": seconds(*prepared[question["engine"]], question["samples"], question["calls"])}
        print(json.dumps(answer), flush=True)


main()
