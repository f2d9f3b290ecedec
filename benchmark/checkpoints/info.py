"""The facts about a checkpoint: what its files tell, what its sidecar TOML adds, what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, StrictFloat, StrictInt, StrictStr, field_validator, model_validator
from ser_audit.benchmark.checkpoint import CheckpointInfo, Output, TrainingSet
from ser_audit.benchmark.errors import InputError
from ser_audit.benchmark.finding import Record
from ser_audit.benchmark.tomlfile import read_toml, validate

from .choices import choose, shown
from .template import missing_facts

FOLDER_SIDECAR = "ser-audit.toml"
KINDS: dict[str, Literal["dimension", "class"]] = {"dimensions": "dimension", "classes": "class"}


class Training(Record):
    """A corpus that the checkpoint was trained on; without speakers, all of them."""

    corpus: StrictStr
    speakers: tuple[StrictStr, ...] | None = None


class Facts(Record):
    """The keys of a sidecar TOML; None where it does not say."""

    name: StrictStr | None = Field(None, min_length=1)
    dimensions: tuple[StrictStr, ...] | None = None
    classes: tuple[StrictStr, ...] | None = None
    activation: Literal["none", "softmax", "sigmoid"] | None = None
    value_range: tuple[StrictFloat, StrictFloat] | None = None
    sampling_rate: StrictInt | None = Field(None, ge=1000, le=384_000)
    shortest_input: StrictFloat | None = Field(None, ge=0, le=60)
    licence: StrictStr | None = None
    trained_on: tuple[Training, ...] | None = None
    output: StrictStr | None = None  # of a graph with several, the one that holds the predictions
    files: tuple[StrictStr, ...] | None = None  # what a Python object reads beside its own code

    @field_validator("value_range")
    @classmethod
    def _low_to_high(cls, value: tuple[float, float] | None) -> tuple[float, float] | None:
        if value is not None and value[0] >= value[1]:
            raise ValueError("give the lowest possible raw value, then the highest")
        return value

    @model_validator(mode="after")
    def _names_are_unique(self) -> Facts:
        names = [*(self.dimensions or ()), *(self.classes or ())]
        repeated = sorted({n for n in names if names.count(n) > 1})
        if repeated:
            raise ValueError(f"the output {repeated[0]!r} is named twice")
        if "" in names:
            raise ValueError("an output has no name: fill in all names, in the order of the outputs")
        return self


def sidecar_path(reference: str) -> Path:
    """Where the sidecar of a checkpoint lies by default: in the folder, or beside the file."""
    path = Path(reference.rpartition(":")[0] if ".py:" in reference else reference)
    return path / FOLDER_SIDECAR if path.is_dir() else path.with_suffix(".toml")


def read_sidecar(reference: str, info_file: str | Path | None) -> tuple[dict[str, Any], str]:
    """The content of the sidecar, in its order of keys, and its file name.

    Args:
        reference: the checkpoint's file, folder or ``file.py:name``.
        info_file: a sidecar given explicitly; None looks for the one beside the checkpoint.

    Raises:
        InputError: the explicit file does not exist, a key is unknown or wrong, or ``files`` stands
            where it does not belong.
    """
    beside = sidecar_path(reference)
    path = Path(info_file) if info_file is not None else beside
    if info_file is None and not path.is_file():
        return {}, path.name
    data = read_toml(path)
    validate(Facts, data, str(path))
    if "files" in data:
        _refuse_misplaced_files(reference, path, beside)
    return data, path.name


def _refuse_misplaced_files(reference: str, path: Path, beside: Path) -> None:
    """What code reads is a fact of that code, and known wherever the code is."""
    if ".py:" not in reference:
        raise InputError(f"{path}: files belongs to Python objects; what other formats read is known")
    if path.resolve() != beside.resolve():
        raise InputError(f"{path}: files belongs into {beside.name} beside the .py file, or into its object")


def merge(known: Mapping[str, Any], sidecar: Mapping[str, Any], source: str, place: str) -> CheckpointInfo:
    """Join what the files tell with what the sidecar says.

    The longer ``shortest_input`` counts: files tell what the architecture needs.

    Args:
        known: keys of :class:`Facts` that the files tell, and ``outputs``, the number of columns,
            where that is known, or ``choices``, the outputs of a graph with the facts of each; a
            ``sampling_rate`` of None needs none, since there is no audio.
        sidecar: the sidecar's keys. If it gives both ``dimensions`` and ``classes``, the key that
            stands first holds the first columns.
        source: the checkpoint's file or folder name, for messages.
        place: the sidecar's file name, for messages.

    Raises:
        InputError: both contradict each other, or a fact is missing.
    """
    choices = known.get("choices")
    output, chosen = choose(choices, sidecar, source, place)
    known = {**{key: value for key, value in known.items() if key != "choices"}, **chosen}
    count = known.get("outputs")
    known = {key: value for key, value in known.items() if key != "outputs"}
    validate(Facts, known, source)
    told, said = _outputs(known), _outputs(sidecar)
    names = [output.name for output in said]
    if said and told and names != [output.name for output in told]:
        raise InputError(
            f"{place} names the outputs {', '.join(names)}, but {source} itself"
            f" {', '.join(o.name for o in told)}: correct the one that is wrong"
        )
    if said and count is not None and len(said) != count:
        raise InputError(f"{place} names {len(said)} outputs ({', '.join(names)}), but {source} has {count}")
    rate = known.get("sampling_rate")
    if rate is not None and sidecar.get("sampling_rate", rate) != rate:
        raise InputError(
            f"{place} says sampling_rate = {sidecar['sampling_rate']}, but {source} itself {rate}:"
            " correct the one that is wrong"
        )
    shortest = {"shortest_input": max(m.get("shortest_input") or 0.0 for m in (known, sidecar))}
    facts = validate(Facts, {**known, **sidecar, **shortest}, place)
    outputs = said or told
    audio = known.get("sampling_rate", 0) is not None
    missing = _missing(facts, outputs, audio)
    unclear = {"choices": shown(choices)} if choices and output is None else {}
    if missing or unclear:
        missing += ["output"] if unclear else []
        stated = {**facts.model_dump(exclude_none=True), **unclear}
        raise InputError(missing_facts(missing, stated, count, source, place, audio))
    return _info(facts, outputs, output, place)


def _info(facts: Facts, outputs: tuple[Output, ...], output: str | None, place: str) -> CheckpointInfo:
    classes = any(output.kind == "class" for output in outputs)
    if facts.activation not in (None, "none") and not classes:
        raise InputError(
            f"{place}: activation = {facts.activation!r} belongs to classes, and there are none;"
            " the range of raw dimensions is value_range"
        )
    trained_on = facts.trained_on
    return CheckpointInfo(
        outputs=outputs,
        sampling_rate=facts.sampling_rate or 0,
        activation=facts.activation or "none",
        value_range=facts.value_range or (0.0, 1.0),
        shortest_input=facts.shortest_input or 0.0,
        trained_on=None
        if trained_on is None
        else tuple(TrainingSet(t.corpus, t.speakers) for t in trained_on),
        licence=facts.licence,
        output=output,
    )


def _outputs(facts: Mapping[str, Any]) -> tuple[Output, ...]:
    return tuple(Output(n, KINDS[key]) for key, names in facts.items() if key in KINDS for n in names)


def _missing(facts: Facts, outputs: tuple[Output, ...], audio: bool) -> list[str]:
    kinds = {output.kind for output in outputs}
    absent = [] if outputs else ["classes or dimensions"]
    if facts.activation is None and kinds != {"dimension"}:
        absent.append("activation")
    if facts.value_range is None and "dimension" in kinds:
        absent.append("value_range")
    if facts.sampling_rate is None and audio:
        absent.append("sampling_rate")
    return absent
