"""ONNX Runtime on its CPU provider, through IO binding."""

import numpy as np
import onnxruntime

VERSION = onnxruntime.__version__


def prepare(workload, threads):
    """What to measure, and its result as a list."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    session = onnxruntime.InferenceSession(workload.onnx, options, providers=["CPUExecutionProvider"])
    y = onnxruntime.OrtValue.ortvalue_from_shape_and_type([workload.samples, *workload.output], np.float32)
    binding = session.io_binding()
    binding.bind_ortvalue_input("x", onnxruntime.OrtValue.ortvalue_from_numpy(workload.inputs()))
    binding.bind_ortvalue_output(session.get_outputs()[0].name, y)
    return lambda: session.run_with_iobinding(binding), lambda _: y.numpy().flatten().tolist()
