"""What runs in the guest, linked statically: the test program, the sample server, the loader of the eBPF carrier."""

import os
import subprocess

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
HERE = os.path.join(ROOT, "tools", "kernel-lab")
BUILD = os.path.join(HERE, "build")


def build_programs():
    """Builds what changed; gives {name in the guest: file}."""
    samples = os.path.join(ROOT, "tools", "ttm-samples", "c")
    carrier = os.path.join(ROOT, "kmod-ttm", "bpf")
    _make(os.path.join(HERE, "guest"), f"OUT={BUILD}/guest")
    _make(samples, f"OUT={BUILD}/samples", "CFLAGS=-O2 -static")
    _make(carrier, f"OUT={BUILD}/bpf", "STATIC=1")
    return {"server": f"{BUILD}/guest/server", "ttm-server": f"{BUILD}/samples/ttm-server", "ttmctl": f"{BUILD}/bpf/ttmctl"}


def _make(directory, *words):
    done = subprocess.run(["make", "--silent", "-C", directory, *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"make -C {directory} failed:\n{done.stderr}")
