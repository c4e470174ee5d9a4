"""Reading /proc."""

import unittest

from comparison.accounting import busy_seconds, foreign_seconds, parse_process, parse_softirqs, parse_stat

STAT = """cpu  300 0 100 1600 0 0 50 10 0 0
cpu0 200 0 50 700 10 0 40 0 0 0
cpu1 100 0 50 900 0 0 10 10 0 0
intr 12345 0
"""
SOFTIRQS = """                    CPU0       CPU1
          HI:          1          2
      NET_TX:         10         20
      NET_RX:       1000       2000
"""


class Parsing(unittest.TestCase):
    def test_should_read_each_core_and_not_their_sum(self):
        cores = parse_stat(STAT)
        self.assertEqual(2, len(cores))
        self.assertAlmostEqual(2.0, cores[0]["user"])
        self.assertAlmostEqual(0.1, cores[1]["steal"])

    def test_should_read_receive_softirqs(self):
        self.assertEqual([1000, 2000], parse_softirqs(SOFTIRQS))

    def test_should_say_what_is_missing(self):
        with self.assertRaisesRegex(ValueError, "NET_XX"):
            parse_softirqs(SOFTIRQS, "NET_XX")

    def test_should_read_a_process_whose_name_has_spaces_and_brackets(self):
        text = "77 (a) b (c) S 5 77 77 0 -1 4194560 1 2 3 4 300 50 20 10 20 0 1 0 9 9 9"
        self.assertEqual((5, 3.5, 0.3), tuple(round(value, 6) for value in parse_process(text)))


class Busy(unittest.TestCase):
    def test_should_count_what_ticks_did_not_see(self):
        delta = {"user": 0.0, "nice": 0.0, "system": 0.0, "idle": 0.4, "iowait": 0.0, "irq": 0.0, "softirq": 0.08, "steal": 0.1}
        self.assertAlmostEqual(0.5, busy_seconds(1.0, delta))

    def test_should_never_be_negative(self):
        self.assertEqual(0.0, busy_seconds(1.0, {"idle": 1.01, "iowait": 0.0, "steal": 0.0}))


class Foreign(unittest.TestCase):
    """Process 100 is ours; each entry is parent, own seconds, reaped seconds."""

    def test_should_not_count_descendants_and_kernel_threads(self):
        before = {1: (0, 0.0, 0.0), 2: (0, 1.0, 0.0), 9: (2, 0.0, 0.0), 100: (1, 1.0, 0.0), 101: (100, 0.0, 0.0)}
        after = {1: (0, 0.0, 0.0), 2: (0, 2.0, 0.0), 9: (2, 5.0, 0.0), 100: (1, 9.0, 0.0), 101: (100, 3.0, 0.0), 102: (101, 4.0, 0.0)}
        self.assertEqual(0.0, foreign_seconds(before, after, 100))

    def test_should_count_others_old_and_new(self):
        before = {100: (1, 0.0, 0.0), 200: (1, 5.0, 0.0)}
        after = {100: (1, 0.0, 0.0), 200: (1, 5.5, 0.0), 201: (200, 0.25, 0.0)}
        self.assertAlmostEqual(0.75, foreign_seconds(before, after, 100))

    def test_should_find_short_lived_processes_at_their_parent(self):
        before, after = {200: (1, 0.0, 1.0)}, {200: (1, 0.0, 1.5)}
        self.assertAlmostEqual(0.5, foreign_seconds(before, after, 100))

    def test_should_not_count_the_past_of_a_process_that_ended(self):
        before, after = {200: (1, 0.0, 0.0), 201: (200, 1000.0, 0.0)}, {200: (1, 0.0, 1000.2)}
        self.assertAlmostEqual(0.2, foreign_seconds(before, after, 100))
