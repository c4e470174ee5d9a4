"""The ladder of rates, what wrk and the JVM print, and the memory map."""

import unittest

from comparison.checks import WrongAnswer
from comparison.ladder import Rung, climb
from comparison.memory import parse_heap, parse_smaps
from comparison.works import parse_wrk

WRK = """Running 1s test @ http://10.50.9.100/1k
  1 threads and 32 connections
  Latency Distribution
     50%  357.00us
     75%    1.00ms
     90%    1.10ms
     99%    1.42ms
  80373 requests in 1.10s, 96.12MB read
Requests/sec:  73067.11
"""
HEAP = """4236:
DefNew     total 78656K, used 1000K [0x00000000f0000000, 0x00000000f5550000, 0x00000000f5550000)
 eden space 69952K,  40% used [0x00000000f0000000, 0x00000000f1b5d820, 0x00000000f4450000)
Tenured    total 174784K, used 500K [0x00000000f5550000, 0x0000000100000000, 0x0000000100000000)
 the  space 174784K,   0% used [0x00000000f5550000, 0x00000000f5673ab8, 0x0000000100000000)
"""
SMAPS = """f0000000-f5550000 rw-p 00000000 00:00 0
Size:              87360 kB
Rss:                 100 kB
7f0000000000-7f0000001000 rw-p 00000000 00:00 0
Rss:                  10 kB
7f0000002000-7f0000003000 rw-s 00000000 00:19 123                        /dev/shm/state/connections.0
Rss:                   4 kB
7f0000004000-7f0000005000 rw-p 00000000 00:00 0                          [heap]
Rss:                   1 kB
"""


def attempt(capacity, generator=10_000_000):
    """A path that lets ``capacity`` through, behind a generator that sends no more than it can; the rates tried are kept."""
    tried = []

    def rung(rate):
        tried.append(rate)
        sent = min(rate, generator)
        return Rung(rate, sent, min(sent, capacity), 1.0)
    return rung, tried


class Ladder(unittest.TestCase):
    def test_should_give_the_highest_rate_that_passed(self):
        rung, tried = attempt(350)
        self.assertEqual((300, 350, False), climb([100, 200, 300, 400, 500, 600], rung))
        self.assertEqual([100, 200, 300, 400, 500], tried)

    def test_should_allow_one_percent_and_no_more(self):
        self.assertTrue(Rung(1000, 1000, 990, 1.0).passed)
        self.assertFalse(Rung(1000, 1000, 989, 1.0).passed)

    def test_should_go_on_after_one_bad_rung(self):
        answers = iter([Rung(100, 100, 100, 1.0), Rung(200, 200, 50, 1.0), Rung(300, 300, 300, 1.0)])
        self.assertEqual((300, 300, False), climb([100, 200, 300], lambda _: next(answers)))

    def test_should_say_when_the_generator_was_at_its_end(self):
        rung, _ = attempt(1_000, generator=250)
        self.assertEqual((200, 250, True), climb([100, 200, 300, 400], rung))

    def test_should_give_zero_when_nothing_passed(self):
        rung, _ = attempt(10)
        self.assertEqual((0.0, 10, False), climb([100, 200, 300], rung))


class Wrk(unittest.TestCase):
    def test_should_read_rate_and_latencies(self):
        self.assertEqual({"rate": 73067.11, "p50": 357.0, "p99": 1420.0}, parse_wrk(WRK))

    def test_should_refuse_runs_with_errors(self):
        for line in ("  Socket errors: connect 0, read 3, write 0, timeout 0", "  Non-2xx or 3xx responses: 7"):
            with self.assertRaisesRegex(WrongAnswer, line.split(":")[0].strip()):
                parse_wrk(WRK + line + "\n")


class MemoryMap(unittest.TestCase):
    def test_should_tell_heap_files_and_the_rest_apart(self):
        ranges, used = parse_heap(HEAP)
        self.assertEqual(1500 * 1024, used)
        self.assertEqual(tuple(kilobytes * 1024 for kilobytes in (115, 100, 11, 4)), parse_smaps(SMAPS, ranges))
