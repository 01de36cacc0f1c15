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


def tensors(question):
    """Parameters and statistics, layer after layer."""
    for stream, (shape, scale, shift) in enumerate(question["tensors"]):
        yield values(stream, shape) * np.float32(scale) + np.float32(shift)


def inputs(question):
    return values(1000, (question["samples"], *question["input"]))


def tensor_count(layer):
    """How many tensors a layer takes."""
    match layer:
        case ["Dense" | "ConvTranspose2d", *_]:
            return 2
        case ["Conv2d", *_, bias]:
            return 1 + bias
        case ["BatchNorm", _]:
            return 4
    return 0


class Branches(torch.nn.Module if torch else object):
    """What the branches give for the same values, joined."""

    def __init__(self, branches, join):
        super().__init__()
        self.branches, self.join = torch.nn.ModuleList(branches), join

    def forward(self, x):
        return self.join([branch(x) for branch in self.branches])


class Subsample(torch.nn.Module if torch else object):
    """Every second pixel, between channels of zeros."""

    def __init__(self, zeros):
        super().__init__()
        self.zeros = zeros

    def forward(self, x):
        return torch.nn.functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.zeros, self.zeros))


def torch_weighted(layer, arrays):
    """A layer with parameters; which they are follows from their number."""
    weight = arrays[0]
    match layer:
        case ["Dense", outputs]:
            module = torch.nn.Linear(weight.shape[1], outputs)
        case ["Conv2d", outputs, size, stride, padding, bias]:
            module = torch.nn.Conv2d(weight.shape[1], outputs, size, stride, padding, bias=bias)
        case ["ConvTranspose2d", outputs, size]:
            module = torch.nn.ConvTranspose2d(weight.shape[0], outputs, size, size)
        case ["BatchNorm", eps]:
            module = torch.nn.BatchNorm2d(len(weight), eps)
    for name, array in zip(("weight", "bias", "running_mean", "running_var"), arrays):
        getattr(module, name).data = torch.from_numpy(array)
    return module


def torch_layer(layer, filled):
    match layer:
        case [*_] if count := tensor_count(layer):
            return torch_weighted(layer, [next(filled) for _ in range(count)])
        case ["MaxPool", size, stride, padding]:
            return torch.nn.MaxPool2d(size, stride, padding)
        case ["AvgPool", size, stride]:
            return torch.nn.AvgPool2d(size, stride)
        case ["GlobalAvgPool"]:
            return torch.nn.AdaptiveAvgPool2d(1)
        case ["Subsample", zeros]:
            return Subsample(zeros)
        case ["Flatten"]:
            return torch.nn.Flatten()
        case ["Relu"]:
            return torch.nn.ReLU()
        case ["Tanh"]:
            return torch.nn.Tanh()
        case ["Add", branches]:
            return Branches([torch_chain(layers, filled) for layers in branches], sum_of_two)
        case ["Concat", branches]:
            return Branches([torch_chain(layers, filled) for layers in branches], lambda parts: torch.cat(parts, 1))


def sum_of_two(parts):
    first, second = parts
    return first + second


def torch_chain(layers, filled):
    return torch.nn.Sequential(*[torch_layer(layer, filled) for layer in layers])


def torch_fused(model):
    """For inference: each convolution with the batch normalisation behind it in one."""
    fused = []
    for module in model:
        if isinstance(module, Branches):
            module.branches = torch.nn.ModuleList(torch_fused(branch) for branch in module.branches)
        if isinstance(module, torch.nn.BatchNorm2d) and isinstance(fused[-1], torch.nn.Conv2d):
            module = torch.nn.utils.fuse_conv_bn_eval(fused.pop(), module)
        fused.append(module)
    return torch.nn.Sequential(*fused)


def torch_model_and_inputs(question):
    """Images, and the windows that slide over them, lie channels last, which PyTorch recommends."""
    model = torch_chain(question["layers"], tensors(question))
    if question["loss"] is None:
        model = torch_fused(model.eval())
    x = torch.from_numpy(inputs(question))
    if x.dim() == 2:
        return model, x
    return model.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)


def torch_targets(question):
    samples, classes = question["samples"], question["output"][0]
    if question["loss"] == "mse_loss":
        return torch.from_numpy(values(1001, (samples, classes)))
    return torch.from_numpy(((values(1002, (samples,)) + 1) * np.float32(0.5) * classes).astype(np.int64))


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


class OnnxGraph:
    """Nodes and the tensors that they use."""

    def __init__(self, question):
        self.nodes, self.tensors, self.filled = [], [], tensors(question)

    def node(self, kind, inputs, **attributes):
        """Adds a node of this kind, and gives the value that it gives."""
        y = f"value{len(self.nodes)}"
        self.nodes.append(onnx.helper.make_node(kind, inputs, [y], **attributes))
        return y

    def tensor(self, array):
        name = f"tensor{len(self.tensors)}"
        self.tensors.append(onnx.numpy_helper.from_array(array, name))
        return name

    def layer(self, layer, x):
        """The value that a layer gives for the value `x`."""
        inputs = [x, *(self.tensor(next(self.filled)) for _ in range(tensor_count(layer)))]
        match layer:
            case ["Dense", _]:
                return self.node("Gemm", inputs, transB=1)
            case ["Conv2d", _, _, stride, padding, _]:
                return self.node("Conv", inputs, strides=[stride] * 2, pads=[padding] * 4)
            case ["ConvTranspose2d", _, size]:
                return self.node("ConvTranspose", inputs, strides=[size] * 2)
            case ["BatchNorm", eps]:
                return self.node("BatchNormalization", inputs, epsilon=eps)
            case ["MaxPool", size, stride, padding]:
                return self.node("MaxPool", [x], kernel_shape=[size] * 2, strides=[stride] * 2, pads=[padding] * 4)
            case ["AvgPool", size, stride]:
                return self.node("AveragePool", [x], kernel_shape=[size] * 2, strides=[stride] * 2)
            case ["GlobalAvgPool"]:
                return self.node("GlobalAveragePool", [x])
            case ["Subsample", zeros]:
                slices = ([0, 0], [1 << 31, 1 << 31], [2, 3], [2, 2])
                half = self.node("Slice", [x, *(self.tensor(np.array(part)) for part in slices)])
                return self.node("Pad", [half, self.tensor(np.array([0, zeros, 0, 0] * 2))])
            case ["Add", branches]:
                return self.node("Add", [self.chain(layers, x) for layers in branches])
            case ["Concat", branches]:
                return self.node("Concat", [self.chain(layers, x) for layers in branches], axis=1)
            case [kind]:
                return self.node(kind, [x])

    def chain(self, layers, x):
        for layer in layers:
            x = self.layer(layer, x)
        return x


def onnx_model(question):
    graph = OnnxGraph(question)
    graph.chain(question["layers"], "x")
    graph.nodes[-1].output[0] = "y"
    ends = [
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [question["samples"], *question[shape]])
        for name, shape in (("x", "input"), ("y", "output"))
    ]
    graph = onnx.helper.make_graph(graph.nodes, "network", ends[:1], ends[1:], graph.tensors)
    return onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)


def onnx_call(question):
    """What to measure, in which context, and its result as a list."""
    if question["loss"] is not None:
        return None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    model = onnx_model(question).SerializeToString()
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    y = onnxruntime.OrtValue.ortvalue_from_shape_and_type([question["samples"], *question["output"]], np.float32)
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
