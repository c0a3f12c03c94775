"""The two small pages: the counters, and the example server of WebSockets."""

import page_checks
from report import equal


class Small:
    """Two pages at two nodes."""

    def __init__(self, cluster, browser, folder):
        self.folder = folder
        self.one, self.other = (
            browser.open(f"http://127.0.0.1:{node.client}/") for node in cluster.nodes[:2]
        )


def counters_are_counted(story):
    """A counter that is counted up at one node is seen at another, and so is the total"""
    for name in ("apples", "pears", "apples"):
        before = int(story.one.text("#total"))
        story.one.write("#name", name)
        story.one.press()
        story.one.until(f"total.textContent === '{before + 1}'", "it is counted")
    story.other.until("document.querySelector('#total').textContent === '3'", "the total is seen")
    equal(story.other.text("#counters"), "apples2+1pears1+1", "counters")
    story.other.click("#counters button")
    story.one.until("document.querySelector('#total').textContent === '4'", "the total is seen")
    page_checks.check(story.one, story.folder, "counter")


def everybody_hears(story):
    """A message is answered three times, to the two pages, by one object"""
    for page in (story.one, story.other):
        page.says("connected", where="#state")
    story.one.click("button")
    for page in (story.one, story.other):
        page.until("document.querySelectorAll('#log li').length === 2", "two lines each")
        page.says("message: hello, from:", where="#log")
        page.says("Total connections: 2", where="#log")
    story.one.says("to: the initiating client.", where="#log")
    story.other.says("to: all clients except the initiating client.", where="#log")
    page_checks.check(story.one, story.folder, "echo")


COUNTER = [counters_are_counted]
ECHO = [everybody_hears]
