"""What clients and nodes see when a node dies, comes back, or everything is told to end."""

import json
import os
import re
import signal
import subprocess
import time
import uuid

from websockets.exceptions import ConnectionClosed

import raw
from cluster import STOP_SECONDS, LoneNode, is_running
from raw import RawWebSocket
from report import equal, until
from seed_checks import join, receive, request, say

# A dead node is suspected within a few probes of 500 ms, and then has the time to refute.
DETECTION_SECONDS = 10


class Story:
    """One node dies and comes back, while clients of all nodes hold on to one object."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.clients = {}
        self.victim = None
        self.command = None
        self.died = 0.0

    @property
    def survivors(self):
        return [node for node in self.cluster.nodes if node is not self.victim]

    def victim_as_seen(self):
        members = self.survivors[0].status()["members"]
        return next(member for member in members if member["name"] == self.victim.name)


def settle(clients, seconds):
    """Waits until a message of each client reaches all of them, and all are counted.

    What a client had sent before is handed on before that, and may come twice.
    """
    deadline = time.monotonic() + seconds
    for sender in clients:
        settle_one(sender, clients, deadline)


def settle_one(sender, clients, deadline):
    while True:
        mark = str(uuid.uuid4())
        sender.send(mark)
        counts = [count_behind(mark, client) for client in clients]
        if counts == [len(clients)] * len(clients):
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"in time the counts are {counts}")


def count_behind(mark, client):
    """Skips to the last message about `mark`, and returns its count; None when it is late."""
    while True:
        try:
            text = client.recv(timeout=0.1)
        except TimeoutError:
            return None
        found = re.search(r"to: all clients\. Total connections: (\d+)$", text)
        if found and f"message: {mark}," in text:
            return int(found[1])


def meet(story):
    """Clients of all nodes meet in one object, and its owner is found."""
    for node in story.cluster.nodes:
        client = join(node)
        say(client, list(story.clients.values()), "here", len(story.clients) + 1)
        story.clients[node.name] = client
    owners = [
        node
        for node in story.cluster.nodes
        if node.figures()["objects"]["byClass"].get("WebSocketServer")
    ]
    equal(len(owners), 1, "the number of owners")
    story.victim = owners[0]
    return story.victim.name


def owner_dies(story):
    """When the owner is killed, clients of the other nodes keep their sockets and meet again."""
    story.command = story.cluster.kill(story.victim)
    story.died = time.monotonic()
    try:
        receive(story.clients.pop(story.victim.name))
    except ConnectionClosed as error:
        equal(error.rcvd, None, "the Close of a node that was killed")
    first, second = story.clients.values()
    settle([first, second], DETECTION_SECONDS)
    seconds = time.monotonic() - story.died
    say(first, [second], "back", 2)
    say(second, [first], "back, too", 2)
    return f"after {seconds:.1f} s"


def death_is_known(story):
    """The others call the node dead, and agree on who is left."""
    story.cluster.wait_for_agreement(story.survivors, DETECTION_SECONDS)
    equal(story.victim_as_seen()["state"], "dead", "its state")
    return f"after {time.monotonic() - story.died:.1f} s"


def objects_move(story):
    """Every object is served by one of the nodes that are left."""
    names = [node.name for node in story.survivors]
    for number in range(30):
        readings = [
            json.loads(request(node, "POST", f"/objects/Counter/after-{number}")[2])
            for node in story.survivors
        ]
        equal([reading["count"] for reading in readings], [1, 2], "the counts")
        if readings[0]["node"] not in names:
            raise AssertionError(f"after-{number} is on {readings[0]['node']}")


def node_returns(story):
    """Restarted at the same addresses, the node joins again, as a later run of itself."""
    before = story.victim_as_seen()["incarnation"]
    start = time.monotonic()
    story.cluster.restart(story.victim, story.command)
    story.cluster.wait_for_agreement(seconds=DETECTION_SECONDS)
    seconds = time.monotonic() - start
    if story.victim_as_seen()["incarnation"] <= before:
        raise AssertionError("the incarnation is not larger")
    return f"after {seconds:.1f} s"


def clients_return(story):
    """A client of the restarted node meets the others, whose sockets are still the first ones."""
    story.clients[story.victim.name] = join(story.victim)
    clients = list(story.clients.values())
    settle(clients, DETECTION_SECONDS)
    for client in clients:
        others = [other for other in clients if other is not client]
        say(client, others, "all here", 3)


def command_is_killed(story):
    """When `rook cluster` is killed, its nodes end by themselves."""
    own = [pid for name, pid in story.cluster.pids.items() if name != story.victim.name]
    story.cluster.process.kill()
    story.cluster.process.wait()
    for pid in own:
        until(lambda: not is_running(pid), STOP_SECONDS, f"process {pid} ends")


STORY = [
    meet, owner_dies, death_is_known, objects_move, node_returns, clients_return,
    command_is_killed,
]


def interrupted(cluster):
    """Ctrl-C closes clients with 1012, ends every node, and is no failure."""
    clients = [join(node) for node in cluster.nodes]
    start = time.monotonic()
    status = cluster.interrupt()
    seconds = time.monotonic() - start
    equal(status, 0, "the exit status")
    for client in clients:
        try:
            while True:
                receive(client)
        except ConnectionClosed as error:
            equal(error.rcvd and error.rcvd.code, 1012, "the code of the Close")
    equal(cluster.survivors(), [], "the processes left")
    return f"after {seconds:.1f} s"


LAST = [interrupted]


def silent_client(rook):
    """A node pings, and closes the connection of a client that does not answer."""
    lone = LoneNode(rook, ["ping.interval=300ms", "ping.timeout=300ms"])
    try:
        with RawWebSocket(lone.node.client) as client, join(lone.node, "/objects/Echo/x") as other:
            equal(client.receive()[0], raw.PING, "the first frame")
            client.wait_for_end()
            other.send("well")
            equal(receive(other), "well", "the message of a client that answers")
    finally:
        lone.end()


def log_without_reader(rook):
    """A node goes on when whoever has read its log is gone."""
    lone = LoneNode(rook, ["log.level=debug"], log=subprocess.PIPE)
    try:
        lone.process.stderr.close()
        for _ in range(3):
            with join(lone.node, "/objects/Echo/x") as client:
                client.send("well")
                equal(receive(client), "well", "the message")
        lone.process.send_signal(signal.SIGTERM)
        equal(lone.process.wait(timeout=STOP_SECONDS), 0, "the exit status")
    finally:
        lone.end()


def terminated(rook):
    """SIGTERM ends a node with status 0, and a client that never answers does not hold it up."""
    lone = LoneNode(rook)
    try:
        with RawWebSocket(lone.node.client) as client:
            start = time.monotonic()
            lone.process.send_signal(signal.SIGTERM)
            equal(client.receive_close()[0], 1012, "the code of the Close")
            equal(lone.process.wait(timeout=STOP_SECONDS), 0, "the exit status")
            seconds = time.monotonic() - start
            if seconds > 5:
                raise AssertionError(f"it took {seconds:.1f} s")
            return f"after {seconds:.1f} s"
    finally:
        lone.end()


def terminated_twice(rook):
    """A second signal ends a node at once, with status 1."""
    lone = LoneNode(rook)
    try:
        with RawWebSocket(lone.node.client) as client:
            lone.process.send_signal(signal.SIGINT)
            equal(client.receive_close()[0], 1012, "the code of the Close")
            lone.process.send_signal(signal.SIGINT)
            equal(lone.process.wait(timeout=1), 1, "the exit status")
    finally:
        lone.end()


def flat(rook):
    """Ten thousand connections that come and go leave memory and descriptors as they were."""
    lone = LoneNode(rook, ["threads=1"])
    try:
        come_and_go(lone.node, 3_000)
        before = figures(lone.process.pid)
        come_and_go(lone.node, 10_000)
        until(lambda: figures(lone.process.pid)[1] <= before[1], 10, "descriptors as before")
        grown = figures(lone.process.pid)[0] - before[0]
        if grown > 8 << 10:
            raise AssertionError(f"{grown} KiB more")
        return f"{grown} KiB more, {before[1]} descriptors"
    finally:
        lone.end()


def come_and_go(node, count):
    for number in range(count):
        if number % 2:
            raw.exchange(node.client, b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        else:
            with RawWebSocket(node.client) as client:
                client.send(raw.CLOSE, raw.close_payload(1000))
                client.receive_close()


def figures(pid):
    """Resident memory in KiB, and open descriptors."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        resident = re.search(r"VmRSS:\s+(\d+) kB", file.read())
    return int(resident[1]), len(os.listdir(f"/proc/{pid}/fd"))


ALONE = [silent_client, log_without_reader, terminated, terminated_twice, flat]
