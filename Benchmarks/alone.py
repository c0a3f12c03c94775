"""The rows in which Rookery is compared with itself, or with nothing."""

import os
import re
import subprocess
import time

from load import Load, middle, per_cpu_second, ratio
from servers import ALL_CORES, HERE, SERVER_CORE, Cluster, Limit, Rookery, until

# Names of objects: more than one, so that both other nodes own some; `rook bench` takes 64 URLs.
NAMES = 50
LOW_RATE = 500
EDGE_RECEIVERS = 1000
IDLE_SECONDS = 10
# All clients of a node are pinged in this time, by its default.
PING_SECONDS = 25
STARTS = 5
SLEEPERS = 100_000
ECHO = ["echo", "-c", "100"]


def forwarded(setup, load):
    """Echoes of objects that another node owns, beside those of the node itself."""
    with Cluster(setup, 3) as cluster:
        cluster.settle()
        here, elsewhere = echo_urls(cluster)
        full = [load(cluster, urls, ECHO) for urls in (here, elsewhere)]
        # Each at half of what it can do itself.
        rates = [max(int(report["completed_per_second"] / 2), 1) for report in full]
        low = [load(cluster, urls, rated(LOW_RATE))["latency"] for urls in (here, elsewhere)]
        half = [
            load(cluster, urls, rated(rate))["latency"]
            for urls, rate in zip((here, elsewhere), rates)
        ]
    return {
        "echoes per CPU-second, own object": per_cpu_second(full[0]),
        "echoes per CPU-second, forwarded": per_cpu_second(full[1]),
        "CPU of a forwarded echo / own": ratio(per_cpu_second(full[0]), per_cpu_second(full[1])),
        f"p50 µs at {LOW_RATE} a second, own object": low[0]["p50"],
        f"p50 µs at {LOW_RATE} a second, forwarded": low[1]["p50"],
        "added p50 µs": low[1]["p50"] - low[0]["p50"],
        "p99 µs at half load, own object": half[0]["p99"],
        "p99 µs at half load, forwarded": half[1]["p99"],
        "p99 at half load, forwarded / own": ratio(half[1]["p99"], half[0]["p99"]),
    }


def rated(rate):
    return [*ECHO, "--rate", str(rate)]


def echo_urls(cluster):
    """URLs at the first node: of objects that it owns, and as many that others own."""
    here, elsewhere = [], []
    number = 0
    while len(here) < NAMES or len(elsewhere) < NAMES:
        name = f"name-{number}"
        number += 1
        is_own = cluster.owner("Echo", name) is cluster.nodes[0]
        url = f"ws://{cluster.nodes[0].address}/objects/Echo/{name}"
        (here if is_own else elsewhere).append(url)
    return here[:NAMES], elsewhere[:NAMES]


def spread(setup, load):
    """One object whose clients are at three nodes, beside one node with a third of them."""
    with Rookery(setup) as node:
        urls = [f"ws://{node.address}/websocket"]
        one = per_cpu_second(load(node, urls, fan_out(EDGE_RECEIVERS)))
    with Cluster(setup, 3) as cluster:
        cluster.settle()
        owner = cluster.owner("WebSocketServer", "foo")
        edges = [node for node in cluster.nodes if node is not owner]
        # The sender goes to the first.
        urls = [f"ws://{node.address}/websocket" for node in [owner, *edges]]
        three = per_cpu_second(load(cluster, urls, fan_out(3 * EDGE_RECEIVERS)))
        copies = copies_on_links(load, cluster, urls, owner, edges)
    return {
        "deliveries per CPU-second, one node": one,
        "deliveries per CPU-second, three nodes": three,
        "three nodes / one": ratio(three, one),
        "copies of a message on a link, at most": max(copies),
    }


def fan_out(receivers):
    return ["fanout", "--receivers", str(receivers), "--copies", str(Rookery.copies)]


def copies_on_links(load, cluster, urls, owner, edges):
    """How often each link from the owner carries what goes to all clients behind it.

    The same messages once shorter and once longer: what else a link carries is the same both times.
    """
    # The last message is due some time before the end: it is clear how many there are.
    rate, messages, shorter, longer = 5, 20, 100, 1_100
    seconds = (messages - 0.5) / rate
    sent = []
    for payload in (shorter, longer):
        before = [cluster.sent_bytes(owner, edge) for edge in edges]
        words = [*fan_out(3 * EDGE_RECEIVERS), "--payload", str(payload)]
        load(cluster, urls, [*words, "--rate", str(rate), "--warmup", "0"], seconds)
        after = [cluster.sent_bytes(owner, edge) for edge in edges]
        sent.append([last - first for first, last in zip(before, after)])
    # The object of the example broadcasts each message twice.
    bytes_of_one_copy = messages * Rookery.copies * (longer - shorter)
    return [(more - less) / bytes_of_one_copy for less, more in zip(*sent)]


def threads(setup, load):
    """What a message costs a node of two threads, beside a node of one; all on all cores."""
    each = []
    for count in (1, 2):
        with Rookery(setup, threads=count, cores=ALL_CORES) as node:
            urls = [f"ws://{node.address}/objects/Echo/{{n}}"]
            each.append(per_cpu_second(load(node, urls, ECHO, cores=ALL_CORES)))
    cost = ratio(each[1], each[0])
    return {
        "echoes per CPU-second, 1 thread": each[0],
        "echoes per CPU-second, 2 threads": each[1],
        "2 threads, with a core each / 1": cost and 2 * cost,
    }


def pings(setup, load):
    """Idle connections that are pinged as they are by default, beside the limit with as many pings."""
    words = ["idle", "-c", str(setup.values["idle"])]
    shares = []
    for kind, path, more in ((Rookery, Rookery.one, ()), (Limit, "/", (str(PING_SECONDS),))):
        with kind(setup, *more) as node:
            report = load(node, [f"ws://{node.address}{path}"], words, PING_SECONDS)
        shares.append(100 * report["server"]["cpu_seconds"] / report["seconds"])
    return {
        "connections": setup.values["idle"],
        "% of a core": shares[0],
        "% of a core, limit": shares[1],
    }


def cluster_at_rest(setup, _):
    """Five nodes without clients."""
    with Cluster(setup, 5) as cluster:
        cluster.settle()
        time.sleep(IDLE_SECONDS / 2)
        before = [node.processor_seconds() for node in cluster.nodes]
        began = time.monotonic()
        time.sleep(IDLE_SECONDS)
        passed = time.monotonic() - began
        used = [node.processor_seconds() - first for node, first in zip(cluster.nodes, before)]
        resident = [node.resident_bytes() / 2**20 for node in cluster.nodes]
    return {
        "% of a core, median of the nodes": 100 * middle(used) / passed,
        "% of a core, most of a node": 100 * max(used) / passed,
        "MiB resident, most of a node": max(resident),
    }


def start(setup, _):
    """From exec until the admin side says that a node serves; on all cores."""
    single = []
    for _ in range(STARTS):
        began = time.monotonic()
        with Rookery(setup, cores=ALL_CORES) as node:
            single.append(until(node.is_ready, 0.001) - began)
    began = time.monotonic()
    with Cluster(setup, 3, cores=ALL_CORES) as cluster:
        ready = max(until(node.is_ready, 0.005) for node in cluster.nodes)
    return {"ms, one node": 1e3 * middle(single), "ms, three nodes": 1e3 * (ready - began)}


def microbench(setup, part):
    """The figures of a part of `microbench`, by their names."""
    output = run([setup.micro, part])
    return {name: float(value) for name, value in re.findall(r"^(.+?)  +([\d.]+) ", output, re.M)}


def placement(setup, _):
    """Who owns a name, and the table when a node joins, with 1,000 nodes."""
    figures = microbench(setup, "placement")
    return {
        "ns, owner of a name": figures["placement, 1,000 nodes: owner of a name"],
        "ns, owner of a partition": figures["placement, 1,000 nodes: owner of a partition"],
        "ms, one joins": figures["placement, 1,000 nodes: one joins"],
    }


def links(setup, _):
    """Both ends of a link without a socket, and the kernel's part without a link."""
    figures = microbench(setup, "links")
    lanes, copy = figures["link: 64 KiB fragments"], float(run([setup.copy]))
    return {
        "GB per CPU-second, 64 KiB fragments": lanes,
        "GB per CPU-second, copied by the kernel over TCP": copy,
        "GB per CPU-second, both": 1 / (1 / lanes + 1 / copy),
        "M frames of 40 B per CPU-second": figures["link: frames of 40 bytes"],
    }


def hibernated(setup, _):
    """What the allocator has given for objects that sleep; a test looks into the node for it."""
    output = run(["swift", "test", "--filter", "Footprint"], ROOKERY_FOOTPRINT=str(SLEEPERS))
    found = re.search(r"^footprint: (\d+) .*: (\d+) bytes per object, (\d+) per socket", output, re.M)
    if not found:
        raise SystemExit("the test `Footprint` has printed no footprint")
    names = ["objects", "bytes per object, besides its socket", "bytes per socket at its object"]
    return dict(zip(names, map(int, found.groups())))


def run(command, **environment):
    """What it prints, run on one core."""
    return subprocess.run(
        ["taskset", "-c", SERVER_CORE, *command],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=HERE.parent,
        env={**os.environ, **environment},
    ).stdout


ROWS = {
    "forwarded": forwarded,
    "spread": spread,
    "threads": threads,
    "pings": pings,
    "cluster": cluster_at_rest,
    "start": start,
    "placement": placement,
    "links": links,
    "hibernated": hibernated,
}
# It builds all tests, so it is run only when it is named.
BY_NAME_ALONE = ["hibernated"]


def measure(setup, row):
    """One round of a row."""
    load = Load(setup)
    figures = ROWS[row](setup, load)
    return {**figures, **load.remarks()}


def table(results):
    """The lines of a table in Markdown."""
    lines = ["| row | figure | median | least | most |", "|---|---|---|---|---|"]
    for row, rounds in results.items():
        for figure in rounds[0]:
            values = [each[figure] for each in rounds if each[figure] is not None]
            if figure in ("saturated", "faulty") or not values:
                continue
            cells = [number(each) for each in (middle(values), min(values), max(values))]
            lines.append(f"| {row} | {figure} | " + " | ".join(cells) + " |")
    return lines


def number(value):
    """With as many digits as it needs to be compared."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"
