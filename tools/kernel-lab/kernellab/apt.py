"""Packages of any Debian suite, without touching the machine's own apt: one private apt root for each set of suites.

Where packages come from is what the machine's apt says: the archive it uses for Debian, and the one for Debian's security updates.
Proxies and other settings of the machine's apt are in force here too.
"""

import glob
import os
import subprocess
import time

from kernellab.errors import Unavailable

FRESH_SECONDS = 7 * 24 * 3600
DOWNLOAD_SECONDS = 1200
SECURITY = "Debian-Security"


def archives():
    """Where the machine gets Debian from: {"Debian": URI, "Debian-Security": URI}, the second one only where there is one."""
    done = subprocess.run(["apt-get", "indextargets", "--format", "$(ORIGIN)|$(LABEL)|$(REPO_URI)", "Created-By: Packages"],
                          capture_output=True, text=True, timeout=60, check=False)
    found = {}
    for line in done.stdout.splitlines():
        origin, label, uri = line.split("|")
        if origin == "Debian":
            found.setdefault(label, uri)
    if "Debian" not in found:
        raise Unavailable("this machine's apt knows no Debian archive: run apt-get update on a Debian machine")
    return found


def source_lines(suites):
    """sources.list for these suites."""
    known = archives()
    lines = []
    for suite in suites:
        label = SECURITY if suite.endswith("-security") else "Debian"
        if label in known:
            lines.append(f"deb {known[label]} {suite} main\n")
    return "".join(lines)


class AptRoot:
    """Package lists of some suites, in a directory of their own."""

    def __init__(self, directory, suites, architecture="amd64"):
        self.directory = directory
        self.suites = suites
        self._options = {
            "APT::Architecture": architecture,
            "APT::Architectures": architecture,
            "APT::Sandbox::User": "root",
            "Acquire::Languages": "none",
            "Acquire::Retries": "3",
            "Acquire::http::Timeout": "60",
            # A suite that is no longer maintained keeps its last, by now expired, signature.
            "Acquire::Check-Valid-Until": "false",
            "Dir::State": directory,
            "Dir::State::status": os.path.join(directory, "status"),
            "Dir::Cache": directory,
            "Dir::Cache::pkgcache": "pkgcache.bin",
            "Dir::Cache::srcpkgcache": "srcpkgcache.bin",
            "Dir::Etc::SourceList": os.path.join(directory, "sources.list"),
            "Dir::Etc::SourceParts": os.path.join(directory, "none"),
            "Dir::Etc::Preferences": os.path.join(directory, "none"),
            "Dir::Etc::PreferencesParts": os.path.join(directory, "none"),
        }

    def refresh(self):
        """Gets the lists, unless those that are there are fresh; true if it got them."""
        stamp = os.path.join(self.directory, "refreshed")
        if os.path.exists(stamp) and time.time() - os.path.getmtime(stamp) < FRESH_SECONDS:
            return False
        os.makedirs(os.path.join(self.directory, "lists", "partial"), exist_ok=True)
        for name, text in (("status", ""), ("sources.list", source_lines(self.suites))):
            with open(os.path.join(self.directory, name), "w", encoding="ascii") as file:
                file.write(text)
        self._run("apt-get", "update", "-q", "--error-on=any")
        with open(stamp, "w", encoding="ascii"):
            return True

    def dependencies(self, package):
        """What the newest version of a package depends on; nothing where there is no such package."""
        try:
            text = self._run("apt-cache", "depends", "--no-recommends", "--no-suggests", "--no-conflicts", "--no-breaks",
                             "--no-replaces", "--no-enhances", package)
        except Unavailable:
            return []
        return [line.split("Depends:")[1].strip(" <>") for line in text.splitlines() if "Depends:" in line]

    def download(self, directory, packages):
        """Downloads packages; gives their files."""
        os.makedirs(directory, exist_ok=True)
        self._run("apt-get", "download", "-q", *packages, cwd=directory)
        return sorted(glob.glob(os.path.join(directory, "*.deb")))

    def _run(self, *words, cwd=None):
        options = [word for name, value in self._options.items() for word in ("-o", f"{name}={value}")]
        try:
            done = subprocess.run([words[0], *options, *words[1:]], capture_output=True, text=True, cwd=cwd,
                                  timeout=DOWNLOAD_SECONDS, check=False)
        except subprocess.TimeoutExpired as error:
            raise Unavailable(f"{' '.join(words)} took longer than {DOWNLOAD_SECONDS} s") from error
        if done.returncode != 0:
            raise Unavailable(f"{' '.join(words)} for {' '.join(self.suites)}: {_first_complaint(done.stderr) or done.returncode}")
        return done.stdout


def _first_complaint(text):
    """What apt complains about first is the cause of the rest."""
    return next((line for line in text.splitlines() if line.startswith(("E: ", "W: "))), "")


def last_line(text):
    """The last line that says something."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")
