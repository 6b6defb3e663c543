"""``python -m tests.siege.constrained``: the service as a process with little of something, as the environment says.

``LIMIT_FILES`` bounds its descriptors, ``LIMIT_FILE_BYTES`` the size of any file.
"""

from __future__ import annotations

import os
import resource
import sys

from service.__main__ import main


def constrain(environ: dict[str, str]) -> None:
    if bound := environ.get("LIMIT_FILES"):
        resource.setrlimit(resource.RLIMIT_NOFILE, (int(bound), int(bound)))
    if bound := environ.get("LIMIT_FILE_BYTES"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(bound), int(bound)))


if __name__ == "__main__":
    constrain(dict(os.environ))
    sys.exit(main([]))
