"""Checkpoint formats: one file each, and how a batch is kept exact.

A format is a module registered under the entry point group ``ser_audit.checkpoints`` with
``recognises(reference)``, ``facts(reference)``, ``files(reference)`` (all that it is loaded from) and
``open_checkpoint(reference, info, name, device, threads)``. A format whose files run code of their own says
so in ``TRUST``, and is opened only for a user who trusts them; one that two threads may not call at once
says ``SIDE_BY_SIDE = False``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ser_audit.benchmark import plugins
from ser_audit.benchmark.errors import InputError

if TYPE_CHECKING:
    from ser_audit.benchmark.checkpoint import Checkpoint, CheckpointInfo

BUNDLED = "bundled"
PICKLES = {".bin", ".ckpt", ".joblib", ".pickle", ".pkl", ".pt", ".pth"}
ACCEPTED = (
    "a folder of Hugging Face, audEERING, MSP Odyssey, SpeechBrain's IEMOCAP recipe, emotion2vec or audonnx,"
    " an ONNX graph (.onnx), a torch.export archive (.pt2), a TorchScript archive, anything else wrapped as a"
    " Python object (file.py:name), a table of predictions (.csv, .tsv, .parquet, .jsonl), or bundled"
)


def open_checkpoint(
    reference: str | Path,
    *,
    name: str | None = None,
    info_file: str | Path | None = None,
    device: str = "cpu",
    threads: int = 2,
    formats: Sequence[str] | None = None,
    trust: bool = False,
) -> Checkpoint:
    """Open a checkpoint, load its weights and prove that its batches are exact.

    Args:
        reference: a file, a folder, ``file.py:name``, or ``bundled`` for the demo's checkpoint.
        name: default: the sidecar's, else the file's or folder's.
        info_file: a sidecar TOML; default: the one beside the checkpoint.
        device: such as cpu, cuda or cuda:1.
        threads: of the CPU, for one forward pass.
        formats: names of the formats to try; default: all that are registered.
        trust: open also what runs code of its own.

    Raises:
        InputError: no format takes it, a fact is missing or contradicted, or the weights are incomplete.
    """
    format_name, name, info = describe(reference, info_file, name=name, formats=formats, trust=trust)
    module = plugins.load("checkpoints", format_name)
    with _refused(reference, format_name):
        return module.open_checkpoint(resolve(reference), info, name, device, threads=threads)


def describe(
    reference: str | Path,
    info_file: str | Path | None = None,
    *,
    name: str | None = None,
    formats: Sequence[str] | None = None,
    trust: bool = False,
) -> tuple[str, str, CheckpointInfo]:
    """Format, name and facts of a checkpoint, without loading its weights.

    Raises:
        InputError: no format takes it, or a fact is missing or contradicted.
    """
    from .info import merge, read_sidecar

    resolved = resolve(reference)
    candidates = formats if formats is not None else plugins.names("checkpoints")
    for format_name in candidates:
        module = plugins.load("checkpoints", format_name)
        if module.recognises(resolved):
            if getattr(module, "TRUST", None) and not trust:
                raise InputError(
                    f"{Path(reference).name} {module.TRUST}: give --trust if you trust who made it"
                )
            sidecar, place = read_sidecar(resolved, info_file)
            with _refused(reference, format_name):
                info = merge(module.facts(resolved), sidecar, Path(resolved).absolute().name, place)
            return format_name, name or sidecar.get("name") or default_name(resolved), info
    raise InputError(_unrecognised(resolved))


def revision_of(reference: str | Path, format_name: str) -> str:
    """The revision that the checkpoint has once it is open: a hash of its files, none of which is loaded.

    Raises:
        InputError: a file is missing or refused.
    """
    from .hashing import revision

    with _refused(reference, format_name):
        return revision(plugins.load("checkpoints", format_name).files(resolve(reference)))


@contextmanager
def _refused(reference: str | Path, format_name: str) -> Iterator[None]:
    """Whatever a stranger's file makes a format or its library raise is wrong input, said in one line."""
    try:
        yield
    except InputError:
        raise
    except (Exception, SystemExit) as error:
        first = (str(error).splitlines() or [""])[0]
        raise InputError(
            f"{Path(reference).name} cannot be used as a checkpoint of the format {format_name}:"
            f" {type(error).__name__}: {first}"
        ) from error


def resolve(reference: str | Path) -> str:
    """The path behind a reference: itself, but for ``bundled``."""
    return str(Path(__file__).parent / BUNDLED) if str(reference) == BUNDLED else str(reference)


def default_name(reference: str) -> str:
    """The folder's name, the file's without suffix, or the name in ``file.py:name``."""
    path = Path(reference)
    if ".py:" in path.name:
        return path.name.rpartition(":")[2]
    return path.resolve().name if path.is_dir() else path.stem


def _unrecognised(reference: str) -> str:
    path = Path(reference)
    convert = "pickles are refused, because loading one can run any code: convert it to safetensors"
    if not path.exists():
        return f"no such checkpoint: {reference} (nothing is downloaded); give {ACCEPTED}"
    if path.is_file():
        from .archives import kind

        if (found := kind(path)) == "cut off":
            return f"{path.name} is no whole zip archive: it may be cut off or corrupt"
        if found == "pickle" or path.suffix in PICKLES:
            return f"{path.name} is a pickle; {convert}, with its config.json beside it"
        return f"{path.name} is no checkpoint that is known; give {ACCEPTED}"
    if (path / "config.json").is_file():
        from .folder import architectures

        named = ", ".join(architectures(path)) or "none"
        return f"{path.name}: the architecture {named} is no audio classifier; give {ACCEPTED}"
    if any(file.suffix in PICKLES for file in path.iterdir()):
        return f"{path.name} holds pickles and no config.json; {convert}, with its config.json beside it"
    return f"{path.name} has no config.json; give {ACCEPTED}"
