"""Mutants that go through audio and the engine: one run for all that share corpora."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..corpora import open_corpus
from ..corpus import DIMENSIONS, CorpusOptions
from ..finding import Finding
from ..policy import Policy
from ..spec import Spec
from . import checkpoints
from .tables import judged

CONDITIONS = ("gain@db=2", "noise.white@snr_db=30")  # the bundled checkpoint bears both
SLOWNESS = 1.3  # seconds for a second of audio


@dataclass(frozen=True)
class Session:
    """What one run of the engine is over: synthetic corpora, and what is asked of the mutants."""

    mutants: Mapping[str, str]  # name -> what makes it, in Python; "folder": see ``checkpoints``
    corpora: tuple[str, ...]
    speakers: int
    utterances: int  # of each speaker
    conditions: tuple[str, ...]
    audits: tuple[str, ...]
    silences: bool = False  # every fourth utterance is digital silence
    truth: tuple[int, int] | None = None  # speakers and utterances that its true values are taken over

    def findings(self, names: tuple[str, ...], seed: int, policy: Policy, full: bool) -> list[Finding]:
        """Predict with the mutants of these names, and judge.

        Args:
            names: some of ``mutants``.
            seed: of the corpora: other seeds are other speakers.
            policy: holds the limits.
            full: over the larger corpora that true values are taken from.
        """
        speakers, utterances = self.truth if full and self.truth else (self.speakers, self.utterances)
        paths = {
            name: f"synthetic:{name}?speakers={speakers}&utterances={utterances}&seed={seed}"
            for name in self.corpora
        }
        with tempfile.TemporaryDirectory() as folder:
            made = {name: self.mutants[name] for name in names}
            corpora = [self._corpus(name, path, Path(folder)) for name, path in paths.items()]
            spec = Spec(
                checkpoints=_written(made, paths, Path(folder)),
                corpora=corpora,
                conditions=self.conditions,
                audits=self.audits,
                seed=seed,
                device="cpu",
                threads=1,
                workers=1,
            )
            from ..engine.session import predict

            return judged(predict(spec, Path(folder) / "run"), self.audits, policy)

    def _corpus(self, name: str, path: str, folder: Path) -> dict[str, object]:
        """A corpus as a spec holds it; with silences as files beside a table."""
        if not self.silences:
            return {"name": name, "path": path}
        import soundfile

        table = folder / f"{name}.csv"
        with table.open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["file", "speaker", *DIMENSIONS])
            for i, utterance in enumerate(open_corpus(name, path, CorpusOptions()).utterances):
                wave, rate = utterance.load()
                soundfile.write(folder / f"{utterance.id}.wav", wave if i % 4 else np.zeros_like(wave), rate)
                truth = [utterance.truth[d] for d in DIMENSIONS]
                rows.writerow([f"{utterance.id}.wav", utterance.speaker, *truth])
        return {"name": name, "path": str(table), "scales": dict.fromkeys(DIMENSIONS, (0, 1))}


def _written(made: Mapping[str, str], paths: Mapping[str, str], folder: Path) -> list[dict[str, str]]:
    """Write mutants into ``folder``: a file of Python checkpoints, or a folder of weights each."""
    lines = [
        f"from {checkpoints.__name__} import *",
        f"paths = {paths!r}",
    ]
    entries = []
    for i, (name, expression) in enumerate(made.items()):
        if expression in checkpoints.FOLDERS:
            path = str(checkpoints.FOLDERS[expression](folder / f"mutant{i}"))
        else:
            path = f"{folder / 'mutants.py'}:mutant{i}"
            lines.append(f"mutant{i} = {expression}")
        entries.append({"path": path, "name": name})
    (folder / "mutants.py").write_text("\n".join(lines) + "\n")
    return entries


SESSIONS = (
    Session(
        mutants={
            "re-initialised head": "reinitialised",
            "noise-fragile": "NoiseFragile()",
            "level-sensitive": "LevelSensitive()",
            "padding-leaky": "PaddingLeaky()",
            "non-deterministic": "NonDeterministic()",
            "memoriser of training speakers": "Memoriser(paths)",
            "corpus-bound": "CorpusBound()",
        },
        corpora=("aru", "beno"),
        speakers=72,
        utterances=6,
        conditions=CONDITIONS,
        audits=("integrity", "correctness", "robustness", "transfer"),
        truth=(100, 20),
    ),
    Session(
        mutants={"NaN on silence": "NotANumberOnSilence()"},
        corpora=("aru",),
        speakers=4,
        utterances=4,
        conditions=(),
        audits=("integrity", "transfer"),
        silences=True,
    ),
    Session(
        mutants={"slow": f"Slow({SLOWNESS})"},
        corpora=("aru",),
        speakers=2,
        utterances=1,
        conditions=(),
        audits=("integrity", "throughput"),
    ),
)
