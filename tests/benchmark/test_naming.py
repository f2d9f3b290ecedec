"""Conditions in words: readable, and no two conditions of the shipped sets read alike."""

import pytest
from ser_audit.benchmark.naming import condition, family, values
from ser_audit.perturbations import sets


@pytest.mark.parametrize(
    ("id_", "words"),
    [
        ("clean", "Clean"),
        ("noise.white@snr_db=30", "White noise at 30 dB"),
        ("noise.white@snr_db=20,active=1", "White noise at 20 dB over active speech"),
        ("noise.babble@snr_db=20,voices=4/5/6/7", "Babble at 20 dB with 4, 5, 6 or 7 voices"),
        (
            "noise.tone@hz=5000..7000,peak_snr_db=40/45/50",
            "Tone of 5000 to 7000 Hz at 40, 45 or 50 dB peak SNR",
        ),
        ("gain@db=-2", "Gain at −2 dB"),
        ("gain@db=-2/-1/1/2", "Gain at −2, −1, 1 or 2 dB"),
        ("clipping@percent=0.1/0.2/0.3", "Clipping at .1, .2 or .3 %"),
        (
            "speedup@factor=1.25,percent=10..20",
            "Speed-up by a factor of 1.25 over 10 to 20 % of the utterance",
        ),
        ("filter.highpass@hz=200", "High-pass filter at 200 Hz"),
        ("filter.highpass@hz=50/100/150,order=1", "High-pass filter at 50, 100 or 150 Hz, order 1"),
        ("filter.bandpass@low_hz=300,high_hz=3400", "Band-pass filter from 300 to 3400 Hz"),
        ("filter.tilt@db_per_octave=-4.5/4.5", "Spectral tilt of −4.5 or 4.5 dB per octave"),
        ("crop.start@ms=20", "Start cropped by 20 ms"),
        ("padding.end@ms=50", "Trailing silence of 50 ms"),
        ("fade.in@percent_per_s=2", "Fade-in of 2 % per second"),
        ("room@rt60=0.5", "Room at .5 s RT60"),
        ("distance@m=2", "Distance of 2 m"),
        ("mulaw@level_db=-30", "G.711 µ-law at a level of −30 dB"),
        ("mp3@kbps=16", "MP3 at 16 kbit/s"),
        ("opus@kbps=12", "Opus at 12 kbit/s"),
        ("gsm@passes=1", "GSM, passed once"),
        ("bits@bits=8", "Bit depth of 8 bits"),
        ("pitch@semitones=2", "Pitch shift by 2 semitones"),
        ("tempo@factor=1.25", "Tempo by a factor of 1.25"),
        ("telephone.poor", "Poor telephone"),
        ("recording.mobile", "Recording by mobile"),
        ("noise.musan@snr_db=10", "Musan noise at 10 dB"),
        ("noise.musan.speech@snr_db=10", "Noise of musan (speech) at 10 dB"),
        ("time_stretch@factor=1.25", "Time stretch at factor 1.25"),
        ("vocoder.lpc@order_hz=200,depth=0.5", "Lpc vocoder at 200 Hz, depth .5"),
    ],
)
def test_conditions_read_as_plain_english(id_, words):
    assert condition(id_) == words


@pytest.mark.parametrize(
    ("id_", "words"),
    [
        ("gain@db=2", "gain at 2 dB"),
        ("mp3@kbps=16", "MP3 at 16 kbit/s"),
        ("dc@percent=5", "DC offset of 5 %"),
        ("recording.mobile", "recording by mobile"),
    ],
)
def test_within_a_sentence_only_names_have_capitals(id_, words):
    assert condition(id_, within=True) == words


def test_every_condition_of_the_shipped_sets_reads_differently():
    ids = {c for name in sets.names() for c in sets.conditions(name)}
    assert len(ids) > 180
    words = {}
    for id_ in sorted(ids):
        words.setdefault(condition(id_), []).append(id_)
    assert [same for same in words.values() if len(same) > 1] == []
    assert not [w for w in words if "_" in w or "=" in w or "@" in w]


def test_families_have_a_name_of_their_own():
    assert family("filter.tilt") == "Spectral tilt"
    assert family("noise.white", within=True) == "white noise"
    assert family("time_stretch") == "Time stretch"


def test_values_drawn_per_utterance_are_told():
    assert [values(t) for t in ("-0.5", "0.5/1", "1/2/3", "-2..2")] == [
        "−.5",
        ".5 or 1",
        "1, 2 or 3",
        "−2 to 2",
    ]
