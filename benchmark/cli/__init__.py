"""The commands: one file each, nothing heavy imported before a command runs."""

from __future__ import annotations

import errno
import sys

import click

from ..errors import HarnessError, InputError
from .demo import demo
from .explain import explain
from .gate import gate
from .hear import hear
from .init import init
from .inspect import inspect
from .list import list_
from .report import report
from .run import run
from .score import score
from .selftest import selftest

EXIT_INPUT, EXIT_ROWS, EXIT_BROKEN, EXIT_INTERRUPTED = 2, 3, 4, 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="ser-audit", prog_name="ser-audit")
def commands() -> None:
    """Audit speech emotion recognition checkpoints: correctness, robustness, fairness, transfer, speed.

    Exit codes: 0 complete, whatever the verdicts; 2 wrong usage or input; 3 complete, but rows have no
    prediction; 4 the harness broke; 130 interrupted. Only `gate` and `run --gate` use 1 (a finding
    fails) and 3 (undecided).

    \b
    Example:
      ser-audit demo
    """


for command in (demo, run, score, report, gate, explain, hear, init, inspect, list_, selftest):
    commands.add_command(command)


def main(arguments: list[str] | None = None) -> None:
    """Run a command and exit with its code; bad input is one line, never a traceback."""
    try:
        code = commands.main(arguments, prog_name="ser-audit", standalone_mode=False)
    except click.exceptions.Abort:
        code = _say("interrupted: the same command goes on where it was", EXIT_INTERRUPTED)
    except KeyboardInterrupt:
        code = _say("interrupted: the same command goes on where it was", EXIT_INTERRUPTED)
    except click.ClickException as error:
        error.show()
        code = EXIT_INPUT
    except InputError as error:
        code = _say(f"error: {error}", EXIT_INPUT)
    except HarnessError as error:
        code = _say(f"the harness broke: {error}", EXIT_BROKEN)
    except OSError as error:
        code = _os_error(error)
    except Exception:
        import traceback

        traceback.print_exc()
        code = _say("the harness broke: this is a fault of ser-audit, please report it", EXIT_BROKEN)
    sys.exit(code if isinstance(code, int) else 0)


def _os_error(error: OSError) -> int:
    """A full disk or an impossible name is said in one line; what was done is kept."""
    name = f": {error.filename}" if error.filename else ""
    if error.errno == errno.ENAMETOOLONG:
        return _say(f"error: file name too long{name[:80]}", EXIT_INPUT)
    again = "; what is done is kept: make room and give the same command again"
    return _say(f"the harness broke: {error.strerror or error}{name}{again}", EXIT_BROKEN)


def _say(text: str, code: int) -> int:
    click.echo(text, err=True)
    return code
