"""A cluster under traffic, and a Prometheus that collects from it."""

import asyncio
import contextlib
import json
import pathlib
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "Guarantee"))

from counters import Counters  # noqa: E402
from echoes import Echoes  # noqa: E402
from nodes import ADMIN  # noqa: E402

PATIENCE = 30
SCRAPE_SECONDS = 1
JOB = "rookery"


def until(condition, what):
    """Asks again and again until the condition has an answer that is true, and returns it."""
    deadline = time.monotonic() + PATIENCE
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"not in time: {what}")
        time.sleep(0.1)


@contextlib.contextmanager
def traffic(cluster):
    """Clients of all nodes that talk to objects by WebSocket and ask them by HTTP, meanwhile."""
    is_over = threading.Event()

    async def work():
        clients = [Echoes(cluster, sessions=9), Counters(cluster, names=9)]
        for each in clients:
            each.start()
        await asyncio.to_thread(is_over.wait)
        for each in clients:
            await each.stop()

    thread = threading.Thread(target=asyncio.run, args=(work(),))
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def metrics(node):
    """What a node tells of itself, as text; empty while it does not answer."""
    address = f"http://{node.address}:{ADMIN}/metrics"
    words = {"Authorization": f"Bearer {node.cluster.token}"}
    try:
        request = urllib.request.Request(address, headers=words)
        return urllib.request.urlopen(request, timeout=5).read().decode()
    except (urllib.error.URLError, ConnectionError):
        return ""


class Prometheus:
    """A server that collects from the nodes of a cluster each second, and evaluates rules."""

    def __init__(self, program, cluster, rules, address):
        self.address = address
        targets = [f"{node.address}:{ADMIN}" for node in cluster.nodes]
        settings = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(rules)],
            "scrape_configs": [
                {
                    "job_name": JOB,
                    "authorization": {"credentials": cluster.token},
                    "static_configs": [{"targets": targets}],
                }
            ],
        }
        file = pathlib.Path(cluster.folder, "prometheus.yml")
        file.write_text(json.dumps(settings))
        self.process = subprocess.Popen(
            [
                program,
                f"--config.file={file}",
                f"--storage.tsdb.path={cluster.folder}/prometheus",
                f"--web.listen-address={address}",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def end(self):
        self.process.terminate()
        self.process.wait(PATIENCE)

    def ask(self, path, **words):
        """What it answers; a refusal is a `ValueError` with its words."""
        query = urllib.parse.urlencode(words, doseq=True)
        try:
            with urllib.request.urlopen(f"http://{self.address}/api/v1/{path}?{query}") as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise ValueError(error.read().decode()) from error

    def instant(self, expression, moment):
        return self.ask("query", query=expression, time=moment)["result"]

    def range(self, expression, start, end, step):
        words = {"query": expression, "start": start, "end": end, "step": step}
        return self.ask("query_range", **words)["result"]

    def label_values(self, metric, label, start, end):
        words = {"match[]": metric, "start": start, "end": end}
        return self.ask(f"label/{label}/values", **words)

    def has_collected(self, count):
        """Whether so many nodes have been asked some times, and the rules were evaluated."""
        try:
            found = self.instant("count_over_time(rookery_ready[1m]) > 4", time.time())
        except (urllib.error.URLError, ConnectionError, ValueError):
            return False
        return len(found) == count and all(rule["lastEvaluation"] > "0001" for rule in self.rules())

    def rules(self):
        groups = self.ask("rules")["groups"]
        return [rule for group in groups for rule in group["rules"]]

    def alerts(self, *states):
        """The name and the instance of each alert in one of the states."""
        return {
            (alert["labels"]["alertname"], alert["labels"].get("instance"))
            for alert in self.ask("alerts")["alerts"]
            if alert["state"] in states
        }
