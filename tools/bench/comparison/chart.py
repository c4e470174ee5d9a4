"""Ratios as horizontal bars on a logarithmic axis: an SVG for light and dark pages, by hand."""

import math
from html import escape

from comparison.balancers import is_ours
from comparison.stages import STAGES
from comparison.works import FIGURES, WORKS

_SHOWN = ["http-cost", "connections-cost", "bulk-cost", "datagrams-cost", "rr-p50", "rr-p99", "bulk1", "bulk8", "datagrams", "http", "connections"]
_PEERS = {"route": "#8a8f98", "nftables": "#3b7dd8", "haproxy": "#d9822b", "nginx": "#2e9e5b"}
_LEFT, _WIDTH, _BAR, _GAP, _TOP = 330, 460, 13, 16, 108
_LEAST, _MOST = 1 / 16, 16
_STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #1f2328 }
  .title { font-size: 15px; font-weight: 600 } .faint { fill: #656d76 }
  .page { fill: #ffffff } .axis { stroke: #d0d7de } .one { stroke: #1f2328 } .range { stroke: #1f2328; opacity: .6 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .faint { fill: #9198a1 } .page { fill: #0d1117 } .axis { stroke: #30363d } .one, .range { stroke: #e6edf3 }
  }
"""


def draw(results, context):
    """The chart of the stage that counts: with connections held, if that was measured."""
    stage = next((name for name in ("held-100k", "placed", *results.stages()) if name in results.stages()), None)
    ours = next((name for name in results.contenders(stage) if is_ours(name)), "sluice")
    rows = [(figure, [(peer, ratio) for peer in _PEERS if (ratio := results.ratio(stage, ours, peer, figure))]) for figure in _SHOWN]
    rows = [(figure, ratios) for figure, ratios in rows if ratios]
    parts, y = [], _TOP
    for figure, ratios in rows:
        parts.append(_label(figure, y + len(ratios) * _BAR / 2))
        for peer, ratio in ratios:
            parts.append(_bar(peer, ratio, y))
            y += _BAR
        y += _GAP
    title = next((entry.title for entry in STAGES if entry.name == stage), str(stage))
    return _page(y, [*_head(title, ours, context), *_axis(y), *parts])


def position(ratio):
    """Where a ratio is on the axis, in pixels."""
    inside = min(max(ratio, _LEAST), _MOST)
    return _LEFT + _WIDTH * math.log(inside / _LEAST) / math.log(_MOST / _LEAST)


def _label(figure, y):
    title = next(work.title for work in WORKS if FIGURES[figure] in work.figures)
    better = "less is better" if FIGURES[figure].lower else "more is better"
    return (f'<text x="{_LEFT - 10}" y="{y - 2:.0f}" text-anchor="end">{escape(title)}</text>'
            f'<text x="{_LEFT - 10}" y="{y + 12:.0f}" text-anchor="end" class="faint">{escape(FIGURES[figure].unit)}, {better}</text>')


def _bar(peer, ratio, y):
    one, end = position(1), position(ratio.median)
    least, most = position(ratio.least), position(ratio.most)
    middle = y + (_BAR - 3) / 2
    return (f'<rect x="{min(one, end):.1f}" y="{y}" width="{max(1, abs(end - one)):.1f}" height="{_BAR - 3}" fill="{_PEERS[peer]}"/>'
            f'<line x1="{least:.1f}" x2="{most:.1f}" y1="{middle}" y2="{middle}" class="range"/>'
            f'<text x="{max(most, one) + 6:.1f}" y="{y + _BAR - 3}">{ratio.median:.2f}</text>')


def _head(title, ours, context):
    yield f'<text x="16" y="26" class="title">{escape(ours)} divided by each peer: {escape(title)}</text>'
    yield f'<text x="16" y="46" class="faint">{escape(", ".join(map(str, context.machine.values())))}</text>'
    yield f'<text x="16" y="62" class="faint">{escape(context.command)}</text>'
    for number, (peer, colour) in enumerate(_PEERS.items()):
        x = 16 + number * 100
        yield f'<rect x="{x}" y="74" width="12" height="12" fill="{colour}"/><text x="{x + 18}" y="84">{peer}</text>'


def _axis(bottom):
    for power in range(-4, 5, 1):
        ratio = 2.0 ** power
        x = position(ratio)
        kind = "one" if power == 0 else "axis"
        yield f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP - 6}" y2="{bottom}" class="{kind}"/>'
        label = f"{ratio:g}" if power >= 0 else f"1/{2 ** -power}"
        yield f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle" class="faint">{label}</text>'


def _page(bottom, parts):
    width, height = _LEFT + _WIDTH + 70, bottom + 30
    body = "\n".join(parts)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">\n'
            f'<style>{_STYLE}</style>\n<rect width="{width}" height="{height}" class="page"/>\n{body}\n</svg>\n')
