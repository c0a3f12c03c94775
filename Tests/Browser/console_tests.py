"""Drives the console of the admin side in a real browser: `Scripts/console`."""

import argparse
import os
import sys
import urllib.parse
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "TryOut"))

import page_checks
from browser import Browser
from cluster import Cluster
from report import Report, describe, equal

TOKEN = "a-token-of-the-console-check"
# Time enough to bring a node back.
SETTINGS = (f"admin.token={TOKEN}", "drain.time=30s", "drain.grace=8s")
NAMES = ("visits", "user-ada", "user-bob", "<b>bold</b>", "grüße/&amp;")
MEMBERS = "[...document.querySelectorAll('#members tbody tr')]"
WARNINGS = "document.querySelector('#warnings').innerText"


class Console:
    """The page of the first node, and a client that keeps an object busy."""

    def __init__(self, cluster, browser, folder):
        self.cluster = cluster
        self.browser = browser
        self.folder = folder
        self.page = None
        for node in cluster.nodes:
            node.token = TOKEN
        self.client = cluster.nodes[1].join("/objects/Counter/visits")
        self.client.send("hello")
        for number, name in enumerate(NAMES):
            node = cluster.nodes[number % 3]
            path = f"/objects/Counter/{urllib.parse.quote(name, safe='')}"
            url = f"http://127.0.0.1:{node.client}{path}"
            urllib.request.urlopen(url, data=b"", timeout=10).read()

    def url(self, node=0):
        return f"http://127.0.0.1:{self.cluster.nodes[node].admin}/"

    def member(self, name):
        """The row of a member, as text."""
        return f"({MEMBERS}.find((row) => row.innerText.includes('{name}'))?.innerText ?? '')"

    def owned(self):
        """How many partitions the legend of the map gives to each member."""
        return self.page.evaluate(
            "(() => { const texts = [...document.querySelectorAll('#legend span')]"
            ".map((part) => part.textContent); const owned = {};"
            " for (let at = 0; at < texts.length; at += 3)"
            " owned[texts[at]] = Number(texts[at + 1].replaceAll(',', '')); return owned; })()"
        )

    def confirm(self, selector):
        """Presses a button, and the one of the question that comes."""
        self.page.click(selector)
        self.page.until("document.querySelector('#ask').open", "it asks first")
        self.page.click("#ask button[value=yes]")
        self.page.until("!document.querySelector('#ask').open", "it is done")


def the_token_is_asked_for(console):
    """The page asks for the token, and keeps it out of the address"""
    console.page = page = console.browser.open(console.url())
    page.until("document.querySelector('#key').open", "the token is asked for")
    page.write("#key input", TOKEN)
    page.press()
    page.says("All nodes agree")
    equal(page.evaluate("location.href"), console.url(), "the address")
    # The answers before the token were errors, as they should be.
    equal(all("401" in text for text in page.complaints), True, "all complaints are of the token")
    page.complaints.clear()


def all_is_shown(console):
    """Members, partitions and objects are there, and every name is text"""
    page = console.page
    for node in console.cluster.nodes:
        page.until(f"{console.member(node.name)}.includes('alive')", f"{node.name} is alive")
    page.until("document.querySelectorAll('#legend i').length === 3", "the legend has all")
    equal(sum(console.owned().values()), 65536, "partitions of all")
    for name in NAMES:
        page.says(name, where="#objects")
    equal(page.evaluate("document.querySelectorAll('#objects b').length"), 0, "names as HTML")
    page.says("Nothing needs you.")
    page_checks.check(page, console.folder, "console")


def an_object_is_found(console):
    """An object is found by the beginning of its name, and told about"""
    page = console.page
    page.write("#prefix", "<b>")
    page.until("document.querySelectorAll('#objects tbody tr').length === 1", "one is left")
    page.click("#objects tbody tr")
    page.says("Counter/<b>bold</b>", where="#detail")
    page.says("draws the lowest cost", where="#detail")
    page.write("#prefix", "vis")
    page.says("visits", where="#objects tbody")
    page.click("#objects tbody tr")
    page.says("Counter/visits", where="#detail")
    page.picture(console.folder, "console-object")


def an_instance_is_moved(console):
    """An instance is moved by a button that asks first, and the event of it comes by itself"""
    page = console.page
    page.until("!document.querySelector('#detail button').disabled", "it has an instance")
    page.click("#detail button")
    page.until("document.querySelector('#ask').open", "it asks first")
    page.picture(console.folder, "console-question")
    page.click("#ask button[value=no]")
    page.until("!document.querySelector('#ask').open", "no is no")
    equal("asked to move" in page.text("#events ol"), False, "an event of what was not done")
    console.confirm("#detail button")
    page.says("asked to move the instance of Counter/visits", where="#events")
    page.write("#prefix", "")


def another_page_is_refused(console):
    """A page of the node's client port can have nothing of the admin side"""
    page = console.browser.open(f"http://127.0.0.1:{console.cluster.nodes[0].client}/")
    for method in ("GET", "POST"):
        outcome = page.evaluate(
            f"fetch('{console.url()}cluster/leave', {{ method: '{method}', headers: {{"
            f" 'Rookery-Console': '1', Authorization: 'Bearer {TOKEN}' }} }})"
            ".then((answer) => answer.status, () => 'failed')"
        )
        equal(outcome, "failed", f"{method} of another page")
    page.close()
    equal(console.cluster.nodes[0].figures()["role"], "active", "the role of the node")


def a_node_is_drained(console):
    """A node is drained by its button, and brought back"""
    page = console.page
    if page.evaluate("canDrain") is not True:
        return "skipped: this version cannot drain"
    row = f"{MEMBERS}.findIndex((row) => row.innerText.includes('node-2')) + 1"
    button = f"#members tbody tr:nth-child({page.evaluate(row)}) button"
    console.confirm(button)
    page.until(f"{console.member('node-2')}.includes('draining')", "it drains", 30)
    page.says("node-2 drains", where="#events")
    page.until(f"document.querySelector({button!r}).textContent === 'Bring back'", "the way back")
    console.confirm(button)
    page.says("All nodes agree", seconds=30, where="#agreement")
    return None


def a_dead_node_is_seen(console):
    """A killed node is shown as suspect or dead, and its partitions go to the others"""
    page, cluster = console.page, console.cluster
    before = console.owned()
    cluster.kill(cluster.nodes[2])
    page.until(f"/suspect|dead/.test({console.member('node-3')})", "it is suspect or dead")
    page.picture(console.folder, "console-suspect")
    page.until("document.querySelectorAll('#legend i').length === 2", "its partitions moved", 20)
    after = console.owned()
    equal(sum(after.values()), 65536, "partitions of those that are left")
    for name in ("node-1", "node-2"):
        equal(after[name] > before[name], True, f"{name} has more than before")
    page.says("node-3 went", where="#events")
    page.until(f"{console.member('node-3')}.includes('dead')", "it is dead", 20)
    page.until(f"{WARNINGS}.includes('node-3 is dead')", "it is said in words")
    page.picture(console.folder, "console-dead")


def a_node_that_is_gone_is_told(console):
    """When the node that serves the page is gone the page says so, and that what it shows is old"""
    page, cluster = console.page, console.cluster
    cluster.kill(cluster.nodes[0])
    page.says("The node that serves this page does not answer", where="#warnings")
    page.until("document.querySelector('#live').innerText === 'interrupted'", "so are events")
    page.picture(console.folder, "console-alone")


STORY = [
    the_token_is_asked_for, all_is_shown, an_object_is_found, an_instance_is_moved,
    another_page_is_refused, a_node_is_drained, a_dead_node_is_seen, a_node_that_is_gone_is_told,
]


def main():
    parser = argparse.ArgumentParser(prog="Scripts/console")
    parser.add_argument("rook", help="the built program")
    parser.add_argument(
        "--screenshots", metavar="DIR", default=".build-console",
        help="where to save pictures of the page",
    )
    options = parser.parse_args()
    report = Report()
    browser = Browser()
    cluster = Cluster(options.rook, settings=SETTINGS)
    try:
        for node in cluster.nodes:
            node.token = TOKEN
        cluster.wait_for_agreement(seconds=30)
        report.run(STORY, Console(cluster, browser, options.screenshots))
    except Exception as error:
        report.failed += 1
        print(f"FAILED the console could not be tried: {describe(error)}")
    finally:
        if report.failed:
            print(f"\nThe last lines of the cluster:\n{cluster.text()[-4_000:]}")
        cluster.end()
        browser.end()
    return report.conclude()


if __name__ == "__main__":
    sys.exit(main())
