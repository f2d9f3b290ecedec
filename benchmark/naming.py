"""Conditions in words: a table for the families of the package, and a rule for all others.

A family is in the table with the words for it inside a sentence, a parameter with the phrase that holds its
value; the phrase of one family's parameter goes before that of all. Families of plug-ins, noise packs and
recordings follow the rule: the last part of the name first, "at", the values with their units.
"""

from __future__ import annotations

RECORDING = "recording"  # the family of other recordings of the same utterances
FAMILIES = {
    "noise.babble": "babble",
    "noise.natural": "natural sounds",
    "noise.human": "human non-speech sounds",
    "noise.interior": "interior sounds",
    "noise.music": "music",
    "noise.cough": "cough",
    "noise.sneeze": "sneeze",
    "noise.hum": "mains hum",
    "noise.tone": "tone",
    "dc": "DC offset",
    "bits": "bit depth",
    "compression": "dynamic compression",
    "fade.in": "fade-in",
    "fade.out": "fade-out",
    "filter.highpass": "high-pass filter",
    "filter.lowpass": "low-pass filter",
    "filter.bandpass": "band-pass filter",
    "filter.tilt": "spectral tilt",
    "microphone": "microphone response",
    "mulaw": "G.711 µ-law",
    "alaw": "G.711 A-law",
    "gsm": "GSM",
    "amr": "AMR",
    "mp3": "MP3",
    "opus": "Opus",
    "vorbis": "Vorbis",
    "packetloss": "packet loss",
    "crop.start": "start cropped",
    "crop.end": "end cropped",
    "padding.start": "leading silence",
    "padding.end": "trailing silence",
    "shift": "time shift",
    "speedup": "speed-up",
    "pitch": "pitch shift",
    "formants": "formant shift",
}
PHRASES = {
    "snr_db": " at {} dB",
    "peak_snr_db": " at {} dB peak SNR",
    "active": " over active speech",
    "voices": " with {} voices",
    "noise.tone hz": " of {} Hz",
    "resampling hz": " to {} Hz",
    "low_hz": " from {}",
    "high_hz": " to {} Hz",
    "order": ", order {}",
    "db_per_octave": " of {} dB per octave",
    "level_db": " at a level of {} dB",
    "ms": " by {} ms",
    "padding.start ms": " of {} ms",
    "padding.end ms": " of {} ms",
    "m": " of {} m",
    "dc percent": " of {} %",
    "packetloss percent": " of {} %",
    "speedup percent": " over {} % of the utterance",
    "percent_per_s": " of {} % per second",
    "semitones": " by {} semitones",
    "speedup factor": " by a factor of {}",
    "tempo factor": " by a factor of {}",
    "formants factor": " by a factor of {}",
    "quality": " at quality {}",
    "ratio": " at {}:1",
    "bits bits": " of {} bits",
    "passes": ", passed {} times",
}
ONE = {"passed 1 times": "passed once", "with 1 voices": "with 1 voice", "by 1 semitones": "by 1 semitone"}
UNITS = {"db": "dB", "hz": "Hz", "kbps": "kbit/s", "percent": "%", "rt60": "s RT60", "ms": "ms", "s": "s"}


def condition(id_: str, within: bool = False) -> str:
    """Put a condition's id in words: "noise.white@snr_db=30" is "White noise at 30 dB".

    Args:
        id_: of the condition.
        within: inside a sentence: "white noise at 30 dB".
    """
    name, _, listed = id_.partition("@")
    text = family(name, within=True)
    for place, parameter in enumerate(filter(None, listed.split(","))):
        key, _, value = parameter.partition("=")
        phrase = PHRASES.get(f"{name} {key}") or PHRASES.get(key)
        ruled = f"{',' if place else ' at'} {_setting(key, value)}"
        text += phrase.format(values(value)) if phrase else ruled
    for many, one in ONE.items():
        text = text.replace(many, one)
    return text if within else _capital(text)


def family(name: str, within: bool = False) -> str:
    """Put a family in words: "filter.highpass" is "High-pass filter"."""
    text = FAMILIES.get(name) or _ruled(name)
    return text if within else _capital(text)


def values(text: str) -> str:
    """Put the value of a parameter in words: "−2, −1, 1 or 2", "10 to 20", ".5"."""
    if ".." in text:
        return " to ".join(map(_number, text.split("..")))
    *first, end = map(_number, text.split("/"))
    return f"{', '.join(first)} or {end}" if first else end


def _ruled(name: str) -> str:
    """Words for a family that is not in the table."""
    kind, _, rest = name.replace("_", " ").partition(".")
    if kind == RECORDING and rest:
        return f"recording by {rest}"
    if kind == "noise" and "." in rest:  # a folder of a noise pack
        pack, _, folder = rest.partition(".")
        return f"noise of {pack} ({folder})"
    return " ".join(reversed(name.replace("_", " ").split(".")))


def _setting(key: str, value: str) -> str:
    unit = UNITS.get(key.split("_")[-1])
    return f"{values(value)} {unit}" if unit else f"{key.replace('_', ' ')} {values(value)}"


def _number(text: str) -> str:
    """Write a number of an id without its leading zero and with a true minus sign."""
    sign, size = ("−", text[1:]) if text.startswith("-") else ("", text)
    return sign + (size.removeprefix("0") if size.startswith("0.") else size)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
