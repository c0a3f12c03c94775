"""What reads the dashboard as Grafana does: it must find each mistake that is made by hand."""

import copy
import json
import pathlib
import unittest

import grafana_queries
import grafana_schema

DASHBOARD = json.loads(
    (
        pathlib.Path(__file__).parent.parent.parent / "Deploy/monitoring/rookery-dashboard.json"
    ).read_text()
)


class SchemaTests(unittest.TestCase):
    def test_mistakes(self):
        stat, graph = DASHBOARD["panels"][1], DASHBOARD["panels"][9]
        self.assertEqual((stat["type"], graph["type"]), ("stat", "timeseries"))
        for place, value in {
            "panels.1.titel": "x",
            "panels.1.type": "statistic",
            "panels.1.gridPos.h": "4",
            "panels.1.options.colorMode": "values",
            "panels.1.fieldConfig.defaults.unit": "seconds",
            "panels.1.targets.0.expr": 1,
            "panels.1.targets.0.expression": "up",
            "panels.9.options.tooltip.mode": "several",
            "templating.list.1.refresh": 9,
            "annotations.list.0.colour": "red",
            "refresh": 30,
        }.items():
            self.assertEqual(len(grafana_schema.trouble(changed(place, value))), 1, place)


class QueryTests(unittest.TestCase):
    """By a Prometheus that answers each query with one sample of each of two nodes."""

    def trouble(self, dashboard, answers=None):
        prometheus = Answering(answers)
        viewer = grafana_queries.Viewer(dashboard, prometheus, (1_000, 1_060), 1)
        found = grafana_queries.without_data(dashboard, viewer)
        return found + grafana_queries.outside_of_choice(dashboard, viewer), prometheus

    def test_values_of_variables(self):
        _, prometheus = self.trouble(DASHBOARD)
        asked = "\n".join(prometheus.asked)
        self.assertNotIn("$", asked)
        for words in ('instance=~".*"', 'instance=~"a\\\\.b:1"', 'instance=~"(a\\\\.b:1|c:2)"'):
            self.assertIn(words, asked)
        self.assertIn("[4s]", asked)

    def test_a_query_without_data(self):
        found, _ = self.trouble(DASHBOARD, {"rookery_lease_seconds": []})
        self.assertTrue(any(line.startswith("Lease left shows nothing") for line in found), found)

    def test_one_node_is_missing(self):
        one = [{"metric": {"instance": "c:2"}}]
        found, _ = self.trouble(DASHBOARD, {"process_resident_memory_bytes": one})
        self.assertIn("Memory shows only {'c:2'}", found)

    def test_a_legend_of_a_label_that_is_not_there(self):
        place = "panels.9.targets.1.legendFormat"
        found, _ = self.trouble(changed(place, "{{node}}"))
        self.assertTrue(any("node" in line and "legend" in line for line in found), found)

    def test_a_variable_and_a_source_that_nobody_knows(self):
        with self.assertRaises(KeyError):
            self.trouble(changed("panels.9.targets.0.expr", "up{job=~'$cluster'}"))
        with self.assertRaises(LookupError):
            self.trouble(changed("panels.9.datasource.uid", "mine"))


class Answering:
    """A Prometheus of two nodes that is well."""

    address = "here"

    def __init__(self, answers):
        self.answers = answers or {}
        self.asked = []

    def label_values(self, _, label, *__):
        return {"job": ["rookery"], "instance": ["c:2", "a.b:1"]}[label]

    def instant(self, expression, _):
        self.asked.append(expression)
        for word, answer in self.answers.items():
            if word in expression:
                return answer
        labels = dict.fromkeys(("direction", "class", "event", "reason", "peer", "version"), "x")
        chosen = ["a.b:1"] if 'instance=~"a' in expression else ["a.b:1", "c:2"]
        return [{"metric": {"instance": instance, **labels}} for instance in chosen]

    def range(self, expression, *_):
        return self.instant(expression, None)


def changed(place, value):
    """The dashboard with another value at a place, where `.` goes into it."""
    result = copy.deepcopy(DASHBOARD)
    *way, last = [int(word) if word.isdigit() else word for word in place.split(".")]
    inner = result
    for word in way:
        inner = inner[word]
    inner[last] = value
    return result
