"""TOML files into frozen records; an error is one line that names file, key and what would be right."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from .errors import InputError
from .plugins import nearest

R = TypeVar("R", bound=BaseModel)


def read_toml(path: str | Path) -> dict[str, Any]:
    """The content of a TOML file.

    Raises:
        InputError: there is no such file, or it is no TOML.
    """
    path = Path(path)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"no such file: {path}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}") from None
    except (ValueError, RecursionError) as error:  # TOMLDecodeError, or numbers and nesting beyond sense
        raise InputError(f"{path} is no valid TOML: {error}") from None


def validate(model: type[R], data: Any, where: str) -> R:
    """``data`` as a ``model``; the first error as one line.

    Raises:
        InputError: a key is unknown (the nearest is named), is missing, or has a wrong value.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise InputError(f"{where}: {_one_line(model, error)}") from None


def _one_line(model: type[BaseModel], error: ValidationError) -> str:
    errors = error.errors()  # a misspelt key is the cause, the key that is then missing its effect
    first = next((e for e in errors if e["type"] == "extra_forbidden"), errors[0])
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"unknown key {key!r}: {nearest(str(first['loc'][-1]), _keys(model, first['loc'][:-1]))}"
    if first["type"] == "missing":
        return f"the key {key!r} is missing"
    message = first["msg"].removeprefix("Value error, ")
    value = repr(first.get("input"))
    return f"{key or 'value'} = {value[:80]}: {message}"


def _keys(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    for part in loc:
        field = model.model_fields.get(str(part))
        if field is None:
            continue
        stack = [field.annotation]
        while stack:
            annotation = stack.pop()
            if isinstance(annotation, type) and issubclass(annotation, BaseModel):
                model = annotation
                break
            stack.extend(getattr(annotation, "__args__", ()))
    return list(model.model_fields)
