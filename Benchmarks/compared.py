"""The rows in which Rookery is compared with the limit of one thread."""

import time

from load import Load, middle, per_cpu_second, ratio
from peers import installed
from servers import Limit, Rookery

# The name of each row, what it is, and the words for `rook bench`.
ROWS = {
    "echo": ("100 × 1 × 20 B", ["echo", "-c", "100"]),
    "pipelined": ("100 × 16 × 20 B", ["echo", "-c", "100", "-p", "16"]),
    "binary": ("100 × 1 × 16 KiB, binary", ["echo", "-c", "100", "--payload", "16384"]),
    "text": ("100 × 1 × 16 KiB, text", ["echo", "-c", "100", "--payload", "16384", "--text"]),
    "rate": ("100 connections at {rate:,} a second, 20 B", ["echo", "-c", "100", "--rate", "{rate}"]),
    "fanout": ("to 1,000 receivers, 100 B", ["fanout", "--receivers", "1000"]),
    "connect": ("open and close, 100 at a time", ["connect", "-c", "100"]),
    "idle": ("{idle:,} idle connections of one object", ["idle", "-c", "{idle}"]),
    "used": (
        "the same after an echo a second of each",
        ["echo", "-c", "{idle}", "--rate", "{idle}"],
    ),
    "objects": ("{idle:,} idle connections, an object each", ["idle", "-c", "{idle}"]),
}
# Of these nothing else counts than the memory.
MEMORY_ROWS = ["idle", "used", "objects"]
# What a process maps and makes in its first seconds is no part of what a connection takes.
SETTLE_SECONDS = 3
BYTES = "bytes per connection"
FIGURES = ["per CPU-second", "per second", "p50 µs", "p99 µs", "p99.9 µs", BYTES]


def kinds():
    return [Rookery, Limit, *installed()]


def measure(load, server, row):
    """One run of a row against a server."""
    words = [word.format(**load.setup.values) for word in ROWS[row][1]]
    url = f"ws://{server.address}{server.paths.get(row, server.paths['else'])}"
    more = ["--copies", str(server.copies)] if row == "fanout" else []
    return load(server, [url], words + more)


def run(setup, row, kinds_in_turn):
    """One round of a row: the figures of each server."""
    figures = {}
    for kind in kinds_in_turn:
        load = Load(setup)
        with kind(setup) as server:
            if row in MEMORY_ROWS:
                time.sleep(SETTLE_SECONDS)
            report = measure(load, server, row)
        figures[kind.name] = {**figures_of(row, report), **load.remarks()}
    return figures


def figures_of(row, report):
    """What is kept of one run."""
    if row in MEMORY_ROWS:
        return {BYTES: report["server"]["bytes_per_connection"]}
    latency = report.get("latency") or {}
    return {
        "per CPU-second": per_cpu_second(report),
        "per second": report["completed_per_second"] or None,
        "p50 µs": latency.get("p50"),
        "p99 µs": latency.get("p99"),
        "p99.9 µs": latency.get("p999"),
    }


def middle_of(rounds, name, figure):
    return middle(figures[name].get(figure) for figures in rounds)


def middle_ratio(rounds, name, figure):
    """The median of the ratios within a round, to the limit."""
    return middle(
        ratio(figures[name].get(figure), figures[Limit.name].get(figure)) for figures in rounds
    )


def table(results, values):
    """The lines of a table in Markdown."""
    names = [kind.name for kind in kinds()]
    others = [name for name in names if name != Limit.name]
    head = ["load", "figure"] + names + [f"{name} / limit" for name in others]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row, rounds in results.items():
        for figure in FIGURES:
            cells = [middle_of(rounds, name, figure) for name in names]
            if all(cell is None for cell in cells):
                continue
            ratios = [middle_ratio(rounds, name, figure) for name in others]
            mine = [ROWS[row][0].format(**values), figure]
            mine += ["-" if cell is None else f"{cell:,.0f}" for cell in cells]
            mine += ["-" if each is None else f"{each:.2f}" for each in ratios]
            lines.append("| " + " | ".join(mine) + " |")
    return lines
