"""The SNR of every noise that is mixed over the whole utterance."""

import numpy as np
import pytest
from ser_audit.perturbations.make import make
from ser_audit.perturbations.speech_level import active_rms

RATE = 16000
FAMILIES = ["white", "pink", "hum", "babble", "environmental", "natural", "human", "interior", "music"]
every = pytest.mark.parametrize("family", [f"noise.{name}" for name in FAMILIES])


@every
@pytest.mark.parametrize("snr_db", [40, 10, -5])
@pytest.mark.parametrize("seconds", [0.05, 3])
def test_the_snr_over_the_utterance_is_the_one_named(family, snr_db, seconds, tone, level_db, added):
    sine = tone(220, seconds, amplitude=0.01)
    noise = added(make(f"{family}@snr_db={snr_db}"), sine)
    assert level_db(sine) - level_db(noise) == pytest.approx(snr_db, abs=0.01)


@every
def test_the_snr_over_active_speech_leaves_pauses_out(family, paused, level_db, added):
    noise = added(make(f"{family}@snr_db=20,active=1"), paused)
    speech = level_db(paused[: len(paused) // 2])
    assert speech - level_db(noise) == pytest.approx(20, abs=0.1)
    assert level_db(paused) - level_db(added(make(f"{family}@snr_db=20"), paused)) == pytest.approx(
        20, abs=0.01
    )


@pytest.mark.shared
@every
@pytest.mark.parametrize("active", [0, 1])
def test_the_snr_is_the_one_named_on_speech(family, active, speech, level_db, added):
    for wave in speech[::2]:
        noise = added(make(f"{family}@snr_db=15,active={active}"), wave)
        level = 20 * np.log10(active_rms(wave, RATE)) if active else level_db(wave)
        assert level - level_db(noise) == pytest.approx(15, abs=0.01)


@every
@pytest.mark.parametrize("active", [0, 1])
def test_the_level_of_the_recording_is_the_level_of_the_noise(family, active, noise, added):
    loud, faint = noise(2, level=0.2), noise(2, level=0.2) * np.float32(2**-10)
    perturbation = make(f"{family}@snr_db=10,active={active}")
    assert added(perturbation, faint) * 2**10 == pytest.approx(added(perturbation, loud), abs=1e-5)


@every
@pytest.mark.parametrize("sampling_rate", [8000, 16000, 44100])
def test_the_wave_keeps_its_length_at_any_sampling_rate(family, sampling_rate, tone, rng):
    for seconds in (0.01, 1.0):
        sine = tone(220, seconds, sampling_rate=sampling_rate)
        out = make(f"{family}@snr_db=10,active=1")(sine, sampling_rate, rng)
        assert (out.shape, out.dtype) == (sine.shape, np.float32)
        assert np.isfinite(out).all()


@every
def test_silence_has_no_snr(family, rng):
    for active in (0, 1):
        perturbation = make(f"{family}@snr_db=10,active={active}")
        with pytest.raises(
            ValueError, match=f"{perturbation.id}: the utterance is silent, and silence has no SNR"
        ):
            perturbation(np.zeros(RATE, np.float32), RATE, rng)


@every
def test_the_default_is_left_out_of_the_id(family):
    assert make(f"{family}@active=0,snr_db=10.0").id == f"{family}@snr_db=10"
    assert make(f"{family}@active=1,snr_db=10").id == f"{family}@snr_db=10,active=1"


@every
def test_parameters_out_of_range_are_refused(family):
    with pytest.raises(ValueError, match=f"{family}: active=2 is neither 0 .* nor 1"):
        make(f"{family}@snr_db=10,active=2")
    with pytest.raises(ValueError, match=f"{family}: snr_db=61 is out of range; it takes -20 to 60 dB"):
        make(f"{family}@snr_db=61")
