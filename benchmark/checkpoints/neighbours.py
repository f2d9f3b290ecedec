"""The modules that a Python file imports from its own folder, found without running anything."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib.machinery import all_suffixes
from pathlib import Path


def neighbours(file: Path) -> dict[str, Path]:
    """Modules in the folder of a file that it imports, itself or through others of them.

    Every import statement counts, wherever it stands. What is imported by a computed name
    (``importlib.import_module(…)``) is not found, nor is what a file that is no valid Python would import.

    Args:
        file: a Python file.

    Returns:
        Name of the module -> its file, sorted by name.
    """
    found: dict[str, Path] = {}
    waiting = [("", file)]
    while waiting:
        package, path = waiting.pop()
        for name in _imported(path, package):
            for module, place in _modules(file.parent, name):
                if module not in found and place != file:
                    found[module] = place
                    inside = place.stem == "__init__"
                    waiting.append((module if inside else module.rpartition(".")[0], place))
    return dict(sorted(found.items()))


def _imported(path: Path, package: str) -> Iterator[str]:
    """Full dotted names that a file of a package imports; of ``from a import b`` both a and a.b."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            above = parts[: len(parts) - node.level + 1] if node.level else []
            base = ".".join(filter(None, [*above, node.module]))
            yield from ([base] if base else [])
            yield from (f"{base}.{alias.name}" if base else alias.name for alias in node.names)


def _modules(folder: Path, name: str) -> Iterator[tuple[str, Path]]:
    """The modules of a folder that importing a dotted name loads: the packages on the way, and the last."""
    parts = name.split(".")
    for depth in range(1, len(parts) + 1):
        place = folder.joinpath(*parts[:depth])
        for base in (place / "__init__", place):
            files = [file for suffix in all_suffixes() if (file := Path(f"{base}{suffix}")).is_file()]
            if files:
                yield ".".join(parts[:depth]), files[0]
                break
