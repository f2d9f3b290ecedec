"""Mutants at the level of scores: raters of many speakers, each with one planted defect.

A mutant is a function of what there is to hear, of the condition and of a generator; it returns scores, float
(utterances, 3). Sound raters keep theirs in every condition, but for a jitter of .01.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ..corpora.synthetic.lexicon import ARU
from ..corpora.synthetic.script import script
from ..corpora.synthetic.speakers import scored_speakers
from ..corpus import DIMENSIONS
from ..finding import Finding
from ..policy import Policy
from ..predictions import CLEAN, OK
from .raters import Rater, scores, speakers, truths
from .tables import Tables, judged

NOISE = "noise.white@snr_db=20"
AUDITS = ("integrity", "correctness", "robustness", "fairness", "transfer")
# CCC about .9: its true values lie well inside the limits. At the truth of all no speaker's CCC is more than
# .135 below the median one's; without an end to speaker effects one in 170 would truly be broken.
SOUND = Rater(slope=0.85, noise=0.05, reach=1.5)
BROKEN = 6  # index of the broken speaker
ROWS = 1_000_000  # utterances that true values are taken over


@dataclass(frozen=True)
class Speech:
    """What there is to hear: utterances with their truth, and what a sound rater makes of them."""

    owners: np.ndarray  # int64 (utterances,), index of each utterance's speaker
    truth: np.ndarray  # float64 (utterances, 3), [0, 1]
    heard: np.ndarray  # float64 (utterances, 3), [0, 1]
    mean: np.ndarray  # float64 (utterances, 3), mean truth of the utterance's speaker
    female: np.ndarray  # bool (utterances,)
    second: np.ndarray  # bool (utterances,), in the second of two languages


Plant = Callable[[Speech, str, np.random.Generator], np.ndarray]


def clean(speech: Speech, condition: str, rng: np.random.Generator) -> np.ndarray:
    """Nothing is planted."""
    jitter = 0 if condition == CLEAN else 0.01
    return speech.heard + jitter * rng.standard_normal(speech.heard.shape)


def random(speech: Speech, condition: str, rng: np.random.Generator) -> np.ndarray:
    """N(.5, 1/6), as the random rater of ser-tests."""
    return rng.normal(0.5, 1 / 6, speech.truth.shape)


def constant(speech: Speech, condition: str, rng: np.random.Generator) -> np.ndarray:
    """One half, always."""
    return np.full(speech.truth.shape, 0.5)


def swapped(speech: Speech, condition: str, rng: np.random.Generator) -> np.ndarray:
    """Arousal and valence in each other's place."""
    return clean(speech, condition, rng)[:, [2, 1, 0]]


def group_mean(speech: Speech, condition: str, rng: np.random.Generator) -> np.ndarray:
    """The mean truth of the speaker: it knows who speaks, and nothing else."""
    return speech.mean


def deaf(scores: np.ndarray, whom: np.ndarray, rng: np.random.Generator, share: float = 0.6) -> np.ndarray:
    """Hear ``whom``, bool (utterances,), less well: scores shrink to ``share``, and scatter by .06."""
    worse = 0.5 + share * (scores - 0.5) + 0.06 * rng.standard_normal(scores.shape)
    return np.where(whom[:, None], worse, scores)


def sex_biased(speech: Speech, condition: str, rng: np.random.Generator) -> np.ndarray:
    """Hears women less well, and alike in all conditions."""
    return deaf(clean(speech, condition, rng), speech.female, np.random.default_rng(1))


def language_biased(speech: Speech, condition: str, rng: np.random.Generator) -> np.ndarray:
    """Hears one of two languages less well, and alike in all conditions."""
    return deaf(clean(speech, condition, rng), speech.second, np.random.default_rng(1))


def female_only_under_noise(speech: Speech, condition: str, rng: np.random.Generator) -> np.ndarray:
    """Hears women hardly in noise."""
    heard = clean(speech, condition, rng)
    return heard if condition == CLEAN else deaf(heard, speech.female, rng, share=0.2)


def broken_speaker(speech: Speech, condition: str, rng: np.random.Generator) -> np.ndarray:
    """Says anything about one speaker."""
    anything = np.random.default_rng(1).normal(0.5, 1 / 6, speech.truth.shape)
    return np.where((speech.owners == BROKEN)[:, None], anything, clean(speech, condition, rng))


def words_only(speech: Speech, condition: str, rng: np.random.Generator) -> np.ndarray:
    """What the words tell, which noise does not change; see :func:`_read`."""
    return speech.heard


@dataclass(frozen=True)
class Mutant:
    """A planted defect, and the speakers that it is shown on."""

    plant: Plant
    speakers: int = 160
    utterances: int = 25  # of each speaker
    named: bool = False  # its speakers stay the same where true values are taken, and are of one group
    read: bool = False  # the utterances are those of the synthetic corpus, and their words are all it gets


PLANTED = {
    "clean": Mutant(clean),
    "random rater": Mutant(random),
    "constant rater": Mutant(constant),
    "group-mean rater": Mutant(group_mean),
    "swapped outputs": Mutant(swapped),
    "sex-biased": Mutant(sex_biased),
    "language-biased": Mutant(language_biased),
    "one broken speaker of 20": Mutant(broken_speaker, speakers=20, utterances=200, named=True),
    "female-only-under-noise": Mutant(female_only_under_noise),
    "words-only": Mutant(words_only, read=True),
}


def findings(name: str, seed: int, policy: Policy, full: bool) -> list[Finding]:
    """Findings on one mutant.

    Args:
        name: of the mutant, one of ``PLANTED``.
        seed: of speakers and utterances.
        policy: holds the limits.
        full: over a million utterances, for true values.
    """
    mutant = PLANTED[name]
    count, utterances = mutant.speakers, mutant.utterances
    if full:
        count = count if mutant.named else 2000
        utterances = ROWS // count
    rng = np.random.default_rng(seed)
    speech = (_read if mutant.read else _drawn)(count, utterances, rng)
    if mutant.named:
        nobody = np.zeros(len(speech.owners), dtype=bool)
        speech = replace(speech, female=nobody, second=nobody)
    frame = _frame(name, speech, mutant.plant, rng)
    return judged(Tables(name, {"speech": frame}), AUDITS, policy)


def _drawn(count: int, utterances: int, rng: np.random.Generator) -> Speech:
    """Speakers of two sexes and two languages, all combinations alike, as a sound rater hears them."""
    owners = np.repeat(np.arange(count), utterances)
    truth, heard, mean = (np.empty((len(owners), len(DIMENSIONS))) for _ in range(3))
    for i in range(len(DIMENSIONS)):
        people = speakers(count, rng, SOUND)
        truth[:, i] = truths(people, owners, rng)
        heard[:, i] = scores(people, truth[:, i], owners, rng)
        mean[:, i] = people.mean[owners]
    return Speech(owners, truth, heard, mean, owners % 2 == 0, owners // 2 % 2 == 0)


def _read(count: int, utterances: int, rng: np.random.Generator) -> Speech:
    """The synthetic corpus without its sound: valence is heard in its words, and by accident the rest."""
    seed = int(rng.integers(2**31))
    owners = np.repeat(np.arange(count), utterances)
    truth, heard = (np.empty((len(owners), len(DIMENSIONS))) for _ in range(2))
    row = 0
    for person in scored_speakers(ARU, count, seed):
        for i in range(utterances):
            said = script(person, ARU, f"{person.id}_u{i + 1:02d}", seed)
            signs = [(w in ARU.positive) - (w in ARU.negative) for w in said.words]
            accident = np.random.default_rng(zlib.crc32(" ".join(said.words).encode())).normal(0.5, 0.1, 2)
            truth[row] = said.arousal, said.dominance, said.valence
            heard[row] = *accident, 0.5 + 0.25 * sum(signs) / max(1, sum(map(abs, signs)))
            row += 1
    return Speech(owners, truth, heard, truth, owners % 2 == 0, owners // 2 % 2 == 0)


def _frame(name: str, speech: Speech, plant: Plant, rng: np.random.Generator):
    """The table of predictions, clean and in noise, as a data frame."""
    import pandas as pd

    n = len(speech.owners)
    people = np.array([f"s{i + 1:02d}" for i in range(speech.owners.max() + 1)], dtype=object)
    shared = pd.DataFrame(
        {
            "checkpoint": name,
            "corpus": "speech",
            "utterance": [f"u{i:07d}" for i in range(n)],
            "status": OK,
            "detail": None,
            "speaker": people[speech.owners],
            "group.sex": np.where(speech.female, "female", "male"),
            "group.language": np.where(speech.second, "two", "one"),
            **{f"truth.{d}": speech.truth[:, i] for i, d in enumerate(DIMENSIONS)},
        }
    )
    frames = []
    for condition in (CLEAN, NOISE):
        given = np.clip(plant(speech, condition, rng), 0, 1)
        given_columns = {f"score.{d}": given[:, i] for i, d in enumerate(DIMENSIONS)}
        frames.append(shared.assign(condition=condition, **given_columns))
    return pd.concat(frames, ignore_index=True)
