import pytest
from ser_audit.benchmark import InputError, Spec, read_spec


def write(tmp_path, text):
    path = tmp_path / "audit.toml"
    path.write_text(text)
    return path


MINIMAL = '[[checkpoints]]\npath = "bundled"\n[[corpora]]\nname = "aru"\npath = "synthetic:aru"\n'


def test_a_minimal_spec_takes_documented_defaults(tmp_path):
    spec = read_spec(write(tmp_path, MINIMAL))
    assert (spec.conditions, spec.policy, spec.seed, spec.cache) == ("default", "default", 0, True)
    assert (spec.threads, spec.batch_size) == (None, None)  # chosen for the machine, or as in the run
    assert spec.checkpoints[0].path == "bundled"
    assert spec.corpora[0].path == "synthetic:aru"


def test_the_short_forms_of_python_equal_the_long_ones():
    short = Spec(checkpoints="bundled", corpora={"a": "x.csv"})
    long = Spec(checkpoints=[{"path": "bundled"}], corpora=[{"name": "a", "path": "x.csv"}])
    assert short == long


def test_relative_paths_start_at_the_specs_own_folder(tmp_path, monkeypatch):
    (tmp_path / "sub").mkdir()
    for name in ("data.csv", "model.py", "map.toml"):
        (tmp_path / "sub" / name).write_text("")
    text = MINIMAL.replace("bundled", "model.py:Net").replace("synthetic:aru", "data.csv")
    spec = read_spec(write(tmp_path / "sub", 'labels = "map.toml"\n' + text))
    monkeypatch.chdir(tmp_path)
    assert spec.checkpoints[0].path == str(tmp_path / "sub" / "model.py:Net")
    assert spec.corpora[0].path == str(tmp_path / "sub" / "data.csv")
    assert spec.labels == str(tmp_path / "sub" / "map.toml")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("seeed = 1\n" + MINIMAL, "unknown key 'seeed': did you mean 'seed'?"),
        (MINIMAL + 'langauge = "en"\n', "unknown key 'corpora.0.langauge': did you mean 'language'?"),
        (MINIMAL.replace("name", "nmae"), "unknown key 'corpora.0.nmae': did you mean 'name'?"),
        ('[[corpora]]\nname = "a"\npath = "b"\n', "the key 'checkpoints' is missing"),
        ("seed = -1\n" + MINIMAL, "seed = -1"),
        ('seed = "x"\n' + MINIMAL, "seed = 'x'"),
        ("seed = = 1", "is no valid TOML"),
        (MINIMAL + '[[corpora]]\nname = "aru"\npath = "b"\n', "the corpus name 'aru' is given twice"),
    ],
)
def test_a_wrong_spec_is_refused_by_key_and_with_the_nearest_name(tmp_path, text, named):
    with pytest.raises(InputError) as caught:
        read_spec(write(tmp_path, text))
    message = str(caught.value)
    assert "audit.toml" in message
    assert named in message
    assert "\n" not in message


def test_a_spec_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(InputError, match="no such file: .*nowhere"):
        read_spec(tmp_path / "nowhere.toml")
