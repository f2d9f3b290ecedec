"""A value that each thread sets for itself, in a module that several threads run at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import get_ident
from typing import Generic, TypeVar

T = TypeVar("T")


class PerThread(Generic[T]):
    """None until a thread sets it. Unlike ``threading.local``, it is copied with the module that holds it."""

    def __init__(self) -> None:
        self._values: dict[int, T] = {}

    def get(self) -> T | None:
        """The value of the thread that asks."""
        return self._values.get(get_ident())

    @contextmanager
    def set(self, value: T) -> Iterator[None]:
        """Within it, the value of this thread."""
        self._values[get_ident()] = value
        try:
            yield
        finally:
            del self._values[get_ident()]
