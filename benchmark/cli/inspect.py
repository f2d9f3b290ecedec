"""`ser-audit inspect`: what a checkpoint is, and how its batches are kept exact."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..checkpoints.inspection import Inspection

WIDTH = 110  # characters of a line at most
PLURALS = {"class": "classes", "dimension": "dimensions"}
POLICIES = {
    "masked group norm": "waves of any lengths share a batch: the padding is masked, in the group norm too",
    "mask": "waves of any lengths share a batch: the padding is masked",
    "fixed length": "waves share a batch: the model itself takes each at one fixed length",
    "equal lengths": "only waves of exactly the same length share a batch",
    "one by one": "no batches: a forward pass per wave",
    "no audio": "there is no model: predictions are looked up",
}


@click.command()
@click.argument("checkpoint")
@click.option("--checkpoint-info", "info", metavar="FILE", help="Facts that the files cannot tell, as TOML.")
@click.option("--device", help="auto, cpu, cuda, cuda:1, …  [default: auto: CUDA where there is one]")
@click.option("--threads", type=click.IntRange(1, 1024), help="Threads of the model.  [default: all cores]")
@click.option("--trust", is_flag=True, help="Open also what runs code of its own.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object; null is unknown or does not apply.")
def inspect(checkpoint, info, device, threads, trust, as_json) -> int:
    """Say what CHECKPOINT is: outputs, audio, size, cost, licence, files, and how its batches are kept exact.

    It is opened as an audit opens it: the weights are loaded and checked, and batches are compared with one
    utterance at a time. What is missing or refused is said in words, with a template to fill in; the exit
    code is then 2.

    \b
    Examples:
      ser-audit inspect hf-folder
      ser-audit inspect model.onnx --checkpoint-info model.toml --json
    """
    from ..checkpoints.inspection import inspect_checkpoint
    from ..engine.machine import resolve_device
    from ..spec import cores

    found = inspect_checkpoint(
        checkpoint,
        info_file=info,
        device=resolve_device(device or "auto"),
        threads=threads or cores(),
        trust=trust,
    )
    if as_json:
        click.echo(found.model_dump_json(indent=1))
    else:
        _say(found)
    return 0


def _say(found: Inspection) -> None:
    """Print it as two columns, the left one in bold on a terminal; a hash or a name is never broken."""
    rows = list(_rows(found))
    indent = max(len(head) for head, _ in rows) + 2
    width = min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns) - indent
    for head, text in rows:
        left = click.style(f"{head:{indent}}", bold=True)
        for line in text.splitlines():
            for part in textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False):
                click.echo(left + part)
                left = " " * indent


def _rows(found: Inspection) -> Iterator[tuple[str, str]]:
    """Head and text of each line."""
    from .. import plugins

    yield "Checkpoint", found.name
    yield "Format", f"{found.format}: {plugins.summary('checkpoints', found.format).replace('``', '')}"
    if found.architecture:
        yield "Architecture", found.architecture
    yield "Outputs", "\n".join(_outputs(found))
    if found.output:
        yield "Graph's output", found.output
    if found.table:
        yield from _table(found)
    else:
        yield from _audio(found)
        yield "Batches", f"{found.padding}: {POLICIES.get(found.padding, 'as its format says')}"
    if found.proofs:
        yield "Proof", _proof(found)
        yield "Weights", found.proofs.weights
    yield "Licence", found.licence or "unknown"
    yield "Trained on", _trained_on(found)
    yield "Files", "\n".join(f"{file.name}, {_size(file.bytes)}" for file in found.files)
    partly = "" if found.revision_is_complete else "\nof these files; what else it reads is not declared"
    yield "Revision", found.revision + partly
    if found.device:
        yield "Machine", f"{found.device}, {found.threads} thread{'s' * (found.threads != 1)}"


def _outputs(found: Inspection) -> Iterator[str]:
    for kind, group in groupby(found.outputs, key=lambda output: output.kind):
        names = [output.name for output in group]
        count = f"1 {kind}" if len(names) == 1 else f"{len(names)} {PLURALS[kind]} in this order"
        if kind == "class":
            how = "as they are" if found.activation == "none" else f"through {found.activation}"
        else:
            low, high = found.value_range or (0.0, 1.0)
            how = f"raw values from {low:g} to {high:g}"
        yield f"{count}, {how}: {', '.join(names)}"


def _audio(found: Inspection) -> Iterator[tuple[str, str]]:
    rate, shortest = found.sampling_rate or 0, found.shortest_input or 0.0
    yield "Sampling rate", f"{rate} Hz"
    short = f"{shortest:.3g} s ({round(shortest * rate)} samples); shorter audio gets zeros at its end"
    yield "Shortest input", short if shortest else "none"
    if found.longest_input is not None:
        yield "Longest input", f"{found.longest_input:.4g} s; the model does not hear what comes after"
    yield "Parameters", "unknown" if found.parameters is None else f"{found.parameters:,}"
    macs = found.macs_per_second
    yield "Cost", "unknown" if macs is None else f"{_metric(macs)} multiply-accumulates per second of audio"


def _proof(found: Inspection) -> str:
    proofs = found.proofs
    assert proofs is not None
    parts = []
    if proofs.batch_relative_l2 is not None:
        labels = proofs.batch_changed_labels
        changed = "" if labels is None else f" and changes {labels} label{'s' * (labels != 1)}"
        parts.append(
            f"a batch differs from one by one by {proofs.batch_relative_l2:.1e} (relative L2){changed}"
        )
    if proofs.repeat_max_difference is not None:
        parts.append(f"the same batch twice differs by {proofs.repeat_max_difference:.1g} at most")
    return f"on {proofs.probe_utterances} probe utterances {'; '.join(parts)}"


def _trained_on(found: Inspection) -> str:
    if found.trained_on is None:
        return "unknown"
    return "\n".join(map(_corpus, found.trained_on)) or "no corpus"


def _corpus(training) -> str:
    if training.speakers is None:
        return f"{training.corpus}, all speakers"
    return f"{training.corpus}, {len(training.speakers)} speakers: {', '.join(training.speakers)}"


def _table(found: Inspection) -> Iterator[tuple[str, str]]:
    table = found.table
    assert table is not None
    without = table.rows_without_scores
    yield "Rows", f"{table.rows:,}" + (f", {without:,} of them without scores" if without else "")
    yield "Corpora", "not told: it is taken for any" if table.corpora is None else ", ".join(table.corpora)
    yield "Conditions", ", ".join(table.conditions)


def _metric(number: float) -> str:
    """Three digits and a word: 17.8 billion."""
    for size, word in ((1e12, " trillion"), (1e9, " billion"), (1e6, " million")):
        if number >= size:
            return f"{number / size:.3g}{word}"
    return f"{number:,.0f}"


def _size(size: int) -> str:
    for unit, word in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size >= unit:
            return f"{size / unit:.3g} {word}"
    return f"{size} bytes"
