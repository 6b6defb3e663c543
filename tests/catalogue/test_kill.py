"""A real import, killed at many moments, leaves the old catalogue or the new one, whole."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress

import pytest

from service.catalogue.store import Store
from service.messages import Signal

OLD = [Signal(f"id-{number}", f"Old {number}") for number in range(300)]
NEW = b"id,name\n" + b"".join(b"id-%d,New signal number %d\n" % (number, number) for number in range(150, 12_000))


def start(path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "service.catalogue", "import", "-", "--replace"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"DATABASE_PATH": str(path)},
    )


@pytest.fixture(scope="module")
def versions(tmp_path_factory) -> tuple[str, str]:
    path = tmp_path_factory.mktemp("whole") / "signals.db"
    old = Store(path).import_rows(OLD).version
    with start(path) as whole:
        whole.communicate(NEW, timeout=30)
    assert whole.returncode == 0
    return old, Store(path).version


@pytest.mark.parametrize("fed", [0.3, 0.7, 0.97])
def test_killed_while_rows_are_coming_it_leaves_the_old_catalogue(tmp_path, versions, fed):
    store = Store(tmp_path / "signals.db")
    store.import_rows(OLD)
    with start(store.path) as process:
        # A pipe holds little: when the write returns, the process has read nearly all of it.
        process.stdin.write(NEW[: int(len(NEW) * fed)])
        process.stdin.flush()
        process.kill()

    assert store.version == versions[0]
    assert store.check() == []


@pytest.mark.parametrize("milliseconds", [0, 30, 60, 90, 120, 200, 300])
def test_killed_around_its_commit_it_leaves_the_old_or_the_new_catalogue(tmp_path, versions, milliseconds):
    store = Store(tmp_path / "signals.db")
    store.import_rows(OLD)
    with start(store.path) as process:
        process.stdin.write(NEW)
        process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            process.wait(milliseconds / 1000)
        process.kill()

    assert store.version in versions
    assert store.check() == []
    assert store.import_rows(OLD, replace=True).version == versions[0]
