"""A folder of audEERING's package audonnx: an ONNX graph, and its labels in model.yaml.

Layout: audonnx 1.0, ``audonnx.Model.to_yaml``. The YAML is read as data; audonnx and audobject, which
make objects of it and run functions in it, are not imported.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ser_audit.benchmark.checkpoint import CheckpointInfo
from ser_audit.benchmark.corpus import DIMENSIONS
from ser_audit.benchmark.errors import InputError

from . import onnx, onnx_graph
from .audio import AudioCheckpoint
from .onnx_weights import external_files

YAML = "model.yaml"
MODEL = "$audonnx.core.model.Model"
FUNCTION = "$audonnx.core.function.Function"
LONGEST = 1_000_000  # bytes of a model.yaml
WRAP = "wrap the model as a Python object (file.py:name) that applies it"


def recognises(reference: str) -> bool:
    """Whether it is a folder whose model.yaml begins with audonnx's model."""
    path = Path(reference) / YAML
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(len(MODEL)) == MODEL.encode()


def facts(reference: str) -> dict[str, Any]:
    """The outputs of the graph with their labels: dimensions where all are dimensions of the field."""
    folder = Path(reference).absolute()
    graph, content = _read(folder)
    model = onnx_graph.read(graph)
    found = onnx_graph.graph_facts(model, graph.name)
    choices = found["choices"]
    for output, labels in _labels(content, [value.name for value in model.graph.output], folder.name).items():
        if output in choices and not all(re.fullmatch(rf"{re.escape(output)}-\d+", name) for name in labels):
            if choices[output].get("outputs", len(labels)) != len(labels):
                raise InputError(
                    f"{folder.name}/{YAML} names {len(labels)} labels of {output!r}, but {graph.name} gives"
                    f" {choices[output]['outputs']} columns"
                )
            dimensions = {name.lower() for name in labels} <= set(DIMENSIONS)
            key, names = ("dimensions", [n.lower() for n in labels]) if dimensions else ("classes", labels)
            choices[output] = {"outputs": len(labels), key: list(names)}
    return found


def files(reference: str) -> list[Path]:
    """model.yaml, the graph, and the files beside it that hold its weights."""
    folder = Path(reference).absolute()
    graph, _ = _read(folder)
    return [folder / YAML, graph, *external_files(onnx_graph.read(graph), graph)]


def open_checkpoint(
    reference: str, info: CheckpointInfo, name: str, device: str, threads: int = 2
) -> AudioCheckpoint:
    """Load the graph into onnxruntime.

    Raises:
        InputError: it needs a transform, or is broken, unsafe, or takes or gives something else.
    """
    folder = Path(reference).absolute()
    graph, _ = _read(folder)
    return onnx.open_graph(graph, [folder / YAML], info, name, "audonnx", folder.name, device, threads)


def _read(folder: Path) -> tuple[Path, Mapping[str, Any]]:
    """The graph's file, and the arguments of the model in model.yaml.

    Raises:
        InputError: the YAML is broken or makes objects, its path leaves the folder, or it transforms waves.
    """
    import yaml

    source = f"{folder.name}/{YAML}"
    text = (folder / YAML).read_bytes()
    try:
        if len(text) > LONGEST:
            raise ValueError(f"it has {len(text)} bytes")
        (content,) = yaml.safe_load(text).values()
        path = content["path"]
        graph = folder / path
    except yaml.constructor.ConstructorError as error:
        raise InputError(f"{source} would make objects of its own ({error.problem}): refused") from None
    except (yaml.YAMLError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise InputError(f"{source} is no model of audonnx: {' '.join(str(error).split())[:200]}") from None
    if not graph.resolve().is_relative_to(folder.resolve()):
        raise InputError(f"{source} names the graph {path!r}, outside of its own folder: refused")
    if not graph.is_file():
        raise InputError(f"{source} names the graph {path!r}, which is missing")
    _refuse_transform(content.get("transform"), source)
    return graph, content


def _refuse_transform(transform: Any, source: str) -> None:
    """Refuse what the waves would go through before the graph, unless it changes nothing."""
    if not transform:
        return
    if not isinstance(transform, dict):
        raise InputError(f"{source} has a transform that is no object of audobject")
    for name, inner in transform.items():
        if not str(name).startswith("$"):  # the name of an input, then its transform
            _refuse_transform(inner, source)
        elif not (str(name).partition("==")[0] == FUNCTION and _identity(inner.get("func"))):
            shown = str(name).lstrip("$").partition("==")[0]
            raise InputError(f"{source} transforms the waves by {shown}, which is not run here: {WRAP}")


def _identity(function: Any) -> bool:
    """Whether the source of a function just returns its first argument."""
    try:
        (statement,) = ast.parse(str(function)).body
    except (SyntaxError, ValueError):
        return False
    body: Any = None
    if isinstance(statement, ast.FunctionDef) and len(statement.body) == 1:
        arguments, body = statement.args, getattr(statement.body[0], "value", None)
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Lambda):
        arguments, body = statement.value.args, statement.value.body
    return isinstance(body, ast.Name) and [a.arg for a in arguments.args][:1] == [body.id]


def _labels(content: Mapping[str, Any], outputs: Sequence[str], folder: str) -> dict[str, list[str]]:
    """The labels that model.yaml gives, by output."""
    labels = content.get("labels") or {}
    if isinstance(labels, list) and len(outputs) == 1:
        labels = {outputs[0]: labels}
    wrong = not isinstance(labels, dict) or any(
        not isinstance(label, str) for names in labels.values() for label in names or []
    )
    if wrong:
        raise InputError(f"{folder}/{YAML}: labels are no names, or belong to no one output: {labels}")
    return {str(output): list(names) for output, names in labels.items() if names}
