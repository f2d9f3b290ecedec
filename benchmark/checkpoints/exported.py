"""A torch.export archive (.pt2) that takes waves, float32 (batch, samples), and gives (batch, outputs).

Torch unpickles parts of such an archive and evaluates parts of its graph, so it is never given the file: it
loads an archive written anew from what was checked. Source of the layouts: ``torch.export.save`` of torch
2.5 to 2.7 (serialized_exported_program.json) and from 2.8 on (archive_format, models/model.json).
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ser_audit.benchmark.checkpoint import CheckpointInfo
from ser_audit.benchmark.errors import InputError

from . import archives, exported_graph, exported_safety, pickles
from .archives import Archive

if TYPE_CHECKING:
    from .audio import AudioCheckpoint

GRAPHS = ("models/model.json", "serialized_exported_program.json")
TENSORS = re.compile(r"data/(weights|constants)/[\w.]+\.pt|serialized_(state_dict|constants)\.pt", re.ASCII)
EXAMPLES = {"data/sample_inputs/model.pt", "serialized_example_inputs.pt"}
CONFIGS = re.compile(r"data/(weights|constants)/model_(weights|constants)_config\.json")
NUMBERS = re.compile(r"data/(weights/weight|constants/tensor)_\d+")
ABOUT = re.compile(r"archive_format|archive_version|version|byteorder|\.format_version|\.data/\w+")
LEFT_BEHIND = re.compile(r"(extra|extra_files)/.*|\.data/serialization_id", re.DOTALL)


def recognises(reference: str) -> bool:
    """Whether it is an archive with an exported program; of a broken archive the suffix tells."""
    path = Path(reference)
    kind = archives.kind(path)
    return kind == "torch.export" or (kind in (None, "cut off") and path.suffix == ".pt2" and path.is_file())


def facts(reference: str) -> dict[str, Any]:
    """The outputs and their numbers of columns; the rest is not told."""
    path = Path(reference)
    with archives.opened(path, path.name) as archive:
        program = _program(archive)
    exported_graph.wave_input(program, path.name)
    found = exported_graph.outputs(program, path.name)
    return {"choices": {name: {"outputs": width} for name, (_, width) in found.items()}}


def files(reference: str) -> list[Path]:
    """The archive."""
    return [Path(reference)]


def open_checkpoint(
    reference: str, info: CheckpointInfo, name: str, device: str, threads: int = 2
) -> AudioCheckpoint:
    """Check the archive, load what was checked, and move it to the device.

    Raises:
        InputError: it is broken, holds more than tensors and a graph of torch's operators, or takes or gives
            something else.
    """
    from .torch_graph import open_graph
    from .torch_model import use_device

    path = Path(reference)
    use_device(device, threads)
    with archives.opened(path, path.name) as archive:
        program = _program(archive)
        stackable = exported_graph.wave_input(program, path.name)
        place, _ = exported_graph.outputs(program, path.name)[str(info.output)]
        safe = archives.write(_checked(archive, program), archive.root)
    return open_graph(
        _load(safe, device),
        lambda given: given[place],
        format="exported",
        name=name,
        path=path,
        info=info,
        device=device,
        stackable=stackable,
    )


def _load(archive: io.BytesIO, device: str) -> Any:
    """The module of an archive that was written by :func:`_checked`, on a device."""
    import logging

    import torch

    logger = logging.getLogger("torch.export")
    level = logger.level
    logger.setLevel(logging.CRITICAL)  # it writes a trace where it tries the newer layout first
    try:
        program = torch.export.load(archive)
    finally:
        logger.setLevel(level)
    if device != "cpu":
        from torch.export.passes import move_to_device_pass

        program = move_to_device_pass(program, device)
    module = program.module()
    for method in ("train", "eval"):  # the archive's own refuse to be called; a graph has no mode
        vars(module).pop(method, None)
    return module


def _program(archive: Archive) -> dict[str, Any]:
    names = [name for name in GRAPHS if name in archive.names]
    if len(names) != 1:
        raise InputError(f"{archive.label} is no archive of torch.export: it has no {' or '.join(GRAPHS)}")
    return exported_graph.read(archive.read(names[0]), archive.label)


def _checked(archive: Archive, program: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """The members that are needed, each of them checked.

    Raises:
        InputError: a member is neither a graph nor tensors.
    """
    label = archive.label
    pickled = _pickled(archive)
    for name in archive.names:
        member = f"{label}, member {name}"
        if name in GRAPHS:
            yield name, json.dumps(exported_safety.cleaned(program, label)).encode()
        elif name in EXAMPLES:
            if content := archive.read(name):
                pickles.tensors_only(content, member)
            yield name, b""  # without examples torch compiles no guards either
        elif TENSORS.fullmatch(name) or name in pickled:
            content = archive.read(name)
            yield name, pickles.tensors_only(content, member) if content else content
        elif CONFIGS.fullmatch(name):
            yield name, json.dumps(exported_safety.plain(json.loads(archive.read(name)), label)).encode()
        elif NUMBERS.fullmatch(name) or (ABOUT.fullmatch(name) and not LEFT_BEHIND.fullmatch(name)):
            yield name, archive.read(name)
        elif name.startswith("data/aotinductor/"):
            raise InputError(
                f"{label} is a package of compiled code ({name}): refused; save it by torch.export.save"
            )
        elif not LEFT_BEHIND.fullmatch(name):
            raise InputError(
                f"{label} is refused: its member {name[:80]!r} is neither a graph nor tensors; wrap a model"
                " with objects of its own as a Python object (file.py:name)"
            )


def _pickled(archive: Archive) -> set[str]:
    """The members that a table of weights or constants calls pickles."""
    found = set()
    for name in filter(CONFIGS.fullmatch, archive.names):
        for about in json.loads(archive.read(name))["config"].values():
            if about["use_pickle"]:
                found.add(f"{name.rpartition('/')[0]}/{about['path_name']}")
    return found
