"""The weights of an ONNX graph: where they lie, how many, whether they are finite. Nothing is executed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from ser_audit.benchmark.errors import InputError

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto, TensorProto


def count_parameters(model: ModelProto) -> int:
    """Numbers in all floating-point weights, fixed filters included."""
    return sum(int(np.prod(t.dims, dtype=np.int64)) for t in model.graph.initializer if _floating(t))


def weights_that_are_not_finite(model: ModelProto, path: Path) -> list[str]:
    """Names of the weights that hold NaN or infinity, and of the constants inside that hold NaN.

    Infinity inside may be a mask.
    """
    from onnx import numpy_helper

    weights = {tensor.name for tensor in model.graph.initializer}
    unfit = []
    for tensor in filter(_floating, tensors(model)):
        values = numpy_helper.to_array(tensor, str(path.parent))
        if np.isnan(values).any() or (tensor.name in weights and not np.isfinite(values).all()):
            unfit.append(tensor.name or "a constant without a name")
    return unfit


def external_files(model: ModelProto, path: Path) -> list[Path]:
    """The files beside the graph that hold its weights.

    Raises:
        InputError: one lies outside of the graph's folder, or is missing.
    """
    folder = path.parent.resolve()
    names = {entry.value for t in tensors(model) for entry in t.external_data if entry.key == "location"}
    files = []
    for name in sorted(names):
        file = folder / name
        if not file.resolve().is_relative_to(folder):
            raise InputError(f"{path.name} reads weights from {name!r}, outside of its own folder: refused")
        if not file.is_file():
            raise InputError(f"{path.name} needs the file {name!r} beside it, which is missing")
        files.append(file)
    return files


def tensors(model: ModelProto) -> Iterator[TensorProto]:
    """All constant tensors: of the graph, of the graphs inside its nodes, of its functions."""
    for graph in _graphs(model):
        yield from graph.initializer
        for sparse in graph.sparse_initializer:
            yield from (sparse.values, sparse.indices)
    for node in nodes(model):
        for attribute in node.attribute:
            yield from ([attribute.t] if attribute.HasField("t") else [])
            yield from attribute.tensors
            for sparse in (attribute.sparse_tensor, *attribute.sparse_tensors):
                yield from (sparse.values, sparse.indices)


def nodes(model: ModelProto) -> Iterator[NodeProto]:
    """All nodes: of the graph, of the graphs inside its nodes, of its functions."""
    for graph in _graphs(model):
        yield from graph.node
    for function in model.functions:
        yield from function.node


def _graphs(model: ModelProto) -> Iterator[GraphProto]:
    yield model.graph
    for part in (model.graph, *model.functions):
        yield from _inside(part.node)


def _inside(outer: Iterable[NodeProto]) -> Iterator[GraphProto]:
    """The graphs inside nodes, at any depth."""
    for node in outer:
        for attribute in node.attribute:
            for graph in (*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs):
                yield graph
                yield from _inside(graph.node)


def _floating(tensor: TensorProto) -> bool:
    from onnx import TensorProto

    return tensor.data_type in (
        TensorProto.FLOAT,
        TensorProto.FLOAT16,
        TensorProto.DOUBLE,
        TensorProto.BFLOAT16,
    )
