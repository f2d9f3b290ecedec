"""An ONNX graph (.onnx) that takes waves, float32 (batch, samples), and gives (batch, outputs)."""

from __future__ import annotations

import os
from collections.abc import Sequence
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
from .onnx_variants import onnx_variants
from .onnx_weights import count_parameters, external_files, weights_that_are_not_finite


def recognises(reference: str) -> bool:
    """Whether it is a file with the suffix ``.onnx``."""
    return reference.endswith(".onnx") and Path(reference).is_file()


def facts(reference: str) -> dict[str, Any]:
    """What the graph and its metadata tell."""
    return onnx_graph.graph_facts(onnx_graph.read(Path(reference)), Path(reference).name)


def files(reference: str) -> list[Path]:
    """The graph, and the files beside it that hold its weights."""
    path = Path(reference)
    return [path, *external_files(onnx_graph.read(path), path)]


def open_checkpoint(
    reference: str, info: CheckpointInfo, name: str, device: str, threads: int = 2
) -> AudioCheckpoint:
    """Load the graph into onnxruntime: CUDA where asked for and there, else the CPU.

    Raises:
        InputError: the graph is broken, unsafe, or takes or gives something else.
    """
    path = Path(reference)
    return open_graph(path, [], info, name, "onnx", path.name, device, threads)


def open_graph(
    path: Path,
    beside: Sequence[Path],
    info: CheckpointInfo,
    name: str,
    format: str,
    source: str,
    device: str,
    threads: int,
) -> AudioCheckpoint:
    """Load a graph into onnxruntime: CUDA where asked for and there, else the CPU.

    Args:
        path: of the graph.
        beside: files that the checkpoint is loaded from, the graph and its weights apart.
        info: its facts; ``info.output`` is the graph's output that holds the predictions.
        name: of the checkpoint.
        format: the adapter's registered name.
        source: its file or folder name.
        device: such as cpu or cuda.
        threads: of the CPU.

    Raises:
        InputError: the graph is broken, unsafe, or takes or gives something else.
    """
    model = onnx_graph.read(path)
    signal = onnx_graph.wave_input(model, path.name)
    unfit = weights_that_are_not_finite(model, path)
    if unfit:
        raise InputError(f"{path.name} holds weights that are not finite: {', '.join(unfit[:10])}")
    wave, stackable = signal.name, onnx_graph.takes_batches(signal)
    files = [*beside, path, *external_files(model, path)]
    parameters, weights = count_parameters(model), f"all {len(model.graph.initializer)} tensors loaded"
    del model, signal  # they hold all weights once more
    session = start(path, device, threads)
    where = "cuda" if "CUDAExecutionProvider" in session.get_providers() else "cpu"
    if not device.startswith(where):
        weights += "; it runs on the CPU, because onnxruntime has no CUDA provider here"

    def cpu(graph: Path | bytes) -> Any:
        return start(graph, "cpu", threads)

    def stacked(batch: np.ndarray) -> np.ndarray:
        try:
            raw = session.run([info.output], {wave: batch})[0]
        except Exception as error:  # its exception types are not public
            raise RuntimeError(str(error)) from error
        return raw[None] if raw.ndim == 1 and len(batch) == 1 else raw

    return prove_and_build(
        format=format,
        name=name,
        source=source,
        files=files,
        info=info,
        device=where,
        weights=weights,
        policies=Policies(stacked),
        stackable=stackable,
        parameters=parameters,
        macs=partial(count_macs, path, cpu),
        variants=onnx_variants(path, where, cpu, wave, str(info.output)),
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
    options.enable_mem_pattern = False  # a plan is kept for each length: memory would grow with a corpus
    # Threads that wait sleep: the cores are shared with the workers that perturb.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
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
