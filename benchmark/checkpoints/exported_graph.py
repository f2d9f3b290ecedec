"""What the graph of a torch.export archive tells of itself: its input, its outputs. Nothing is executed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ser_audit.benchmark.errors import InputError

FLOAT32 = 7  # ScalarType of torch's schema
LEAF: dict[str, Any] = {"type": None, "context": None, "children_spec": []}


def read(content: bytes, label: str) -> dict[str, Any]:
    """The JSON of an exported program.

    Raises:
        InputError: it is no such JSON.
    """
    try:
        program = json.loads(content)
        if program["graph_module"]["graph"]["nodes"] and program["graph_module"]["signature"]["input_specs"]:
            return program
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    raise InputError(f"{label} is no exported program: its graph cannot be read")


def wave_input(program: Mapping[str, Any], label: str) -> bool:
    """Whether the one input, float32 (batch, samples), takes any number of waves.

    Raises:
        InputError: there are more or other inputs, or the number of samples is fixed.
    """
    module = program["graph_module"]
    given = inputs(module)
    if len(given) != 1 or given[0][1] is None:
        names = ", ".join(str(name) for name, _ in given) or "none"
        raise InputError(f"{label} has the inputs {names}: expected exactly one, float32 (batch, samples)")
    ((name, about),) = given
    if about["dtype"] != FLOAT32 or len(about["sizes"]) != 2:
        raise InputError(
            f"{label} takes {name!r} with {len(about['sizes'])} axes, of the type {about['dtype']} of"
            f" torch's schema: expected float32 ({FLOAT32}) with 2, (batch, samples)"
        )
    batch, samples = (size.get("as_int") for size in about["sizes"])
    if samples is not None:
        raise InputError(
            f"{label} takes exactly {samples} samples: export it with dynamic_shapes for the axis of samples"
        )
    return batch is None


def inputs(module: Mapping[str, Any]) -> list[tuple[str | None, Any]]:
    """What the graph is given, weights apart: names and, of tensors, type and sizes."""
    found = []
    for spec in module["signature"]["input_specs"]:
        if "user_input" in spec or "constant_input" in spec:
            name = _tensor(spec.get("user_input", {})) or spec.get("constant_input", {}).get("name")
            found.append((name, module["graph"]["tensor_values"].get(name)))
    return found


def outputs(program: Mapping[str, Any], label: str) -> dict[str, tuple[int, int | None]]:
    """Its outputs: name -> place among all, and number of columns (None where open).

    An output of a dictionary has its key as name, another one its place; those that are no tensor of one or
    two axes are left out.

    Raises:
        InputError: none is left.
    """
    module = program["graph_module"]
    specs = [s["user_output"] for s in module["signature"]["output_specs"] if "user_output" in s]
    names = _keys(module, len(specs)) or [str(place) for place in range(len(specs))]
    found = {}
    for place, (name, spec) in enumerate(zip(names, specs, strict=True)):
        sizes = module["graph"]["tensor_values"].get(_tensor(spec), {}).get("sizes", [])
        if len(sizes) in (1, 2):
            found[name] = (place, sizes[-1].get("as_int"))
    if not found:
        raise InputError(f"{label} gives no output (batch, columns)")
    return found


def _tensor(spec: Mapping[str, Any]) -> str | None:
    return spec.get("arg", {}).get("as_tensor", {}).get("name")


def _keys(module: Mapping[str, Any], count: int) -> list[str] | None:
    """The keys of a dictionary of outputs."""
    try:
        signature = next(e["signature"] for e in module["module_call_graph"] if e["fqn"] == "")
        _, tree = json.loads(signature["out_spec"])
        keys = json.loads(tree["context"])
        flat = all(child == LEAF for child in tree["children_spec"])
        texts = all(isinstance(key, str) for key in keys)
        return keys if flat and texts and len({*keys}) == count else None
    except (KeyError, TypeError, ValueError, StopIteration):
        return None
