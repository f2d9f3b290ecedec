"""Finding codes: what each asks, and its page, ``codes/CODE.md`` in the package of the audit that asks it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib import resources

from . import plugins
from .errors import InputError

SECTIONS = (
    "What is asked",
    "How it is computed",
    "How it is judged",
    "Source",
    "What to do when it fails",
)


@dataclass(frozen=True)
class Code:
    """A finding code, such as ``SER401``."""

    name: str
    audit: str  # as it is registered
    question: str
    page: str | None  # Markdown: a heading and a text of each section; None where the audit brings none

    @property
    def text(self) -> str:
        """The page below its title, in Markdown."""
        told = self.page or f"The audit {self.audit!r} has no page on it: no codes/{self.name}.md.\n"
        return f"# {self.name}: {self.question}\n\n*A finding of the audit {self.audit}.*\n\n{told}"


def codes() -> dict[str, Code]:
    """Codes of all registered audits, plug-ins included, sorted.

    Raises:
        InputError: an audit cannot be loaded.
    """
    found: dict[str, Code] = {}
    for audit, point in plugins.found("audits").items():
        questions = getattr(plugins.load("audits", audit), "CODES", {})
        package = sys.modules[point.module].__package__
        for name, question in questions.items():
            found[name] = Code(name, audit, question, _page(package, name))
    return dict(sorted(found.items()))


def find(name: str) -> Code:
    """Look a code up, in upper or lower case.

    Raises:
        InputError: no audit has it.
    """
    known = codes()
    if name.upper() not in known:
        raise InputError(f"{name!r} is no finding code: {plugins.nearest(name.upper(), known)}")
    return known[name.upper()]


def _page(package: str | None, name: str) -> str | None:
    """Read the page of a code beside the audit's module; a module outside of any package has none."""
    if not package:
        return None
    path = resources.files(package).joinpath("codes", f"{name}.md")
    return path.read_text(encoding="utf-8") if path.is_file() else None
