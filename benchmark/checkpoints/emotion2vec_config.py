"""What ``config.yaml`` and ``tokens.txt`` of an emotion2vec folder declare: sizes, labels, sampling rate.

Fields and their meaning: data2vec 2.0 (Baevski et al. 2022), whose settings emotion2vec (Ma et al. 2023)
shares. A field that changes the arithmetic must have the value that all published checkpoints have.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from ser_audit.benchmark.errors import InputError
from ser_audit.benchmark.tomlfile import validate

CONFIG, LABELS, WEIGHTS = "config.yaml", "tokens.txt", "model.pt"
WRAP = "any other model can be wrapped as a Python object (file.py:name with predict(waves, sampling_rate))"
UNUSED = "unuse"  # labels that begin so are outputs without a class: FunASR leaves them out of its softmax
MOST = 1000  # layers, heads or tokens; far above any model, and no way to fill the memory

Size = Annotated[int, Field(ge=1)]
Count = Annotated[int, Field(ge=1, le=MOST)]


class Declared(BaseModel):
    """Frozen; what concerns training is not read."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Audio(Declared):
    """``modalities.audio``: from the wave to the first blocks."""

    feature_encoder_spec: tuple[tuple[Size, Size, Size], ...]  # channels, kernel, stride of each convolution
    conv_pos_depth: Count  # convolutions of the positional encoder
    conv_pos_width: Size  # frames that they see together
    conv_pos_groups: Size
    num_extra_tokens: Count
    prenet_depth: int = Field(ge=0, le=MOST)  # blocks before the others
    num_alibi_heads: Count
    learned_alibi_scale_per_head: bool
    learned_alibi_scale_per_layer: Literal[False]
    use_alibi_encoder: Literal[True]
    learned_alibi: Literal[False]
    extractor_mode: Literal["layer_norm"]
    conv_pos_pre_ln: Literal[False]

    @field_validator("feature_encoder_spec", mode="before")
    @classmethod
    def _read(cls, spec: Any) -> Any:
        return layers(spec) if isinstance(spec, str) else spec

    @property
    def kernels(self) -> list[int]:
        """Of the convolutions on the wave, in samples of their input."""
        return [kernel for _, kernel, _ in self.feature_encoder_spec]

    @property
    def strides(self) -> list[int]:
        """Of the convolutions on the wave, in samples of their input."""
        return [stride for _, _, stride in self.feature_encoder_spec]


class Modalities(Declared):
    """``modalities``."""

    audio: Audio


class Model(Declared):
    """``model_conf``."""

    embed_dim: Size
    depth: Count
    num_heads: Count
    mlp_ratio: float = Field(gt=0)
    norm_eps: float = Field(gt=0)
    normalize: bool  # the wave has mean 0 and variance 1
    norm_affine: Literal[True]
    layer_norm_first: Literal[False]
    modalities: Modalities

    @model_validator(mode="after")
    def _one_number_of_heads(self) -> Model:
        if self.modalities.audio.num_alibi_heads != self.num_heads:
            raise ValueError(f"num_alibi_heads is not num_heads, {self.num_heads}")
        return self


class Frontend(Declared):
    """``frontend_conf``."""

    fs: int | None = None  # Hz


class Config(Declared):
    """``config.yaml``."""

    model: Literal["Emotion2vec"]
    model_conf: Model
    frontend_conf: Frontend | None = None


def read_config(folder: Path) -> Config:
    """The declared architecture.

    Raises:
        InputError: the file is no YAML, a field is missing, or is none that is known.
    """
    import yaml

    path = folder / CONFIG
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        raise InputError(f"{path} is no valid YAML: {' '.join(str(error).split())[:200]}") from None
    try:
        return validate(Config, content, f"{folder.name}/{CONFIG}")
    except InputError as error:
        raise InputError(f"{error}; only emotion2vec as it is published is known, {WRAP}") from None


def read_labels(folder: Path) -> list[str | None]:
    """The labels of the head's outputs in order; None for an output that stands for no class.

    Labels such as ``生气/angry`` are reduced to their English half, where all have that form but for the
    marks in angle brackets (``<unk>``), which stay as they are written.

    Raises:
        InputError: there are none, so the model gives features only, or one is empty.
    """
    path = folder / LABELS
    if not path.is_file():
        raise InputError(no_head(folder, f"there is no {LABELS} with its labels"))
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8-sig").strip().split("\n")]
    except UnicodeDecodeError:
        raise InputError(f"{path} is no text in UTF-8") from None
    if "" in lines:
        raise InputError(f"{folder.name}/{LABELS} has an empty line where the head's output has its label")
    used = [None if line.startswith(UNUSED) else line for line in lines]
    english = {line: _english_half(line) for line in used if line and not line.startswith("<")}
    if all(english.values()):
        return [line and english.get(line, line) for line in used]
    return used


def no_head(folder: Path, found: str) -> str:
    """The message for a model that gives features only."""
    return f"{folder.name} has no classification head, so it predicts no emotion: {found}"


def layers(spec: str) -> list[tuple[int, int, int]]:
    """Convolutions as they are written, such as ``[(512, 10, 5)] + [(512, 3, 2)] * 4``; never evaluated.

    Raises:
        ValueError: it is anything but lists of triples, joined and repeated.
    """
    wrong = ValueError("give convolutions as '[(channels, kernel, stride)] * times + …'")

    def read(node: ast.AST) -> list[tuple[int, int, int]]:
        match node:
            case ast.List():
                found = ast.literal_eval(node)
            case ast.BinOp(left, ast.Add(), right):
                found = read(left) + read(right)
            case ast.BinOp(left, ast.Mult(), ast.Constant(int(times))) if 0 < times <= MOST:
                found = read(left) * times
            case _:
                raise wrong
        if not 0 < len(found) <= MOST:
            raise wrong
        return found

    try:
        return read(ast.parse(spec[:MOST].strip(), mode="eval").body)
    except (SyntaxError, TypeError, ValueError, RecursionError, MemoryError):
        raise wrong from None


def _english_half(label: str) -> str | None:
    """``angry`` of ``生气/angry`` or ``angry/生气``; None where a label has another form."""
    halves = [half.strip() for half in label.split("/")]
    english = [half for half in halves if half.isascii()]
    return english[0] or None if len(halves) == 2 and len(english) == 1 else None
