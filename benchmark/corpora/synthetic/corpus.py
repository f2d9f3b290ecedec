"""The synthetic corpus: speakers × utterances, each spoken when it is loaded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

import numpy as np

from ...corpus import CorpusOptions, Utterance
from ...errors import InputError
from ..limit import limited
from .articulation import articulate
from .defects import Defects
from .lexicon import LANGUAGES
from .prosody import prosody
from .randomness import generator
from .reference import SCHEME, Reference, parse
from .script import Script, script
from .speakers import Speaker, scored_speakers
from .voice import SAMPLING_RATE, speak

VERSION = 1  # of the sound; raised when any of it changes


@dataclass(frozen=True)
class Spoken:
    """An utterance that is synthesised when called; picklable."""

    speaker: Speaker
    utterance: str
    seed: int
    defects: Defects

    @property
    def content(self) -> str:
        """All that decides its sound."""
        return repr((VERSION, self))

    def __call__(self) -> tuple[np.ndarray, int]:
        """Synthesise it, the same bytes at every call and in every process.

        Returns:
            float32 (samples,) of 16-bit values in [-1, 1), and the sampling rate in Hz.
        """
        speaker, language = self.speaker, LANGUAGES[self.speaker.language]
        said = script(speaker, language, self.utterance, self.seed)
        wave = say(speaker, said, generator(self.seed, speaker.id, self.utterance, "voice"))
        groups = {"sex": speaker.sex, "speaker": speaker.id, "language": language.code}
        planted = generator(self.seed, speaker.id, self.utterance, "defects")
        wave = self.defects.apply(wave, groups, planted)
        steps = np.clip(np.round(32768.0 * wave), -32768, 32767)  # as a 16-bit recorder
        return (steps / 32768.0).astype(np.float32), SAMPLING_RATE


def say(speaker: Speaker, said: Script, rng: np.random.Generator) -> np.ndarray:
    """Let a speaker say a script: float64 (samples,) at 16 kHz, with the noise floor of the recording."""
    how = prosody(speaker, said, rng)
    tracks = articulate(said.words, LANGUAGES[speaker.language], how.durations)
    wave = speak(how, tracks, speaker.breath, rng)
    floor = np.sqrt(np.mean(wave**2)) * 10.0 ** (-speaker.floor / 20.0)
    return wave + floor * rng.standard_normal(len(wave))


@dataclass(frozen=True)
class SyntheticCorpus:
    """A corpus of invented speech."""

    name: str
    source: str  # the reference
    revision: str
    utterances: Sequence[Utterance]
    format: str = "synthetic"
    scales: Mapping[str, tuple[float, float]] = field(default_factory=dict)  # truth is in [0, 1] as it is
    reference: str | None = None  # no take is recorded twice

    @property
    def labels(self) -> tuple[str, ...]:
        """Emotion labels of its utterances, sorted."""
        return tuple(sorted({str(utterance.truth["emotion"]) for utterance in self.utterances}))

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages of its utterances, sorted."""
        return tuple(sorted({utterance.groups["language"] for utterance in self.utterances}))


def utterances(speakers: Sequence[Speaker], count: int, seed: int, defects: Defects) -> list[Utterance]:
    """Utterances of these speakers, ``count`` each, speaker after speaker."""
    made = []
    for speaker in speakers:
        language = LANGUAGES[speaker.language]
        groups = {"sex": speaker.sex, "language": language.code, "age": str(speaker.age)}
        for i in range(1, count + 1):
            name = f"{speaker.id}_u{i:02d}"
            said = script(speaker, language, name, seed)
            load = Spoken(speaker, name, seed, defects)
            made.append(Utterance(name, speaker.id, said.truth, groups, load, " ".join(said.words)))
    return made


def open_corpus(name: str, path: str, options: CorpusOptions) -> SyntheticCorpus:
    """Open a synthetic corpus; see the package's docstring for the reference's options.

    Raises:
        InputError: the reference is wrong, an option makes no sense for invented speech, or a
            planted noise concerns nobody, or the limit is below 1.
    """
    for option in ("rows", "columns", "scales"):
        if getattr(options, option):
            raise InputError(f"{option} make no sense for the synthetic corpus {path!r}: leave them out")
    reference = parse(path)
    speakers = scored_speakers(reference.language, reference.speakers, reference.seed)
    _refuse_idle(reference, speakers, path)
    made = utterances(speakers, reference.utterances, reference.seed, reference.defects)
    if options.limit is not None:
        made = limited(made, options.limit, options.seed)
    if options.language is not None:
        made = [_relabelled(utterance, options.language) for utterance in made]
    return SyntheticCorpus(name, SCHEME + path.removeprefix(SCHEME), _revision(made, reference), tuple(made))


def _refuse_idle(reference: Reference, speakers: Sequence[Speaker], path: str) -> None:
    """Refuse a planted noise that no utterance would get."""
    present = {
        "sex": {s.sex for s in speakers},
        "speaker": {s.id for s in speakers},
        "language": {reference.language.code},
    }
    for noise in reference.defects.noise:
        if noise.value not in present[noise.group]:
            known = sorted(present[noise.group])
            shown = ", ".join(known[:3]) + (" …" if len(known) > 3 else "")
            raise InputError(f"noise in {path!r}: no {noise.group} is {noise.value!r}; there is {shown}")


def _relabelled(utterance: Utterance, language: str) -> Utterance:
    """Give the same utterance under another name of its language."""
    return replace(utterance, groups={**utterance.groups, "language": language})


def _revision(made: Sequence[Utterance], reference: Reference) -> str:
    """Hash the labels, the list of utterances, and what decides their sound."""
    rows = [[u.id, u.speaker, dict(u.truth), dict(u.groups), u.transcript] for u in made]
    content = [VERSION, reference.seed, asdict(reference.defects), rows]
    text = json.dumps(content, sort_keys=True, ensure_ascii=True)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
