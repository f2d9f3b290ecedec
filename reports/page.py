"""What all pages share: how templates escape, and what a page may load."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from . import format as fmt


def environment() -> Environment:
    """The templates; they escape, and make what cannot be seen visible."""
    return Environment(
        loader=PackageLoader("ser_audit.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def template_file(name: str) -> str:
    """A style sheet or a script of the templates."""
    return resources.files("ser_audit.reports.templates").joinpath(name).read_text(encoding="utf-8")


def allowed(**sources: str) -> str:
    """A Content-Security-Policy that forbids all but the inline ``sources`` and what they name.

    Args:
        sources: by directive: an inline element's text as ``style_src`` and ``script_src``, which are allowed
            by their hash, and any other directive's own value.
    """
    directives = {name.replace("_", "-"): text for name, text in sources.items()}
    for name in ("style-src", "script-src"):
        if name in directives:
            digest = hashlib.sha256(directives[name].encode()).digest()
            directives[name] = f"'sha256-{base64.b64encode(digest).decode()}'"
    given = "".join(f"{name} {value}; " for name, value in directives.items())
    return f"default-src 'none'; {given}base-uri 'none'; form-action 'none'"


def _finalize(value: object) -> object:
    """Make what cannot be seen visible in all text that did not come from this package."""
    return fmt.visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
