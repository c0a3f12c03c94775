"""How long names are without an owner after SIGKILL: `Scripts/failover`."""

import asyncio
import sys

import bench
from records import now

NAMES_PER_NODE = 20
GIVE_UP_SECONDS = 15
# Between two asks of one name: what a failed ask adds to its time at most.
RETRY_SECONDS = 0.005


def main():
    parser = bench.parser("Scripts/failover", __doc__)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--nodes", default="3,7", help="sizes of clusters, default 3,7")
    parser.add_argument("--lease", default=None, help="cluster.lease of the nodes")
    options = parser.parse_args()
    settings = options.set + ([f"cluster.lease={options.lease}"] if options.lease else [])
    figures = {}
    print(bench.header("from SIGKILL to an answer"))
    for size in map(int, options.nodes.split(",")):
        with bench.cluster_of(options.rook, size, settings) as cluster:
            kills, each = asyncio.run(measure(cluster, options))
        figures[f"{size} nodes"] = {"kills": kills}
        print(bench.row(f"{size} nodes, each name", each))
        print(bench.row(f"{size} nodes, last of a kill", [max(kill) for kill in kills]))
    bench.write_json(options.json, {"lease": options.lease, "seconds": figures})
    return 0


async def measure(cluster, options):
    """Kills one node after the other; the seconds of each kill, and of all of them."""
    owners = bench.Owners(cluster, NAMES_PER_NODE * len(cluster.nodes), options.seed)
    kills = []
    for number in range(options.kills):
        victim = cluster.nodes[number % len(cluster.nodes)]
        owned = [n for n, owner in (await owners.settle(victim)).items() if owner == victim.name]
        # At any moment between two renewals of its lease.
        await asyncio.sleep(owners.random.uniform(0, 1))
        kills.append(await one_kill(owners, victim, owned))
        victim.start()
    await owners.counters.stop()
    return kills, [seconds for kill in kills for seconds in kill]


async def one_kill(owners, victim, owned):
    died = now()
    victim.kill()
    others = owners.cluster.running
    waits = [first_answer(owners, name, victim, others, died) for name in owned]
    return await asyncio.gather(*waits)


async def first_answer(owners, name, victim, others, died):
    """Seconds until another node than the victim has counted for a name."""
    edge = owners.random.choice(others)
    while now() < died + GIVE_UP_SECONDS:
        answer = await owners.counters.ask(edge, name)
        if answer is not None and answer.node != victim.name:
            return answer.received - died
        await asyncio.sleep(RETRY_SECONDS)
    raise TimeoutError(f"{name} has no owner {GIVE_UP_SECONDS} s after {victim.name} was killed")


if __name__ == "__main__":
    sys.exit(main())
