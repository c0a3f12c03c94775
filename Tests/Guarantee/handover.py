"""How long a session waits while its object moves by plan: `Scripts/handover`."""

import asyncio
import json
import sys

from websockets.asyncio.client import connect

import bench
from faults import LEAVE_SECONDS, has_left
from nodes import CLIENTS
from records import now

NODES = 3
NAMES = 60
# Sessions of each move. More of them, and this program is what is measured.
SESSIONS = 5
PERIOD_SECONDS = 0.005
QUIET_SECONDS = 0.5
MOVE_SECONDS = 10


class Talk:
    """A session that says something every 5 ms to a `Counter`, which says where it is."""

    def __init__(self, node, name):
        self.url = f"ws://{node.address}:{CLIENTS}/objects/Counter/{name}"
        self.sent = []
        # Of each answer: when it came, how long it took, and from which instance and node.
        self.answers = []
        self.is_over = False

    async def run(self):
        async with connect(self.url, compression=None, ping_interval=None) as socket:
            reader = asyncio.ensure_future(self._read(socket))
            while not self.is_over:
                self.sent.append(now())
                await socket.send("")
                await asyncio.sleep(PERIOD_SECONDS)
            await asyncio.sleep(QUIET_SECONDS)
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)

    async def _read(self, socket):
        async for text in socket:
            time = now()
            value = json.loads(text)
            took = time - self.sent[min(len(self.answers), len(self.sent) - 1)]
            self.answers.append((time, took, value["instance"], value["node"]))

    @property
    def node(self):
        return self.answers[-1][3] if self.answers else None

    def pauses(self):
        """The longest answer time around each change of the instance."""
        changes = [
            after[0]
            for before, after in zip(self.answers, self.answers[1:])
            if before[2] != after[2]
        ]
        return [
            max(took for time, took, _, _ in self.answers if abs(time - change) < QUIET_SECONDS)
            for change in changes
        ]

    def usual(self, before):
        """What answers took while nothing moved."""
        return [took for time, took, _, _ in self.answers if time < before]


def main():
    parser = bench.parser("Scripts/handover", __doc__)
    parser.add_argument("--moves", type=int, default=30, help="leaves and joins, half of each")
    options = parser.parse_args()
    with bench.cluster_of(options.rook, NODES, options.set) as cluster:
        figures = asyncio.run(measure(cluster, options))
    print(bench.header("the longest wait for an answer"))
    for title in ("leave", "join", "join with another weight"):
        print(bench.row(title, figures[title]))
    print(bench.row("without a move", figures["without a move"]))
    print(f"{figures['said']} messages, {figures['answered']} answers")
    bench.write_json(options.json, figures)
    return 0 if figures["said"] == figures["answered"] else 1


async def measure(cluster, options):
    figures = {
        "leave": [], "join": [], "join with another weight": [], "without a move": [],
        "said": 0, "answered": 0,
    }
    owners = bench.Owners(cluster, NAMES, options.seed)
    for number in range(max(1, options.moves // 2)):
        victim = cluster.nodes[1 + number % (NODES - 1)]
        owned = [n for n, owner in (await owners.settle(victim)).items() if owner == victim.name]
        await leave_and_join(cluster, victim, owned[:SESSIONS], number % 3 == 2, figures)
    await owners.counters.stop()
    return figures


async def leave_and_join(cluster, victim, names, is_reweighed, figures):
    """The objects of the victim leave it, and come back to it."""
    talks = [Talk(cluster.nodes[0], name) for name in names]
    tasks = [asyncio.ensure_future(talk.run()) for talk in talks]
    await asyncio.sleep(2 * QUIET_SECONDS)
    leaving = now()
    victim.terminate()
    if not await has_left(victim, LEAVE_SECONDS):
        raise TimeoutError(f"{victim.name} does not leave")
    await asyncio.sleep(QUIET_SECONDS)
    joining = now()
    if is_reweighed:
        victim.weight = 300 - victim.weight
    victim.start()
    await wait_until_moved(talks, victim)
    await asyncio.sleep(2 * QUIET_SECONDS)
    for talk in talks:
        talk.is_over = True
    await asyncio.gather(*tasks)
    note(talks, leaving, joining, is_reweighed, figures)


async def wait_until_moved(talks, node):
    """Waits until the node has them again; with a smaller weight it may not get all."""
    deadline = now() + MOVE_SECONDS
    while now() < deadline and not all(talk.node == node.name for talk in talks):
        await asyncio.sleep(0.05)


def note(talks, leaving, joining, is_reweighed, figures):
    join = "join with another weight" if is_reweighed else "join"
    for talk in talks:
        figures["said"] += len(talk.sent)
        figures["answered"] += len(talk.answers)
        pauses = talk.pauses()
        figures["leave"] += pauses[:1]
        figures[join] += pauses[1:]
        figures["without a move"].append(max(talk.usual(leaving)[20:], default=0.0))


if __name__ == "__main__":
    sys.exit(main())
