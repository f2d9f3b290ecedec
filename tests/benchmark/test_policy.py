"""Policies: every limit names its source, conditions find their limit, bad files get one clear line."""

import re
from importlib import resources

import pytest
from ser_audit.benchmark import policy
from ser_audit.benchmark.errors import InputError
from ser_audit.benchmark.finding import Limit
from ser_audit.perturbations import sets

DEFAULT = (resources.files("ser_audit.benchmark.policies") / "default.toml").read_text("utf-8")


@pytest.fixture(scope="module")
def default():
    return policy.load("default")


def test_the_default_holds_the_limits_of_ser_tests(default):
    assert policy.names() == ["default", "ser-tests"]
    assert {m: (r.above, r.below) for m, r in default.correctness.items()} == {
        "CCC": (0.5, None),
        "PCC": (0.5, None),
        "MAE": (None, 0.1),
        "UAR": (0.5, None),
    }
    assert default.robustness["change of CCC"].of("telephone").low == -0.05
    assert default.robustness["change of UAR"].of("telephone").low == -0.05
    sex = default.fairness["sex"]
    assert {(r.above, r.below) for r in sex.values()} == {(-0.075, 0.075)}
    assert default.skill.CCC.margin == default.skill.UAR.margin == 0.1


def test_every_limit_names_where_it_comes_from():
    limits = re.findall(r"(?:above|below|margin) = .*", DEFAULT)
    sources = re.findall(r'source = "(ser-tests|reason|paper): \w', DEFAULT)
    # PUP's own limit and the deficit of speakers stand on lines apart from their sources
    assert len(limits) + 1 == len(sources) > 10


@pytest.mark.parametrize(
    ("condition", "low"),
    [
        ("telephone", 0.5),
        ("telephone@law=1", 0.5),
        ("telephone.poor", 0.5),
        ("room@rt60=0.5", 0.8),
        ("distance@m=3", 0.8),
        ("filter.tilt@db_per_octave=-3", 0.8),
        ("recording.mobile", 0.8),
        ("noise.tone@hz=5000..7000,peak_snr_db=40/45/50", 0.95),
        ("padding.end@ms=6.25/31.25/62.5", 0.95),
        ("padding.end@ms=2000", 0.9),
        ("crop.start@ms=6.25/31.25/62.5", 0.95),
        ("clipping@percent=0.1/0.2/0.3", 0.95),
        ("clipping@percent=0.1", 0.95),
        ("clipping@percent=0.15", 0.9),
        ("filter.highpass@hz=50/100/150,order=1", 0.95),
        ("filter.highpass@hz=150", 0.9),
        ("noise.white@snr_db=35/40/45", 0.95),
        ("noise.white@snr_db=20", 0.9),
        ("noise.babble@snr_db=20,voices=4/5/6/7", 0.9),
        ("gain@db=-2/-1/1/2", 0.95),
        ("gain@db=2.5", 0.9),
        ("noise.white@snr_db=30", 0.9),
        ("gain@db=2", 0.95),
        ("gain@db=20", 0.9),
        ("roommate", 0.9),
    ],
)
def test_a_condition_has_the_limit_of_the_longest_name_it_begins_with(default, condition, low):
    assert default.robustness["PUP"].of(condition).low == low


def test_every_condition_of_the_set_ser_tests_has_a_limit_from_ser_tests(default):
    rule = default.robustness["PUP"]
    for condition in sets.conditions("ser-tests"):
        assert rule.of(condition).source.startswith("ser-tests: robustness, ")


def test_the_longest_name_wins():
    rule = policy.ConditionRule(
        above=0.1,
        source="reason",
        conditions={
            "noise": policy.Rule(above=0.2, source="reason"),
            "noise.white": policy.Rule(above=0.3, source="paper"),
        },
    )
    assert rule.of("noise.white@snr_db=3") == Limit(low=0.3, source="paper")
    assert rule.of("noise.pink@snr_db=3").low == 0.2


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("above = 0.5, source", "abov = 0.5, source", r"'correctness\.CCC\.abov'.*did you mean 'above'"),
        ("[skill]\n", "[skill]\nUARR = { margin = 0.1, source = 'x' }\n", "UARR.*did you mean 'UAR'"),
        (
            "[correctness]\n",
            "[correctness]\nCCD = { above = 0.1, source = 'x' }\n",
            "'CCC', 'PCC', 'MAE', 'UAR'",
        ),
        ("draws = 1000", "draws = 10", "draws = 10: .*200"),
        ("confidence = 0.95", "confidence = 95", "confidence = 95"),
        ("seed = 0", "", "'seed' is missing"),
        ("above = -0.075, below = 0.075", "above = 0.1, below = -0.1", "'above' must be less than 'below'"),
        ("skill = { varying = []", 'skill = { varying = ["speaker"]', "'output', 'condition' or 'group'"),
        ("[skill]", "[skill", "no valid TOML"),
    ],
)
def test_a_wrong_file_gets_one_line_that_names_what_would_be_right(tmp_path, old, new, message):
    path = tmp_path / "mine.toml"
    assert old in DEFAULT
    path.write_text(DEFAULT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=message) as raised:
        policy.load(path)
    assert "\n" not in str(raised.value)
    assert "mine.toml" in str(raised.value)


def test_an_unknown_policy_names_the_nearest():
    with pytest.raises(InputError, match="no policy 'defualt': did you mean 'default'"):
        policy.load("defualt")


def test_a_file_of_ones_own_is_a_policy(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(DEFAULT.replace('name = "default"', 'name = "mine"'), encoding="utf-8")
    assert policy.load(path).name == "mine"


def test_a_policy_is_frozen(default):
    with pytest.raises(ValueError, match="frozen"):
        default.confidence = 0.5
