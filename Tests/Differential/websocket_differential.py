"""Compares what our WebSocket parser and wsproto find in the same bytes: Scripts/differential."""

import collections
import random
import subprocess
import sys

from wsproto.frame_protocol import CloseReason, FrameProtocol, Opcode, ParseFailed

from streams import reads, stream

# As `FrameReader` has them.
MESSAGE_BYTES_MAX = 70_000


def by_wsproto(parts):
    """The events in the form of `FrameReader`."""
    protocol = FrameProtocol(client=False, extensions=[])
    events, message, kind = [], [], None
    try:
        for part in parts:
            protocol.receive_bytes(part)
            for frame in protocol.received_frames():
                payload = frame.payload
                if frame.opcode is Opcode.CLOSE:
                    code, reason = payload
                    number = 0 if code == CloseReason.NO_STATUS_RCVD else int(code)
                    events.append(f"close {number} {(reason or '').encode().hex()}")
                    return events
                if frame.opcode in (Opcode.PING, Opcode.PONG):
                    events.append(f"{frame.opcode.name.lower()} {bytes(payload).hex()}")
                    continue
                kind = frame.opcode if kind is None else kind
                message.append(payload.encode() if isinstance(payload, str) else bytes(payload))
                if frame.message_finished:
                    events.append(f"{kind.name.lower()} {b''.join(message).hex()}")
                    message, kind = [], None
    except ParseFailed as error:
        events.append(f"failed {int(error.code)}")
    return events


def explanation(parts, ours, theirs):
    """Why a difference is none, or None when nobody knows."""
    last, before = (ours[-1], ours[:-1]) if ours else ("", [])
    if last == "failed 1009" and theirs[: len(before)] == before:
        return "wsproto has no limit for a message"
    if last.startswith("close 1014 ") and theirs == before + ["failed 1002"]:
        return "1014 is registered with IANA, and unknown to wsproto"
    end = b"\x80\x80" + bytes(4)
    if last == "failed 1007" and theirs[: len(before)] == before:
        if by_wsproto(parts + [end])[-1] == last:
            return "Python sees half of a surrogate only with the byte behind it"
    # What is wrong with a header is told at once here, and by wsproto with the payload.
    if last.startswith("failed ") and theirs == before and by_wsproto(parts + [bytes(130)]) == ours:
        return "wsproto waits for the payload of a frame whose header is wrong"
    return None


def main():
    program = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 20_000
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    generator = random.Random(seed)
    connections = [reads(generator, stream(generator)) for _ in range(count)]
    lines = "".join(" ".join(part.hex() for part in parts) + "\n" for parts in connections)
    answer = subprocess.run([program, "--websocket"], input=lines, capture_output=True, text=True)
    answers = answer.stdout.split("\n")[:-1]
    if answer.returncode != 0 or len(answers) != count:
        sys.exit(f"the parser ended with {answer.returncode} after {len(answers)}: {answer.stderr}")
    tally, unexplained = collections.Counter(), 0
    for parts, line in zip(connections, answers):
        ours = [event for event in line.split(";") if event]
        theirs = by_wsproto(parts)
        if ours == theirs:
            last = ours[-1].split(" ") if ours else ["nothing"]
            tally["same: " + (" ".join(last) if last[0] == "failed" else last[0])] += 1
            continue
        reason = explanation(parts, ours, theirs)
        tally["explained: " + reason if reason else "different"] += 1
        if not reason:
            unexplained += 1
            if unexplained <= 20:
                print(" ".join(part.hex() for part in parts)[:400])
                print("  ours:  ", " ".join(ours)[-200:])
                print("  theirs:", " ".join(theirs)[-200:])
    for what, number in sorted(tally.items()):
        print(f"{number:8} {what}")
    print(f"{count} streams of seed {seed}, {unexplained} with a difference nobody explains")
    sys.exit(unexplained > 0)


main()
