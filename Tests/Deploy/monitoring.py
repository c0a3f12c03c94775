"""Holds alerts, their tests and the dashboard to what live nodes tell:

    monitoring.py ROOK PROMTOOL PROMETHEUS

Every reason and event of a rule must be in the source, every alert in the tests and in the manual.
The dashboard is loaded into Grafana's own types. Then a Prometheus collects from three nodes under
traffic, of which one is killed and comes back: all that the dashboard asks must have an answer, and
the fitting alert and no other must begin.
"""

import json
import pathlib
import re
import subprocess
import sys
import time
import unittest

import grafana_queries
import grafana_schema
import test_grafana
from live import PATIENCE, SCRAPE_SECONDS, Prometheus, metrics, traffic, until
from network import Loopback
from nodes import ADMIN, Cluster

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
MONITORING = ROOT / "Deploy/monitoring"
RULES = MONITORING / "rookery-alerts.yml"
METRIC = re.compile(r"\b(?:rookery|process)_[a-z_]+")
NODES = 3


def main(rook, promtool, prometheus):
    subprocess.run([promtool, "check", "rules", RULES], check=True)
    # Meanwhile: it takes some seconds, and no part of the cluster.
    alerts = subprocess.Popen([promtool, "test", "rules", HERE / "alerts_test.yml"])
    tests = unittest.defaultTestLoader.loadTestsFromModule(test_grafana)
    if not unittest.TextTestRunner(verbosity=0).run(tests).wasSuccessful():
        return 1
    rules = RULES.read_text()
    dashboard = json.loads((MONITORING / "rookery-dashboard.json").read_text())
    trouble = untested(rules) + unknown_words(rules) + broken_layout(dashboard)
    trouble += grafana_schema.trouble(dashboard)
    cluster = Cluster(rook, Loopback(NODES), founders=NODES, spares=0)
    try:
        for node in cluster.nodes:
            node.start()
        trouble += look_at(cluster, prometheus, rules, dashboard)
    finally:
        cluster.end(keep_logs=False)
    for line in trouble:
        print(f"*** {line}")
    return 1 if trouble or alerts.wait(PATIENCE) else 0


# --- What is written


def untested(rules):
    tests = (HERE / "alerts_test.yml").read_text()
    manual = (ROOT / "docs/DEPLOYING.md").read_text()
    names = re.findall(r"- alert: (\w+)", rules)
    return [f"{name} has no test" for name in names if f'alertname="{name}"' not in tests] + [
        f"{name} is not in docs/DEPLOYING.md" for name in names if f"`{name}`" not in manual
    ]


def unknown_words(rules):
    """Reasons and events that no source has."""
    source = "\n".join(path.read_text() for path in (ROOT / "Sources").rglob("*.swift"))
    words = re.findall(r'(?:reason|event)=~?"([^"]+)"', rules)
    return [
        f"nothing in Sources counts {word}"
        for text in words
        for word in text.split("|")
        if f'"{word}"' not in source
    ]


def broken_layout(dashboard):
    """Panels that share a number, or a place."""
    panels = dashboard["panels"]
    trouble = []
    if len({panel["id"] for panel in panels}) != len(panels):
        trouble.append("two panels have one id")
    taken = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        if taken & cells or place["x"] + place["w"] > 24:
            trouble.append(f"panel {panel['title']} is on another one, or too wide")
        taken |= cells
    return trouble


# --- What is told, collected and shown


def look_at(cluster, program, rules, dashboard):
    """What is wrong while a node of a cluster under traffic dies and comes back."""
    until(lambda: all(map(is_ready, cluster.nodes)), "all nodes are ready")
    told = set().union(*(names_of(metrics(node)) for node in cluster.nodes))
    trouble = [
        f"no node tells {name}, of which an alert or a panel speaks"
        for name in sorted(set(METRIC.findall(rules + json.dumps(dashboard))))
        if name not in told and not name.endswith(("_of", "_by"))
    ]
    address = f"{cluster.network.address(NODES + 1)}:{ADMIN}"
    prometheus = Prometheus(program, cluster, RULES, address)
    try:
        with traffic(cluster):
            began = time.time()
            until(lambda: prometheus.has_collected(NODES), "Prometheus has samples")
            trouble += alerts_of_a_death(cluster, prometheus)
            trouble += shown(dashboard, prometheus, began)
        trouble += [
            f"{rule['name']} is {rule['health']}: {rule.get('lastError')}"
            for rule in prometheus.rules()
            if rule["health"] != "ok"
        ]
        print(f"{len(told)} metrics, {len(prometheus.rules())} alerts")
    finally:
        prometheus.end()
    return trouble


def is_ready(node):
    text = metrics(node)
    return "rookery_ready 1" in text and f"rookery_view_voters {NODES}" in text


def is_without_one(node):
    return f"rookery_view_members {NODES - 1}\n" in metrics(node)


def names_of(text):
    return set(re.findall(r"^(?:# TYPE )?([a-z_]+)", text, re.MULTILINE))


def alerts_of_a_death(cluster, prometheus):
    """Kills a node: the alert for that has to begin, none may fire, and it ends with its return."""
    trouble = [
        f"{name} fires for a cluster that is well" for name, _ in prometheus.alerts("firing")
    ]
    victim = cluster.nodes[-1]
    expected = ("RookeryNodeDown", f"{victim.address}:{ADMIN}")
    victim.kill()
    until(lambda: expected in prometheus.alerts("pending", "firing"), f"{expected} begins")
    until(lambda: all(map(is_without_one, cluster.running)), f"a view without {victim.name}")
    trouble += [
        f"{alert} fires for one node that was killed"
        for alert in prometheus.alerts("firing") - {expected}
    ]
    victim.start()
    until(lambda: all(map(is_ready, cluster.nodes)), f"{victim.name} is back")
    until(lambda: expected not in prometheus.alerts("pending", "firing"), f"{expected} ends")
    return trouble


def shown(dashboard, prometheus, began):
    """What the dashboard cannot show of the time since then, by all nodes or by some."""
    deadline = time.monotonic() + PATIENCE
    while True:
        viewer = grafana_queries.Viewer(
            dashboard, prometheus, (began, time.time()), SCRAPE_SECONDS
        )
        missing = grafana_queries.without_data(dashboard, viewer)
        if not missing or time.monotonic() > deadline:
            break
        time.sleep(0.5)
    count = len(list(grafana_queries.targets(dashboard)))
    print(f"{count} queries of panels, as Grafana asks them")
    return missing + grafana_queries.outside_of_choice(dashboard, viewer)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
