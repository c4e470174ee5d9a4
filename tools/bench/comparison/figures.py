"""From single measurements to ratios: ours by theirs within each round, and the median of those."""

import statistics
from dataclasses import dataclass


@dataclass(frozen=True)
class Measurement:
    """One work done once. ``values`` by names of figures; empty after an ``error``. ``window``: see accounting.Window.summary."""

    stage: str
    round: int
    contender: str
    work: str
    values: dict
    window: dict
    disturbed: bool = False
    error: str | None = None


@dataclass(frozen=True)
class Ratio:
    """Ours by theirs: median and extremes over ``count`` rounds."""

    median: float
    least: float
    most: float
    count: int


class Results:
    """Every measurement of a run. Disturbed ones are kept and, unless wanted, not used."""

    def __init__(self, use_disturbed=False):
        self.measurements = []
        self.notes = []
        self._use_disturbed = use_disturbed

    def add(self, measurement):
        """One more."""
        self.measurements.append(measurement)

    def note(self, text):
        """Something that readers have to know, once."""
        if text not in self.notes:
            self.notes.append(text)

    def by_round(self, stage, contender, figure):
        """The value of each round in which it was measured well."""
        return {entry.round: entry.values[figure] for entry in self.measurements
                if entry.stage == stage and entry.contender == contender and figure in entry.values
                and (self._use_disturbed or not entry.disturbed)}

    def median(self, stage, contender, figure):
        """The median of the rounds, or None."""
        values = self.by_round(stage, contender, figure).values()
        return statistics.median(values) if values else None

    def ratio(self, stage, ours, theirs, figure):
        """The Ratio over the rounds in which both were measured, or None."""
        left, right = self.by_round(stage, ours, figure), self.by_round(stage, theirs, figure)
        ratios = [left[number] / right[number] for number in left.keys() & right.keys() if right[number]]
        return Ratio(statistics.median(ratios), min(ratios), max(ratios), len(ratios)) if ratios else None

    def stages(self):
        """The names of the stages that were measured, in their order."""
        return list(dict.fromkeys(entry.stage for entry in self.measurements))

    def contenders(self, stage):
        """Who was measured in a stage."""
        return list(dict.fromkeys(entry.contender for entry in self.measurements if entry.stage == stage))

    def disturbed(self):
        """How many measurements were disturbed."""
        return sum(entry.disturbed for entry in self.measurements)

    def errors(self):
        """The measurements that failed."""
        return [entry for entry in self.measurements if entry.error]
