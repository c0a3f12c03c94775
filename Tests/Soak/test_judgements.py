"""Each judgement finds what is wrong, in soaks made by hand; none finds anything in a good one."""

import os
import sys
import unittest
from types import SimpleNamespace

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "TryOut"))

import judgements


def soak(
    calm=0.001, attack=0.002, memory=110, epoch=1, ready=(200,), errors=(), unanswered=0, quiet=1,
    control=0.0001,
):
    """A soak of 60 s in which 1 in 50 answers took that long."""
    answers = {
        name: sorted([0.0001] * 98 + [slow] * 2)
        for name, slow in (("before", calm), ("attack", attack))
    }
    counted = [*judgements.REFUSALS, *judgements.SLOW_REFUSALS]
    return SimpleNamespace(
        phase=lambda name: SimpleNamespace(
            name=name, quiet_answers=answers[name], quiet_part=quiet, quiet_control=[control]
        ),
        seen={"errors": list(errors), "unanswered": unanswered, "answers": [(0, 0)]},
        before={"memory": 100, "epoch": 1},
        after={"memory": memory, "epoch": epoch},
        options=SimpleNamespace(seconds=60, only=""),
        outcomes={"an attack": {"closed": 1}},
        ready=dict.fromkeys(ready, 1),
        new_counts=lambda: [(name, 1) for name in counted],
        cluster=SimpleNamespace(wait_for_agreement=lambda: None),
    )


class Judgements(unittest.TestCase):
    def refused(self, check, run):
        with self.assertRaises(AssertionError):
            check(run)

    def test_a_good_soak_passes(self):
        for check in judgements.CHECKS:
            check(soak())

    def test_errors_of_honest_clients(self):
        self.refused(judgements.no_errors, soak(errors=["client 1 was disconnected"]))
        self.refused(judgements.no_errors, soak(unanswered=1))

    def test_latency_at_the_limits_and_above(self):
        judgements.latency(soak(calm=0.003, attack=0.006))
        self.refused(judgements.latency, soak(calm=0.003, attack=0.0061))
        judgements.latency(soak(attack=0.006, control=0.003))
        self.refused(judgements.latency, soak(attack=0.0061, control=0.003))
        judgements.latency(soak(calm=0.001, attack=judgements.FLOOR_SECONDS))
        self.refused(judgements.latency, soak(calm=0.001, attack=0.0041))

    def test_a_machine_that_does_other_work(self):
        judgements.latency(soak(quiet=0.5))
        self.refused(judgements.latency, soak(quiet=0.49))

    def test_memory_above_the_limit(self):
        self.refused(judgements.memory, soak(memory=111))

    def test_a_refusal_that_is_not_counted(self):
        for missing in (judgements.REFUSALS[0], "ping_timeout"):
            run = soak()
            counted = [each for each in run.new_counts() if each[0] != missing]
            run.new_counts = lambda: counted
            self.refused(judgements.refusals, run)

    def test_an_attack_that_was_not_made(self):
        run = soak()
        run.outcomes["another"] = {}
        self.refused(judgements.attacked, run)

    def test_a_node_that_is_not_ready(self):
        self.refused(judgements.ready, soak(ready=(200, 503)))
        self.refused(judgements.ready, soak(ready=("TimeoutError",)))

    def test_a_node_that_was_removed(self):
        self.refused(judgements.cluster_unmoved, soak(epoch=2))


if __name__ == "__main__":
    unittest.main()
