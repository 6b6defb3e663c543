"""One target under atheris, which changes inputs so that they reach code not reached before; run by ``__main__``.

``python -m tests.fuzz.guided TARGET [libFuzzer options] CORPUS``. Ends with libFuzzer's code: 0, or 77 at a finding.
"""

import sys

import atheris


def main() -> None:
    """Fuzz the target that the first argument names until libFuzzer's own limits."""
    with atheris.instrument_imports(include=["service", "tests.fuzz.targets"]):
        from tests.fuzz.targets import TARGETS, check
    chosen = next(target for target in TARGETS if target.name == sys.argv[1])
    atheris.Setup([sys.argv[0], *sys.argv[2:]], lambda data: check(chosen, data))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
