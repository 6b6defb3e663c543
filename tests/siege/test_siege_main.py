import importlib
import subprocess
import sys

import pytest

from tests.siege.__main__ import PARTS, main


@pytest.mark.parametrize("part", [name for name in PARTS if name != "overload"])
def test_each_part_is_a_module_with_a_main(part):
    assert callable(importlib.import_module(f"tests.siege.{part}").main)
    assert PARTS[part]


def test_parts_are_imported_when_they_are_run():
    loaded = "[name for name in siege.PARTS if 'tests.siege.' + name in sys.modules]"
    code = f"import sys, tests.siege.__main__ as siege; print({loaded})"

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_an_unknown_part_is_said(capsys):
    with pytest.raises(SystemExit):
        main(["slow", "nothing"])

    assert "no such part: nothing" in capsys.readouterr().err
