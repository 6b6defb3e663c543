"""Threads share two heaps of the C library, counted by glibc itself in a process of their own."""

import ctypes
import os
import subprocess
import sys

import pytest

glibc = pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "malloc_info") or not hasattr(ctypes.CDLL(None), "mallopt"),
    reason="this C library is not glibc",
)

PROGRAM = """
import ctypes, os, sys, threading
from service.memory import share_heaps

if "shared" in sys.argv:
    print(share_heaps())
libc = ctypes.CDLL(None)
libc.malloc.restype = libc.fdopen.restype = ctypes.c_void_p
ready = threading.Barrier(9)

def allocate():
    libc.malloc(100)
    ready.wait()

threads = [threading.Thread(target=allocate) for _ in range(8)]
for thread in threads:
    thread.start()
ready.wait()
for thread in threads:
    thread.join()
libc.malloc_info.argtypes = [ctypes.c_int, ctypes.c_void_p]
stream = libc.fdopen(os.dup(1), b"w")
sys.stdout.flush()
libc.malloc_info(0, stream)
libc.fclose(ctypes.c_void_p(stream))
"""


def told(*arguments, **variables):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], env=kept | variables, capture_output=True, text=True, check=True
    )
    return done.stdout


@glibc
def test_eight_threads_that_allocate_at_once_use_two_heaps():
    said = told("shared")
    assert said.startswith("True\n")
    assert said.count("<heap nr=") == 2


@glibc
def test_without_it_they_would_use_more():
    assert told().count("<heap nr=") > 2


@glibc
def test_the_environment_has_the_last_word():
    said = told("shared", MALLOC_ARENA_MAX="4")
    assert said.startswith("False\n")
    assert said.count("<heap nr=") == 4
