"""Where downloads, kernels and build roots are kept between runs."""

import contextlib
import fcntl
import os
import shutil


def cache_path(*parts):
    """A path in the cache directory."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "sluice", "kernel-lab", *parts)


@contextlib.contextmanager
def cache_locked():
    """One run at a time changes the cache."""
    os.makedirs(cache_path(), exist_ok=True)
    with open(cache_path("lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def made_whole(directory, make):
    """The directory, made by ``make(temporary directory)`` if it is not there; an interrupted attempt leaves none."""
    if not os.path.isdir(directory):
        unfinished = directory + ".unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        os.makedirs(unfinished)
        make(unfinished)
        os.rename(unfinished, directory)
    return directory
