"""A whole run of the bench, as short as it can be: that it works, not how fast anything is."""

import json
import os
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree
from unittest import mock

from comparison import balancers, ladder, plan
from comparison.figures import Results
from comparison.rounds import Effort, Run
from comparison.stages import STAGES

RUN = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "run")
OPTIONS = ["--quick", "--use-disturbed", "--contenders", "sluice,nftables", "--only", "rr,http"]


class Bench(unittest.TestCase):
    def test_should_compare_and_leave_nothing_behind(self):
        with tempfile.TemporaryDirectory() as directory:
            process = subprocess.Popen([RUN, *OPTIONS, "--out", directory], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            printed, _ = process.communicate(timeout=120)
            self.assertEqual(0, process.returncode, printed)
            with open(os.path.join(directory, "results.json"), encoding="utf-8") as file:
                document = json.load(file)
            xml.etree.ElementTree.parse(os.path.join(directory, "results.svg"))
        figures = {(row["contender"], row["figure"]): row for row in document["summary"]}
        # The given load of http-cost may be too much for a machine that does other things as well.
        for figure in ("rr-p50", "http"):
            for contender in ("sluice", "nftables"):
                self.assertGreater(figures[contender, figure]["median"], 0, printed)
            self.assertEqual(1, figures["nftables", figure]["sluiceDividedByThis"]["count"])
        namespaces = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout
        self.assertNotIn(f"slab{process.pid}-", namespaces)


class OneServer(balancers.Nftables):
    """Balances to the first server only."""

    def start(self):
        with mock.patch.object(plan, "SERVICES", [(protocol, port, backends[:1]) for protocol, port, backends in plan.SERVICES]):
            super().start()


class Untranslated(balancers.Nftables):
    """Is expected to translate to another address than it does."""

    seen_as = {plan.BACK}


class Checks(unittest.TestCase):
    def test_should_have_no_figures_of_contenders_that_answer_wrongly(self):
        results = Results(use_disturbed=True)
        with mock.patch.dict(balancers.CONTENDERS, one=OneServer, untranslated=Untranslated):
            Run(["one", "untranslated"], ["rr"], Effort(1, 1, 1, ladder.COARSE, True), results).stage(STAGES[0])
        self.assertEqual(["one", "untranslated"], [entry.contender for entry in results.errors()])
        self.assertRegex(results.errors()[0].error, "the servers that answered")
        self.assertRegex(results.errors()[1].error, "the servers saw other clients")
        self.assertEqual([{}, {}], [entry.values for entry in results.measurements])
