"""An ONNX graph in another arithmetic: int8, as onnxruntime quantises it."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from ser_audit.benchmark.errors import InputError

from .batching import Policies

PRODUCTS = ("MatMul", "Gemm")  # what torch's dynamic int8 changes too; int8 convolutions are slow on CPUs


def onnx_variants(
    path: Path, device: str, start: Callable[[Path], Any], signal: str, output: str
) -> Mapping[str, Callable[[], Policies]]:
    """Variants by name, none of them made yet.

    Args:
        path: of the graph.
        device: where the graph runs, such as cpu or cuda.
        start: from the path of a graph to an ``onnxruntime.InferenceSession`` on the CPU.
        signal: the input that takes float32 (batch, samples).
        output: the output that gives (batch, outputs).
    """
    return {"int8": partial(_int8, path, device, start, signal, output)}


def _int8(path: Path, device: str, start: Callable[[Path], Any], signal: str, output: str) -> Policies:
    """Matrix products with int8 weights; what goes into them is quantised as it comes.

    Raises:
        InputError: there is no such product, or the device is no CPU.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    if device != "cpu":
        raise InputError(f"dynamic int8 runs on the CPU only, and this is {device}")
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "int8.onnx"
        level = logging.root.manager.disable
        logging.disable(logging.WARNING)  # advice on preparing the graph
        try:
            quantize_dynamic(
                path,
                made,
                op_types_to_quantize=list(PRODUCTS),
                weight_type=QuantType.QInt8,
                use_external_data_format=True,
            )
        finally:
            logging.disable(level)
        nodes = onnx.load(made, load_external_data=False).graph.node
        products = sum(node.op_type == "MatMulInteger" for node in nodes)
        if not products:
            raise InputError("the graph has no matrix product with constant weights to quantise")
        session = start(made)

    def stacked(batch: np.ndarray) -> np.ndarray:
        raw = session.run([output], {signal: batch})[0]
        return raw[None] if raw.ndim == 1 and len(batch) == 1 else raw

    return Policies(stacked, how=f"{products} matrix products with dynamic int8")
