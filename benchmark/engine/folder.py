"""A run's folder: claimed by one process at a time, and left as it was where the input is refused."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import InputError
from ..files import TEMPORARY
from ..run import Run

WORK, LOCK = ".ser-audit-work", ".lock"


@contextmanager
def claimed(path: Path) -> Iterator[Path]:
    """Hold a run's folder; it is made where it does not exist, and unmade if the input is refused.

    Yields:
        the folder of what is in the making: decoded audio and journals.

    Raises:
        InputError: another process holds it, it holds something else than a run, or it cannot be written.
    """
    from filelock import FileLock, Timeout

    new = not path.exists()
    begun_above = next((p for p in reversed(path.absolute().parents) if not p.exists()), None)
    if path.is_file():
        raise InputError(f"{path} is a file: give a folder with -o")
    if not new and not (path / "manifest.json").is_file():
        strange = sorted(
            p.name for p in path.iterdir() if p.name not in (WORK, LOCK) and not p.match(TEMPORARY)
        )
        if strange:
            raise InputError(
                f"{path} is no run: it holds {strange[0]!r}; give an empty or a new folder with -o"
            )
    if (path / "manifest.json").is_file():
        _ = Run(path).manifest  # another audit's folder is refused before anything is done
    try:
        path.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path / LOCK, timeout=0)
        lock.acquire()
    except Timeout:
        raise InputError(f"another process holds {path}: wait for it, or give another -o") from None
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}") from None
    for left in [*path.glob(TEMPORARY), *path.glob(f"*/{TEMPORARY}")]:
        left.unlink(missing_ok=True)
    begun = (path / "manifest.json").is_file() or (path / WORK).exists()
    try:
        yield (path / WORK).absolute()  # worker processes may have begun in another folder
    except InputError:
        if not begun and not (path / "manifest.json").is_file():
            shutil.rmtree(path / WORK, ignore_errors=True)
            (path / LOCK).unlink(missing_ok=True)
            if new:
                shutil.rmtree(begun_above or path)
        raise
    finally:
        lock.release()
