"""A Python object (file.py:name) that predicts; opening it runs that file.

``name`` is one of

- an object with ``predict(waves, sampling_rate)``: a list of float32 (samples,) waves and Hz, to raw
  outputs (len(waves), outputs);
- a function of one wave, float32 (samples,), to raw outputs (outputs,);
- a class, or a function without parameters: called once, it makes one of the two above.

Waves come one at a time. The facts stand in the sidecar ``file.toml``, or as attributes of ``name``
with the same names: ``classes``, ``dimensions``, ``activation``, ``sampling_rate``, …. One more fact is
asked of no other format: ``files``, all that the object reads beside its own file and the modules that
this imports from its folder. Only where it is declared is the revision a hash of everything.
"""

from __future__ import annotations

import importlib.util
import inspect
import re
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from ser_audit.benchmark.checkpoint import CheckpointInfo
from ser_audit.benchmark.errors import InputError
from ser_audit.benchmark.plugins import nearest
from ser_audit.benchmark.tomlfile import validate

from .audio import AudioCheckpoint, prove_and_build
from .batching import Policies
from .hashing import revision
from .neighbours import neighbours

REFERENCE = re.compile(r"(?P<file>.+\.py):(?P<name>[^\W\d]\w*)")
SIDE_BY_SIDE = False  # nothing says that two threads may call it at once


def recognises(reference: str) -> bool:
    """Whether it has the form ``file.py:name`` and the file is there."""
    match = REFERENCE.fullmatch(reference)
    return match is not None and Path(match["file"]).is_file()


def facts(reference: str) -> dict[str, Any]:
    """The facts that stand as attributes of the object; the file is run for that."""
    from .info import Facts

    thing = named(reference)
    keys = set(Facts.model_fields) - {"name", "output"}  # code has these for other reasons
    found = {key: getattr(thing, key) for key in Facts.model_fields if key in keys and hasattr(thing, key)}
    if isinstance(found.get("files"), (list, tuple)):
        found["files"] = [str(file) if isinstance(file, Path) else file for file in found["files"]]
    return {key: list(value) if isinstance(value, tuple) else value for key, value in found.items()}


def files(reference: str) -> list[Path]:
    """The file, the modules that it imports from its own folder, and the files that it is declared to read.

    Raises:
        InputError: a declared file does not exist.
    """
    file = _file(reference)
    found = [file, *neighbours(file).values()]
    for name in _declared(reference) or ():
        path = file.parent / name
        if not path.exists():
            raise InputError(
                f"{file.name} is declared to read {name!r}, which does not exist: names in files start at the"
                " folder of the .py file"
            )
        found += _held(path) if path.is_dir() else [path]
    return list({path.resolve(): path for path in found}.values())


def complete(reference: str) -> bool:
    """Whether :func:`files` are all that its predictions depend on: True only where ``files`` is declared.

    An empty list says that nothing else is read.
    """
    return _declared(reference) is not None


def open_checkpoint(
    reference: str, info: CheckpointInfo, name: str, device: str, threads: int = 2
) -> AudioCheckpoint:
    """Make the object; its device is its own affair, its threads are torch's where it uses torch.

    Raises:
        InputError: it cannot be made, or is nothing that predicts.
    """
    source = Path(reference).name
    predictor = _make(named(reference), source)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(threads)

    def stacked(batch: np.ndarray) -> np.ndarray:
        wave = batch[0].copy()  # what it does to the wave stays its own
        try:
            if hasattr(predictor, "predict"):
                raw = predictor.predict([wave], info.sampling_rate)
            else:
                raw = [predictor(wave)]
            return np.asarray(raw, dtype=np.float32)
        except (Exception, SystemExit) as error:  # whatever the user's code raises
            raise RuntimeError(f"{type(error).__name__}: {error}") from error

    return prove_and_build(
        format="python",
        name=name,
        source=source,
        files=files(reference),
        info=info,
        device=device,
        weights="not inspected: the object is its user's code",
        policies=Policies(stacked),
        stackable=False,
    )


def named(reference: str) -> Any:
    """Run the file and give the object of that name.

    The file's folder comes last on the path of modules, so that it may import its neighbours.

    Raises:
        InputError: the file raises, or has no such name.
    """
    file, name = _file(reference), reference.rpartition(":")[2]
    module = _run(str(file), revision([file, *neighbours(file).values()]))
    if not hasattr(module, name):
        known = [n for n in vars(module) if not n.startswith("_")]
        raise InputError(f"{file.name} has no {name!r}: {nearest(name, known)}")
    return getattr(module, name)


@lru_cache
def _run(file: str, content: str) -> Any:
    """Run a file once for each content of its modules: facts and opening share the run."""
    path = Path(file)
    spec = importlib.util.spec_from_file_location(f"ser_audit_checkpoint_{path.stem}", path)
    assert spec is not None  # the suffix is .py
    module = importlib.util.module_from_spec(spec)
    sys.modules[module.__name__] = module  # dataclasses and pickle look a module up by its name
    _make_way(path)
    try:
        exec(compile(path.read_bytes(), str(path), "exec"), vars(module))  # never a cached older version
    except (Exception, SystemExit) as error:  # whatever the user's code raises
        raise InputError(f"{path.name} raises {type(error).__name__} when it is run: {error}") from error
    return module


FOLDERS: list[str] = []  # of the files that were run, the latest first


def _make_way(file: Path) -> None:
    """Let the file import its neighbours as they are now, not older ones or another folder's of that name.

    Its folder stands before those of other checkpoints, and behind everything else.
    """
    here = str(file.parent)
    others = [folder for folder in FOLDERS if folder != here]
    if here in FOLDERS or here not in sys.path:
        sys.path[:] = [*(folder for folder in sys.path if folder not in FOLDERS), here, *others]
        FOLDERS[:] = [here, *others]
    for name in neighbours(file):
        known = getattr(sys.modules.get(name), "__file__", None)
        if known and any(Path(known).is_relative_to(folder) for folder in {here, *FOLDERS}):
            del sys.modules[name]
    importlib.invalidate_caches()


def _held(folder: Path) -> list[Path]:
    """All files of a folder, sorted, but for what Python compiles on the way."""
    return sorted(p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts)


def _file(reference: str) -> Path:
    return Path(reference.rpartition(":")[0]).absolute()


def _declared(reference: str) -> tuple[str, ...] | None:
    """The fact ``files``, of the sidecar beside the file, else of the object; None where neither says."""
    from .info import Facts, read_sidecar

    sidecar, place = read_sidecar(reference, None)
    said = sidecar if "files" in sidecar else facts(reference)
    return validate(Facts, {"files": said.get("files")}, place).files


def _make(thing: Any, source: str) -> Any:
    """The predictor itself, from what :func:`named` found."""
    made = thing
    if isinstance(thing, type) or (inspect.isfunction(thing) and not inspect.signature(thing).parameters):
        try:
            made = thing()
        except (Exception, SystemExit) as error:  # whatever the user's code raises
            raise InputError(f"{source} raises {type(error).__name__} when it is called: {error}") from error
    if not (callable(getattr(made, "predict", None)) or callable(made)):
        raise InputError(
            f"{source} is of type {type(made).__name__}: expected an object with"
            " predict(waves, sampling_rate), a function of one wave, or something that makes one of them"
        )
    return made
