"""Public data sets in their own layouts, by the names of their files."""

import pytest
from ser_audit.perturbations.material.layouts import CATEGORIES, sorted_out


def one(name):
    return sorted_out([name])[name]


@pytest.mark.parametrize("within", ["", "musan/", "data/2024/musan/"])
@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("noise/free-sound/noise-free-sound-0000.wav", "environmental"),
        ("noise/sound-bible/noise-sound-bible-0000.wav", "environmental"),
        ("music/fma-western-art/music-fma-wa-0000.wav", "music"),
        ("music/rfm/music-rfm-0000.wav", "music"),
        ("speech/librivox/speech-librivox-0000.wav", "speech"),
        ("speech/us-gov/speech-us-gov-0000.wav", "speech"),
    ],
)
def test_musan(within, name, category):
    assert one(within + name) == ("MUSAN", category)


@pytest.mark.parametrize(
    ("name", "category"),
    [  # of esc50.csv: filename, category
        ("1-100032-A-0.wav", "animals"),  # dog
        ("4-167077-A-9.wav", "animals"),  # crow
        ("1-17367-A-10.wav", "natural"),  # rain
        ("5-177957-A-19.wav", "natural"),  # thunderstorm
        ("1-187207-A-20.wav", "human"),  # crying baby
        ("1-26143-A-21.wav", "sneeze"),
        ("1-19111-A-24.wav", "cough"),
        ("5-213855-A-29.wav", "human"),  # drinking, sipping
        ("1-101336-A-30.wav", "interior"),  # door knock
        ("1-23222-A-39.wav", "interior"),  # glass breaking
        ("1-172649-B-40.wav", "exterior"),  # helicopter
        ("5-253085-B-49.wav", "exterior"),  # hand saw
    ],
)
def test_esc_50(name, category):
    assert one(f"audio/{name}") == ("ESC-50", category)
    assert one(f"ESC-50-master/audio/{name}") == ("ESC-50", category)


def test_a_number_beyond_the_classes_of_esc_50_is_not_of_it():
    assert one("audio/1-100032-A-50.wav") == ("folders", "environmental")


def test_demand_gives_the_first_of_its_sixteen_channels():
    rooms = {
        "DKITCHEN": "interior",
        "NFIELD": "natural",
        "OHALLWAY": "interior",
        "PCAFETER": "interior",
        "STRAFFIC": "exterior",
        "TCAR": "exterior",
    }
    names = [f"{room}/ch{channel:02}.wav" for room in rooms for channel in range(1, 17)]
    assert sorted_out(names) == {f"{room}/ch01.wav": ("DEMAND", rooms[room]) for room in rooms}


def test_aachen():
    for name in (
        "air_binaural_lecture_0_1_3.mat",
        "AIR_1_4/air_phone_office_hfrp_0.mat",
        "wav/air_binaural_aula_carolina_1_1_90_3.wav",
        "wav/air_type1_air_phone_bt_corridor_hhp.wav",
    ):
        assert one(name) == ("AIR", "room")
    assert one("home/air_conditioner.wav") == ("folders", "interior")


def test_openair_gives_one_format_of_each_space():
    names = [
        "elveden-hall-suffolk-england/stereo/1a_marble_hall.wav",
        "hamilton-mausoleum/b-format/hm2_000_bformat_48k.wav",
        "hamilton-mausoleum/examples/hm2_000_wx_48k.wav",
        "hamilton-mausoleum/stereo/hm2_000_ortf_48k.wav",
        "hamilton-mausoleum/surround-5-1/hm_williams.wav",
        "domestic-living-room/stereo/living_room_1.wav",
        "terrys-factory-warehouse/b-format/terrys_warehouse_b_format.wav",
        "terrys-factory-warehouse/mono/terrys_warehouse_omni.wav",
        "terrys-factory-warehouse/stereo/terrys_warehouse_stereo.wav",
    ]
    assert sorted_out(names) == dict.fromkeys((names[0], names[3], names[5], names[7]), ("OpenAIR", "room"))


def test_noises_in_folders_of_channels_are_not_openair():
    names = ["noise/mono/a.wav", "music/live/stereo/b.wav", "hum/examples/c.wav"]
    assert [sorted_out(names)[name] for name in names] == [
        ("folders", "environmental"),
        ("folders", "music"),
        ("folders", "environmental"),
    ]


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("simulated_rirs/smallroom/Room001/Room001-00001.wav", "room"),
        ("real_rirs_isotropic_noises/RVB2014_type1_rir_largeroom1_far_angla.wav", "room"),
        ("real_rirs_isotropic_noises/RWCP_type4_rir_circle_ane_imp001.wav", "room"),
        ("real_rirs_isotropic_noises/air_type1_air_binaural_office_0_1.wav", "room"),
        ("real_rirs_isotropic_noises/RVB2014_type1_noise_largeroom1_1.wav", "environmental"),
        ("pointsource_noises/noise-free-sound-0000.wav", "environmental"),
    ],
)
def test_rirs_noises(name, category):
    assert one(f"RIRS_NOISES/{name}") == ("RIRS_NOISES", category)


@pytest.mark.parametrize(
    ("folder", "category"),
    [
        ("rir", "room"),
        ("Room", "room"),
        ("impulse responses", "room"),
        ("home_RIRs", "room"),
        ("music", "music"),
        ("Babble", "speech"),
        ("speech", "speech"),
        ("coughing", "cough"),
        ("sneeze", "sneeze"),
        ("human", "human"),
        ("nature", "natural"),
        ("indoor", "interior"),
        ("street_noise", "exterior"),
        ("traffic", "exterior"),
        ("animals", "animals"),
        ("point", "environmental"),
        ("room noise", "environmental"),
        ("gravel", "environmental"),
        ("mine/music", "music"),
        ("noise/music hall", "environmental"),  # the outermost that is known
    ],
)
def test_folders_with_usual_names(folder, category):
    assert one(f"{folder}/a.wav") == ("folders", category)
    assert category in CATEGORIES


def test_a_file_at_the_top_is_environmental():
    assert one("music.wav") == ("folders", "environmental")
