"""What a synthetic corpus holds: truth, groups, transcripts, speakers, and its options."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from ser_audit.benchmark.corpora.synthetic import open_corpus, recognises
from ser_audit.benchmark.corpora.synthetic.lexicon import LANGUAGES
from ser_audit.benchmark.corpora.synthetic.script import emotion_class
from ser_audit.benchmark.corpora.synthetic.speakers import scored_speakers, training_speakers
from ser_audit.benchmark.corpus import DIMENSIONS, CorpusOptions
from ser_audit.benchmark.errors import InputError

SENTIMENT = {language: (set(found.positive), set(found.negative)) for language, found in LANGUAGES.items()}


@pytest.fixture(scope="module", params=["aru", "beno"])
def corpus(request):
    return open_corpus("demo", f"synthetic:{request.param}", CorpusOptions())


def truth(corpus, dimension):
    return np.array([u.truth[dimension] for u in corpus.utterances])


def test_there_are_24_speakers_of_both_sexes_with_ten_utterances_each(corpus):
    sexes = {u.speaker: u.groups["sex"] for u in corpus.utterances}
    assert Counter(sexes.values()) == {"female": 12, "male": 12}
    assert set(Counter(u.speaker for u in corpus.utterances).values()) == {10}
    assert len({u.id for u in corpus.utterances}) == 240


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_truth_lies_in_0_to_1_and_spreads_as_ratings_do(corpus, dimension):
    values = truth(corpus, dimension)
    assert values.min() >= 0
    assert values.max() <= 1
    assert 0.17 < values.std() < 0.23
    assert 0.45 < values.mean() < 0.55


def test_the_class_follows_from_the_dimensions(corpus):
    counts = Counter(u.truth["emotion"] for u in corpus.utterances)
    assert set(counts) == {"anger", "happiness", "neutral", "sadness"}
    assert min(counts.values()) >= 0.1 * 240
    for u in corpus.utterances:
        arousal, valence = u.truth["arousal"], u.truth["valence"]
        assert u.truth["emotion"] == emotion_class(arousal, valence)
        if u.truth["emotion"] == "anger":
            assert arousal >= 0.5 > valence
        if u.truth["emotion"] == "sadness":
            assert max(arousal, valence) < 0.5


def test_groups_are_sex_language_and_age(corpus):
    for u in corpus.utterances:
        assert set(u.groups) == {"sex", "language", "age"}
        assert 19 <= int(u.groups["age"]) <= 75
    assert corpus.languages == (f"x-{corpus.utterances[0].speaker.split('_')[0]}",)


def test_speech_is_16_khz_mono_of_one_to_two_seconds(corpus):
    for u in corpus.utterances[::20]:
        wave, rate = u.load()
        assert rate == 16000
        assert wave.dtype == np.float32
        assert wave.ndim == 1
        assert 1.0 < len(wave) / rate < 2.2
        assert np.abs(wave).max() <= 1.0
        assert np.array_equal(wave * 32768, np.round(wave * 32768))  # 16 bits


def test_transcripts_are_words_of_the_language(corpus):
    language = LANGUAGES[corpus.utterances[0].speaker.split("_")[0]]
    known = {*language.positive, *language.negative, *language.neutral}
    spoken = {word for u in corpus.utterances for word in u.transcript.split()}
    assert spoken == known


def test_words_carry_valence(corpus):
    positive, negative = SENTIMENT[corpus.utterances[0].speaker.split("_")[0]]
    balance = [
        sum((w in positive) - (w in negative) for w in u.transcript.split()) / len(u.transcript.split())
        for u in corpus.utterances
    ]
    assert np.corrcoef(balance, truth(corpus, "valence"))[0, 1] > 0.5


def test_the_languages_share_neither_vowels_nor_words():
    aru, beno = LANGUAGES.values()
    assert not set(aru.vowels) & set(beno.vowels)
    assert not {*aru.positive, *aru.negative, *aru.neutral} & {*beno.positive, *beno.negative, *beno.neutral}


def test_training_speakers_are_never_scored():
    aru = LANGUAGES["aru"]
    scored, pool = scored_speakers(aru, 99, seed=1), training_speakers(aru, 300, women=0.25, seed=1)
    assert not {s.id for s in scored} & {s.id for s in pool}
    assert not {(s.tract, s.f0) for s in scored} & {(s.tract, s.f0) for s in pool}
    assert sum(s.sex == "female" for s in pool) == 75
    assert sum(s.sex == "female" for s in pool[-16:]) == 4  # evenly mixed


def test_a_limit_spreads_over_the_speakers():
    limited = open_corpus("demo", "synthetic:aru", CorpusOptions(limit=30))
    whole = open_corpus("demo", "synthetic:aru", CorpusOptions())
    counts = Counter(u.speaker for u in limited.utterances)
    assert len(limited.utterances) == 30
    assert len(counts) == 24
    assert set(counts.values()) == {1, 2}
    assert {u.id: u.truth for u in whole.utterances}.items() >= {
        u.id: u.truth for u in limited.utterances
    }.items()
    assert limited.revision != whole.revision


def test_a_language_can_be_named_otherwise():
    renamed = open_corpus("demo", "synthetic:aru", CorpusOptions(language="xx"))
    plain = open_corpus("demo", "synthetic:aru", CorpusOptions())
    assert renamed.languages == ("xx",)
    first, other = renamed.utterances[0], plain.utterances[0]
    assert first == replace(other, groups={**other.groups, "language": "xx"})


def test_only_its_own_references_are_recognised():
    assert recognises("synthetic:aru")
    assert recognises("synthetic:nonsense")  # so that the message is about it
    assert not recognises("metadata.csv")


def test_name_and_source_are_the_users():
    corpus = open_corpus("mine", "synthetic:aru?seed=3", CorpusOptions())
    assert (corpus.name, corpus.format, corpus.source) == ("mine", "synthetic", "synthetic:aru?seed=3")


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("synthetic:arru", "did you mean 'aru'"),
        ("synthetic:", "one of aru, beno"),
        ("synthetic:aru?speaker=3", "did you mean 'speakers'"),
        ("synthetic:aru?speakers=0", "from 1 to"),
        ("synthetic:aru?seed=-1", "from 0 to"),
        ("synthetic:aru?utterances=ten", "whole number"),
        ("synthetic:aru?seed=1&seed=2", "given twice"),
        ("synthetic:aru?noise=sex:female", "GROUP:VALUE:SNR"),
        ("synthetic:aru?noise=age:30:5", "sex, speaker, language"),
        ("synthetic:aru?noise=sex:female:nan", "in dB"),
        ("synthetic:aru?noise=sex:woman:5", "female, male"),
        ("synthetic:aru?noise=speaker:aru_s25:5", "aru_s01"),
        ("synthetic:aru?noise=language:x-beno:5", "x-aru"),
    ],
)
def test_a_wrong_reference_is_refused_in_one_line(path, told):
    with pytest.raises(InputError) as caught:
        open_corpus("demo", path, CorpusOptions())
    assert told in str(caught.value)
    assert path in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "options",
    [
        CorpusOptions(rows={"corpus": ("a",)}),
        CorpusOptions(columns={"file": "path"}),
        CorpusOptions(scales={"arousal": (1, 7)}),
        CorpusOptions(limit=0),
    ],
)
def test_options_without_meaning_here_are_refused(options):
    with pytest.raises(InputError):
        open_corpus("demo", "synthetic:aru", options)
