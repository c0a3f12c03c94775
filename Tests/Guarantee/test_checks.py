"""The checks themselves: each must find a violation made by hand, and nothing in a clean run."""

import unittest

from instance_checks import check_instances, check_silences, check_standstills
from records import Answer, Attempt, Life, SessionEvent, SessionLog, Silence, Standstill
from session_checks import check_session


def answer(instance, count, sent, received, epoch=1, node="node-1", name="n"):
    return Answer(name, instance, epoch, node, count, sent, received, "node-3")


def kinds(*answers, attempts=100):
    asked = [Attempt("n", 0.0)] * attempts
    return [violation.kind for violation in check_instances(list(answers), asked)]


class InstanceTests(unittest.TestCase):
    def test_one_instance_is_well(self):
        self.assertEqual(kinds(answer("a", 1, 0, 1), answer("a", 2, 1, 2)), [])

    def test_one_after_the_other_is_well(self):
        first = [answer("a", 1, 0, 1), answer("a", 2, 1, 2)]
        second = [answer("b", 1, 3, 4, 2, "node-2"), answer("b", 2, 5, 6, 2, "node-2")]
        self.assertEqual(kinds(*first, *second), [])

    def test_an_old_answer_that_comes_late_is_well(self):
        self.assertEqual(
            kinds(answer("a", 1, 0, 9), answer("b", 1, 3, 4, 2, "node-2")), []
        )

    def test_two_that_alternate_overlap(self):
        found = kinds(
            answer("a", 1, 0, 1), answer("b", 1, 2, 3, 2, "node-2"), answer("a", 2, 4, 5)
        )
        self.assertEqual(found, ["overlap", "epoch"])

    def test_two_lives_that_share_a_moment_overlap(self):
        found = kinds(
            answer("a", 1, 0, 1),
            answer("a", 2, 5, 6),
            answer("b", 1, 2, 4, 2, "node-2"),
            answer("b", 2, 7, 8, 2, "node-2"),
        )
        self.assertIn("overlap", found)

    def test_an_overlap_is_found_whatever_the_epochs(self):
        for epochs in ((1, 1), (1, 2), (2, 1)):
            found = kinds(
                answer("a", 1, 0, 1, epochs[0]),
                answer("b", 1, 2, 3, epochs[1], "node-2"),
                answer("a", 2, 4, 5, epochs[0]),
            )
            self.assertIn("overlap", found)

    def test_an_older_epoch_after_a_newer_one_is_wrong(self):
        found = kinds(answer("b", 1, 0, 1, 2, "node-2"), answer("a", 1, 2, 3, 1))
        self.assertEqual(found, ["epoch"])

    def test_one_epoch_has_one_owner(self):
        found = kinds(answer("a", 1, 0, 1, 2), answer("b", 1, 2, 3, 2, "node-2"))
        self.assertEqual(found, ["epoch"])

    def test_one_instance_has_one_node_and_one_epoch(self):
        self.assertIn("identity", kinds(answer("a", 1, 0, 1), answer("a", 2, 2, 3, 2)))
        other = answer("a", 2, 2, 3, node="node-2")
        self.assertIn("identity", kinds(answer("a", 1, 0, 1), other))

    def test_a_count_that_is_given_twice_is_wrong(self):
        self.assertIn("count", kinds(answer("a", 1, 0, 5), answer("a", 1, 1, 6)))

    def test_a_count_that_goes_back_is_wrong(self):
        self.assertEqual(kinds(answer("a", 7, 0, 1), answer("a", 6, 2, 3)), ["count"])

    def test_counts_of_answers_at_the_same_time_have_no_order(self):
        self.assertEqual(kinds(answer("a", 2, 0, 5), answer("a", 1, 1, 6)), [])

    def test_more_counted_than_asked_is_wrong(self):
        self.assertEqual(kinds(answer("a", 3, 0, 1), attempts=3), [])
        self.assertEqual(kinds(answer("a", 4, 0, 1), attempts=3), ["count"])


class SilenceTests(unittest.TestCase):
    silences = [Silence(("node-1",), 10, 20, "cut off")]

    def test_an_answer_without_a_majority_is_wrong(self):
        found = check_silences([answer("a", 1, 11, 12)], self.silences)
        self.assertEqual([violation.kind for violation in found], ["silence"])

    def test_an_answer_that_may_be_from_before_or_after_is_well(self):
        answers = [answer("a", 1, 9, 12), answer("a", 2, 19, 21)]
        self.assertEqual(check_silences(answers, self.silences), [])

    def test_the_majority_may_answer(self):
        answers = [answer("a", 1, 11, 12, node="node-2")]
        self.assertEqual(check_silences(answers, self.silences), [])


class StandstillTests(unittest.TestCase):
    standstills = [Standstill(("node-1",), 10, 20, "three parts")]

    def test_the_same_instance_goes_on(self):
        answers = [answer("a", 1, 8, 9), answer("a", 2, 21, 22)]
        self.assertEqual(check_standstills(answers, self.standstills), [])

    def test_another_instance_is_wrong(self):
        answers = [answer("a", 1, 8, 9), answer("b", 1, 21, 22, 2)]
        found = check_standstills(answers, self.standstills)
        self.assertEqual([violation.kind for violation in found], ["in place"])

    def test_one_of_three_may_move(self):
        answers = [answer("x", 1, 21, 22, 2, name="n0")]
        answers += [answer(f"i{n}", 1, 8, 9, name=f"n{n}") for n in range(3)]
        answers += [answer(f"i{n}", 2, 21, 22, name=f"n{n}") for n in (1, 2)]
        self.assertEqual(check_standstills(answers, self.standstills), [])

    def test_what_another_node_owned_may_move(self):
        answers = [answer("a", 1, 8, 9, node="node-2"), answer("b", 1, 21, 22, 2)]
        self.assertEqual(check_standstills(answers, self.standstills), [])


def session(*steps, closed=None):
    """A log of one step a second: 1 is sent, -1 comes back."""
    events = [
        SessionEvent(float(i), "sent" if step > 0 else "got", abs(step))
        for i, step in enumerate(steps)
    ]
    if closed:
        events.append(SessionEvent(closed[0], "closed", closed[1], closed[2]))
    return SessionLog("echo-1", "node-1", events)


def texts(log, crashes=(), lives=(Life("node-1", 0.0),)):
    return [violation.text for violation in check_session(log, crashes, lives)]


class SessionTests(unittest.TestCase):
    def test_each_once_and_in_order_is_well(self):
        self.assertEqual(texts(session(1, -1, 2, 3, -2, -3)), [])

    def test_a_loss_is_wrong(self):
        self.assertEqual(len(texts(session(1, 2, 3, -1, -3))), 1)
        self.assertEqual(len(texts(session(1, 2, 3, -1, -2))), 1)

    def test_a_double_is_wrong(self):
        self.assertEqual(len(texts(session(1, 2, -1, -1, -2))), 1)

    def test_a_wrong_order_is_wrong(self):
        self.assertEqual(len(texts(session(1, 2, -2, -1))), 1)

    def test_an_answer_to_nothing_is_wrong(self):
        self.assertEqual(len(texts(session(1, -1, -2))), 1)

    def test_a_double_is_well_after_a_crash_and_not_before(self):
        steps = (1, 2, -1, -1, -2)
        self.assertEqual(texts(session(*steps), crashes=[(2.5, 2.6)]), [])
        self.assertEqual(len(texts(session(*steps), crashes=[(3.5, 9.0)])), 1)

    def test_a_gap_is_well_when_the_missing_are_delivered_again(self):
        steps = (1, 2, 3, -1, -3, -2, -3)
        self.assertEqual(texts(session(*steps), crashes=[(2.5, 2.6)]), [])
        self.assertEqual(len(texts(session(1, 2, 3, -1, -3), crashes=[(2.5, 2.6)])), 1)

    def test_a_close_while_the_edge_lives_is_wrong(self):
        for code, reason in ((1000, ""), (1012, "retry=100"), (None, "")):
            self.assertEqual(len(texts(session(1, -1, 2, closed=(9.0, code, reason)))), 1)

    def test_a_parked_session_may_be_closed_after_thirty_seconds(self):
        log = session(1, -1, 2, closed=(33.0, 1012, "retry=700"))
        self.assertEqual(texts(log), [])
        self.assertEqual(len(texts(session(1, -1, 2, closed=(33.0, 1012, "soon")))), 1)

    def test_a_close_with_its_edge_is_well(self):
        log = session(1, -1, 2, closed=(4.0, None, ""))
        self.assertEqual(texts(log, lives=[Life("node-1", 0.0, 3.5, "SIGKILL")]), [])
        self.assertEqual(len(texts(log, lives=[Life("node-1", 0.0, 3.5, "SIGTERM")])), 1)

    def test_an_edge_that_ends_by_itself_may_close_before(self):
        log = session(1, -1, 2, closed=(4.0, 1001, ""))
        self.assertEqual(texts(log, lives=[Life("node-1", 0.0, 9.0, "status 1")]), [])
        self.assertEqual(len(texts(log, lives=[Life("node-1", 0.0, 19.0, "status 1")])), 1)

    def test_a_close_is_not_excused_by_an_earlier_life_of_its_edge(self):
        log = session(1, -1, closed=(4.0, None, ""))
        self.assertEqual(len(texts(log, lives=[Life("node-1", -9.0, -5.0, "SIGKILL")])), 1)


if __name__ == "__main__":
    unittest.main()
