"""What the files of a noise pack are: the layouts of public data sets, and folders with usual names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePosixPath

CATEGORIES = (
    "natural",
    "human",
    "interior",
    "exterior",
    "animals",
    "music",
    "speech",
    "cough",
    "sneeze",
    "environmental",
    "room",
)
FOLDERS = "folders"  # the layout of a user's own pack

_MUSAN = re.compile(
    r"(?:^|/)(music|noise|speech)/"
    r"(?:fma|fma-western-art|hd-classical|jamendo|rfm|free-sound|sound-bible|librivox|us-gov)/"
)
_ESC_50 = re.compile(r"(?:^|/)[1-5]-\d+-[A-Z]+-(\d|[1-4]\d)\.\w+$")  # fold-clip-take-class
_ESC_50_GROUPS = ("animals", "natural", "human", "interior", "exterior")  # ten classes each
_ESC_50_CLASSES = {21: "sneeze", 24: "cough"}
_DEMAND = re.compile(
    r"(?:^|/)(?:D(?:KITCHEN|LIVING|WASHING)|N(?:FIELD|PARK|RIVER)|O(?:HALLWAY|MEETING|OFFICE)"
    r"|P(?:CAFETER|RESTO|STATION)|S(?:CAFE|PSQUARE|TRAFFIC)|T(?:BUS|CAR|METRO))/ch(\d\d)\.\w+$"
)
_DEMAND_GROUPS = {  # domestic, nature, office, public (all indoors), street, transport
    "D": "interior",
    "N": "natural",
    "O": "interior",
    "P": "interior",
    "S": "exterior",
    "T": "exterior",
}
_AIR = re.compile(r"(?:^|/)air_(?:\w+\.mat|\w*(?:binaural|phone)_\w+\.\w+)$", re.IGNORECASE)
_RIRS_NOISES = re.compile(
    r"(?:^|/)(simulated_rirs|real_rirs_isotropic_noises|pointsource_noises)/(?:.*/)?([^/]+)$"
)
_FORMATS = ("mono", "stereo", "b-format", "binaural", "surround-5-1")  # of OpenAIR, the one to take first
_OPENAIR = re.compile(rf"^(?:.*/)?([^/]+)/({'|'.join(_FORMATS)}|examples)/[^/]+$", re.IGNORECASE)

# Words of folder names; the first row that has one decides: "rain impulse responses" are rooms, "street
# noise" is of the street, and "room noise" is noise.
_WORDS = (
    ("room", "rir rirs ir irs brir brirs impulse impulses reverb reverbs reverberation"),
    ("cough", "cough coughs coughing"),
    ("sneeze", "sneeze sneezes sneezing"),
    ("music", "music songs instruments instrumental"),
    ("speech", "speech babble talk talking talker talkers voice voices conversation crowd"),
    ("animals", "animal animals dog dogs bird birds pets"),
    ("natural", "nature natural weather rain wind water sea forest"),
    ("interior", "interior indoor indoors home domestic household kitchen office"),
    ("exterior", "exterior outdoor outdoors street streets traffic urban city transport car cars"),
    ("human", "human humans breathing laughter laughing"),
    ("environmental", "noise noises environment environmental ambient ambience background point pointsource"),
    ("room", "room rooms hall halls"),
)
_BY_WORD = {word: (rank, category) for rank, (category, words) in enumerate(_WORDS) for word in words.split()}


def sorted_out(names: Iterable[str]) -> dict[str, tuple[str, str]]:
    """The files worth taking, and of each its layout and its category.

    Args:
        names: paths relative to the pack's folder, with forward slashes.

    Returns:
        The names in their order, but without further channels of a recording that is taken already (DEMAND
        has 16), further formats of a space (OpenAIR has up to five), and OpenAIR's examples.
    """
    names = list(names)
    formats = _formats(names)
    found = {}
    for name in names:
        space = _OPENAIR.match(name)
        if space and (wanted := formats.get(_space(name))):
            if space[2].lower() == wanted:
                found[name] = ("OpenAIR", "room")
            continue
        layout, category = _one(name)
        if layout != "DEMAND" or _DEMAND.search(name)[1] == "01":  # type: ignore[index]
            found[name] = (layout, category)
    return found


def _one(name: str) -> tuple[str, str]:
    """The layout and the category of a file, from its own name."""
    for layout, category_of in _LAYOUTS.items():
        category = category_of(name)
        if category:
            return layout, category
    return FOLDERS, _by_words(name)


def _musan(name: str) -> str | None:
    match = _MUSAN.search(name)
    return match and {"noise": "environmental"}.get(match[1], match[1])


def _esc_50(name: str) -> str | None:
    match = _ESC_50.search(name)
    return match and _ESC_50_CLASSES.get(int(match[1]), _ESC_50_GROUPS[int(match[1]) // 10])


def _demand(name: str) -> str | None:
    return _DEMAND_GROUPS[PurePosixPath(name).parent.name[0]] if _DEMAND.search(name) else None


def _rirs_noises(name: str) -> str | None:
    match = _RIRS_NOISES.search(name)
    if not match:
        return None
    noise = match[1] == "pointsource_noises" or (match[1].startswith("real") and "_noise_" in match[2])
    return "environmental" if noise else "room"


def _air(name: str) -> str | None:
    return "room" if _AIR.search(name) else None


_LAYOUTS: Mapping[str, Callable[[str], str | None]] = {
    "MUSAN": _musan,
    "ESC-50": _esc_50,
    "DEMAND": _demand,
    "RIRS_NOISES": _rirs_noises,  # has files of AIR, so it comes before
    "AIR": _air,
}


def _by_words(name: str) -> str:
    """The category of the outermost folder that has a usual name; ``environmental`` where none has."""
    for folder in PurePosixPath(name).parent.parts:
        words = re.findall(r"[a-z]+", folder.lower())
        known = [_BY_WORD[word] for word in words if word in _BY_WORD]
        if known:
            return min(known)[1]
    return "environmental"


def _space(name: str) -> str:
    """The folder that holds a space's folders of formats."""
    return str(PurePosixPath(name).parent.parent)


def _formats(names: Iterable[str]) -> dict[str, str]:
    """Of each OpenAIR space, the format to take."""
    found: dict[str, str] = {}
    for name in names:
        match = _OPENAIR.match(name)
        if match and match[2].lower() in _FORMATS and not _among_noises(name):
            space, form = _space(name), match[2].lower()
            found[space] = min(form, found.get(space, form), key=_FORMATS.index)
    return found


def _among_noises(name: str) -> bool:
    """Whether a folder is called just ``noise``, ``music`` or so: ``music/mono`` is no OpenAIR space."""
    folders = (_BY_WORD.get(f.lower(), (0, "room")) for f in PurePosixPath(name).parent.parts)
    return any(category != "room" for _, category in folders)
