"""How soon a single node serves, after its start: start_time.py ROOK [RUNS]

A supervisor's socket tells when all ports are open, and the admin side when it is ready, which is
when it has the lease.
"""

import http.client
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import tempfile
import time

PATIENCE = 10


def main(rook, runs="11"):
    opened, ready = zip(*(start(rook) for _ in range(int(runs))))
    for name, times in [("ports open", opened), ("ready", ready)]:
        print(
            f"{name:<11} p50 {statistics.median(times) * 1_000:.1f} ms, "
            f"slowest {max(times) * 1_000:.1f} ms of {len(times)}"
        )


def start(rook):
    """Seconds until the ports of a node are open, and until it is ready."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(
        socket.AF_UNIX, socket.SOCK_DGRAM
    ) as supervisor:
        path = str(pathlib.Path(folder) / "notify")
        supervisor.bind(path)
        supervisor.settimeout(PATIENCE)
        settings = ["node.name=lone", f"data.directory={folder}/state"]
        settings += [f"{side}.listen=127.0.0.1:0" for side in ("peer", "client", "admin")]
        began = time.monotonic()
        node = subprocess.Popen(
            [rook, "serve"] + [word for setting in settings for word in ("--set", setting)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=dict(os.environ, NOTIFY_SOCKET=path),
        )
        try:
            supervisor.recv(4_096)
            opened = time.monotonic() - began
            admin = next(line.split("//")[1] for line in node.stdout if line.startswith("admin"))
            wait_until_ready(admin.strip())
            return opened, time.monotonic() - began
        finally:
            node.terminate()
            node.wait(PATIENCE)


def wait_until_ready(address):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection(address, timeout=PATIENCE)
        connection.request("GET", "/ready")
        if connection.getresponse().status == 200:
            return
        time.sleep(0.001)
    raise TimeoutError(f"{address} is not ready")


if __name__ == "__main__":
    main(*sys.argv[1:])
