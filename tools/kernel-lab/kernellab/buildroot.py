"""Another Debian to build in: for kernels whose compiler this machine has not."""

import os
import subprocess

from kernellab.apt import last_line, source_lines
from kernellab.cache import cache_path, made_whole
from kernellab.errors import Unavailable

_PACKAGES = ("make", "binutils", "libc6-dev", "bash", "dash", "coreutils", "sed", "gawk", "grep", "findutils", "kmod", "diffutils",
             "pahole", "xz-utils", "base-files")
_MAKE_SECONDS = 900


def run_in_buildroot(suite, compiler, command, directories):
    """Runs a shell command in a build root of the suite, which sees these directories at their own paths; gives the finished process.

    The mounts are in a mount namespace of the command's own, and gone with it.
    """
    root = made_whole(cache_path("buildroots", f"{suite}-{compiler}"), lambda directory: _make(suite, compiler, directory))
    script = ["set -e", f"mount -t proc none {root}/proc"]
    for directory in directories:
        script += [f"mkdir -p {root}{directory}", f"mount --bind {directory} {root}{directory}"]
    script.append(f'exec chroot {root} /bin/bash -c "$0"')
    return subprocess.run(["unshare", "--mount", "--propagation", "private", "sh", "-c", "\n".join(script), command],
                          capture_output=True, text=True, timeout=_MAKE_SECONDS, check=False,
                          env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"})


def _make(suite, compiler, directory):
    os.rmdir(directory)
    packages = ",".join((*_PACKAGES, compiler))
    done = subprocess.run(["timeout", str(_MAKE_SECONDS), "mmdebstrap", "--quiet", "--variant=extract", "--architectures=amd64",
                           f"--include={packages}", "--aptopt=Acquire::Check-Valid-Until \"false\"", suite, directory, "-"],
                          input=source_lines([suite]), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Unavailable(f"mmdebstrap {suite}: {last_line(done.stderr)}")
    if not os.path.exists(os.path.join(directory, "usr/bin/awk")):
        os.symlink("gawk", os.path.join(directory, "usr/bin/awk"))
