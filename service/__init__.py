"""The signals agent's HTTP service; ``app.py`` is where to begin reading."""

VERSION = "1.0.0"
