"""What sounds were taken from, and what stands in, is said on the first screen and in provenance."""

import pytest
from ser_audit.benchmark.manifest import ConditionRecord, PackRecord
from ser_audit.reports.view import view

PACK = PackRecord(
    name="musan", layout="MUSAN", revision=f"sha256:{'a' * 64}", clips={"music": 12, "noise": 1300}
)


def record(condition, source="", reference="clean"):
    family = condition.partition("@")[0]
    return ConditionRecord(
        id=condition,
        family=family,
        version=2,
        label_preserving=True,
        sources={"a": source, "b": source} if source else {},
        reference=reference,
    )


def table(run, caption):
    section = view(run).sections[-1]
    return next((b for p in section.parts for b in p.blocks if b.caption == caption), None)


def stand_ins(run):
    return [sentence for heading, sentence in view(run).overview.warnings if heading == "Stand-ins"]


GENERATED = (
    record("clean"),
    record("noise.music@snr_db=20", "generated, as no noise pack has it"),
    record("noise.babble@snr_db=20", "generated talkers"),
    record("noise.music@snr_db=10", "generated, as no noise pack has it"),
    record("noise.white@snr_db=10"),
)


def test_generated_sounds_are_named_on_the_first_screen(changed):
    assert stand_ins(changed(conditions=GENERATED)) == [
        "No noise pack was given: generated sounds stand in for music and babble."
    ]
    assert stand_ins(changed(conditions=GENERATED, packs=(PACK,))) == [
        "No noise pack has them: generated sounds stand in for music and babble."
    ]


@pytest.mark.parametrize(
    "source", ["pack musan (12 clips)", "other speakers of ravdess", "image-source room"]
)
def test_what_is_the_real_thing_is_no_stand_in(changed, source):
    assert stand_ins(changed(conditions=(record("clean"), record("noise.babble@snr_db=20", source)))) == []


def test_another_codec_is_named(changed):
    source = "GSM 6.10 in place of AMR-NB"
    assert stand_ins(changed(conditions=(record("clean"), record("telephone.poor", source)))) == [
        "For poor telephone: GSM 6.10 in place of AMR-NB."
    ]


def test_conditions_are_listed_with_version_reference_and_source(changed):
    far = record("distance@m=3", "image-source room", "distance@m=0.5")
    found = table(changed(conditions=(record("clean"), far)), "Conditions")
    assert [c.label for c in found.columns][2:] == [
        "Version", "Label preserving", "Compared with", "Sounds taken from",
    ]  # fmt: skip
    assert [[c.text for c in row][2:] for row in found.rows] == [
        ["2", "yes", "–", "–"],
        ["2", "yes", "Distance of .5 m", "image-source room"],
    ]
    plain = table(changed(conditions=(record("clean"), record("gain@db=2"))), "Conditions")
    assert len(plain.columns) == 4


def test_noise_packs_are_listed_with_their_clips(changed):
    found = table(changed(packs=(PACK,)), "Noise packs")
    assert [c.text for c in found.rows[0]] == [
        "musan", "MUSAN", "sha256:aaaaaaaaaaaa…", "music 12, noise 1,300",
    ]  # fmt: skip
    assert table(changed(), "Noise packs") is None
