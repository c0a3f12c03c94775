"""One line for each check, and the sum of them."""

import inspect
import re
import time
import traceback


class Report:
    """Runs checks: functions whose docstring says what they find true."""

    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.start = time.monotonic()

    def section(self, title):
        print(f"\n{title}")

    def run(self, checks, *arguments):
        """Runs each check; a failure is printed, and the next one runs all the same."""
        for check in checks:
            start = time.monotonic()
            try:
                note = check(*arguments)
            except Exception as error:
                self.failed += 1
                self._print("FAILED", check, start)
                print(f"        {describe(error)}")
            else:
                self.passed += 1
                self._print("ok", check, start, note)

    def _print(self, outcome, check, start, note=None):
        sentence = inspect.getdoc(check).splitlines()[0].rstrip(".")
        seconds = time.monotonic() - start
        print(f"{outcome:6} {seconds:6.2f} s  {sentence}" + (f" ({note})" if note else ""))

    def conclude(self):
        """Prints the sum and returns the exit status."""
        seconds = time.monotonic() - self.start
        print(f"\n{self.passed} passed, {self.failed} failed in {seconds:.0f} s")
        return 1 if self.failed else 0


def describe(error):
    """What went wrong, and in which line of the check."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if re.search("TryOut|Browser|Compression", frame.filename)
    ]
    place = frames[-1] if frames else None
    where = f"{place.filename.rsplit('/', 1)[-1]}:{place.lineno}: " if place else ""
    text = str(error) or (place.line if place else "")
    return f"{where}{type(error).__name__}: {text}"[:600]


def until(condition, seconds, what):
    """Waits until `condition()` is true and returns its value; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} s: {what}")
        time.sleep(0.02)


def equal(actual, expected, what="value"):
    """Fails with both values in the text."""
    if actual != expected:
        raise AssertionError(f"{what} is {shown(actual)}, expected {shown(expected)}")


def shown(value):
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}… ({len(value)} long)"
