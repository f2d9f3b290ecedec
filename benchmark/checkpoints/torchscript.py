"""A TorchScript archive that takes waves, float32 (batch, samples), and gives (batch, outputs)."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ser_audit.benchmark.checkpoint import CheckpointInfo
from ser_audit.benchmark.errors import InputError

from . import archives

if TYPE_CHECKING:
    import torch

    from .audio import AudioCheckpoint

TRUST = "is a TorchScript archive, which runs code of its own"


def recognises(reference: str) -> bool:
    """Whether it is an archive with code and constants; weights alone (``data.pkl``) are none."""
    return archives.kind(Path(reference)) == "TorchScript"


def facts(reference: str) -> dict[str, Any]:
    """Nothing: what it gives is known once its code has run."""
    return {"choices": {}}


def files(reference: str) -> list[Path]:
    """The archive."""
    return [Path(reference)]


def open_checkpoint(
    reference: str, info: CheckpointInfo, name: str, device: str, threads: int = 2
) -> AudioCheckpoint:
    """Load the archive; its code may do what TorchScript can, so the user has to trust it.

    Raises:
        InputError: it is broken, or takes or gives something else.
    """
    import torch

    from .torch_graph import open_graph
    from .torch_model import use_device

    path = Path(reference)
    use_device(device, threads)
    with archives.opened(path, path.name, compressed=True) as archive:
        for member in archive.names:
            archive.read(member)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # torch.jit will be removed one day
        try:
            module = torch.jit.load(path, map_location=device)
        except RuntimeError as error:
            reason = str(error).strip().splitlines()[-1]
            raise InputError(f"{path.name} cannot be loaded as TorchScript: {reason}") from error
    return open_graph(
        module,
        lambda given: _chosen(given, info.output, path.name),
        format="torchscript",
        name=name,
        path=path,
        info=info,
        device=device,
    )


def _chosen(given: Any, output: str | None, source: str) -> torch.Tensor:
    """The tensor of that key or place; the only one where there is one.

    Raises:
        InputError: there are more, and none of them is named ``output``.
    """
    if isinstance(given, Mapping):
        named = dict(given)
    else:
        several = given if isinstance(given, Sequence) else [given]
        named = {str(place): tensor for place, tensor in enumerate(several)}
    if output is None and len(named) == 1:
        return next(iter(named.values()))
    if output not in named:
        raise InputError(
            f"{source} gives the outputs {', '.join(named)}: say in its sidecar which one holds the"
            f' predictions, such as output = "{next(iter(named))}"'
        )
    return named[output]
