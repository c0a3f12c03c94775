"""The figures of a run, as a table."""

from collections import Counter

KINDS = [
    "overlap", "epoch", "identity", "count", "silence", "in place", "session", "take-over",
    "liveness", "exit", "evidence",
]
PROOFS_SHOWN = 3


def percentile(values, share):
    """The smallest value that this share of them does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


def times(values):
    if not values:
        return "none"
    p50, p99 = percentile(values, 0.5), percentile(values, 0.99)
    return f"{len(values)}, p50 {p50:.2f} s, p99 {p99:.2f} s, max {max(values):.2f} s"


def print_table(rows):
    width = max(len(title) for title, _ in rows)
    for title, value in rows:
        print(f"{title:{width}}  {value}")


def print_violations(violations):
    """How many of each kind, and the first of them with their proof."""
    found = Counter(violation.kind for violation in violations)
    print_table([(f"violations: {kind}", found[kind]) for kind in KINDS])
    shown = Counter()
    for violation in sorted(violations, key=lambda violation: KINDS.index(violation.kind)):
        shown[violation.kind] += 1
        if shown[violation.kind] <= PROOFS_SHOWN:
            print("\n" + "\n".join(violation.lines()))
    rest = sum(max(0, count - PROOFS_SHOWN) for count in found.values())
    if rest:
        print(f"\n… and {rest} more")
