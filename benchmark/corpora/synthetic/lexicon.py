"""Two invented languages: vowel systems, consonants, and words some of which carry sentiment.

Every word is a chain of consonant–vowel syllables, one letter per sound. Formants hold for an adult
tract of 17 cm; those of ``aru`` and ``ä ë`` of ``beno`` are the men's means of Peterson & Barney 1952,
*Control methods used in a study of the vowels* (table II); the others lie between theirs.

In ``aru`` the pleasant words have front vowels and the unpleasant ones back vowels; in ``beno`` it is the
other way round, so whoever learns valence from the words of one language errs in the other.
"""

from __future__ import annotations

from dataclasses import dataclass

Formants = tuple[float, float, float]  # F1, F2, F3 in Hz, for a tract of 17 cm


@dataclass(frozen=True)
class Consonant:
    """How a consonant sounds.

    ``voiced`` and ``noise`` are amplitudes relative to a vowel's voicing; ``damping`` multiplies the
    bandwidths of F1–F3; a ``stop`` is a closure, then a burst of noise.
    """

    formants: Formants
    voiced: float
    noise: float
    damping: float = 1.0
    stop: bool = False


CONSONANTS = {
    "m": Consonant((250, 1000, 2200), voiced=0.4, noise=0.0, damping=3.0),
    "n": Consonant((250, 1450, 2450), voiced=0.4, noise=0.0, damping=3.0),
    "l": Consonant((360, 1250, 2750), voiced=0.6, noise=0.0, damping=1.5),
    "r": Consonant((420, 1300, 1650), voiced=0.6, noise=0.0, damping=1.5),
    "v": Consonant((300, 1200, 2300), voiced=0.35, noise=0.03, damping=2.0),
    "s": Consonant((400, 1700, 2600), voiced=0.0, noise=0.25, damping=12.0),
    "h": Consonant((500, 1500, 2500), voiced=0.0, noise=0.10, damping=2.0),
    "p": Consonant((300, 900, 2200), voiced=0.0, noise=0.15, damping=4.0, stop=True),
    "t": Consonant((350, 1750, 2650), voiced=0.0, noise=0.25, damping=4.0, stop=True),
    "k": Consonant((320, 1900, 2300), voiced=0.0, noise=0.20, damping=3.0, stop=True),
    "d": Consonant((300, 1700, 2600), voiced=0.15, noise=0.10, damping=4.0, stop=True),
    "g": Consonant((300, 1900, 2300), voiced=0.15, noise=0.10, damping=3.0, stop=True),
}


@dataclass(frozen=True)
class Language:
    """A vowel system and a vocabulary."""

    name: str
    code: str  # BCP 47, private use
    vowels: dict[str, Formants]
    positive: tuple[str, ...]
    negative: tuple[str, ...]
    neutral: tuple[str, ...]

    def syllables(self, word: str) -> list[str]:
        """Split a word into its syllables, a consonant and a vowel each."""
        return [word[i : i + 2] for i in range(0, len(word), 2)]


ARU = Language(
    name="aru",
    code="x-aru",
    vowels={
        "i": (270, 2290, 3010),
        "e": (530, 1840, 2480),
        "a": (730, 1090, 2440),
        "o": (570, 840, 2410),
        "u": (300, 870, 2240),
    },
    positive=("mile", "sini", "lemi", "neli", "keni", "tile", "hime", "pilesi"),
    negative=("kuto", "mopu", "sotu", "luko", "huto", "pomo", "nuku", "tokumo"),
    neutral=(
        "tama",
        "kelo",
        "nusa",
        "pala",
        "sike",
        "hamu",
        "nalo",
        "tome",
        "lapi",
        "suka",
        "manita",
        "kasole",
    ),
)

BENO = Language(
    name="beno",
    code="x-beno",
    vowels={
        "ä": (660, 1720, 2410),
        "ë": (490, 1350, 1690),
        "ö": (380, 1600, 2250),
        "ü": (260, 1950, 2400),
        "å": (520, 760, 2400),
    },
    positive=("dåvå", "råmå", "gålå", "våså", "måtå", "sårå", "nådå", "låvårå"),
    negative=("düvö", "rüsü", "güdö", "mürü", "tövü", "süvö", "nüdü", "vürögü"),
    neutral=(
        "gädë",
        "rävö",
        "mëlå",
        "däsë",
        "vëtü",
        "särë",
        "nëgä",
        "tärë",
        "lävë",
        "sëmå",
        "mädërë",
        "vëgäså",
    ),
)

LANGUAGES = {language.name: language for language in (ARU, BENO)}
