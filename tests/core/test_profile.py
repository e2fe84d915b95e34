"""Loading profiles: what is unclear does not load."""

import pytest
import yaml

from conformance.core.errors import UsageError
from conformance.core.profile import coverage, load_profile


def aspect(**changes):
    return {
        "id": "a",
        "statement": {"fr": "f", "en": "e"},
        "verification": "automatic",
        "checks": ["some.check"],
        "scenarios": ["some.scenario"],
        **changes,
    }


def profile(**row):
    return {
        "schema": 1,
        "name": "essai",
        "title": {"fr": "Essai", "en": "Trial"},
        "referential": "R",
        "version": "1",
        "notice": {"fr": "f", "en": "e"},
        "sources": ["s"],
        "requirements": [
            {
                "id": "X.1",
                "level": "DOIT",
                "class": "W",
                "chapter": "MSS",
                "statement": {"fr": "f", "en": "e"},
                "source": "s",
                "aspects": [aspect()],
                **row,
            }
        ],
    }


def written(tmp_path, raw):
    path = tmp_path / "essai.yaml"
    path.write_text(raw if isinstance(raw, str) else yaml.safe_dump(raw), encoding="utf-8")
    return path


def test_a_sound_profile_loads_and_counts(tmp_path) -> None:
    loaded = load_profile(written(tmp_path, profile()))
    assert loaded.scenarios == {"some.scenario"}
    assert coverage(loaded) == {
        "requirements": 1,
        "automatic": 1,
        "guided": 0,
        "attested": 0,
        "untestable": 0,
        "planned": 0,
        "uncovered": 0,
        "classes": {"W": 1, "D": 0, "A": 0, "P": 0},
    }


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"aspects": []}, "uncovered"),
        ({"aspects": [aspect(checks=[])]}, "automatic needs checks"),
        ({"aspects": [aspect(verification="guided", scenarios=[])]}, "guided needs a scenario"),
        ({"aspects": [aspect(verification="untestable")]}, "untestable needs its reason"),
        ({"aspects": [aspect(verification="attested")]}, "never attested"),
        ({"condition": "unknown"}, "unknown condition"),
    ],
)
def test_an_unsound_profile_is_refused(tmp_path, row, said) -> None:
    with pytest.raises(UsageError) as caught:
        load_profile(written(tmp_path, profile(**row)))
    assert caught.value.code == "profile.unsound"
    assert said in caught.value.values["reason"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "profile.not-yaml"),
        ("- a", "profile.wrong-schema"),
        ("schema: 2", "profile.wrong-schema"),
        ("schema: 1\nname: x", "profile.unclear"),
        ("a: &x [1]\nb: *x", "profile.not-yaml"),
        ("!!python/object/apply:os.system ['true']", "profile.not-yaml"),
    ],
)
def test_what_is_not_a_profile_is_refused(tmp_path, text, code) -> None:
    with pytest.raises(UsageError) as caught:
        load_profile(written(tmp_path, text))
    assert caught.value.code == code
