"""The planted cues are in the sound: measured on waves by autocorrelation, energy and linear prediction."""

from dataclasses import replace

import numpy as np
import pytest
from ser_audit.benchmark.corpora.synthetic.articulation import Tracks
from ser_audit.benchmark.corpora.synthetic.corpus import say
from ser_audit.benchmark.corpora.synthetic.lexicon import ARU, BENO, LANGUAGES
from ser_audit.benchmark.corpora.synthetic.prosody import prosody
from ser_audit.benchmark.corpora.synthetic.script import script
from ser_audit.benchmark.corpora.synthetic.speakers import scored_speakers
from ser_audit.benchmark.corpora.synthetic.voice import glottal_flow, vocal_tract

RATE = 16000
SPEAKERS = scored_speakers(ARU, 8, seed=0)
by_speaker = pytest.mark.parametrize("speaker", SPEAKERS, ids=lambda s: f"{s.id}-{s.sex}")


def pitch(wave):
    """Pitch of the voiced 40 ms frames, by autocorrelation (Boersma 1993): times (s), Hz."""
    frames = np.lib.stride_tricks.sliding_window_view(wave, 640)[::160] * np.hanning(640)
    power = np.abs(np.fft.rfft(frames, 2048, axis=1)) ** 2
    window = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(640), 2048)) ** 2)[:320]
    correlation = np.fft.irfft(power, axis=1)[:, :320] / window
    correlation /= correlation[:, :1]
    times, found = [], []
    for i, row in enumerate(correlation):
        lags = np.arange(32, 267)  # 500 to 60 Hz
        peaks = lags[(row[lags] > row[lags - 1]) & (row[lags] >= row[lags + 1])]
        if len(peaks) and row[peaks].max() > 0.7 and np.std(frames[i]) > 0.2 * np.std(frames):
            times.append(i * 0.01 + 0.02)
            found.append(RATE / peaks[np.argmax(row[peaks] - 0.1 * np.log2(peaks))])  # octave cost
    return np.array(times), np.array(found)


def level(wave):
    return 10 * np.log10(np.mean(wave**2))


def band(wave, low, high):
    power = np.abs(np.fft.rfft(wave)) ** 2
    frequency = np.fft.rfftfreq(len(wave), 1 / RATE)
    return 10 * np.log10(power[(frequency >= low) & (frequency < high)].sum())


def formants(wave, order=10):
    """Resonances by linear prediction (autocorrelation method) on the differenced wave, Hz, rising."""
    x = wave * np.hanning(len(wave))
    r = np.fft.irfft(np.abs(np.fft.rfft(x, 2 * len(x))) ** 2)[: order + 1]
    matrix = r[np.abs(np.subtract.outer(np.arange(order), np.arange(order)))]
    roots = np.roots([1.0, *-np.linalg.solve(matrix, r[1:])])
    roots = roots[roots.imag > 0]
    narrow = -np.log(np.abs(roots)) * RATE / np.pi < 600
    return np.sort(np.angle(roots[narrow]) * RATE / (2 * np.pi))


def whispered(vowel, scale):
    """A steady vowel, of white noise through the tract."""
    steady = np.full(100, 1.0)
    tracks = Tracks(np.tile(vowel, (100, 1)), damping=steady, voiced=steady, noise=steady)
    source = np.random.default_rng(0).standard_normal(15900)
    return vocal_tract(source, tracks, formant_scale=scale, tilt=0.0)


def spoken(speaker, **expressed):
    """One utterance with the same words and draws, but for what is expressed (the rest is neutral)."""
    said = script(speaker, ARU, "test", seed=0)
    values = {"arousal": 0.5, "dominance": 0.5, "valence": 0.5} | expressed
    said = replace(said, words=("mile", "nalo", "lemi", "lanima"), expressed=tuple(values.values()))
    return say(speaker, said, np.random.default_rng(3)), prosody(speaker, said, np.random.default_rng(3))


@by_speaker
def test_the_measured_pitch_is_the_planned_one(speaker):
    wave, plan = spoken(speaker)
    times, found = pitch(wave)
    planned = np.interp(times, np.arange(len(plan.f0)) * 0.01, plan.f0)
    assert len(times) > 40
    assert np.median(np.abs(found / planned - 1)) < 0.03


@by_speaker
def test_pitch_and_its_range_rise_with_arousal(speaker):
    low, high = (pitch(spoken(speaker, arousal=a)[0])[1] for a in (0.2, 0.8))
    semitones = 12 * np.log2(np.median(high) / np.median(low))
    assert 4 < semitones < 12

    def spread(f0):
        return np.ptp(np.percentile(12 * np.log2(f0), [10, 90]))

    assert spread(high) > spread(low) + 0.5


@by_speaker
@pytest.mark.parametrize(("dimension", "slope"), [("arousal", 14.0), ("dominance", 10.0)])
def test_level_rises_with_arousal_and_dominance(speaker, dimension, slope):
    low, high = (level(spoken(speaker, **{dimension: value})[0]) for value in (0.2, 0.8))
    assert high - low == pytest.approx(0.6 * slope * speaker.expressiveness, abs=0.1)


@by_speaker
def test_the_spectrum_falls_less_with_arousal(speaker):
    low, high = (spoken(speaker, arousal=a)[0] for a in (0.2, 0.8))
    low, high = (band(wave, 2000, 4000) - band(wave, 100, 1000) for wave in (low, high))
    assert high - low > 4.5 * speaker.expressiveness  # dB


def test_tempo_rises_with_arousal():
    rates, arousal = [], []
    for speaker in SPEAKERS:
        for i in range(20):
            said = script(speaker, ARU, f"u{i}", seed=0)
            wave = say(speaker, said, np.random.default_rng(0))
            rates.append(sum(len(word) // 2 for word in said.words) / (len(wave) / RATE))
            arousal.append(said.arousal)
    assert np.corrcoef(rates, arousal)[0, 1] > 0.6


@by_speaker
def test_pitch_falls_further_with_dominance(speaker):
    falls = []
    for dominance in (0.2, 0.8):
        wave, _ = spoken(speaker, dominance=dominance)
        times, found = pitch(wave)
        end = len(wave) / RATE
        before, last = found[(times > 0.5 * end) & (times < 0.7 * end)], found[times > 0.88 * end]
        falls.append(12 * np.log2(np.median(before) / np.median(last)))
    assert falls[1] - falls[0] > 2  # semitones


def test_valence_spreads_the_lips():
    low, high = (spoken(SPEAKERS[1], valence=v)[1].formant_scale for v in (0.2, 0.8))
    assert 1.02 < high / low < 1.08


@by_speaker
def test_low_valence_is_rough(speaker):
    steady = np.full(RATE, 150.0)
    rough = []
    for valence in (0.2, 0.8):
        _, plan = spoken(speaker, valence=valence)
        flow = glottal_flow(steady, 0.6, plan.jitter, np.random.default_rng(0))
        onsets = np.flatnonzero((flow[1:] > 0.02) & (flow[:-1] <= 0.02))
        rough.append(np.std(np.diff(onsets)) / np.mean(np.diff(onsets)))
    assert rough[0] > 1.5 * rough[1]


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=lambda language: language.name)
def test_vowels_have_their_formants(language):
    for name, vowel in language.vowels.items():
        found = formants(whispered(vowel, scale=1.0))
        for planned in vowel:
            assert np.min(np.abs(found / planned - 1)) < 0.08, (name, planned, found)


def test_no_vowel_of_one_language_sounds_like_one_of_the_other():
    def bark(hz):  # Traunmüller 1990
        return 26.81 * hz / (1960 + hz) - 0.53

    def measured(vowel):
        found = formants(whispered(vowel, scale=1.0))
        return bark(np.array([found[np.argmin(np.abs(found / planned - 1))] for planned in vowel[:2]]))

    for one in map(measured, ARU.vowels.values()):
        for other in map(measured, BENO.vowels.values()):
            assert np.linalg.norm(one - other) > 0.5


def test_formants_scale_with_the_inverse_of_the_tracts_length():
    woman, man = SPEAKERS[0], SPEAKERS[1]
    assert woman.tract < man.tract
    low, high = (formants(whispered(ARU.vowels["a"], s.formant_scale)) for s in (man, woman))
    assert high[:3] / low[:3] == pytest.approx(np.full(3, man.tract / woman.tract), rel=0.05)


def test_women_have_shorter_tracts_and_higher_voices():
    speakers = scored_speakers(ARU, 24, seed=0)
    women, men = ([s for s in speakers if s.sex == sex] for sex in ("female", "male"))
    assert np.mean([s.tract for s in men]) / np.mean([s.tract for s in women]) == pytest.approx(
        1.17, abs=0.03
    )
    heard = [np.median([np.median(pitch(spoken(s)[0])[1]) for s in group[:4]]) for group in (women, men)]
    assert 1.4 < heard[0] / heard[1] < 2.2
    assert len({s.f0 for s in speakers}) == len({s.tract for s in speakers}) == 24


def test_tilt_is_decibels_per_octave():
    tracks = Tracks(np.tile(ARU.vowels["a"], (100, 1)), np.full(100, 50.0), np.ones(100), np.ones(100))
    source = np.random.default_rng(0).standard_normal(15900)
    flat, steep = (vocal_tract(source, tracks, 1.0, tilt) for tilt in (0.0, 6.02))
    octaves = [band(steep, f, 1.1 * f) - band(flat, f, 1.1 * f) for f in (2000, 4000)]
    # A one-pole low-pass at 500 Hz: 10 lg (1 + (f / 500)²), at the middle of each band.
    expected = [-10 * np.log10(1 + (1.05 * f / 500) ** 2) for f in (2000, 4000)]
    assert octaves == pytest.approx(expected, abs=0.3)
