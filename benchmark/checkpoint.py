"""The checkpoint protocol, and the facts that a checkpoint must state about itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, TypeGuard

if TYPE_CHECKING:
    import numpy as np

    from .manifest import Proofs

Activation = Literal["none", "softmax", "sigmoid"]
Padding = Literal["masked group norm", "mask", "fixed length", "equal lengths", "one by one", "no audio"]


@dataclass(frozen=True)
class Output:
    """One column of what a checkpoint predicts: a dimension (in [0, 1]) or an emotion class."""

    name: str
    kind: Literal["dimension", "class"]

    @property
    def column(self) -> str:
        """The column of the predictions table that holds it."""
        return f"score.{self.name}" if self.kind == "dimension" else f"score.emotion.{self.name}"


@dataclass(frozen=True)
class TrainingSet:
    """A corpus that a checkpoint was trained on; ``speakers`` None means all of them."""

    corpus: str
    speakers: tuple[str, ...] | None = None


@dataclass(frozen=True)
class CheckpointInfo:
    """What must be known of a checkpoint before its predictions mean anything.

    A fact that neither the files nor the sidecar TOML tell is never guessed.
    """

    outputs: tuple[Output, ...]  # in the order of the model's output columns
    sampling_rate: int  # Hz
    activation: Activation = "none"  # applied to the raw outputs of the classes
    value_range: tuple[float, float] = (0.0, 1.0)  # of the raw dimensions; mapped to [0, 1]
    shortest_input: float = 0.0  # seconds; shorter waves are padded with zeros at their end
    trained_on: tuple[TrainingSet, ...] | None = None  # None: unknown
    licence: str | None = None  # None: unknown
    output: str | None = None  # of a graph, the output that holds the columns above

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Names of the dimensions, in order."""
        return tuple(o.name for o in self.outputs if o.kind == "dimension")

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the emotion classes, in order."""
        return tuple(o.name for o in self.outputs if o.kind == "class")


class Checkpoint(Protocol):
    """An SER model under audit."""

    @property
    def name(self) -> str:
        """Of the checkpoint, unique in a run."""
        ...

    @property
    def format(self) -> str:
        """The adapter's registered name."""
        ...

    @property
    def source(self) -> str:
        """File or folder name, never a path."""
        ...

    @property
    def revision(self) -> str:
        """``sha256:…`` over the content of its files."""
        ...

    @property
    def info(self) -> CheckpointInfo:
        """Its facts."""
        ...

    @property
    def parameters(self) -> int | None:
        """Their number; None where unknown."""
        ...

    @property
    def padding(self) -> Padding:
        """How batches are kept exact."""
        ...

    @property
    def proofs(self) -> Proofs | None:
        """What was measured when it was loaded; None: there is no model."""
        ...

    def predict(self, waves: Sequence[np.ndarray]) -> np.ndarray:
        """Predict a batch, exactly as one utterance at a time would.

        Args:
            waves: float32 (samples,) each, at ``info.sampling_rate`` Hz, any lengths.

        Returns:
            float32 (batch, outputs); dimensions in [0, 1] units of the declared range,
            class columns after the declared activation.
        """
        ...

    def macs(self, samples: int) -> int | None:
        """Multiply-accumulates of one utterance of ``samples`` samples; None where unknown."""
        ...


class PredictedElsewhere(Checkpoint, Protocol):
    """A checkpoint whose predictions were made elsewhere, and are looked up."""

    @property
    def conditions(self) -> tuple[str, ...]:
        """The conditions that it has predictions in."""
        ...

    def lookup(self, corpus: str, condition: str, utterances: Sequence[str]) -> np.ndarray:
        """The scores of utterances, float32 (utterances, outputs); NaN where it has none."""
        ...


def elsewhere(checkpoint: Checkpoint) -> TypeGuard[PredictedElsewhere]:
    """Whether a checkpoint's predictions are looked up instead of made."""
    return checkpoint.padding == "no audio"
