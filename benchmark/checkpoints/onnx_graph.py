"""What an ONNX graph tells of itself: input, outputs, operators, metadata. Nothing is executed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ser_audit.benchmark.errors import InputError

from .onnx_weights import external_files, nodes

if TYPE_CHECKING:
    from onnx import ModelProto, ValueInfoProto

METADATA = (
    "classes",
    "dimensions",
    "activation",
    "value_range",
    "sampling_rate",
    "shortest_input",
    "licence",
)
# Operators that onnxruntime itself has; those of other domains are libraries that would have to be loaded.
DOMAINS = {"", "ai.onnx", "ai.onnx.ml", "com.microsoft"}


def read(path: Path) -> ModelProto:
    """Parse a graph, without the weights that lie in other files.

    Raises:
        InputError: it is no ONNX file, its weights lie outside of its folder, or it uses operators of its
            own.
    """
    import onnx

    try:
        model = onnx.load(str(path), load_external_data=False)
    except Exception as error:  # protobuf's own, which is no public name
        raise InputError(f"{path.name} is no ONNX file: {error}") from None
    if not model.graph.output:
        raise InputError(f"{path.name} is no ONNX model: its graph has no output")
    external_files(model, path)
    defined = {(function.domain, function.name) for function in model.functions}
    for node in nodes(model):
        if node.domain not in DOMAINS and (node.domain, node.op_type) not in defined:
            raise InputError(
                f"{path.name} uses the operator {node.op_type} of the domain {node.domain!r}, which needs a"
                " library of its own: refused; wrap the model as a Python object (file.py:name)"
            )
    return model


def graph_facts(model: ModelProto, source: str) -> dict[str, Any]:
    """Keys of the sidecar TOML that stand in the graph's metadata, and ``choices``: its outputs.

    Values of the metadata are JSON (``["angry", "sad"]``, ``16000``) or plain text (``softmax``).

    Raises:
        InputError: it takes something else than waves, or gives no matrix.
    """
    found: dict[str, Any] = {}
    for entry in model.metadata_props:
        if entry.key in METADATA:
            try:
                found[entry.key] = json.loads(entry.value)
            except ValueError:
                found[entry.key] = entry.value
    wave_input(model, source)
    widths = {value.name: _width(value) for value in model.graph.output if _axes(value) in (None, 1, 2)}
    if not widths:
        raise InputError(f"{source} gives no output (batch, columns)")
    found["choices"] = {name: {"outputs": width} if width else {} for name, width in widths.items()}
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


def _axes(value: ValueInfoProto) -> int | None:
    """The number of axes; None where it is open."""
    kind = value.type.tensor_type
    return len(kind.shape.dim) if kind.HasField("shape") else None


def _width(value: ValueInfoProto) -> int | None:
    """Columns of an output, (batch, columns) or (columns,) of a single wave; None where open."""
    axes = value.type.tensor_type.shape.dim
    return axes[-1].dim_value if axes and axes[-1].HasField("dim_value") else None
