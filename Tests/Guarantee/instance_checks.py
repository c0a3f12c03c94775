"""Decides from answers alone whether a name ever had two live instances. Pure functions.

An instance lives from one moment to another, and each of its answers was made at some moment
between its `sent` and its `received`. So it lived at least from its first `received` to its last
`sent`, and it can only have ended before another one began if none of the other's answers was
received before one of its own was sent.
"""

from collections import defaultdict
from typing import NamedTuple

from records import Answer, Violation


class Span(NamedTuple):
    """What is certain of one instance: the answer received first, and the one sent last."""

    first: Answer
    last: Answer

    @property
    def epoch(self):
        return self.first.epoch


def check_instances(answers, attempts):
    """All that is wrong with these answers; `attempts` are all increments that were asked for."""
    violations = check_identities(answers)
    by_name = grouped(answers, lambda answer: answer.name)
    asked = grouped(attempts, lambda attempt: attempt.name)
    for name in sorted(by_name):
        by_instance = grouped(by_name[name], lambda answer: answer.instance)
        lives = [span(by_instance[instance]) for instance in sorted(by_instance)]
        violations += check_overlaps(lives) + check_epochs(lives)
        sends = sorted(attempt.sent for attempt in asked[name])
        for instance in sorted(by_instance):
            violations += check_counts(by_instance[instance], sends)
    return violations


def check_identities(answers):
    """An instance is of one name, on one node, in one epoch."""
    first = {}
    violations = []
    for answer in answers:
        other = first.setdefault(answer.instance, answer)
        if (other.name, other.node, other.epoch) != (answer.name, answer.node, answer.epoch):
            violations.append(Violation("identity", "one instance, two origins", (other, answer)))
    return violations


def check_overlaps(lives):
    """No instance acts before and after another one of its name."""
    return [
        Violation("overlap", f"two live instances of {one.first.name}", proof(one, other))
        for one, other in pairs(lives)
        if may_not_precede(one, other) and may_not_precede(other, one)
    ]


def check_epochs(lives):
    """A later epoch answers later, and one epoch has one owner."""
    violations = []
    for one, other in pairs(lives):
        older, newer = sorted((one, other), key=lambda life: life.epoch)
        name = older.first.name
        if older.epoch == newer.epoch:
            if older.first.node != newer.first.node:
                text = f"epoch {older.epoch} of {name} has two owners"
                violations.append(Violation("epoch", text, (older.first, newer.first)))
        elif may_not_precede(older, newer):
            text = f"{name} answers in epoch {older.epoch} after it did in {newer.epoch}"
            violations.append(Violation("epoch", text, (newer.first, older.last)))
    return violations


def check_counts(answers, sends):
    """An instance counts each increment once, in the order of time."""
    violations = []
    seen = {}
    for answer in answers:
        other = seen.setdefault(answer.count, answer)
        if other is not answer:
            violations.append(Violation("count", "one count, two increments", (other, answer)))
    violations += check_count_order(answers)
    violations += check_count_bound(answers, sends)
    return violations


def check_count_order(answers):
    """An increment that was sent after the answer of another one has the larger count."""
    by_received = sorted(answers, key=lambda answer: answer.received)
    violations = []
    highest, done = None, 0
    for answer in sorted(answers, key=lambda answer: answer.sent):
        while done < len(by_received) and by_received[done].received < answer.sent:
            if highest is None or by_received[done].count > highest.count:
                highest = by_received[done]
            done += 1
        if highest is not None and highest.count >= answer.count:
            violations.append(Violation("count", "a count went back", (highest, answer)))
    return violations


def check_count_bound(answers, sends):
    """No count is larger than the number of increments that were sent before its answer came."""
    violations = []
    sent = 0
    for answer in sorted(answers, key=lambda answer: answer.received):
        while sent < len(sends) and sends[sent] <= answer.received:
            sent += 1
        if answer.count > sent:
            text = f"count {answer.count} after {sent} increments"
            violations.append(Violation("count", text, (answer,)))
    return violations


def check_silences(answers, silences):
    """Nodes without a majority answer nothing, once their leases are over."""
    violations = []
    for silence in silences:
        for answer in answers:
            inside = answer.sent > silence.began and answer.received < silence.ended
            if inside and answer.node in silence.nodes:
                text = f"{answer.node} serves without a majority ({silence.why})"
                violations.append(Violation("silence", text, (answer,)))
    return violations


def check_standstills(answers, standstills):
    """Most of what nobody could take over goes on as the same instance.

    Not all of it must: a node that the others reach later than each other may be taken for dead.
    """
    violations = []
    by_name = grouped(answers, lambda answer: answer.name)
    for standstill in standstills:
        kept, moved = [], []
        for name in sorted(by_name):
            around = before_and_after(by_name[name], standstill)
            if around and around[0].node in standstill.nodes:
                (kept if around[0].instance == around[1].instance else moved).append(around)
        if len(moved) > len(kept):
            text = f"{len(moved)} of {len(moved) + len(kept)} names moved ({standstill.why})"
            violations.append(Violation("in place", text, moved[0]))
    return violations


def before_and_after(answers, standstill):
    """The last answer before it and the first one after it; None without one of them."""
    before = [answer for answer in answers if answer.received < standstill.began]
    after = [answer for answer in answers if answer.sent > standstill.ended]
    if not before or not after:
        return None
    return max(before, key=lambda a: a.sent), min(after, key=lambda a: a.received)


def span(answers):
    return Span(
        first=min(answers, key=lambda answer: answer.received),
        last=max(answers, key=lambda answer: answer.sent),
    )


def may_not_precede(one, other):
    """True when `one` has acted after `other` did, for certain."""
    return other.first.received < one.last.sent


def proof(one, other):
    """The four answers that show two lives overlap, in the order of time."""
    return tuple(sorted({one.first, one.last, other.first, other.last}, key=lambda a: a.sent))


def pairs(lives):
    return [(lives[i], lives[j]) for i in range(len(lives)) for j in range(i + 1, len(lives))]


def grouped(records, key):
    groups = defaultdict(list)
    for record in records:
        groups[key(record)].append(record)
    return groups
