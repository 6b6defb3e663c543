"""``python -m service``: read the environment, build the service, serve until told to end."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import fields

from service import VERSION
from service.reading import BadSetting, shown
from service.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code: 0 after a drain, 1 if requests were lost or the port is taken, 2 for a bad setting."""
    parser = argparse.ArgumentParser(
        prog="python -m service",
        description="Serve ranked, priced signals over HTTP. Everything is set by environment variables:",
        epilog=_variables(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=VERSION)
    parser.add_argument(
        "--check",
        action="store_true",
        help="read the settings and the files they name, say whether they are good, and end",
    )
    options = parser.parse_args(arguments)
    try:
        settings = Settings.from_env(os.environ)
        _look_at_paths(settings)
    except BadSetting as error:
        return _fail(str(error), 2)
    return _check(settings) if options.check else _serve(settings)


def _look_at_paths(settings: Settings) -> None:
    """Raise ``BadSetting`` where a database can never be: that is a slip of the pen, not trouble with a file."""
    for variable, path in (("DATABASE_PATH", settings.database_path), ("STATE_PATH", settings.state_path)):
        if path.is_dir() or not path.absolute().parent.is_dir():
            raise BadSetting(variable, str(path), "a file in a folder that exists")


def _check(settings: Settings) -> int:
    import time

    from service.activating import targets_in_force
    from service.observation import rules_in_force
    from service.secret import Secrets

    try:
        # The files that settings name stop a start as the settings themselves do.
        Secrets.of(settings)
        rules_in_force(settings)
        targets_in_force(settings, time.time)
    except BadSetting as error:
        return _fail(str(error), 2)
    print("The settings are good.")
    return 0


def _serve(settings: Settings) -> int:
    # It would end a process that does not heed it yet; one that comes now is heeded when ``own_process`` lets it in.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    # Here, not above: --help and a bad setting should not wait for the whole service to be imported.
    from service.app import build
    from service.life import own_process

    try:
        service = build(settings)
    except BadSetting as error:
        return _fail(str(error), 2)
    except OSError as error:
        return _fail(f"cannot listen on {settings.host}:{settings.port}: {error.strerror or error}", 1)
    own_process(service)
    return service.run()


def _fail(line: str, code: int) -> int:
    print(line, file=sys.stderr)
    return code


def _variables() -> str:
    rows = [(row.metadata["variable"], shown(row.default), row.metadata["meaning"]) for row in fields(Settings)]
    return "\n".join(f"  {variable:<26}{meaning} [{_default(value)}]" for variable, value, meaning in rows)


def _default(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if text and value is not None else "none"


if __name__ == "__main__":
    sys.exit(main())
