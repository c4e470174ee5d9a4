"""What a daemon's memory is used for."""

import os
import re
import subprocess
from dataclasses import dataclass

_MAPPING = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) \S+ \S+ \S+ \S+ *(.*)$")
_GENERATION = re.compile(r"total \d+K, used (\d+)K \[(0x[0-9a-f]+), 0x[0-9a-f]+, (0x[0-9a-f]+)\)")


@dataclass(frozen=True)
class Memory:
    """In bytes. ``resident`` is the RSS; of that ``heap`` is the Java heap, ``anonymous`` the rest that no file is behind (hot
    table, rings, threads, code), ``files`` pages of files. ``stored`` is what the state directory takes, mapped or not; ``live`` what
    is alive in the heap.
    """

    resident: int
    heap: int
    anonymous: int
    files: int
    stored: int
    live: int

    @property
    def tables(self):
        """Everything that could belong to connections: what is alive in the heap, other memory, and the files in the state directory."""
        return self.live + self.anonymous + self.stored


def parse_smaps(text, heap=()):
    """(resident, heap, anonymous, files) in bytes; ``heap``: address ranges of the Java heap."""
    resident = in_heap = anonymous = files = 0
    start, path = 0, ""
    for line in text.splitlines():
        mapping = _MAPPING.match(line)
        if mapping:
            start, path = int(mapping.group(1), 16), mapping.group(3)
        elif line.startswith("Rss:"):
            size = int(line.split()[1]) * 1024
            resident += size
            if any(low <= start < high for low, high in heap):
                in_heap += size
            elif path.startswith("/"):
                files += size
            else:
                anonymous += size
    return resident, in_heap, anonymous, files


def parse_heap(text):
    """Of what ``jcmd GC.heap_info`` prints about the serial collector: address ranges, and bytes used."""
    generations = _GENERATION.findall(text)
    return [(int(low, 16), int(high, 16)) for _, low, high in generations], sum(int(used) * 1024 for used, _, _ in generations)


def memory_of(pid, state_directory):
    """The Memory of a daemon, after a full collection."""
    jcmd = os.path.join(os.path.dirname(os.readlink(f"/proc/{pid}/exe")), "jcmd")

    def ask(what):
        return subprocess.run([jcmd, str(pid), what], capture_output=True, text=True, timeout=60, check=True).stdout
    ask("GC.run")
    ranges, live = parse_heap(ask("GC.heap_info"))
    if not ranges:
        raise ValueError("GC.heap_info does not say where the heap is")
    with open(f"/proc/{pid}/smaps", encoding="utf-8") as file:
        parts = parse_smaps(file.read(), ranges)
    return Memory(*parts, _stored(state_directory), live)


def _stored(directory):
    return sum(os.stat(os.path.join(base, name)).st_blocks * 512 for base, _, names in os.walk(directory) for name in names)
