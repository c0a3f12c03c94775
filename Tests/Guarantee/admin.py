"""What the admin side of a node answers."""

import json
import subprocess
import urllib.error
import urllib.request

from nodes import ADMIN

TIMEOUT_SECONDS = 5


def get(node, path):
    """The status and the body of an answer; None for both when there is none."""
    words = {"Authorization": f"Bearer {node.cluster.token}"}
    request = urllib.request.Request(f"http://{node.address}:{ADMIN}{path}", headers=words)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return None, None


def report(node):
    """The cluster as a node sees it; None when it does not answer."""
    status, body = get(node, "/cluster/status")
    return json.loads(body) if status == 200 else None


def events(node):
    """What a node remembers."""
    _, body = get(node, "/cluster/events?recent=1000&follow=false")
    lines = (body or "").splitlines()
    return [json.loads(line[5:]) for line in lines if line.startswith("data:")]


def command(node, *words):
    """What `rook` says to an operator who asks this node."""
    asked = [node.program, *words, "--admin", f"{node.address}:{ADMIN}"]
    asked += ["--token", node.cluster.token]
    return subprocess.run(asked, capture_output=True, text=True, timeout=60)
