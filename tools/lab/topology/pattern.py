"""Bytes that both ends of a transfer can make for themselves."""

import hashlib
import random

_BLOCK = random.Random(20).randbytes(1 << 20)


def pattern(start, length):
    """``length`` bytes of an endless stream, from byte ``start`` on."""
    parts = []
    while length > 0:
        offset = start % len(_BLOCK)
        part = _BLOCK[offset:offset + length]
        parts.append(part)
        start += len(part)
        length -= len(part)
    return b"".join(parts)


def pattern_sha256(length):
    """The SHA-256 of the first ``length`` bytes, in hex."""
    digest = hashlib.sha256()
    for start in range(0, length, len(_BLOCK)):
        digest.update(pattern(start, min(len(_BLOCK), length - start)))
    return digest.hexdigest()
