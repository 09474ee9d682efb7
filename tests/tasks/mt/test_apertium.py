"""The real program where it is installed, and a fake installation of shell scripts for what it does when it fails."""

import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.mt.apertium import Apertium
from tasks.mt.engine import Engine
from tasks.mt.errors import BrokenAnswer, EngineMissing
from tasks.mt.markup import escape, read
from tasks.projection.marking import recover

SPECIAL = "<>&[]{}^$\\@/*~|#+_%=`"
PIECES = [
    *SPECIAL, " ", "\n", "\t", "\r", "\0", "\x0b", "\u2028", "\u00a0", "\u0301", "😀", "京", "½", "¿", "“", "house ",
    " dog", "Bob's ", "$5 ", "&amp;", "<b1>", "</b1>", "[[1]]", "[[/]]", "[x]", "^a/b$", "\\[", "*foo ", " @bar",
]  # fmt: skip
TEXTS = st.lists(st.lists(st.sampled_from(PIECES), max_size=10).map("".join), min_size=1, max_size=24)


def fake(prefix: Path, *stages: str, **programs: str) -> Apertium:
    """An installation whose pair eng-spa is made of shell scripts, named in `stages` and written out in `programs`."""
    (prefix / "bin").mkdir(parents=True)
    modes = prefix / "share" / "apertium" / "modes"
    modes.mkdir(parents=True)
    (modes / "eng-spa.mode").write_text(" | ".join(stages))
    (modes / "eng-spa_variant.mode").write_text("cat")
    for name, body in {"apertium": "echo 3.8", "apertium_wblank_mode": 'cat "$2"', **programs}.items():
        path = prefix / "bin" / name.replace("_", "-")
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return Apertium(prefix, timeout_s=1)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXTS)
def test_nothing_special_is_lost_or_invented(real_apertium: Engine, texts: list[str]) -> None:
    """Any text, escaped, comes back with the same special characters in the same order and without tags."""
    for text, answer in zip(
        texts, real_apertium.translate([escape(text) for text in texts], "en", "es"), strict=True
    ):
        tokens = list(read(answer or ""))
        assert all(isinstance(token, str) for token in tokens)
        plain = "".join(map(str, tokens))
        assert [char for char in plain if char in SPECIAL] == [char for char in text if char in SPECIAL]
        assert sorted(char for char in plain if ord(char) < 32) == sorted(
            char for char in text if ord(char) < 32
        )


def test_words_move_with_their_marks(real_apertium: Engine) -> None:
    text = "The <b1>old dog</b1> saw the <b2>red <b3>blue car</b3></b2> in <b4>Zorblax</b4>."
    assert real_apertium.translate([text], "en", "es") == [
        "El <b1>perro viejo</b1> vio el <b2><b3>coche azul</b3> rojo</b2> en <b4>Zorblax</b4>."
    ]


def test_the_tagger_forgets_what_it_met(real_apertium: Engine) -> None:
    """ "included" has a set of tags unknown to the tagger's model, after which an unknown name is taken differently."""
    poison = "The price included breakfast."
    victims = [
        "What did Lady Gaga sing?",
        "What did Marlee Matlin translate?",
        "What shows us lost chloroplasts?",
    ]
    alone = [real_apertium.translate([text], "en", "es")[0] for text in victims]
    assert real_apertium.translate([poison, *victims], "en", "es")[1:] == alone


def test_another_pair_with_another_kind_of_tagger(real_apertium: Engine) -> None:
    if "ca" not in real_apertium.targets("en"):
        pytest.skip("apertium-eng-cat is not installed")
    texts = ["The <b1>old dog</b1> sleeps.", "It is here.", "The <b1>house</b1> included dogs."]
    answers = real_apertium.translate(texts, "en", "ca")
    assert answers[1] == "És aquí."
    assert recover(answers[2] or "").pieces.keys() == {1}
    assert real_apertium.translate(texts[::-1], "eng", "cat") == answers[::-1]


def test_identity_names_packages_and_options(real_apertium: Engine) -> None:
    identity = real_apertium.identity("en", "es")
    assert "apertium-eng-spa" in identity.version or "data sha256:" in identity.version
    assert identity.options["mode"] == "eng-spa"


def test_missing_program_says_how_to_install_it(tmp_path: Path) -> None:
    engine = Apertium(tmp_path)
    for call in (
        lambda: engine.targets("en"),
        lambda: engine.identity("en", "es"),
        lambda: engine.translate(["a"], "en", "es"),
    ):
        with pytest.raises(EngineMissing, match="apt-get install apertium"):
            call()


def test_a_missing_stage_is_named(tmp_path: Path) -> None:
    with pytest.raises(EngineMissing, match="The program no-such-filter"):
        fake(tmp_path, "no-such-filter").translate(["a"], "en", "es")


def test_variants_of_a_pair_are_no_targets(tmp_path: Path) -> None:
    engine = fake(tmp_path, "cat")
    assert engine.targets("en") == engine.targets("eng") == ["es"]
    assert engine.translate(["<b1>a</b1> b"], "en", "es") == ["<b1>a</b1> b"]


def test_without_a_package_manager_the_data_make_the_version(tmp_path: Path) -> None:
    data = tmp_path / "eng-spa.bin"
    data.write_bytes(b"1")
    first = fake(tmp_path / "one", f"cat '{data}'").identity("en", "es")
    data.write_bytes(b"2")
    second = fake(tmp_path / "two", f"cat '{data}'").identity("en", "es")
    assert first.version.startswith("3.8, data sha256:")
    assert first.version != second.version
    assert str(tmp_path) not in repr(first)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("cat; exit 3", "crash of Apertium fails on every text"),
        ("kill -SEGV $$", "fails on every text"),
        ("true", "fails on every text"),
        ("tr -d '\\0'", "fails on every text"),
        ("cat; echo more", "fails on every text"),
        ("exec sleep 9", "busy with 3 segments after 1 s"),
    ],
)
def test_a_broken_program_is_a_broken_answer(tmp_path: Path, body: str, message: str) -> None:
    with pytest.raises(BrokenAnswer, match=message) as caught:
        fake(tmp_path, "cat", "crash", crash=body).translate(["a", "b"], "en", "es")
    assert caught.value.retryable


PICKY = r"""text=$(tr '\0' '\n')
case "$text" in *boom*) exit 1;; esac
printf '%s\n' "$text" | tr '\n' '\0'"""


@pytest.mark.parametrize("texts", [["boom"], ["a", "boom", "c", "d"], ["a boom", "boom"]])
def test_a_text_that_crashes_a_sound_program_is_none(tmp_path: Path, texts: list[str]) -> None:
    engine = fake(tmp_path, "cat", "picky", "cat", picky=PICKY)
    assert engine.translate(texts, "en", "es") == [None if "boom" in text else text for text in texts]


def test_empty_segments_at_the_end_are_no_fault(tmp_path: Path) -> None:
    engine = fake(tmp_path, "extra", extra="cat; printf '\\0\\0'")
    assert engine.translate(["a", "b"], "en", "es") == ["a", "b"]


def test_a_mode_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(BrokenAnswer, match=r"mode eng-spa\.mode"):
        fake(tmp_path, "cat", apertium_wblank_mode="exit 1").translate(["a"], "en", "es")
