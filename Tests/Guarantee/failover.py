"""How long names are without an owner after SIGKILL: `Scripts/failover`."""

import asyncio
import sys

import bench
from records import now

NAMES_PER_NODE = 20
GIVE_UP_SECONDS = 15


def main():
    parser = bench.parser("Scripts/failover", __doc__)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--nodes", default="3,7", help="sizes of clusters, default 3,7")
    parser.add_argument("--lease", default=None, help="the lease of the nodes")
    options = parser.parse_args()
    settings = options.set + ([f"lease={options.lease}"] if options.lease else [])
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
    """Seconds until another node than the victim has counted, for each of its names."""
    died = now()
    victim.kill()
    others = owners.cluster.running
    waits = [
        owners.counters.first_from_others(name, others, [victim.name], died + GIVE_UP_SECONDS)
        for name in owned
    ]
    answers = await asyncio.gather(*waits)
    if None in answers:
        raise TimeoutError(f"no owner {GIVE_UP_SECONDS} s after {victim.name} was killed")
    return [answer.received - died for answer in answers]


if __name__ == "__main__":
    sys.exit(main())
