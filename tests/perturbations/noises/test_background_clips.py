"""Background sounds of noise packs, and what stands in for them."""

from collections import Counter

import numpy as np
import pytest
from ser_audit.perturbations.make import make

RATE = 16000
CATEGORIES = {
    "noise.environmental": {"natural", "interior", "exterior", "animals", "environmental"},
    "noise.natural": {"natural"},
    "noise.human": {"human", "cough", "sneeze"},
    "noise.interior": {"interior"},
    "noise.music": {"music"},
}
EVERY_CATEGORY = set().union(*CATEGORIES.values(), {"speech", "room"})
every = pytest.mark.parametrize("family", CATEGORIES)


@every
def test_clips_of_the_family_s_categories_are_drawn_each_as_often(family, tone, clip, packed):
    clips = [clip(category, tone(440)) for category in sorted(EVERY_CATEGORY)]
    perturbation = make(f"{family}@snr_db=10", packed(*clips))
    count = 60 * len(CATEGORIES[family])
    for seed in range(count):
        perturbation(tone(3000, 0.01), RATE, np.random.default_rng(seed))
    drawn = Counter({c.category: len(c.reads) for c in clips if c.reads})
    assert set(drawn) == CATEGORIES[family]
    assert min(drawn.values()) > 30
    assert perturbation.source == f"pack town ({len(drawn)} clip{'s' if len(drawn) > 1 else ''})"


@every
def test_what_is_added_is_a_stretch_of_the_clip(family, tone, noise, clip, packed, added):
    category = min(CATEGORIES[family])
    clips = packed(clip(category, noise(0.5, seed=1)))
    sound = added(make(f"{family}@snr_db=0", clips), tone(220, 2))
    turned = np.fft.irfft(np.fft.rfft(sound[:8000]) * np.conj(np.fft.rfft(noise(0.5, seed=1))))
    start = int(np.argmax(turned))
    again = np.resize(np.roll(noise(0.5, seed=1), -(8000 - start)), len(sound))  # 4 times round
    assert np.corrcoef(sound, again)[0, 1] == pytest.approx(1, abs=1e-6)


@every
def test_a_generator_stands_in_for_packs_without_such_clips(family, tone, clip, packed, added):
    sine, other = tone(220, 1), clip("room", tone(440))
    perturbation = make(f"{family}@snr_db=0", packed(other))
    assert perturbation.source == "generated, as no noise pack has it"
    assert np.array_equal(added(perturbation, sine), added(make(f"{family}@snr_db=0"), sine))
    assert other.reads == []
    one, two = (added(perturbation, sine, seed=seed) for seed in (1, 2))
    assert abs(np.corrcoef(one, two)[0, 1]) < 0.9


def test_a_clip_that_is_silent_where_it_is_read_is_drawn_again(tone, clip, packed, added, level_db):
    half_silent = np.zeros(RATE, np.float32)
    half_silent[:8000] = tone(440, 0.5)
    perturbation = make("noise.music@snr_db=10", packed(clip("music", half_silent)))
    sine = tone(220, 0.05)
    for seed in range(50):
        assert level_db(sine) - level_db(added(perturbation, sine, seed=seed)) == pytest.approx(10, abs=0.01)


def test_silent_clips_are_refused(tone, clip, packed, rng):
    silent = clip("music", np.zeros(RATE, np.float32))
    with pytest.raises(ValueError, match="noise.music@snr_db=10: 20 of the sounds drawn for it were silent"):
        make("noise.music@snr_db=10", packed(silent))(tone(220, 1), RATE, rng)
