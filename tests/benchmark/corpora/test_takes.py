"""Takes recorded in several variants: one utterance each, paired by the table's own columns."""

import pytest
from ser_audit.benchmark import InputError
from ser_audit.benchmark.corpora import open_corpus
from ser_audit.benchmark.corpus import CorpusOptions

COLUMNS = {"variant": "mic", "take": "take"}
ROWS = [
    ("head/1.wav", "a", "joy", "headset", "1"),
    ("far/1.wav", "a", "joy", "boundary", "1"),
    ("phone/1.wav", "a", "joy", "mobile", "1"),
    ("phone/2.wav", "b", "fear", "mobile", "2"),
    ("head/2.wav", "b", "fear", "headset", "2"),
]


@pytest.fixture
def table(tmp_path):
    """Write rows as a table; returns the corpus that it is."""

    def make(rows=ROWS, columns=COLUMNS, reference="headset", **options):
        path = tmp_path / "table.csv"
        lines = ["file,speaker,emotion,mic,take", *(",".join(row) for row in rows)]
        path.write_text("\n".join(lines))
        return open_corpus("c", str(path), CorpusOptions(columns=columns, reference=reference, **options))

    return make


def test_a_take_is_one_utterance_of_the_reference_with_the_other_recordings_beside_it(table, tmp_path):
    utterances = table().utterances
    assert [u.id for u in utterances] == ["head/1.wav", "head/2.wav"]
    assert [sorted(u.variants) for u in utterances] == [["boundary", "mobile"], ["mobile"]]
    assert utterances[0].variants["mobile"].file == str(tmp_path / "phone" / "1.wav")
    assert utterances[1].load.file == str(tmp_path / "head" / "2.wav")


def test_the_column_alone_pairs_nothing(table):
    assert len(table(columns={}, reference=None).utterances) == 5


def test_a_limit_counts_takes(table):
    assert [len(u.variants) for u in table(limit=1).utterances] in ([1], [2])


def test_another_size_of_a_variants_file_is_another_revision(table, tmp_path):
    before = table().revision
    (tmp_path / "phone").mkdir()
    (tmp_path / "phone" / "2.wav").write_bytes(b"RIFF")
    assert table().revision != before


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"reference": None}, r"which of the variants boundary, headset, mobile .* --reference c=boundary"),
        ({"reference": "headphone"}, "no row is of the variant 'headphone': did you mean 'headset'"),
        ({"columns": {}}, "'headset' is to be the reference .* name it with --column c:variant=COLUMN"),
        ({"columns": {"variant": "mic"}}, "no column is the take; .* --column c:take=COLUMN"),
        ({"rows": [*ROWS, ("x.wav", "a", "joy", "mobile", "1")]}, "take '1' is there twice in the variant"),
        ({"rows": [*ROWS, ("x.wav", "a", "joy", "mobile", "3")]}, "take '3' has no recording by the ref"),
        ({"rows": [*ROWS, ("x.wav", "b", "joy", "other", "1")]}, "take '1' is of several speakers: a, b"),
        (
            {"rows": [*ROWS, ("x.wav", "a", "fear", "x", "1")]},
            "take '1' has another truth in the variant 'x'",
        ),
        ({"rows": [*ROWS, ("x.wav", "a", "joy", "", "1")]}, "row 6 has no variant: fill the column 'mic'"),
        ({"rows": [*ROWS, ("x.wav", "a", "joy", "far off", "1")]}, "the variant 'far off' needs a name of"),
    ],
)
def test_what_cannot_be_paired_is_refused(table, changes, message):
    with pytest.raises(InputError, match=message):
        table(**changes)
