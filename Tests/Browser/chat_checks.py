"""A chat of three people at three nodes, one of which dies, and then another."""

import json
import time

import page_checks
from report import equal

ROOM = "lobby"
SAY_SECONDS = 60

# Who of a close comes back, and when: contracts of the close codes.
PAUSES = """[
  pause(1000, "", 0), pause(1003, "", 0), pause(1008, "", 0), pause(1009, "", 0),
  pause(4000, "", 0), pause(1012, "retry=1234", 0), pause(1012, "retry=x", 0) <= 500,
  pause(1012, "retry=1234", 1) === 1234, pause(1012, "retry=1234", 9) >= 15000, pause(1006, "", 0) <= 500, pause(1006, "", 0) >= 250,
  pause(1006, "", 60) <= 30000, pause(1013, "", 0) >= 2500,
  pause(1013, "retry=9000", 0) === 9000, pause(1013, "retry=9000", 2) >= 10000,
]"""


class Chat:
    """The cluster and the pages of the story."""

    def __init__(self, cluster, browser, locate, folder):
        self.cluster = cluster
        self.browser = browser
        self.folder = folder
        owner = locate("Room", ROOM, cluster.nodes[0])["owner"]
        self.owner = next(node for node in cluster.nodes if node.name == owner)
        self.edges = [node for node in cluster.nodes if node is not self.owner]
        self.ada = self.grace = None

    def home(self, node, path="/"):
        return f"http://127.0.0.1:{node.client}{path}"

    def enter(self, node, name, path="/", **look):
        page = self.browser.open(self.home(node, path), **look)
        page.write("#name", name)
        if path == "/":
            page.write("#where", ROOM)
        page.press()
        page.until("document.querySelector('#state').dataset.open === ''", f"{name} is in")
        return page


def say(page, text, listeners):
    """Sends, as often as the limiter gives it back, until everybody has it."""
    shown = f"[...document.querySelectorAll('#log li:not(.pending) span')].some((it) => it.textContent === {json.dumps(text)})"
    page.write("#text", text)
    deadline = time.monotonic() + SAY_SECONDS
    while not page.evaluate(shown):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{text!r} was not said; the page says {page.text('#trouble')!r}")
        if page.evaluate("document.querySelector('#text').value !== '' && !send.disabled"):
            page.evaluate("document.querySelector('#text').focus()")
            page.press()
        time.sleep(0.1)
    for listener in listeners:
        listener.until(shown, f"{text!r} is read")


def watch(page):
    """From now on the page notes each state of its connection."""
    page.evaluate(
        "void (window.states = [state.textContent], new MutationObserver(() =>"
        " states.push(state.textContent)).observe(state, {childList: true}))"
    )


def two_people_meet(chat):
    """Two people at two nodes that do not own the room meet, and read each other"""
    chat.ada = chat.enter(chat.edges[0], "Ada")
    chat.grace = chat.enter(chat.edges[1], "Grace", path=f"/room/{ROOM}", dark=True)
    for page in (chat.ada, chat.grace):
        page.until("document.querySelectorAll('#names li').length === 2", "both are listed")
        equal(page.text("#names"), "AdaGrace", "who is here")
    say(chat.ada, "Hello from the first node", [chat.grace])
    say(chat.grace, "Hello from the <b>second</b> one", [chat.ada])
    page_checks.check(chat.ada, chat.folder, "chat")


def a_latecomer_reads(chat):
    """Who comes later reads what was said, and is seen to come and to go"""
    late = chat.enter(chat.owner, "Alan", width=360, height=740, phone=True, dark=True)
    late.says("Hello from the first node", where="#log")
    chat.ada.says("Alan has joined", where="#log")
    late.picture(chat.folder, "chat-latecomer")
    late.click("#leave")
    chat.ada.says("Alan has left", where="#log")
    late.close()


def closes_are_understood(chat):
    """The page knows which closes are final, and waits as the hint of a 1012 or 1013 says"""
    expected = [None] * 5 + [1234] + [True] * 9
    equal(chat.ada.evaluate(PAUSES), expected, "pauses")


def a_private_room(chat):
    """A private room has a name that nobody guesses, and its address leads into it"""
    page = chat.browser.open(chat.home(chat.edges[0]))
    page.write("#name", "Ada")
    page.click("#private")
    page.says("Whoever has the address", where="#log")
    path = page.evaluate("location.pathname")
    equal(len(path), len("/room/") + 64, "length of the path")
    other = chat.enter(chat.edges[1], "Guest", path=path)
    page.says("Guest", where="#names", seconds=30)
    other.close()
    page.close()


def the_owner_dies(chat):
    """The room's node is killed: the pages stay connected, and go on with each other"""
    for page in (chat.ada, chat.grace):
        watch(page)
    start = time.monotonic()
    command = chat.cluster.kill(chat.owner)
    say(chat.ada, "Still there?", [chat.grace])
    seconds = time.monotonic() - start
    say(chat.grace, "Of course", [chat.ada])
    for page in (chat.ada, chat.grace):
        equal(page.evaluate("[...new Set(states)]"), ["connected"], "states of the connection")
    chat.ada.picture(chat.folder, "chat-owner-died")
    chat.cluster.restart(chat.owner, command)
    chat.cluster.wait_for_agreement(seconds=30)
    return f"{seconds:.1f} s after the kill"


def the_own_node_dies(chat):
    """A page's own node is killed: the page says so, comes back by itself, and is complete"""
    edge = chat.edges[0]
    command = chat.cluster.kill(edge)
    chat.ada.says("connection lost (1006)", where="#state")
    chat.ada.picture(chat.folder, "chat-own-node-died")
    chat.cluster.restart(edge, command)
    chat.ada.until("document.querySelector('#state').dataset.open === ''", "Ada is back", 60)
    chat.grace.until("document.querySelectorAll('#names li').length === 2", "Grace sees her", 30)
    say(chat.grace, "Welcome back", [chat.ada])
    twice = "[...document.querySelectorAll('#log span')].map((it) => it.textContent)"
    said = chat.ada.evaluate(twice)
    equal(len(said), len(set(said)), f"different messages of {said}")


def nobody_owns_the_room(chat):
    """Without an owner the page is closed with 1012, and comes back when the hint says, no sooner"""
    # The one node that has not been killed yet: the command ends when all its own ones have.
    edge = chat.edges[1]
    note_connections(chat.grace)
    others = [node for node in chat.cluster.nodes if node is not edge]
    commands = [(node, chat.cluster.kill(node)) for node in others]
    chat.grace.says("connection lost (1012)", where="#state", seconds=45)
    chat.grace.picture(chat.folder, "chat-no-owner")
    for node, command in commands:
        chat.cluster.restart(node, command)
    chat.grace.until("opened.length > 0", "the page connects again", 30)
    code, reason, closed = chat.grace.evaluate("closes[0]")
    equal(code, 1012, "code of the close")
    equal(reason.startswith("retry="), True, f"a hint in the reason {reason!r}")
    hint = int(reason.removeprefix("retry="))
    equal(500 <= hint <= 5000, True, f"hint of {hint} ms")
    waited = chat.grace.evaluate("opened[0]") - closed
    # The page's timer begins a moment after the close was heard of.
    equal(hint - 20 <= waited <= hint + 2000, True, f"waited {waited:.0f} ms of {hint}")
    chat.grace.until("document.querySelector('#state').dataset.open === ''", "Grace is back", 60)
    chat.cluster.wait_for_agreement(seconds=30)
    return f"came back after {waited:.0f} ms, as {hint} ms were asked for"


def note_connections(page):
    """From now on the page notes when its connection ends, how, and when it makes another one."""
    page.evaluate(
        "void (window.opened = [], window.closes = [], socket.addEventListener('close', (it) =>"
        " closes.push([it.code, it.reason, performance.now()])),"
        " window.WebSocket = class extends WebSocket {"
        " constructor(...all) { opened.push(performance.now()); super(...all); } })"
    )


def too_much(chat):
    """Who says too much is told so, and keeps what was written"""
    for number in range(12):
        chat.grace.write("#text", f"Quickly, number {number}")
        chat.grace.press()
        ended = "!document.querySelector('.pending')"
        chat.grace.until(ended, "the room has answered")
        if chat.grace.text("#trouble"):
            break
    chat.grace.says("rate-limited", where="#trouble")
    kept = chat.grace.evaluate("document.querySelector('#text').value")
    equal(kept, f"Quickly, number {number}", "what is in the field")
    chat.grace.picture(chat.folder, "chat-limited")


STORY = [
    two_people_meet,
    closes_are_understood,
    a_latecomer_reads,
    a_private_room,
    too_much,
    the_owner_dies,
    the_own_node_dies,
    nobody_owns_the_room,
]
