"""The message for missing facts: a sidecar TOML to fill in, with what is known already in it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any


def missing_facts(
    missing: Sequence[str],
    known: Mapping[str, Any],
    count: int | None,
    source: str,
    place: str,
    audio: bool = True,
) -> str:
    """What is missing, where to write it, and a template.

    Args:
        missing: names of the missing facts.
        known: keys and values that are known already.
        count: number of the model's output columns, None where unknown.
        source: the checkpoint's file or folder name.
        place: the sidecar's file name.
        audio: whether the checkpoint takes audio.
    """
    return (
        f"{source} does not tell its {_listed(missing)}; nothing is guessed. Fill in this template, save it"
        f" as {place} beside the checkpoint's files, or give it by --checkpoint-info FILE:\n\n"
        + template(known, count, source, audio)
    )


def template(known: Mapping[str, Any], count: int | None, source: str, audio: bool = True) -> str:
    """A sidecar TOML: keys that are known have their value, the others wait to be filled in."""
    blanks = [""] * (count or 4)
    width = f"{count} outputs" if count else "outputs"
    lines = [f"# Facts about {source}"]
    lines += [f"name = {_toml(known['name'])}"] if "name" in known else []
    if "output" in known or "choices" in known:
        among = known.get("choices", "its outputs")
        lines.append(_line("output", known, "", f"which of {among} holds the predictions"))
    if "dimensions" in known or "classes" in known:
        lines += [f"{key} = {_toml(known[key])}" for key in ("dimensions", "classes") if key in known]
    else:
        lines += [
            f"classes = {_toml(blanks)}  # its {width} in order;",
            f"# dimensions = {_toml(blanks)}  # or these, such as arousal, dominance, valence",
        ]
    if "classes" in known or "dimensions" not in known:
        lines.append(
            _line("activation", known, "", "none, softmax or sigmoid: what the raw class outputs need")
        )
    if "dimensions" in known:
        lines.append(_line("value_range", known, [], "lowest and highest raw value of the dimensions"))
    elif "classes" not in known:
        lines.append("# value_range = [0.0, 1.0]  # lowest and highest raw value of dimensions")
    lines += audio * [
        _line("sampling_rate", known, 0, "Hz, of the audio that the model takes"),
        _line("shortest_input", known, 0.0, "seconds; shorter audio gets zeros at its end"),
    ]
    lines += [f"licence = {_toml(known['licence'])}"] if "licence" in known else ['# licence = "CC-BY-4.0"']
    if "files" in known:
        lines.append(f"files = {_toml(known['files'])}")
    elif ".py:" in source:
        lines.append("# files = []  # all that it reads beside its own code; [] for nothing")
    return "\n".join([*lines, *_training(known.get("trained_on"))])


def _training(known: Sequence[Mapping[str, Any]] | None) -> list[str]:
    if known:
        return [
            line
            for corpus in known
            for line in ("[[trained_on]]", *(f"{key} = {_toml(value)}" for key, value in corpus.items()))
        ]
    if known is not None:
        return ["trained_on = []"]
    return [
        "# trained_on = []  # trained on no corpus; or, for each of its corpora:",
        "# [[trained_on]]",
        '# corpus = "msp-podcast"',
        '# speakers = ["01", "02"]  # leave out for all speakers',
    ]


def _line(key: str, known: Mapping[str, Any], blank: Any, comment: str) -> str:
    return f"{key} = {_toml(known.get(key, blank))}  # {comment}"


def _toml(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)  # strings, numbers and lists read the same in TOML


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
