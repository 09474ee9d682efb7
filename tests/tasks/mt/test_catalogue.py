from pathlib import Path

import pytest

from storage.errors import InputError, UsageError
from tasks.mt.catalogue import open_engine
from tasks.mt.markup import Markup
from tasks.mt.table import TableRow, write_table


def test_engines_by_name(tmp_path: Path) -> None:
    write_table(tmp_path / "t:1.tsv", [TableRow("en", "es", "a", "A")])
    assert open_engine(f"table:{tmp_path / 't:1.tsv'}").translate(["a"], "en", "es") == ["A"]
    assert open_engine("apertium").name == "apertium"
    assert (
        open_engine("google?markup=tags").markup is open_engine("google:?markup=tags").markup is Markup.TAGS
    )


@pytest.mark.parametrize(
    ("spec", "error", "message"),
    [
        (
            "gogle",
            UsageError,
            "Unknown engine 'gogle'; choose one of: amazon, apertium, apertium-apy, .*watson",
        ),
        ("table", UsageError, "needs the path of its file"),
        ("apertium:x", UsageError, "takes no argument"),
        ("table:/no/such.tsv", InputError, "No such file"),
    ],
)
def test_bad_names_are_bad_usage(spec: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        open_engine(spec)
