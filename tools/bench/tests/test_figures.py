"""Ratios, verdicts, the chart and the table."""

import unittest
import xml.etree.ElementTree

from comparison import chart, table
from comparison.figures import Measurement, Results
from comparison.record import Context
from comparison.targets import TARGETS, Target, ratio_for, target_for
from comparison.works import FIGURES

CONTEXT = Context("tools/sluice bench", {"rounds": 3, "seconds": 1}, "abc", {"cpu": "<a> & b"}, {})
WINDOW = {"seconds": 1.0, "busy": [1.0, 0.5], "steal": 0.0, "foreign": 0.0, "receiveSoftirqs": [10, 30]}


def results_of(*entries, use_disturbed=False, stage="placed"):
    """Results of (round, contender, figure, value[, disturbed])."""
    results = Results(use_disturbed)
    for number, contender, figure, value, *disturbed in entries:
        results.add(Measurement(stage, number, contender, figure, {figure: value}, WINDOW, any(disturbed)))
    return results


class Ratios(unittest.TestCase):
    def test_should_be_the_median_of_ratios_within_rounds(self):
        results = results_of((0, "sluice", "rr-p50", 10), (0, "nginx", "rr-p50", 20),
                             (1, "sluice", "rr-p50", 30), (1, "nginx", "rr-p50", 30),
                             (2, "sluice", "rr-p50", 90), (2, "nginx", "rr-p50", 30))
        ratio = results.ratio("placed", "sluice", "nginx", "rr-p50")
        self.assertEqual((1.0, 0.5, 3.0, 3), (ratio.median, ratio.least, ratio.most, ratio.count))

    def test_should_leave_out_rounds_in_which_either_was_disturbed(self):
        results = results_of((0, "sluice", "rr-p50", 10), (0, "nginx", "rr-p50", 20, True), (1, "sluice", "rr-p50", 10), (1, "nginx", "rr-p50", 10))
        ratio = results.ratio("placed", "sluice", "nginx", "rr-p50")
        self.assertEqual((1.0, 1), (ratio.median, ratio.count))
        self.assertEqual(1, results.disturbed())

    def test_should_use_the_repetition_of_a_disturbed_measurement(self):
        results = results_of((0, "nginx", "rr-p50", 99, True), (0, "nginx", "rr-p50", 20))
        self.assertEqual(20, results.median("placed", "nginx", "rr-p50"))

    def test_should_have_no_ratio_without_a_common_round(self):
        results = results_of((0, "sluice", "rr-p50", 10), (1, "nginx", "rr-p50", 20))
        self.assertIsNone(results.ratio("placed", "sluice", "nginx", "rr-p50"))

    def test_should_use_disturbed_ones_when_asked_to(self):
        self.assertEqual(7, results_of((0, "nginx", "rr-p50", 7, True), use_disturbed=True).median("placed", "nginx", "rr-p50"))


class Verdicts(unittest.TestCase):
    def test_should_be_met_at_the_bound(self):
        self.assertEqual("met", Target("x", "y", True, 0.85).verdict(0.85))
        self.assertEqual("met", Target("x", "y", False, 0.95).verdict(0.95))

    def test_should_say_by_how_much_it_was_missed(self):
        self.assertEqual("missed by 20%", Target("x", "y", True, 1.0).verdict(1.2))
        self.assertEqual("missed by 10%", Target("x", "y", False, 1.0).verdict(0.9))
        self.assertEqual("missed by < 1%", Target("x", "y", False, 1.0).verdict(0.999))

    def test_should_hold_only_where_connections_are_held_if_that_was_measured(self):
        held = results_of((0, "sluice", "rr-p50", 1), (0, "nginx", "rr-p50", 2), stage="held-100k")
        self.assertIsNotNone(target_for("rr-p50", "nginx", "held-100k", held))
        self.assertIsNone(target_for("rr-p50", "nginx", "placed", held))

    def test_should_take_the_best_variant_where_asked_to(self):
        results = results_of((0, "sluice", "datagrams", 50), (0, "sluice:af_xdp", "datagrams", 99), (0, "nftables", "datagrams", 100))
        target = target_for("datagrams", "nftables", "placed", results)
        self.assertEqual("met", target.verdict(ratio_for(target, "placed", "sluice", results).median))

    def test_should_name_figures_that_exist(self):
        self.assertEqual([], [target.figure for target in TARGETS if target.peer and target.figure not in FIGURES])


class Output(unittest.TestCase):
    def setUp(self):
        self.results = results_of((0, "sluice", "http-cost", 10.0), (0, "haproxy", "http-cost", 20.0), (0, "route", "http-cost", 2.0))

    def test_should_print_the_ratio_with_its_verdict(self):
        text = table.render(self.results)
        self.assertRegex(text, r"haproxy +20\.00 +0\.50 +0\.50\.\.0\.50 +1 +<= 0\.85: met")

    def test_should_print_figures_of_sluice_alone(self):
        for number, value in enumerate((3.0, 1.0, 2.5)):
            self.results.add(Measurement("start", number, "sluice", "start", {"restart-clean-1m": value}, WINDOW))
        self.results.add(Measurement("start", 3, "sluice", "start", {"restart-clean-1m": 99.0}, WINDOW, disturbed=True))
        self.assertRegex(table.render(self.results), r"restart-clean-1m +2\.50 +1\.00\.\.3\.00 +3  <= 2: missed by 25%")

    def test_should_print_failures_and_where_packets_were_received(self):
        self.results.add(Measurement("placed", 0, "nginx", "rr", {}, {}, error="WrongAnswer: nobody"))
        text = table.render(self.results)
        self.assertIn("FAILED: placed, round 1, nginx, rr: WrongAnswer: nobody", text)
        self.assertRegex(text, r"sluice +http-cost +100%   50% +25%   75%")

    def test_should_draw_well_formed_svg(self):
        root = xml.etree.ElementTree.fromstring(chart.draw(self.results, CONTEXT))
        self.assertEqual(2, sum("0.50" == text.text or "5.00" == text.text for text in root.iter("{http://www.w3.org/2000/svg}text")))

    def test_should_keep_bars_within_the_axis(self):
        self.assertEqual(chart.position(16), chart.position(1000))
        self.assertLess(chart.position(0.5), chart.position(1))
