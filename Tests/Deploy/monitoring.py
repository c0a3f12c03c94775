"""Holds alerts, their tests and the dashboard to what live nodes tell: monitoring.py ROOK PROMTOOL [PROMETHEUS]

Three nodes are started, and every metric that a rule or a panel names must be in the /metrics of one
of them, every reason and event in the source, every alert in the tests and in the manual. With
PROMETHEUS that program collects from the nodes, and every expression of the dashboard is asked of it.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
MONITORING = ROOT / "Deploy/monitoring"
RULES = MONITORING / "rookery-alerts.yml"
METRIC = re.compile(r"\b(?:rookery|process)_[a-z_]+")
BASE_PORT = 27_400
PATIENCE = 30


def main(rook, promtool, prometheus=None):
    subprocess.run([promtool, "check", "rules", RULES], check=True)
    subprocess.run([promtool, "test", "rules", HERE / "alerts_test.yml"], check=True)
    rules = RULES.read_text()
    dashboard = json.loads((MONITORING / "rookery-dashboard.json").read_text())
    expressions = panel_expressions(dashboard)
    trouble = untested(rules) + unknown_words(rules) + broken_layout(dashboard)
    nodes = subprocess.Popen(
        [rook, "cluster", "--base-port", str(BASE_PORT)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        admins = [f"127.0.0.1:{BASE_PORT + 2_000 + number}" for number in (1, 2, 3)]
        told = set().union(*(metrics(admin) for admin in admins))
        for place, text in [("rule", rules)] + [("panel", text) for text in expressions]:
            for name in METRIC.findall(text):
                if name not in told and not name.endswith(("_of", "_by")):
                    trouble.append(f"{place}: no node tells {name}")
        if prometheus:
            trouble += ask(prometheus, admins, expressions)
    finally:
        nodes.terminate()
        nodes.wait(PATIENCE)
    for line in trouble:
        print(f"*** {line}")
    alerts = len(re.findall(r"- alert:", rules))
    print(f"{alerts} alerts, {len(expressions)} expressions of panels, {len(told)} metrics")
    return 1 if trouble else 0


def metrics(admin):
    """What a node tells, once there is a cluster."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            text = urllib.request.urlopen(f"http://{admin}/metrics", timeout=5).read().decode()
            if "rookery_ready 1" in text and 'rookery_link_up{peer="node-' in text:
                return set(re.findall(r"^(?:# TYPE )?([a-z_]+)", text, re.MULTILINE))
        except (urllib.error.URLError, ConnectionError):
            pass
        if time.monotonic() > deadline:
            raise TimeoutError(f"{admin} is not ready")
        time.sleep(0.1)


def panel_expressions(dashboard):
    panels = dashboard["panels"]
    return [target["expr"] for panel in panels for target in panel.get("targets", [])] + [
        annotation["expr"] for annotation in dashboard["annotations"]["list"]
    ]


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


def ask(prometheus, admins, expressions):
    """Has Prometheus collect from the nodes, load the rules, and compute every panel."""
    address = f"127.0.0.1:{BASE_PORT + 90}"
    with tempfile.TemporaryDirectory() as folder:
        settings = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(RULES)],
            "scrape_configs": [
                {"job_name": "rookery", "static_configs": [{"targets": admins}]}
            ],
        }
        file = pathlib.Path(folder) / "prometheus.yml"
        file.write_text(json.dumps(settings))
        server = subprocess.Popen(
            [
                prometheus,
                f"--config.file={file}",
                f"--storage.tsdb.path={folder}/data",
                f"--web.listen-address={address}",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_for_samples(address, len(admins))
            return [line for text in expressions for line in asked(address, text)] + firing(address)
        finally:
            server.terminate()
            server.wait(PATIENCE)


def query(address, expression):
    words = urllib.parse.urlencode({"query": expression})
    with urllib.request.urlopen(f"http://{address}/api/v1/query?{words}", timeout=5) as answer:
        return json.load(answer)["data"]["result"]


def wait_for_samples(address, count):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            found = query(address, "count_over_time(rookery_ready[1m]) > 4")
            if len(found) == count:
                return
        except (urllib.error.URLError, ConnectionError):
            pass
        time.sleep(0.2)
    raise TimeoutError("Prometheus has no samples")


def asked(address, expression):
    for name, value in [("$job", "rookery"), ("$instance", ".*"), ("$__rate_interval", "10s")]:
        expression = expression.replace(name, value)
    try:
        query(address, expression)
        return []
    except urllib.error.HTTPError as error:
        return [f"Prometheus refuses {expression}: {error.read().decode()}"]


def firing(address):
    found = query(address, 'ALERTS{alertstate="firing"}')
    return [f"{alert['metric']['alertname']} fires for a cluster that is well" for alert in found]


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
