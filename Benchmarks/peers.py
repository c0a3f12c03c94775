"""Other servers to compare with, where they are installed: each is one more column."""

import atexit
import functools
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from servers import HERE, Limit, Server

# Where Debian puts packages of node and of Go.
NODE_ENVIRONMENT = {"NODE_PATH": "/usr/share/nodejs"}
GO_ENVIRONMENT = {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode"}
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": False}


class Peer(Server):
    """A program that echoes at `/`, sends to all at `/fanout`, and prints its port."""

    paths = Limit.paths
    copies = 1
    environment = {}

    def __init__(self, _):
        super().__init__(self.command(), self.environment)
        self.address = f"127.0.0.1:{self.line('')}"


class NodeWS(Peer):
    """The package `ws` of node."""

    name = "node ws"
    environment = NODE_ENVIRONMENT

    @staticmethod
    def command():
        return ["node", str(HERE / "Peers/ws.js")]

    @staticmethod
    def is_installed():
        ask = ["node", "-e", "require('ws')"]
        environment = {**os.environ, **NODE_ENVIRONMENT}
        return bool(shutil.which("node")) and not subprocess.run(ask, env=environment, **QUIET).returncode


class Bun(Peer):
    """`Bun.serve`."""

    name = "Bun"

    @staticmethod
    def command():
        return ["bun", str(HERE / "Peers/bun.js")]

    @staticmethod
    def is_installed():
        return bool(shutil.which("bun"))


class Gorilla(Peer):
    """`gorilla/websocket` of Go, with one thread for Go code as the others have."""

    name = "gorilla"
    environment = {"GOMAXPROCS": "1"}

    @staticmethod
    @functools.cache
    def program():
        """Built once; None where that cannot be done."""
        if not shutil.which("go"):
            return None
        folder = tempfile.mkdtemp()
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        program = Path(folder) / "gorilla"
        build = ["go", "build", "-o", str(program), str(HERE / "Peers/gorilla.go")]
        environment = {**os.environ, **GO_ENVIRONMENT, "GOCACHE": f"{folder}/cache"}
        subprocess.run(build, env=environment, **QUIET)
        return program if program.exists() else None

    @staticmethod
    def command():
        return [str(Gorilla.program())]

    @staticmethod
    def is_installed():
        return Gorilla.program() is not None


def installed():
    """Those that are there."""
    return [kind for kind in (NodeWS, Bun, Gorilla) if kind.is_installed()]
