"""What holds for every page: nothing to complain of, readable, usable on a phone."""

from report import equal

NEEDS_A_NAME = {"button", "textbox", "combobox", "link", "checkbox", "log", "status"}
CONTRAST_MIN = 4.5

# The texts that can be seen, with a contrast to what is behind them (WCAG 2.2, 1.4.3) below the
# least that is allowed.
PALE_TEXTS = """(() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const shine = ([r, g, b]) => {
    const linear = [r, g, b].map((v) => (v /= 255) <= 0.04045 ? v / 12.92
      : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const ground = (element) => {
    for (let it = element; it; it = it.parentElement) {
      const colour = parts(getComputedStyle(it).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255];
  };
  const pale = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || !element.checkVisibility() || element.closest(":disabled, .pending")) continue;
    if (element.matches("script, style, option, .only-read")) continue;
    const [one, other] = [parts(getComputedStyle(element).color), ground(element)].map(shine);
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (contrast < MIN) pale.push(`${element.textContent.trim()}: ${contrast.toFixed(2)}`);
  }
  return pale;
})()""".replace("MIN", str(CONTRAST_MIN))


def check(page, folder, name):
    """Looks at a page in both colour schemes and on a phone, and leaves it as a desktop shows it."""
    for dark in (False, True):
        page.look(dark=dark)
        equal(page.evaluate(PALE_TEXTS), [], f"too pale, dark={dark}")
        page.picture(folder, f"{name}-{'dark' if dark else 'light'}")
    page.look(width=360, height=740, phone=True)
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    equal(wide <= 0, True, f"no scrolling sideways on a phone ({wide} px too wide)")
    page.picture(folder, f"{name}-phone")
    page.look()
    equal(unnamed(page), [], "parts without a name for who cannot see them")
    equal(page.evaluate("document.documentElement.lang"), "en", "the page's language")
    equal(page.complaints, [], "complaints of the browser")


def unnamed(page):
    nodes = page.call("Accessibility.getFullAXTree")["nodes"]
    return [
        node["role"]["value"]
        for node in nodes
        if not node.get("ignored")
        and node.get("role", {}).get("value") in NEEDS_A_NAME - {"status"}
        and not node.get("name", {}).get("value")
    ]
