"""Babble, and whose voices it is mixed of."""

import numpy as np
import pytest
from ser_audit.perturbations.make import make
from ser_audit.perturbations.noises.babble import Babble

RATE = 16000


class Voices:
    """Speakers of a corpus who hum: each a tone of another frequency, at another level, with pauses."""

    name = "ravdess"

    def __init__(self, count):
        self.speakers = tuple(f"{i:02}" for i in range(count))
        self.hz = {speaker: 500 + 100 * i for i, speaker in enumerate(self.speakers)}
        self.level = {speaker: 0.5 / 2**i for i, speaker in enumerate(self.speakers)}
        self.reads = []

    def read(self, speaker, samples, rng):
        self.reads.append(speaker)
        time = np.arange(samples) / RATE + rng.uniform()
        talks = time % 20 < (20 if speaker == "00" else 4)  # the rest are pauses
        return (talks * self.level[speaker] * np.sin(2 * np.pi * self.hz[speaker] * time)).astype(np.float32)


def amplitudes(noise, voices):
    """Of each speaker's tone where it sounds."""
    frames = noise[: len(noise) // 1600 * 1600].reshape(-1, 1600)  # 10 Hz bins
    spectra = np.abs(np.fft.rfft(frames)).max(axis=0)
    return np.array([spectra[hz // 10] for hz in voices.hz.values()])


@pytest.mark.parametrize("count", [1, 4, 6, 7])
def test_it_is_as_many_other_speakers_as_asked(count, tone, added, packed):
    voices = Voices(12)
    noise = added(Babble(0, voices=count, material=packed(voices=voices)), tone(3000, 20))
    assert len(voices.reads) == len(set(voices.reads)) == count
    heard = amplitudes(noise, voices) > 0.2 * amplitudes(noise, voices).max()
    assert {s for s, is_heard in zip(voices.speakers, heard, strict=True) if is_heard} == set(voices.reads)


def test_voices_are_drawn(tone, packed):
    voices = Voices(12)
    perturbation = Babble(0, voices=4, material=packed(voices=voices))
    for seed in range(20):
        perturbation(tone(3000, 5), RATE, np.random.default_rng(seed))
    assert set(voices.reads) == set(voices.speakers)


def test_speakers_repeat_where_they_are_fewer_than_the_voices(tone, packed, rng):
    voices = Voices(5)
    Babble(0, voices=11, material=packed(voices=voices))(tone(3000, 5), RATE, rng)
    assert sorted(voices.reads.count(speaker) for speaker in voices.speakers) == [2, 2, 2, 2, 3]


def test_active_levels_lie_within_7_db_whatever_the_recordings_levels_and_pauses(tone, added, packed):
    voices = Voices(6)  # whose levels differ by 30 dB, and pauses by a factor of 5
    spreads = []
    for seed in range(12):
        noise = added(Babble(0, material=packed(voices=voices)), tone(3000, 20), seed=seed)
        spreads.append(np.ptp(20 * np.log10(amplitudes(noise, voices))))
    assert max(spreads) < 7 + 0.6
    assert min(spreads) > 1
    assert np.mean(spreads) == pytest.approx(7 * 5 / 7, abs=1)  # the range of six uniform draws


def test_packs_come_before_the_corpus_and_the_corpus_before_the_generator(tone, clip, packed, added):
    voices, few, speech = Voices(4), Voices(3), clip("speech", tone(700))
    for material, source in (
        (packed(speech, voices=voices), "pack town (1 clip)"),
        (packed(voices=voices), "other speakers of ravdess"),
        (packed(clip("music", tone(700)), voices=few), "generated talkers"),
        (packed(), "generated talkers"),
    ):
        perturbation = make("noise.babble@snr_db=10", material)
        assert perturbation.source == source
        assert np.any(added(perturbation, tone(3000, 5)))
    assert len(speech.reads) == 6
    assert len(voices.reads) == 6
    assert few.reads == []


def test_a_pack_s_talkers_are_as_many_as_asked(tone, clip, packed, rng):
    clips = [clip("speech", tone(hz)) for hz in (300, 400, 500)]
    Babble(0, voices=4, material=packed(*clips))(tone(3000, 1), RATE, rng)
    assert sorted(len(c.reads) for c in clips) == [1, 1, 2]


def test_generated_talkers_differ(tone, added):
    sine = tone(3000, 5)
    one, many = (added(Babble(0, voices=n), sine) for n in (1, 20))

    def pauses(wave):  # how often a tenth of a second lies 20 dB below the whole
        frames = np.mean(wave[: len(wave) // 1600 * 1600].reshape(-1, 1600) ** 2, axis=1)
        return np.mean(frames < 0.01 * np.mean(wave**2))

    assert pauses(one) > 0.05
    assert pauses(many) == 0


def test_voices_are_a_whole_number_from_1_to_20():
    assert Babble(10, voices=6).id == "noise.babble@snr_db=10"
    assert Babble(10, voices=4, active=1).id == "noise.babble@snr_db=10,voices=4,active=1"
    for voices in (0, 4.5, 21, float("nan")):
        with pytest.raises(ValueError, match="noise.babble: voices=.* is not a whole number from 1 to 20"):
            Babble(10, voices=voices)


def test_silent_voices_are_refused(tone, clip, packed, rng):
    silent = clip("speech", np.zeros(RATE, np.float32))
    with pytest.raises(ValueError, match="noise.babble@snr_db=10: 20 of the sounds drawn for it were silent"):
        Babble(10, material=packed(silent))(tone(220, 1), RATE, rng)
