"""The page of perturbations is what the code is, and lists every row of the published tables."""

from pathlib import Path

import pytest
from ser_audit.perturbations.document import document
from ser_audit.perturbations.make import registered

PAGE = Path(__file__).parents[2] / "docs" / "perturbations.md"

# The published tables, row by row, against the ids that realise them.
PUBLISHED = {
    "ser-tests": {
        "additive tone": "noise.tone@hz=5000..7000,peak_snr_db=40/45/50",
        "append zeros": "padding.end@ms=6.25/31.25/62.5",
        "prepend zeros": "padding.start@ms=6.25/31.25/62.5",
        "crop the start": "crop.start@ms=6.25/31.25/62.5",
        "crop the end": "crop.end@ms=6.25/31.25/62.5",
        "clip .1/.2/.3 %": "clipping@percent=0.1/0.2/0.3",
        "gain ±1, ±2 dB": "gain@db=-2/-1/1/2",
        "high-pass 50/100/150 Hz": "filter.highpass@hz=50/100/150,order=1",
        "low-pass 7500/7000/6500 Hz": "filter.lowpass@hz=7500/7000/6500,order=1",
        "white noise, RMS SNR 35/40/45": "noise.white@snr_db=35/40/45",
        "babble, 4-7 voices": "noise.babble@snr_db=20,voices=4/5/6/7",
        "environmental, 20 dB": "noise.environmental@snr_db=20",
        "music, 20 dB": "noise.music@snr_db=20",
        "white, 20 dB": "noise.white@snr_db=20",
        "cough": "noise.cough@snr_db=10",
        "sneeze": "noise.sneeze@snr_db=10",
        "low quality phone": "telephone.poor",
        "tilt: up": "filter.tilt@db_per_octave=3",
        "tilt: down": "filter.tilt@db_per_octave=-3",
        "recording condition": "recording.*",
        "simulated position": "distance@m=3",
        "simulated room": "distance@m=1.5,rt60=0.7",
    },
    "wagner2023": {
        "natural sounds": "noise.natural@snr_db=20`, `noise.natural@snr_db=10`, `noise.natural@snr_db=0",
        "human non-speech": "noise.human@snr_db=20`, `noise.human@snr_db=10`, `noise.human@snr_db=0",
        "interior sounds": "noise.interior@snr_db=20`, `noise.interior@snr_db=10`, `noise.interior@snr_db=0",
        "speed-up": "speedup@factor=1.25,percent=10..20",
        "fade in": "fade.in@percent_per_s=2",
        "fade out": "fade.out@percent_per_s=2",
    },
}


def test_the_page_is_made_from_the_code():
    assert PAGE.read_text(encoding="utf-8") == document(), (
        "make it again: python -m ser_audit.perturbations.document > docs/perturbations.md"
    )


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_published_row_stands_against_its_condition(name):
    section = PAGE.read_text(encoding="utf-8").partition(f"## Set `{name}`")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")][2:]
    assert len(rows) == len(PUBLISHED[name])
    for words, ids in PUBLISHED[name].items():
        (row,) = [r for r in rows if words in r]
        assert f"`{ids}`" in row


def test_every_built_in_family_is_on_the_page():
    built_in = [name for name, point in registered().items() if point.value.startswith("ser_audit.")]
    page = PAGE.read_text(encoding="utf-8")
    assert [name for name in built_in if f"| `{name}` |" not in page] == []
