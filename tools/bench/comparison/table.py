"""The results as text."""

from comparison.balancers import is_ours
from comparison.stages import STAGES
from comparison.targets import TARGETS, ratio_for, target_for
from comparison.works import WORKS

_TITLES = {stage.name: stage.title for stage in STAGES}
_HEAD = f"  {'':36}{'ours':>11}  {'peer':10}{'theirs':>11}{'ratio':>8}   {'min..max':13}{'n':>2}  target"


def render(results):
    """Everything: a block for each stage, single figures, notes."""
    blocks = [_stage(results, name, ours) for name in results.stages() if name in _TITLES
              for ours in results.contenders(name) if is_ours(ours)]
    return "\n\n".join([*blocks, *filter(None, [_single(results), _busy(results), _remarks(results)])])


def number(value, digits):
    """A figure as text."""
    return "-" if value is None else f"{value:,.{digits}f}"


def _stage(results, stage, ours):
    lines = [f"{_TITLES[stage]}: {ours}", _HEAD]
    peers = [name for name in results.contenders(stage) if not is_ours(name)]
    measured = {entry.work for entry in results.measurements if entry.stage == stage}
    for work in (work for work in WORKS if work.name in measured):
        lines.append(f"  {work.title}")
        for figure in work.figures:
            lines += _rows(results, stage, ours, peers, figure)
    return "\n".join(lines)


def _rows(results, stage, ours, peers, figure):
    label, own = figure.unit, number(results.median(stage, ours, figure.name), figure.digits)
    rows = []
    for peer in peers or [""]:
        ratio = results.ratio(stage, ours, peer, figure.name)
        target = target_for(figure.name, peer, stage, results)
        text = f"    {label:34}{own:>11}  {peer:10}{number(results.median(stage, peer, figure.name), figure.digits):>11}"
        if ratio:
            text += f"{ratio.median:8.2f}   {f'{ratio.least:.2f}..{ratio.most:.2f}':13}{ratio.count:2}"
            decisive = ratio_for(target, stage, ours, results) if target else None
            text += f"  {target.wanted()}: {target.verdict(decisive.median)}" if decisive else ""
        rows.append(text)
        label = own = ""
    return rows


def _single(results):
    """Figures of Sluice alone."""
    lines = []
    alone = [entry for entry in results.measurements if entry.stage not in _TITLES]
    for stage, contender, name in dict.fromkeys((entry.stage, entry.contender, name) for entry in alone for name in entry.values):
        values = results.by_round(stage, contender, name).values()
        if not values:
            lines.append(f"  {contender:18}{name:30}{'-':>11}")
            continue
        median = results.median(stage, contender, name)
        target = next((target for target in TARGETS if target.figure == name and target.peer is None), None)
        verdict = f"  {target.wanted()}: {target.verdict(median)}" if target else ""
        lines.append(f"  {contender:18}{name:30}{median:11,.2f}   {f'{min(values):,.2f}..{max(values):,.2f}':22}{len(values):2}{verdict}")
    head = f"Sluice alone; seconds, bytes, MB, % of a core\n  {'':48}{'median':>11}   {'min..max':22}{'n':>2}  target"
    return "\n".join([head, *lines]) if lines else ""


def _busy(results):
    """Where the time went, and where packets were received: means of the rounds."""
    lines = []
    for stage in (name for name in results.stages() if name in _TITLES):
        for contender in results.contenders(stage):
            for work in WORKS:
                windows = [entry.window for entry in results.measurements
                           if (entry.stage, entry.contender, entry.work) == (stage, contender, work.name) and entry.window]
                if windows:
                    busy = [sum(core) / len(windows) for core in zip(*(window["busy"] for window in windows), strict=True)]
                    received = [sum(core) for core in zip(*(window["receiveSoftirqs"] for window in windows), strict=True)]
                    total = sum(received) or 1
                    lines.append(f"  {stage:14}{contender:18}{work.name:18}" + "".join(f"{share:6.0%}" for share in busy) + "   "
                                 + "".join(f"{count / total:6.0%}" for count in received))
    return "\n".join(["Busy share of each core; share of receive softirqs on each core", *lines]) if lines else ""


def _remarks(results):
    lines = [f"{results.disturbed()} of {len(results.measurements)} measurements were disturbed by others "
             "(more than 20 % of a core taken by other processes or the hypervisor)"]
    lines += results.notes
    lines += [f"FAILED: {entry.stage}, round {entry.round + 1}, {entry.contender}, {entry.work}: {entry.error}" for entry in results.errors()]
    return "\n".join(lines)
