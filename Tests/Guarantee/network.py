"""Where the nodes of a run live: one network namespace each, or addresses of loopback.

The runner starts this program in a namespace of its own, the hub. Each node gets one more, joined
to the hub by a pair of virtual interfaces. The hub forwards between them, so a cut in one
direction is a rule of the hub that drops: no node can tell it from a cable that is out. Clients
live in the hub and reach every node, whatever is cut. All of it ends with the processes.
"""

import os
import subprocess
import time


class Namespaces:
    """One namespace for each node, numbered from 1."""

    can_cut = True

    def __init__(self, count):
        self.holders = {}
        self.cuts = set()
        run("link set lo up")
        with open("/proc/sys/net/ipv4/ip_forward", "w", encoding="ascii") as file:
            file.write("1")
        for number in range(1, count + 1):
            self._add(number)

    def address(self, number):
        return f"10.77.{number}.2"

    def command(self, number):
        """What stands in front of a command that is to run on node `number`."""
        return ["nsenter", f"--net=/proc/{self.holders[number].pid}/ns/net", "--"]

    def set_cuts(self, cuts):
        """Drops from now on what goes from one to the other of each pair, and nothing else."""
        for sender, receiver in sorted(cuts - self.cuts):
            run(f"rule add {self._rule(sender, receiver)}")
        for sender, receiver in sorted(self.cuts - cuts):
            run(f"rule delete {self._rule(sender, receiver)}")
        self.cuts = set(cuts)

    def end(self):
        for holder in self.holders.values():
            holder.stdin.close()
            holder.wait()

    def _add(self, number):
        # The namespace lives as long as this `cat`, and that as long as this program.
        holder = subprocess.Popen(
            ["unshare", "--net", "cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
        )
        self.holders[number] = holder
        wait_for_namespace(holder.pid)
        run(f"link add node{number} type veth peer name eth0 netns {holder.pid}")
        run(f"address add 10.77.{number}.1/24 dev node{number}")
        run(f"link set node{number} up")
        inside = self.command(number)
        run("link set lo up", inside)
        run(f"address add {self.address(number)}/24 dev eth0", inside)
        run("link set eth0 up", inside)
        run(f"route add default via 10.77.{number}.1", inside)

    def _rule(self, sender, receiver):
        return (
            f"iif node{sender} to {self.address(receiver)} blackhole "
            f"priority {1_000 + sender * 20 + receiver}"
        )


class Loopback:
    """Addresses of 127.0.0.0/8 that differ from run to run: no cut is possible."""

    can_cut = False

    def __init__(self, count):
        self.prefix = f"127.{os.getpid() // 250 % 250 + 1}.{os.getpid() % 250 + 1}"

    def address(self, number):
        return f"{self.prefix}.{number}"

    def command(self, number):
        return []

    def set_cuts(self, cuts):
        if cuts:
            raise ValueError("loopback cannot be cut")

    def end(self):
        pass


def run(arguments, inside=()):
    subprocess.run([*inside, "ip", *arguments.split()], check=True, timeout=10)


def wait_for_namespace(pid, seconds=5):
    """Waits until a process has left this program's namespace."""
    deadline = time.monotonic() + seconds
    while os.readlink(f"/proc/{pid}/ns/net") == os.readlink("/proc/self/ns/net"):
        if time.monotonic() > deadline:
            raise TimeoutError("no network namespace was made")
        time.sleep(0.005)
