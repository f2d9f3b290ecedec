"""Multiply-accumulates of an ONNX graph, from the shapes of one real run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

COUNTED = {"Conv", "Gemm", "MatMul"}
# They multiply and accumulate too, but their work is not told by the shapes of one input and output.
NOT_COUNTED = {
    "Attention", "ConvInteger", "ConvTranspose", "DFT", "DeformConv", "Einsum", "GRU", "If", "LSTM", "Loop",
    "MatMulInteger", "MultiHeadAttention", "QLinearConv", "QLinearMatMul", "RNN", "STFT", "Scan",
}  # fmt: skip
LARGEST = 1 << 30  # bytes of weights; a larger graph cannot be written back into one buffer with ease


def count_macs(path: Path, start: Callable[[bytes], Any], samples: int) -> int | None:
    """Count convolutions and matrix products of one utterance.

    Their inputs and outputs are made outputs of the graph, which is then run once on zeros: exact
    for open axes too.

    Args:
        path: of the graph.
        start: makes an inference session of a serialised graph.
        samples: length of the utterance.

    Returns:
        None where the graph holds an operator whose work the shapes do not tell, or is too large.
    """
    import onnx

    if sum(f.stat().st_size for f in [path]) > LARGEST:
        return None
    model = onnx.load(str(path))
    nodes = model.graph.node
    standard = all(node.domain in ("", "ai.onnx") for node in nodes) and not model.functions
    if not standard or any(node.op_type in NOT_COUNTED for node in nodes) or model.ByteSize() > LARGEST:
        return None
    counted = [node for node in nodes if node.op_type in COUNTED]
    weights = {tensor.name: tuple(tensor.dims) for tensor in model.graph.initializer}
    names = {name for node in counted for name in (*node.input[:2], node.output[0])} - set(weights)
    wave = next(value.name for value in model.graph.input if value.name not in weights)
    names.discard(wave)
    present = {value.name for value in model.graph.output}
    model.graph.output.extend(
        onnx.helper.make_empty_tensor_value_info(name) for name in sorted(names - present)
    )
    session = start(model.SerializeToString())
    signal = np.zeros((1, samples), dtype=np.float32)
    values = session.run(sorted(names), {wave: signal}) if names else []
    shapes = {
        **weights,
        wave: signal.shape,
        **{n: v.shape for n, v in zip(sorted(names), values, strict=True)},
    }
    return sum(_macs(node, shapes) for node in counted)


def _macs(node: Any, shapes: dict[str, Sequence[int]]) -> int:
    """Numbers in the output, times the products summed into each."""
    first, second, output = (shapes[name] for name in (*node.input[:2], node.output[0]))
    if node.op_type == "Conv":  # weight: (filters, channels of one group, kernel…)
        products = int(np.prod(second[1:]))
    elif node.op_type == "Gemm":
        transposed = any(a.name == "transA" and a.i for a in node.attribute)
        products = first[0 if transposed else 1]
    else:
        products = first[-1]
    return int(np.prod(output)) * int(products)
