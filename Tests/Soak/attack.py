"""The attackers, in a process of their own: python attack.py CLIENT PEER ADMIN SECONDS SEED PATTERN

The cluster's secret comes by standard input: attackers do not know it, but have recorded what who
knows it has sent. Prints as JSON how often each attack was made and how it ended.
"""

import asyncio
import json
import os
import random
import re
import resource
import sys
import time
from collections import Counter

import admin_attacks
import client_attacks
import peer_attacks
from wire import Target

ATTACKS = client_attacks.ATTACKS + peer_attacks.ATTACKS + admin_attacks.ATTACKS


async def repeat(attack, target, end, outcomes):
    """Makes an attack at its rate, whatever comes of those before, until the end."""
    loop = asyncio.get_running_loop()
    running = set()
    due = loop.time() + target.random.random() / attack.per_second
    while due < end:
        await asyncio.sleep(max(0, due - loop.time()))
        due += 1 / attack.per_second
        # Late is late: what was not sent in time is left out, lest it all come at once.
        due = max(due, loop.time())
        if len(running) < attack.at_once:
            task = asyncio.ensure_future(outcome(attack, target))
            running.add(task)
            task.add_done_callback(running.discard)
            task.add_done_callback(lambda done: note(done, outcomes))
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


def note(task, outcomes):
    if not task.cancelled():  # Then it had not begun.
        outcomes[task.result()] += 1


async def outcome(attack, target):
    try:
        return await attack.make(target)
    except asyncio.CancelledError:
        return "open at the end"
    except (ConnectionError, asyncio.IncompleteReadError):
        return "closed"
    except OSError as error:
        return type(error).__name__


async def main(ports, seconds, seed, pattern, secret):
    target = Target(*ports, secret, random.Random(seed))
    attacks = [attack for attack in ATTACKS if re.search(pattern, attack.name)]
    outcomes = {attack.name: Counter() for attack in attacks}
    end = asyncio.get_running_loop().time() + seconds
    await asyncio.gather(*(repeat(each, target, end, outcomes[each.name]) for each in attacks))
    processor = time.process_time()
    json.dump({"outcomes": outcomes, "processor": processor}, sys.stdout)


if __name__ == "__main__":
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    # Attackers are other machines in the world: here they leave the processors to who wants them.
    os.nice(10)
    numbers = [int(word) for word in sys.argv[1:4]]
    secret = sys.stdin.readline().strip().encode()
    asyncio.run(main(numbers, float(sys.argv[4]), int(sys.argv[5]), sys.argv[6], secret))
