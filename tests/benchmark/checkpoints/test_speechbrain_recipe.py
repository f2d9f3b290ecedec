"""What a SpeechBrain folder declares: read as inert data, and refused where it is another recipe."""

import pytest
from ser_audit.benchmark.checkpoints import describe, open_checkpoint
from ser_audit.benchmark.checkpoints.speechbrain_recipe import Recipe, read_recipe
from ser_audit.benchmark.errors import InputError

HYPERPARAMS = """\
wav2vec2_hub: facebook/wav2vec2-base
pretrained_path: speechbrain/emotion-recognition-wav2vec2-IEMOCAP
encoder_dim: 32
out_n_neurons: 4
wav2vec2: !new:speechbrain.lobes.models.huggingface_transformers.wav2vec2.Wav2Vec2
    source: !ref <wav2vec2_hub>
    output_norm: True
    freeze: True
    save_path: wav2vec2_checkpoints
avg_pool: !new:speechbrain.nnet.pooling.StatisticsPooling
    return_std: False
output_mlp: !new:speechbrain.nnet.linear.Linear
    input_size: !ref <encoder_dim>
    n_neurons: !ref <out_n_neurons>
    bias: False
model: !new:torch.nn.ModuleList
    - [!ref <output_mlp>]
modules:
    wav2vec2: !ref <wav2vec2>
    output_mlp: !ref <output_mlp>
    avg_pool: !ref <avg_pool>
softmax: !new:speechbrain.nnet.activations.Softmax
"""


@pytest.fixture
def write(tmp_path):
    """A folder with these hyperparameters, with text of it replaced."""

    def make(old="", new="", more=""):
        assert old in HYPERPARAMS
        folder = tmp_path / "iemocap"
        folder.mkdir()
        (folder / "hyperparams.yaml").write_text(HYPERPARAMS.replace(old, new) + more)
        return folder

    return make


def test_the_declared_fields_are_read(write):
    expected = Recipe("facebook/wav2vec2-base", True, 768, 4, False, True, None)
    assert read_recipe(write("encoder_dim: 32", "encoder_dim: 768")) == expected


def test_references_are_followed_and_nothing_is_computed(write):
    chained = write("source: !ref <wav2vec2_hub>", "source: !ref <hub>", "hub: !ref <wav2vec2_hub>\n")
    assert read_recipe(chained).encoder == "facebook/wav2vec2-base"


@pytest.mark.parametrize("value", ["!ref <out_n_neurons> * 2", "!ref <nowhere>", "!ref <around>", "'4'"])
def test_a_field_without_a_plain_value_is_refused(write, value):
    folder = write("n_neurons: !ref <out_n_neurons>", f"n_neurons: {value}", "around: !ref <around>\n")
    with pytest.raises(InputError, match="declares n_neurons of output_mlp as .* a plain int is needed"):
        read_recipe(folder)


def test_tags_are_words_and_make_nothing(write, tmp_path):
    target = tmp_path / "was_made"
    folder = write(
        more=f"evil: !new:pathlib.Path.touch [!new:pathlib.Path [{target}]]\n"
        f"worse: !apply:os.system ['touch {target}']\n"
        f"worst: !!python/object/apply:os.system ['touch {target}']\n"
    )
    assert read_recipe(folder).outputs == 4
    assert not target.exists()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("wav2vec2: !ref <wav2vec2>\n    out", "out", r"the modules output_mlp \(speechbrain.nnet.linear"),
        ("modules:\n", "unused:\n", "with no modules: only the IEMOCAP recipe"),
        ("wav2vec2.Wav2Vec2\n", "whisper.Whisper\n", "wav2vec2 of the class speechbrain.*whisper.Whisper"),
        ("speechbrain.nnet.linear.Linear", "torch.nn.Linear", "output_mlp of the class torch.nn.Linear"),
        ("    output_norm: True\n", "", "declares output_norm of wav2vec2 as nothing"),
        ("output_norm: True", "output_norm: !ref <a> > 1", "output_norm of wav2vec2 as !ref <a> > 1"),
        ("freeze: True", "output_all_hiddens: True", "output_all_hiddens in wav2vec2"),
        ("freeze: True", "adapter: 3", "adapter in wav2vec2"),
        ("return_std: False", "return_std: True", "another statistic than the mean in avg_pool"),
        ("[!ref <output_mlp>]", "[!ref <a>, !ref <output_mlp>]", "the model !ref <a>, !ref <output_mlp>"),
        ("bias: False", "bias: False\n    max_norm: 1.0", "max_norm in output_mlp"),
        ("facebook/wav2vec2-base", "someone/wav2vec2", "'someone/wav2vec2', whose architecture is not known"),
        ("encoder_dim: 32", "encoder_dim: [", "hyperparams.yaml is no valid YAML"),
    ],
)
def test_what_is_not_the_recipe_is_refused_in_one_line(write, old, new, message):
    folder = write(old, new)
    with pytest.raises(InputError, match=message) as caught:
        describe(folder)
    assert "\n" not in str(caught.value)


def test_the_ecapa_recipe_is_refused_with_a_way_to_wrap_it(tmp_path):
    folder = tmp_path / "ecapa"
    folder.mkdir()
    (folder / "hyperparams.yaml").write_text(
        "compute_features: !new:speechbrain.lobes.features.Fbank\n    n_mels: 80\n"
        "embedding_model: !new:speechbrain.lobes.models.ECAPA_TDNN.ECAPA_TDNN\n    input_size: 80\n"
        "classifier: !new:speechbrain.lobes.models.ECAPA_TDNN.Classifier\n    out_neurons: 4\n"
        "modules:\n    compute_features: !ref <compute_features>\n"
        "    embedding_model: !ref <embedding_model>\n    classifier: !ref <classifier>\n"
    )
    with pytest.raises(InputError) as caught:
        open_checkpoint(folder)
    message = str(caught.value)
    assert "embedding_model (speechbrain.lobes.models.ECAPA_TDNN.ECAPA_TDNN)" in message
    assert "wrap it as a Python object, file.py:name with predict(waves, sampling_rate)" in message
    assert "\n" not in message
