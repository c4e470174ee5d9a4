"""What is kept of a run: text, JSON with every measurement, and a chart."""

import dataclasses
import json
import os
import platform
import re
import subprocess
from dataclasses import dataclass

from comparison import chart, table
from comparison.balancers import CONTENDERS
from comparison.works import FIGURES
from topology.lab import ROOT

_VERSIONS = {
    "haproxy": ("haproxy", "-v"),
    "nginx": ("nginx", "-v"),
    "nftables": ("nft", "--version"),
    "wrk": ("wrk", "-v"),
    "iperf3": ("iperf3", "--version"),
    "java": (os.path.join(os.environ.get("JAVA_HOME", "/usr"), "bin", "java"), "--version"),
}


@dataclass(frozen=True)
class Context:
    """Where and how the figures came about."""

    command: str
    effort: dict
    revision: str
    machine: dict
    versions: dict


def context_of(words, effort):
    """The Context of this run; ``words``: the arguments it was started with."""
    return Context(" ".join(["tools/sluice bench", *words]), dataclasses.asdict(effort), _revision(), _machine(),
                   {name: _first_version(command) for name, command in _VERSIONS.items()})


def report(results, context):
    """The run as text."""
    machine = ", ".join(f"{value}" for value in context.machine.values())
    effort = context.effort
    return "\n".join([
        context.command,
        f"revision {context.revision}; {machine}",
        f"{effort['rounds']} rounds, {effort['seconds']} s each; ratios are ours / theirs within a round: median, min..max, rounds",
        "; ".join(f"{name} {version}" for name, version in context.versions.items()),
        "", table.render(results), ""])


def write(directory, results, context):
    """results.txt, results.json and results.svg."""
    os.makedirs(directory, exist_ok=True)
    document = {
        **dataclasses.asdict(context),
        "contenders": {name: CONTENDERS[name].settings for stage in results.stages() for name in results.contenders(stage)},
        "figures": {name: dataclasses.asdict(figure) for name, figure in FIGURES.items()},
        "summary": _summary(results),
        "notes": results.notes,
        "measurements": [dataclasses.asdict(entry) for entry in results.measurements],
    }
    for name, text in (("results.txt", report(results, context)), ("results.json", json.dumps(document, indent=1) + "\n"),
                       ("results.svg", chart.draw(results, context))):
        with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
            file.write(text)


def _summary(results):
    rows = []
    for stage in results.stages():
        for name in results.contenders(stage):
            for figure in FIGURES:
                median = results.median(stage, name, figure)
                if median is not None:
                    ratio = results.ratio(stage, "sluice", name, figure)
                    rows.append({"stage": stage, "contender": name, "figure": figure, "median": median,
                                 "sluiceDividedByThis": dataclasses.asdict(ratio) if ratio else None})
    return rows


def _machine():
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
        text = file.read()
    with open("/proc/meminfo", encoding="ascii") as file:
        kilobytes = int(file.readline().split()[1])
    model = re.search(r"^model name\s*: (.*)$", text, re.MULTILINE)
    virtual = "virtual machine" if re.search(r"^flags\s*:.*\bhypervisor\b", text, re.MULTILINE) else "no hypervisor seen"
    return {"cpu": model.group(1) if model else platform.machine(), "cores": f"{os.cpu_count()} cores",
            "memory": f"{kilobytes / (1 << 20):.0f} GiB", "kernel": f"Linux {platform.release()}", "kind": virtual}


def _revision():
    done = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def _first_version(command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except OSError:
        return "not there"
    found = re.search(r"\d+(\.\d+)+\S*", done.stdout + done.stderr)
    return found.group().rstrip(",)") if found else "unknown"
