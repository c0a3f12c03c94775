"""What a run of the suite has found, and whether that is good enough: only `OK` is."""

# The suite judges none of these, because RFC 6455 leaves it open what a server does.
EXPLAINED = {
    "7.1.6": "a long message, a Close and a ping at once: the answer to the message goes first",
    "7.13.1": "a Close with code 5000, which no one may use: answered with 1002",
    "7.13.2": "a Close with code 65535, which no one may use: answered with 1002",
}
EXPECTED_CLOSE = {"7.1.6": 1000, "7.13.1": 1002, "7.13.2": 1002}

GROUPS = {
    "1": "frames of every length",
    "2": "pings and pongs",
    "3": "reserved bits",
    "4": "reserved opcodes",
    "5": "fragments",
    "6": "UTF-8",
    "7": "closing",
    "9": "large messages, small fragments",
    "10": "fragmenting in one go",
    "12": "compression, by size and kind of data",
    "13": "compression, by its parameters",
}
# Which cases can be asked for, and how many the suite has of them.
PLAIN = ["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "9.*", "10.*"], 301
COMPRESSED = ["12.*", "13.*"], 216
# A thousand messages each, which takes long where they are large: all data, all parameters, and
# messages of 256 bytes to 4 KiB. Of shorter ones some are better not compressed, and kosoku 0.1.0
# fails by itself when it gets one that is not.
COMPRESSED_QUICKLY = [
    f"{group}.{kind}.{size}"
    for group, kinds in ((12, 5), (13, 7))
    for kind in range(1, kinds + 1)
    for size in (3, 4, 5)
], 36


class Verdicts:
    """The verdicts on one place: `index.json` of either driver, for one agent."""

    def __init__(self, place, cases):
        self.place = place
        self.cases = cases

    def group(self, number):
        """How many cases of a group there are, and how many of them are good."""
        ids = [case for case in self.cases if case.split(".")[0] == number]
        return len(ids), sum(1 for case in ids if self.is_good(case))

    def is_good(self, case):
        found = self.cases[case]
        behaviours = (found["behavior"], found["behaviorClose"])
        if case in EXPLAINED:
            right_code = found["remoteCloseCode"] == EXPECTED_CLOSE[case]
            return right_code and set(behaviours) <= {"OK", "INFORMATIONAL"}
        return behaviours == ("OK", "OK")

    @property
    def informational(self):
        return [case for case in self.cases if self.cases[case]["behavior"] == "INFORMATIONAL"]

    def problems(self, count):
        """Whatever is not as it must be, a line each; `count` cases must be there."""
        if len(self.cases) != count:
            yield f"{self.place}: {len(self.cases)} cases were run, expected {count}"
        for case in sorted(self.cases, key=order):
            if not self.is_good(case):
                found = self.cases[case]
                yield (
                    f"{self.place}: case {case} is {found['behavior']}, its close is"
                    f" {found['behaviorClose']} (code {found['remoteCloseCode']})"
                )


def order(case):
    return [int(part) for part in case.split(".")]


def table(places):
    """The good cases of each group in each place, as text."""
    width = max(len(title) for title in GROUPS.values()) + 4
    lines = [f"{'CASES':{width}}" + "".join(f"{place.place:>22}" for place in places)]
    for number, title in GROUPS.items():
        counts = [place.group(number) for place in places]
        if not any(total for total, _ in counts):
            continue
        cells = "".join(f"{f'{good} of {total}':>22}" for total, good in counts)
        lines.append(f"{f'{number:>2}  {title}':{width}}{cells}")
    return "\n".join(lines)
