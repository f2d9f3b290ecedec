"""The graph of a torch.export archive as data: checked, so that nothing in it reaches an evaluator.

Without a single pickle such a graph can run code: torch evaluates its symbolic sizes (``sympify``) and its
guards (``exec``), calls the operators that it names, some of which write files, and writes its names into
the source of a Python function. So operators and functions of sizes are those listed here, names are plain,
and what is not needed to compute (guards, traces, the Python types of inputs and outputs) is left behind.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from typing import Any

from ser_audit.benchmark.errors import InputError

from .exported_graph import LEAF, inputs

NAME = re.compile(r"\w*", re.ASCII)
PATH = re.compile(r"[\w.:-]*", re.ASCII)  # of a parameter, such as encoder.layers.0.weight
PATHS = {"parameter_name", "buffer_name", "tensor_constant_name", "path_name"}
TEXT = {"as_string", "as_strings"}  # arguments of operators, such as an equation of einsum
OPERATORS = re.compile(
    r"torch\.ops\.(aten|prims)\.\w+\.\w+"
    r"|torch\.ops\.higher_order\.(cond|map_impl|scan|while_loop|wrap_with_(autocast|set_grad_enabled))"
    r"|_operator\.(abs|add|and_|eq|floordiv|ge|getitem|gt|le|lshift|lt|mod|mul|ne|neg|not_|or_|pos|pow|rshift)"
    r"|_operator\.(sub|truediv)|math\.(ceil|floor|trunc)|torch\._?sym_(float|int|ite|max|min|not|sqrt|sum)",
    re.ASCII,
)
FILES = re.compile(r"torch\.ops\.aten\.(save|from_file)\..*")  # operators that write or read files
SIZES = {
    "Symbol", "Integer", "Float", "Rational", "Add", "Mul", "Pow", "Mod", "Max", "Min", "Abs", "floor",
    "ceiling", "Eq", "Ne", "Lt", "Le", "Gt", "Ge", "Equality", "Unequality", "StrictLessThan", "LessThan",
    "StrictGreaterThan", "GreaterThan", "And", "Or", "Not", "Piecewise", "ExprCondPair", "FloorDiv",
    "CleanDiv", "CeilDiv", "ModularIndexing", "PythonMod", "Where", "CeilToInt", "FloorToInt", "TruncToInt",
    "TruncToFloat", "RoundToInt", "RoundDecimal", "ToFloat", "FloatPow", "PowByNatural", "FloatTrueDiv",
    "IntTrueDiv", "LShift", "RShift", "Identity", "IsNonOverlappingAndDenseIndicator",
}  # fmt: skip
SYNTAX = (
    ast.Expression, ast.Call, ast.Name, ast.Load, ast.Constant, ast.keyword, ast.Tuple, ast.BinOp,
    ast.UnaryOp, ast.BoolOp, ast.Compare, ast.operator, ast.unaryop, ast.boolop, ast.cmpop,
)  # fmt: skip
NO_NAMED = {"type": "builtins.dict", "context": "[]", "children_spec": []}


def cleaned(program: Mapping[str, Any], label: str) -> dict[str, Any]:
    """The program with nothing but what computes, on the CPU: takes one wave tensor, gives a flat tuple.

    Raises:
        InputError: it names an operator, a function of sizes or a name that is not known to be safe.
    """
    module = program["graph_module"]
    count = sum("user_output" in spec for spec in module["signature"]["output_specs"])
    call = {
        "inputs": [],
        "outputs": [],
        "in_spec": json.dumps([1, _tuple([_tuple([LEAF]), NO_NAMED])]),
        "out_spec": json.dumps([1, _tuple([LEAF] * count)]),
        "forward_arg_names": ["wave"],
    }
    checked = {key: plain(module[key], label) for key in ("graph", "signature")}
    ((wave, about),) = inputs(module)
    checked["graph"]["tensor_values"][wave] = plain(about, label, symbols=True)
    ranges = {name: r for name, r in program["range_constraints"].items() if name in json.dumps(about)}
    kept = ("opset_version", "schema_version", "verifiers", "torch_version")
    return {
        **{key: program[key] for key in kept if key in program},
        "range_constraints": ranges,
        "graph_module": {**checked, "module_call_graph": [{"fqn": "", "signature": call}], "metadata": {}},
    }


def _tuple(children: list[Any]) -> dict[str, Any]:
    """A tuple in torch's notation of trees."""
    return {"type": "builtins.tuple", "context": "null", "children_spec": children}


def plain(value: Any, label: str, key: str = "", symbols: bool = False) -> Any:
    """A part of a program, every text in it checked, without notes on its making, every device the CPU.

    Args:
        value: JSON.
        label: the archive's name, for messages.
        key: the key that it stands under.
        symbols: whether sizes stay symbolic; else those that were seen at the export stand for them. They
            are notes where nothing is put in, and torch is slow to read them.

    Raises:
        InputError: a text is not known to be safe.
    """
    if isinstance(value, dict):
        if {*value} == {"type", "index"}:
            return {"type": "cpu", "index": None}
        if not symbols and isinstance(seen := (value.get("as_expr") or {}).get("hint"), dict):
            return plain(seen, label)
        for name in value:
            if not PATH.fullmatch(name):
                raise InputError(f"{label} is refused: {name[:80]!r} is no plain name")
        return {k: {} if k == "metadata" else plain(v, label, k, symbols) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(item, label, key, symbols) for item in value]
    if isinstance(value, str) and key not in TEXT:
        if key in ("target", "as_operator"):
            if not OPERATORS.fullmatch(value) or FILES.fullmatch(value):
                raise InputError(
                    f"{label} calls {value[:80]}, which is no operator that only computes: refused"
                )
        elif key == "expr_str":
            if not _size(value):
                raise InputError(f"{label} is refused: {value[:80]!r} is no plain expression of sizes")
        elif not (PATH if key in PATHS else NAME).fullmatch(value):
            raise InputError(f"{label} is refused: {value[:80]!r} is no plain name")
    return value


def _size(expression: str) -> bool:
    """Whether an expression only computes with sizes: torch evaluates it as Python."""
    try:
        nodes = list(ast.walk(ast.parse(expression, mode="eval")))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    for node in nodes:
        if not isinstance(node, SYNTAX):
            return False
        if isinstance(node, ast.Call) and not (isinstance(node.func, ast.Name) and node.func.id in SIZES):
            return False
        text = node.value if isinstance(node, ast.Constant) else None  # of a symbol or a number
        if isinstance(text, str) and not re.fullmatch(r"[\w.+-]+", text, re.ASCII):
            return False
    return True
