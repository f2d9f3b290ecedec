"""What an ONNX graph tells of itself: input, output, metadata, weights. Nothing is executed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from ser_audit.benchmark.errors import InputError

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, TensorProto, ValueInfoProto

METADATA = (
    "classes",
    "dimensions",
    "activation",
    "value_range",
    "sampling_rate",
    "shortest_input",
    "licence",
)


def read(path: Path) -> ModelProto:
    """Parse a graph, without the weights that lie in other files.

    Raises:
        InputError: it is no ONNX file, or its weights lie outside of its folder.
    """
    import onnx

    try:
        model = onnx.load(str(path), load_external_data=False)
    except Exception as error:  # protobuf's own, which is no public name
        raise InputError(f"{path.name} is no ONNX file: {error}") from None
    if not model.graph.output:
        raise InputError(f"{path.name} is no ONNX model: its graph has no output")
    external_files(model, path)
    return model


def graph_facts(model: ModelProto, source: str) -> dict[str, Any]:
    """Keys of the sidecar TOML that stand in the graph's metadata, and ``outputs`` where it is clear.

    Values of the metadata are JSON (``["angry", "sad"]``, ``16000``) or plain text (``softmax``).
    """
    found: dict[str, Any] = {}
    for entry in model.metadata_props:
        if entry.key in METADATA:
            try:
                found[entry.key] = json.loads(entry.value)
            except ValueError:
                found[entry.key] = entry.value
    widths = [width for width in map(_width, model.graph.output) if width is not None]
    if len(widths) == 1:
        found["outputs"] = widths[0]
    wave_input(model, source)
    return found


def wave_input(model: ModelProto, source: str) -> ValueInfoProto:
    """The one input, float32 (batch, samples).

    Raises:
        InputError: there are more or other inputs, or the number of samples is fixed.
    """
    import onnx

    weights = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in weights]
    if len(inputs) != 1:
        names = ", ".join(value.name for value in inputs) or "none"
        raise InputError(f"{source} has the inputs {names}: expected exactly one, float32 (batch, samples)")
    kind = inputs[0].type.tensor_type
    if kind.elem_type != onnx.TensorProto.FLOAT or len(kind.shape.dim) != 2:
        type_name = onnx.TensorProto.DataType.Name(kind.elem_type).lower()
        raise InputError(
            f"{source} takes {inputs[0].name!r} as {type_name} with {len(kind.shape.dim)} axes:"
            " expected float32 (batch, samples)"
        )
    if kind.shape.dim[1].HasField("dim_value"):
        raise InputError(
            f"{source} takes exactly {kind.shape.dim[1].dim_value} samples:"
            " export it with a dynamic axis of samples"
        )
    return inputs[0]


def takes_batches(value: ValueInfoProto) -> bool:
    """Whether the first axis is open."""
    return not value.type.tensor_type.shape.dim[0].HasField("dim_value")


def score_output(model: ModelProto, count: int, source: str) -> str:
    """The name of the output that has ``count`` columns.

    Raises:
        InputError: there is none, or more than one.
    """
    outputs = list(model.graph.output)
    fitting = [value for value in outputs if _width(value) == count]
    fitting = fitting or [value for value in outputs if _width(value) is None and len(outputs) == 1]
    if len(fitting) != 1:
        shown = ", ".join(f"{value.name} ({_width(value) or '?'} columns)" for value in outputs)
        raise InputError(f"{source} gives {shown}: exactly one of them must have {count}, as its facts name")
    return fitting[0].name


def count_parameters(model: ModelProto) -> int:
    """Numbers in all floating-point weights, fixed filters included."""
    return sum(int(np.prod(t.dims, dtype=np.int64)) for t in model.graph.initializer if _floating(t))


def weights_that_are_not_finite(model: ModelProto, path: Path) -> list[str]:
    """Names of the weights that hold NaN or infinity."""
    from onnx import numpy_helper

    weights = (t for t in model.graph.initializer if _floating(t))
    return [t.name for t in weights if not np.isfinite(numpy_helper.to_array(t, str(path.parent))).all()]


def external_files(model: ModelProto, path: Path) -> list[Path]:
    """The files beside the graph that hold its weights.

    Raises:
        InputError: one lies outside of the graph's folder, or is missing.
    """
    folder = path.parent.resolve()
    names = {
        entry.value for t in tensors(model.graph) for entry in t.external_data if entry.key == "location"
    }
    files = []
    for name in sorted(names):
        file = folder / name
        if not file.resolve().is_relative_to(folder):
            raise InputError(f"{path.name} reads weights from {name!r}, outside of its own folder: refused")
        if not file.is_file():
            raise InputError(f"{path.name} needs the file {name!r} beside it, which is missing")
        files.append(file)
    return files


def tensors(graph: GraphProto) -> Iterator[TensorProto]:
    """All constant tensors of a graph and of the graphs inside its nodes."""
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    for node in graph.node:
        for attribute in node.attribute:
            yield from ([attribute.t] if attribute.HasField("t") else [])
            yield from attribute.tensors
            for inner in (*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs):
                yield from tensors(inner)


def _width(value: ValueInfoProto) -> int | None:
    """Columns of an output (batch, columns); None where open, 0 where it is no matrix."""
    axes = value.type.tensor_type.shape.dim
    if len(axes) != 2:
        return 0
    return axes[1].dim_value if axes[1].HasField("dim_value") else None


def _floating(tensor: TensorProto) -> bool:
    from onnx import TensorProto

    return tensor.data_type in (
        TensorProto.FLOAT,
        TensorProto.FLOAT16,
        TensorProto.DOUBLE,
        TensorProto.BFLOAT16,
    )
