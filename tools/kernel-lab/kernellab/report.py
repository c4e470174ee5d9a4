"""What was found: a line for each check, a table, and the totals."""

import dataclasses
import textwrap
import time

NOTE_LENGTH = 80


@dataclasses.dataclass
class Row:
    """One carrier on one kernel."""

    kernel: str
    carrier: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    note: str = ""


class Report:
    """Collects rows; prints as it goes."""

    def __init__(self, verbose):
        self._verbose = verbose
        self._started = time.monotonic()
        self.rows = []

    @staticmethod
    def say(text):
        """What goes on meanwhile."""
        print(text, flush=True)

    def row(self, kernel, carrier):
        """A new row, to be filled."""
        self.rows.append(Row(kernel, carrier))
        return self.rows[-1]

    def passed(self, row, name, seconds):
        """A check has passed."""
        row.passed += 1
        if self._verbose:
            print(f"passed  {row.kernel} {row.carrier}: {name} ({seconds:.1f} s)", flush=True)

    def failed(self, row, name, why):
        """A check has failed."""
        row.failed += 1
        print(f"FAILED  {row.kernel} {row.carrier}: {name}\n        " + str(why).replace("\n", "\n        "), flush=True)

    def skipped(self, kernel, carrier, checks, why):
        """All the checks of a carrier on a kernel could not be made."""
        row = self.row(kernel, carrier)
        row.skipped, row.note = checks, str(why)
        print(f"SKIPPED {kernel} {carrier}: {why}", flush=True)

    def done(self, row):
        """A row is complete."""
        print(f"{row.kernel} {row.carrier}: {row.passed} passed, {row.failed} failed in {row.seconds:.0f} s", flush=True)

    def print_table(self):
        """The table and the totals; true if nothing failed."""
        widest = max([len(row.kernel) for row in self.rows], default=6)
        print(f"\n{'kernel':{widest}}  carrier  passed  failed  skipped  seconds")
        for row in self.rows:
            print(f"{row.kernel:{widest}}  {row.carrier:7}  {row.passed:6}  {row.failed:6}  {row.skipped:7}  {row.seconds:7.0f}  "
                  f"{textwrap.shorten(row.note, NOTE_LENGTH)}".rstrip())
        passed, failed, skipped = (sum(getattr(row, name) for row in self.rows) for name in ("passed", "failed", "skipped"))
        print(f"\n{time.monotonic() - self._started:.0f} s in all\n{passed} passed, {failed} failed, {skipped} skipped", flush=True)
        return failed == 0
