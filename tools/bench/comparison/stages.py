"""The stages: a layout, offloads, connections held meanwhile, and the works done there."""

from dataclasses import dataclass

from comparison.placement import NATURAL, PLACED


@dataclass(frozen=True)
class Stage:
    """``quick``: part of a quick run as well."""

    name: str
    title: str
    works: tuple
    layout: str = PLACED
    offloads: bool = True
    held: int = 0
    quick: bool = False


_ALL = ("rr", "http-cost", "http", "bulk-cost", "bulk1", "bulk8", "datagrams-cost", "datagrams", "connections-cost", "connections")
_BULK = ("bulk-cost", "bulk1", "bulk8")

STAGES = [
    Stage("placed", "placed", _ALL, quick=True),
    Stage("offloads-off", "placed, offloads off at every interface", _BULK, offloads=False),
    Stage("natural", "natural: nothing is told which core to use", ("rr", "http", "bulk1", "connections"), layout=NATURAL),
    Stage("held-100k", "placed, 100,000 connections held", _ALL, held=100_000),
    Stage("held-1m", "placed, 1,000,000 connections held", ("rr", "http-cost", "http", "connections-cost"), held=1_000_000),
]
