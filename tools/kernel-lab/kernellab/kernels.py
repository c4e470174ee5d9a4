"""Debian's kernels: which there are, and how one gets here. The "cloud" flavour: small, with the drivers a virtual machine needs."""

import dataclasses
import glob
import json
import os
import re
import shutil
import subprocess

from kernellab.apt import AptRoot, last_line
from kernellab.cache import cache_path, made_whole
from kernellab.errors import Unavailable

_WANTED = re.compile(r"linux-(image|binary|base|modules|headers|kbuild)-\d")
_START = ("linux-image-cloud-amd64", "linux-headers-cloud-amd64")
_CLOSURE_MOST = 40


@dataclasses.dataclass(frozen=True)
class Suite:
    """A suite that has a kernel. ``builder``: the suite whose compiler builds modules for it; None: this machine's does."""

    name: str
    sources: tuple
    builder: str = None


SUITES = {suite.name: suite for suite in (
    Suite("bullseye", ("bullseye", "bullseye-security")),
    Suite("bookworm", ("bookworm", "bookworm-security")),
    Suite("bookworm-backports", ("bookworm-backports",)),
    Suite("trixie", ("trixie", "trixie-security"), builder="trixie"),
    Suite("trixie-backports", ("trixie-backports",), builder="trixie"),
    Suite("sid", ("sid",), builder="sid"),
)}
DEFAULT = ("bullseye", "bookworm", "trixie", "trixie-backports")


@dataclasses.dataclass(frozen=True)
class Kernel:
    """A kernel of a suite, unpacked."""

    suite: Suite
    release: str
    root: str

    @property
    def version(self):
        """(6, 1) of 6.1.0-56-cloud-amd64."""
        return tuple(int(number) for number in re.match(r"(\d+)\.(\d+)", self.release).groups())

    @property
    def image(self):
        """The bootable file."""
        for path in (f"boot/vmlinuz-{self.release}", f"usr/lib/modules/{self.release}/vmlinuz"):
            if os.path.exists(os.path.join(self.root, path)):
                return os.path.join(self.root, path)
        raise Unavailable(f"the packages of {self.release} have no vmlinuz")

    @property
    def headers(self):
        """What KDIR is for building a module."""
        return os.path.join(self.root, "usr", "src", f"linux-headers-{self.release}")

    @property
    def compiler(self):
        """The command that the kernel was compiled with, such as gcc-12."""
        with open(os.path.join(self.headers, ".kernelvariables"), encoding="ascii") as file:
            return re.search(r"gcc-\d+", file.read()).group()

    def modules_for(self, *names):
        """The files of modules and of those they need, in loading order; what is built in is left out."""
        done = subprocess.run(["modprobe", "-d", self.root, "-S", self.release, "--show-depends", "-a", *names],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Unavailable(f"{self.release} lacks a module: {last_line(done.stderr)}")
        files = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("insmod ")]
        return list(dict.fromkeys(files))


def obtain(suite):
    """The newest kernel of a suite, from the cache where it is there; Unavailable if there is none to be had."""
    known = cache_path(f"{suite.name}.json")
    apt = AptRoot(cache_path("apt", suite.name), suite.sources)
    try:
        if apt.refresh() or not os.path.exists(known):
            release, packages = _newest(apt)
            with open(known, "w", encoding="ascii") as file:
                json.dump({"release": release, "packages": packages}, file)
    except Unavailable:
        if not os.path.exists(known):
            raise
    with open(known, encoding="ascii") as file:
        newest = json.load(file)
    release = newest["release"]
    root = made_whole(cache_path("kernels", release), lambda directory: _unpack(apt, release, newest["packages"], directory))
    _forget_replaced()
    return Kernel(suite, release, root)


def _newest(apt):
    """(release, packages) of the newest kernel. Which packages one consists of has changed over time: follow the dependencies."""
    seen, waiting = [], list(_START)
    while waiting and len(seen) < _CLOSURE_MOST:
        package = waiting.pop(0)
        if package not in seen:
            seen.append(package)
            waiting += [name for name in apt.dependencies(package) if name in _START or _WANTED.match(name) or "cloud" in name]
    packages = [name for name in seen if _WANTED.match(name) and not name.endswith("-unsigned")]
    releases = [match.group(1) for match in (re.match(r"linux-headers-(\d.*-cloud-amd64)$", name) for name in packages) if match]
    if not releases:
        raise Unavailable(f"{apt.suites[0]} has no cloud kernel with headers")
    return releases[0], packages


def _unpack(apt, release, packages, directory):
    downloads = directory + ".downloads"
    shutil.rmtree(downloads, ignore_errors=True)
    for package in apt.download(downloads, packages):
        _checked("dpkg", "-x", package, directory)
    shutil.rmtree(downloads)
    if not os.path.exists(os.path.join(directory, "lib")):
        os.symlink("usr/lib", os.path.join(directory, "lib"))
    _checked("depmod", "-b", directory, release)
    # The makefiles name the places where the packages would have been installed.
    final = directory.removesuffix(".unfinished")
    for makefile in glob.glob(os.path.join(directory, "usr/src/linux-headers-*-cloud-amd64/Makefile")):
        with open(makefile, encoding="utf-8") as file:
            text = file.read()
        with open(makefile, "w", encoding="utf-8") as file:
            file.write(re.sub(r"(=\s*|include )/usr/src/", rf"\g<1>{final}/usr/src/", text))


def _forget_replaced():
    """Removes the kernels that no suite has as its newest one any more."""
    current = set()
    for known in glob.glob(cache_path("*.json")):
        with open(known, encoding="ascii") as file:
            current.add(json.load(file)["release"])
    for release in set(os.listdir(cache_path("kernels"))) - current:
        shutil.rmtree(cache_path("kernels", release), ignore_errors=True)


def _checked(*words):
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Unavailable(f"{' '.join(words[:2])}: {last_line(done.stderr) or done.returncode}")
