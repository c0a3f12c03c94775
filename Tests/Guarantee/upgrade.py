"""A rolling upgrade to a build of the next version of the link, and back: `Scripts/upgrade`."""

import argparse
import asyncio
import os
import sys
from collections import Counter

import admin
from faults import LEAVE_SECONDS, has_left
from network import Loopback
from nodes import Cluster
from records import now
from talkers import CounterTalker, EchoTalker

NODES = 3
TALKERS = 12
SETTLE_SECONDS = 30
# So long each step is looked at, with traffic.
QUIET_SECONDS = 1
# So long a node that nobody speaks with is watched: some leases. Refusals are summed up as an event
# once in 10 s.
OUTSIDE_SECONDS = 14


def main():
    parser = argparse.ArgumentParser(prog="Scripts/upgrade", description=__doc__)
    parser.add_argument("rook", metavar="BINARY")
    parser.add_argument("next", metavar="NEXT", help="a build that speaks one version more")
    options = parser.parse_args()
    cluster = Cluster(options.rook, Loopback(NODES + 1), founders=NODES, spares=1)
    upgrade = Upgrade(cluster, options.next)
    try:
        asyncio.run(upgrade.run())
    except TimeoutError as late:
        upgrade.complaints.append(f"not in time: {late}")
    finally:
        for line in upgrade.complaints:
            print(f"*** {line}")
        if upgrade.complaints:
            for node in cluster.nodes:
                if node.lives:
                    print(f"{node.name}:", *node.last_words(), sep="\n    ")
        cluster.end(keep_logs=bool(upgrade.complaints))
    return 1 if upgrade.complaints else 0


class Upgrade:
    """Three nodes, from one build to the next and back, and one that is left out."""

    def __init__(self, cluster, next_program):
        self.cluster = cluster
        self.next = next_program
        self.complaints = []
        kinds = [EchoTalker, CounterTalker]
        self.talkers = [kinds[n % 2](cluster.founders, n // 2) for n in range(TALKERS)]
        # When each node was away: from its drain until it was settled again.
        self.away = []
        # The latest version of the link of each node, by its name.
        self.spoken = {}

    async def run(self):
        for node in self.cluster.founders:
            node.start()
        await self.settle()
        present = max(self.versions())
        self.spoken = {node.name: present for node in self.cluster.founders}
        tasks = [asyncio.ensure_future(talker.run()) for talker in self.talkers]
        await asyncio.sleep(QUIET_SECONDS)
        for program, version in ((self.next, present + 1), (self.cluster.rook, present)):
            for node in self.cluster.founders:
                await self.replace(node, program, version)
        await self.refuse(self.cluster.spares[0], present)
        for talker in self.talkers:
            talker.is_over = True
        await asyncio.gather(*tasks)
        self.judge()

    # --- Steps

    async def replace(self, node, program, version):
        """Restarts a node with another program: the first one by a signal, others by a drain."""
        began = now()
        founders = self.cluster.founders
        if node is founders[0]:
            node.terminate()
        else:
            asked = founders[founders.index(node) - 1]
            drain = await asyncio.to_thread(admin.command, asked, "drain", node.name)
            self.demand(drain.returncode == 0, f"rook drain {node.name} says {drain.stderr}")
        if not await has_left(node, LEAVE_SECONDS):
            raise TimeoutError(f"{node.name} has left")
        self.demand(node.process.returncode == 0, f"{node.name} ended with an error")
        node.program = program
        node.start()
        self.spoken[node.name] = version
        await self.settle()
        self.away.append((node.name, began, now()))
        await asyncio.sleep(QUIET_SECONDS)
        self.look_at_links()
        print(f"{now():7.3f}  {node.name} speaks version {version}; links: {self.versions()}")

    async def settle(self):
        """Waits until all agree, each with its whole share."""
        deadline = now() + SETTLE_SECONDS
        while not all(map(is_settled, self.cluster.founders)):
            if now() > deadline:
                raise TimeoutError(f"the nodes agree; {SETTLE_SECONDS} s are over")
            await asyncio.sleep(0.2)

    async def refuse(self, outsider, present):
        """Starts a node with which nobody shares a version: it stays outside, and costs no view."""
        before = admin.report(self.cluster.founders[0])["view"]
        # By this name the next build speaks its own version alone.
        outsider.program = os.path.join(self.cluster.folder, "rook-later")
        os.symlink(self.next, outsider.program)
        outsider.start()
        await asyncio.sleep(OUTSIDE_SECONDS)
        self.demand(outsider.process.poll() is None, f"{outsider.name} has ended")
        self.demand(admin.get(outsider, "/ready")[0] == 503, f"{outsider.name} is ready")
        for node in self.cluster.founders:
            after = admin.report(node)["view"]
            self.demand(after["epoch"] == before["epoch"], f"{node.name} has another view")
        # A founder that is asked for its view, or is dialled, tells why; the outsider too.
        ranges = [f'"{present} to {present}"', f'"{present + 1} to {present + 1}"']
        for nodes, own, its in (
            (self.cluster.founders, *ranges), ([outsider], *reversed(ranges)),
        ):
            words = ("a link was refused", f"own={own}", f"its={its}")
            self.demand(any(logged(node, words) for node in nodes), f"no log has {words}")
            self.demand(any(map(has_told, nodes)), f"no event of {[node.name for node in nodes]}")
        outsider.kill()
        print(f"{now():7.3f}  {outsider.name} with version {present + 1} alone stayed outside")

    # --- What is checked

    def demand(self, holds, complaint):
        if not holds:
            self.complaints.append(f"{now():.3f}  {complaint}")

    def versions(self):
        """The versions of all links, as the status of the first node has them."""
        nodes = admin.report(self.cluster.founders[0])["nodes"]
        return sorted({link["version"] for node in nodes for link in node["links"]})

    def look_at_links(self):
        """Each pair speaks the latest version that both have, and whoever is behind is named."""
        latest = max(self.spoken.values())
        text = admin.command(self.cluster.founders[0], "status").stdout
        for node in admin.report(self.cluster.founders[0])["nodes"]:
            own = self.spoken[node["name"]]
            links = {link["node"]: link.get("version") for link in node["links"]}
            expected = {
                name: min(own, its) for name, its in self.spoken.items() if name != node["name"]
            }
            self.demand(links == expected, f"links of {node['name']} are {links}, not {expected}")
        spoken = Counter(self.spoken.values())
        for name, own in self.spoken.items():
            line = f"! {name} speaks link version {own}, and others {latest}"
            is_behind = own < latest and spoken[latest] > 1
            self.demand((line in text) == is_behind, f"of {line!r} `rook status` says:\n{text}")

    def judge(self):
        """Nothing lost, doubled or out of order, and nobody but who had to was sent away."""
        closes = [close for talker in self.talkers for close in talker.closes]
        for talker in self.talkers:
            self.complaints += talker.complaints
            self.demand(talker.said == talker.answered, f"{talker.path}: answers are missing")
        for time, edge, code, reason in closes:
            is_planned = any(
                edge == name and began <= time <= ended for name, began, ended in self.away
            )
            is_right = is_planned and code == 1012 and reason.startswith("retry=")
            self.demand(is_right, f"{edge} has closed with {code} {reason} at {time:.3f}")
        self.demand(len(closes) >= TALKERS, f"only {len(closes)} connections were closed")
        print(
            f"{sum(talker.answered for talker in self.talkers)} answers, each the right one; "
            f"{len(closes)} closes, all 1012; {sum(t.repeated for t in self.talkers)} said again"
            if not self.complaints else f"{len(self.complaints)} complaints"
        )


def is_settled(node):
    report = admin.report(node)
    return (
        report is not None
        and report["view"]["converged"]
        and len(report["view"]["voters"]) == NODES == report["view"]["members"]
        and all(one.get("role") == "active" for one in report["nodes"])
    )


def logged(node, words):
    with open(node.log, encoding="utf-8", errors="replace") as file:
        file.seek(node.log_began)
        return any(all(word in line for word in words) for line in file)


def has_told(node):
    return any(
        event["kind"] == "refusals" and "version_refused" in event["fields"]
        for event in admin.events(node)
    )


if __name__ == "__main__":
    sys.exit(main())
