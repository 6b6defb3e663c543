"""The least that Bottle on Waitress can be: one route that answers with fixed bytes.

Usage: bare_bottle.py PORT BODY_FILE THREADS.
"""

import logging
import sys
from pathlib import Path

import bottle
import waitress


def main() -> None:
    sys.setswitchinterval(0.0005)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    port, body, threads = int(sys.argv[1]), Path(sys.argv[2]).read_bytes(), int(sys.argv[3])
    app = bottle.Bottle()

    @app.get("/api/signals")
    def signals() -> bytes:
        bottle.response.content_type = "application/json"
        return body

    waitress.serve(
        app,
        host="127.0.0.1",
        port=port,
        threads=threads,
        ident=None,
        asyncore_use_poll=True,
        connection_limit=2500,
        channel_timeout=30,
        cleanup_interval=1,
        backlog=2048,
        _quiet=True,
    )


if __name__ == "__main__":
    main()
