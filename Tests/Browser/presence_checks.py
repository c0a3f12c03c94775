"""Two cursors at two nodes: seen by each other, kept while the object sleeps and when it moves."""

import page_checks
from report import equal, until

# Where a page shows the cursor with a name, as parts of the plane.
PLACE = """(() => {
  const it = [...document.querySelectorAll(".cursor")].find((c) => c.innerText === "%s");
  const box = plane_.getBoundingClientRect();
  const at = it && new DOMMatrix(it.style.transform);
  return it && [at.e / box.width, at.f / box.height].map((v) => Math.round(v * 100) / 100);
})()""".replace("plane_", "document.querySelector('#plane')")


class Presence:
    def __init__(self, cluster, browser, locate, folder):
        self.cluster = cluster
        self.folder = folder
        self.locate = lambda: locate("Plane", "everyone", cluster.nodes[0])
        owner = self.locate()["owner"]
        self.owner = next(node for node in cluster.nodes if node.name == owner)
        edges = [node for node in cluster.nodes if node is not self.owner]
        self.pages = []
        for node, name in zip(edges, ("Ada", "Grace")):
            page = browser.open(f"http://127.0.0.1:{node.client}/")
            page.says("connected", where="#state")
            page.write("#name", name)
            page.press("Tab", 9, "")
            self.pages.append(page)


def instance(page):
    return page.text("#instance")


def moves_to(story, x, y, seconds=15):
    """The first one moves; the second one sees it there."""
    ada, grace = story.pages
    box = ada.evaluate(
        "(() => { const box = document.querySelector('#plane').getBoundingClientRect();"
        " return [box.x, box.y, box.width, box.height]; })()"
    )
    ada.move(box[0] + x * box[2], box[1] + y * box[3])
    there = f"(({PLACE % 'Ada'}) ?? []).every((v, i) => Math.abs(v - [{x}, {y}][i]) < 0.02)"
    known = f"({PLACE % 'Ada'}) !== undefined && {there}"
    grace.until(known, f"Ada's cursor is at {x}, {y}", seconds)


def they_see_each_other(story):
    """Two cursors at two nodes see each other move"""
    for page in story.pages:
        page.until("document.querySelectorAll('#members li').length === 2", "both are there")
    moves_to(story, 0.3, 0.4)
    moves_to(story, 0.6, 0.3)
    page_checks.check(story.pages[1], story.folder, "presence")


def a_team_is_a_tag(story):
    """Who waves is seen by the own team, and not by the others"""
    ada, grace = story.pages
    ada.click("#wave")
    ada.says("Ada waved to amber: 2 of the team")
    grace.says("Ada waved to amber: 2 of the team")
    grace.evaluate("team.value = 'jade'; team.dispatchEvent(new Event('change'))")
    ada.says("Grace, jade")
    grace.says("Grace, jade (you)")
    grace.evaluate("document.querySelector('#events').replaceChildren()")
    ada.click("#wave")
    ada.says("Ada waved to amber: 1 of the team")
    moves_to(story, 0.5, 0.5)
    equal("waved" in grace.text("#events"), False, "jade sees amber wave")


def it_sleeps(story):
    """After ten quiet seconds another instance answers, on the same node, and knows all cursors"""
    ada, grace = story.pages
    before = instance(grace)
    grace.says("asleep", where="#quiet", seconds=20)
    until(lambda: story.locate()["state"] == "hibernated", 20, "no instance is there")
    grace.evaluate("trip.textContent = ''")
    grace.says("without the object", where="#trip")
    equal(story.locate()["state"], "hibernated", "the object after a ping that was answered")
    moves_to(story, 0.2, 0.7)
    equal(instance(grace) != before, True, "another instance")
    grace.says("it slept, and woke as", where="#events")
    grace.evaluate("send({hello: true})")
    grace.until("document.querySelectorAll('#members li').length === 2", "all are still there")
    grace.picture(story.folder, "presence-woken")


def its_node_dies(story):
    """Its node is killed: another instance has all cursors, and no page has lost its connection"""
    ada, grace = story.pages
    before = instance(grace)
    story.cluster.kill(story.owner)
    moves_to(story, 0.8, 0.6, seconds=20)
    equal(instance(grace) != before, True, "another instance")
    grace.says("it is on node-", where="#events")
    for page in story.pages:
        page.until("document.querySelectorAll('#members li').length === 2", "both are there")
        equal(page.text("#state"), "connected", "state")
    grace.picture(story.folder, "presence-owner-died")


STORY = [they_see_each_other, a_team_is_a_tag, it_sleeps, its_node_dies]
