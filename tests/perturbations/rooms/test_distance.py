"""Distance: what falls is the direct sound."""

import numpy as np
import pyroomacoustics
import pytest
from ser_audit.perturbations.make import make
from ser_audit.perturbations.rooms.distance import Distance
from ser_audit.perturbations.rooms.shoebox import FAR_MICROPHONE, FAR_TALKER, SIZE, response_at

RATE = 16000
METRES = (0.25, 0.5, 1, 2, 4)


def direct_to_reverberant(m, rt60):
    """dB of the direct path against all that comes 1.2 ms behind it and later, at 48 kHz."""
    taps, direct = response_at(m, rt60, 48000)
    behind = direct + 58
    return 10 * np.log10(np.sum(taps[:behind] ** 2) / np.sum(taps[behind:] ** 2))


@pytest.mark.parametrize("rt60", [0.3, 0.5])
def test_the_direct_to_reverberant_ratio_falls_by_about_6_db_per_doubling(rt60):
    ratios = [direct_to_reverberant(m, rt60) for m in METRES]
    steps = -np.diff(ratios)
    # the reverberant sound too falls a little with distance (Barron and Lee 1988), so somewhat less than 6
    assert ((steps > 4.5) & (steps < 7)).all()
    assert np.mean(steps) == pytest.approx(5.7, abs=0.7)


@pytest.mark.parametrize("sampling_rate", [8000, RATE, 48000])
@pytest.mark.parametrize(
    ("m", "rt60"), [(0.25, 0.5), (0.5, 0.5), (1, 0.5), (2, 0.5), (3, 0.5), (4, 0.5), (2, 0.3), (4, 0.8)]
)
def test_the_reverberation_time_is_the_same_at_every_distance(m, rt60, sampling_rate, rng):
    impulse = np.zeros(2 * sampling_rate, np.float32)
    impulse[0] = 1
    out = Distance(m, rt60)(impulse, sampling_rate, rng)
    measured = pyroomacoustics.experimental.measure_rt60(out, fs=sampling_rate, decay_db=30)
    assert measured == pytest.approx(rt60, rel=0.1)


def test_a_reverberation_time_that_jumps_past_the_one_named_is_taken_if_near(rng):
    impulse = np.zeros(RATE, np.float32)
    impulse[0] = 1
    out = Distance(1, 0.2)(impulse, RATE, rng)  # here T30 jumps from .198 to .202 s with the absorption
    measured = pyroomacoustics.experimental.measure_rt60(out, fs=RATE, decay_db=30)
    assert measured == pytest.approx(0.2, rel=0.05)


@pytest.mark.parametrize("sampling_rate", [8000, RATE, 48000])
@pytest.mark.parametrize("m", METRES)
def test_the_direct_path_stays_in_place(m, sampling_rate, rng):
    impulse = np.zeros(sampling_rate, np.float32)
    impulse[1000] = 1
    out = np.abs(Distance(m)(impulse, sampling_rate, rng))
    assert np.argmax(out[:1010]) == 1000
    ringing = np.abs(np.diff(out[:950]))  # of interpolators; slower things are below 10 Hz, a cut both ways
    assert ringing.max() < 0.05 * out[1000]


def test_the_level_and_the_length_are_kept(noise, level_db, rng):
    wave = noise()
    for m in METRES:
        out = Distance(m)(wave, RATE, rng)
        assert out.shape == wave.shape
        assert level_db(out) == pytest.approx(level_db(wave), abs=1e-4)


def test_the_room_holds_the_talker_half_a_metre_from_any_wall():
    away = np.subtract(FAR_TALKER, FAR_MICROPHONE)
    assert np.linalg.norm(away) == pytest.approx(4, abs=0.01)
    for m in METRES:
        talker = FAR_MICROPHONE + m * away / np.linalg.norm(away)
        assert (talker > 0.5).all()
        assert (np.subtract(SIZE, talker) > 0.5).all()


def test_the_id_names_what_is_not_usual():
    assert make("distance@m=2").id == make("distance@m=2,rt60=0.5").id == "distance@m=2"
    assert make("distance@m=2,rt60=0.7").id == "distance@m=2,rt60=0.7"
    assert make("distance@m=2").source == "image-source room"
    for wrong in ("distance@m=0.2", "distance@m=4.1", "distance@m=1,rt60=1.1"):
        with pytest.raises(ValueError, match="out of range"):
            make(wrong)
