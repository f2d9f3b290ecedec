"""An ONNX graph (.onnx) that takes waves, float32 (batch, samples), and gives (batch, outputs)."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from ser_audit.benchmark.checkpoint import CheckpointInfo
from ser_audit.benchmark.errors import InputError

from . import onnx_graph
from .audio import AudioCheckpoint, prove_and_build
from .batching import Policies
from .onnx_macs import count_macs


def recognises(reference: str) -> bool:
    """Whether it is a file with the suffix ``.onnx``."""
    return reference.endswith(".onnx") and Path(reference).is_file()


def facts(reference: str) -> dict[str, Any]:
    """What the graph and its metadata tell."""
    return onnx_graph.graph_facts(onnx_graph.read(Path(reference)), Path(reference).name)


def files(reference: str) -> list[Path]:
    """The graph, and the files beside it that hold its weights."""
    path = Path(reference)
    return [path, *onnx_graph.external_files(onnx_graph.read(path), path)]


def open_checkpoint(
    reference: str, info: CheckpointInfo, name: str, device: str, threads: int = 2
) -> AudioCheckpoint:
    """Load the graph into onnxruntime: CUDA where asked for and there, else the CPU.

    Raises:
        InputError: the graph is broken, unsafe, or takes or gives something else.
    """
    path = Path(reference)
    model = onnx_graph.read(path)
    signal = onnx_graph.wave_input(model, path.name)
    output = onnx_graph.score_output(model, len(info.outputs), path.name)
    unfit = onnx_graph.weights_that_are_not_finite(model, path)
    if unfit:
        raise InputError(f"{path.name} holds weights that are not finite: {', '.join(unfit[:10])}")
    session = start(path, device, threads)

    def stacked(batch: np.ndarray) -> np.ndarray:
        try:
            return session.run([output], {signal.name: batch})[0]
        except Exception as error:  # its exception types are not public
            raise RuntimeError(str(error)) from error

    return prove_and_build(
        format="onnx",
        name=name,
        source=path.name,
        files=files(reference),
        info=info,
        device="cuda" if "CUDAExecutionProvider" in session.get_providers() else "cpu",
        weights=f"all {len(model.graph.initializer)} tensors loaded",
        policies=Policies(stacked),
        stackable=onnx_graph.takes_batches(signal),
        parameters=onnx_graph.count_parameters(model),
        macs=partial(count_macs, path, lambda graph: start(graph, "cpu", threads)),
    )


def start(graph: Path | bytes, device: str, threads: int) -> Any:
    """An ``onnxruntime.InferenceSession`` that is quiet and repeats itself.

    Raises:
        InputError: onnxruntime refuses the graph.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # read when it is imported
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.use_deterministic_compute = True
    options.log_severity_level = 3
    providers: list[Any] = ["CPUExecutionProvider"]
    if device.startswith("cuda") and "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        number = int(device.partition(":")[2] or 0)
        providers.insert(0, ("CUDAExecutionProvider", {"device_id": number, "use_tf32": "0"}))
    source = graph if isinstance(graph, bytes) else str(graph)
    try:
        return onnxruntime.InferenceSession(source, options, providers=providers)
    except Exception as error:  # its exception types are not public
        label = "the graph" if isinstance(graph, bytes) else graph.name
        reason = str(error).splitlines()[0].replace(f"{source!s}", label)[:300]
        raise InputError(f"{label} cannot be loaded by onnxruntime: {reason}") from error
