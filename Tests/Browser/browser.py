"""A headless Chromium, spoken to in its own DevTools protocol."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time

from report import until
from websockets.sync.client import connect

START_SECONDS = 60
ANSWER_SECONDS = 30
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def program():
    """Where the browser is; None when there is none."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


class BrowserError(Exception):
    """The browser did not do what it was told."""


class Browser:
    """One process of the browser, with pages that each have a window and a storage of their own."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="rook-browser-")
        self.log = open(os.path.join(self.folder, "log"), "w+", encoding="utf-8")
        arguments = [
            program(),
            "--headless=new",
            "--remote-debugging-port=0",
            f"--user-data-dir={self.folder}/profile",
            # Everything runs in containers of CI, as root and with a small /dev/shm.
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            # A page that has not the focus is as quick as the one that has it.
            "--disable-background-timer-throttling",
            "--disable-backgrounding-occluded-windows",
            "--disable-renderer-backgrounding",
        ]
        self.process = subprocess.Popen(
            arguments, stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.number = 0
        self.pages = {}
        try:
            port, path = until(self._address, START_SECONDS, "the browser has started")
            self.socket = connect(
                f"ws://127.0.0.1:{port}{path}", max_size=64 << 20, compression=None,
                ping_interval=None,
            )
        except BaseException:
            self.end()
            raise

    def _address(self):
        if self.process.poll() is not None:
            self.log.seek(0)
            raise BrowserError(f"the browser has ended: {self.log.read()[-300:]}")
        try:
            with open(f"{self.folder}/profile/DevToolsActivePort", encoding="ascii") as file:
                lines = file.read().split()
        except OSError:
            return None
        return lines if len(lines) == 2 else None

    def call(self, method, session=None, **parameters):
        """Gives one command, and returns what comes of it."""
        self.number += 1
        command = {"id": self.number, "method": method, "params": parameters}
        if session:
            command["sessionId"] = session
        self.socket.send(json.dumps(command))
        deadline = time.monotonic() + ANSWER_SECONDS
        while True:
            left = max(0.01, deadline - time.monotonic())
            message = json.loads(self.socket.recv(timeout=left))
            if message.get("id") == self.number:
                if "error" in message:
                    raise BrowserError(f"{method}: {message['error']['message']}")
                return message["result"]
            page = self.pages.get(message.get("sessionId"))
            if page:
                page.heard(message)

    def open(self, url, **look):
        """A new page; `look` as in `Page.look`."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        target = self.call(
            "Target.createTarget", url="about:blank", browserContextId=context, newWindow=True
        )["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = self.pages[session] = Page(self, session, context)
        for domain in ("Page", "Runtime", "Log", "Accessibility"):
            page.call(f"{domain}.enable")
        page.call("Emulation.setFocusEmulationEnabled", enabled=True)
        page.look(**look)
        page.go(url)
        return page

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Page:
    """One page, and what it complained of."""

    def __init__(self, browser, session, context):
        self.browser = browser
        self.session = session
        self.context = context
        self.complaints = []

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def heard(self, message):
        parameters = message["params"]
        if message["method"] == "Runtime.exceptionThrown":
            details = parameters["exceptionDetails"]
            thrown = details.get("exception", {}).get("description", details["text"])
            self.complaints.append(thrown)
        elif message["method"] == "Log.entryAdded":
            entry = parameters["entry"]
            if entry["level"] in ("error", "warning"):
                self.complaints.append(entry["text"])

    def look(self, width=1000, height=700, dark=False, phone=False):
        """The size of the window, the colour scheme that the user prefers, and the device."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=2 if phone else 1, mobile=phone,
        )
        self.call("Emulation.setTouchEmulationEnabled", enabled=phone)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def go(self, url):
        failed = self.call("Page.navigate", url=url).get("errorText")
        if failed:
            raise BrowserError(f"{url}: {failed}")
        self.until("document.readyState === 'complete'", f"{url} is loaded")

    def evaluate(self, expression):
        """The value of an expression of the page's own language."""
        result = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            raise BrowserError(details.get("exception", {}).get("description", details["text"]))
        return result["result"].get("value")

    def until(self, expression, what, seconds=15):
        """Waits until an expression is true, and returns its value."""
        try:
            return until(lambda: self.evaluate(expression), seconds, what)
        except TimeoutError as error:
            text = self.evaluate("document.body.innerText").split("\n")
            raise TimeoutError(f"{error}; the page says {' | '.join(filter(None, text))}") from None

    def text(self, selector):
        return self.evaluate(f"document.querySelector({json.dumps(selector)}).textContent")

    def says(self, text, seconds=15, where="body"):
        """Waits until a text can be read."""
        found = f"document.querySelector({json.dumps(where)}).innerText.includes({json.dumps(text)})"
        self.until(found, f"{where} says {text!r}", seconds)

    # What a user does.

    def write(self, selector, text):
        """Puts a text into a field, in the place of what is there."""
        field = f"document.querySelector({json.dumps(selector)})"
        self.evaluate(f"{field}.focus(); {field}.select()")
        self.call("Input.insertText", text=text)

    def press(self, key="Enter", code=13, text="\r"):
        for kind in ("keyDown", "keyUp"):
            extra = {"text": text} if kind == "keyDown" and text else {}
            self.call(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key,
                windowsVirtualKeyCode=code, **extra,
            )

    def click(self, selector):
        box = self.evaluate(
            f"(() => {{ const it = document.querySelector({json.dumps(selector)});"
            " it.scrollIntoView({block: 'nearest'}); const box = it.getBoundingClientRect();"
            " return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call(
                "Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left",
                clickCount=1,
            )

    def move(self, x, y):
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def picture(self, folder, name):
        """Saves how the page looks, if there is a folder for it."""
        if not folder:
            return
        os.makedirs(folder, exist_ok=True)
        data = self.call("Page.captureScreenshot", format="png")["data"]
        with open(os.path.join(folder, f"{name}.png"), "wb") as file:
            file.write(base64.b64decode(data))

    def close(self):
        del self.browser.pages[self.session]
        self.browser.call("Target.disposeBrowserContext", browserContextId=self.context)
