"""Decides from the messages of a session whether one was lost, doubled or out of order. Pure."""

import re

from records import Violation

# How long after a crash is over its redeliveries may still come: parked sessions find their owner.
AFTERMATH_SECONDS = 15.0
# The limits past which a session without an owner may be closed (`limit.parked_…`), a little less
# than the first because the client's clock starts later than the node's.
PARKED_SECONDS = 28.0
OWN_END_SECONDS = 10.0
PARKED_MESSAGES = 1_024
RETRY = re.compile(r"retry=\d+$")


def check_session(log, crashes, edge_lives):
    """All that is wrong with one session.

    `crashes` are the (began, ended) of what was not planned; only they may double a message.
    `edge_lives` are the lives of the node that holds the client's socket.
    """
    violations = check_order(log, crashes)
    close = next((event for event in log.events if event.what == "closed"), None)
    violations += check_losses(log, is_closed=close is not None)
    if close is not None:
        violations += check_close(log, close, edge_lives)
    return violations


def check_order(log, crashes):
    """Answers come in order; one that came before comes again only after a crash."""
    violations = []
    sent, last = set(), None
    for event in log.events:
        if event.what == "sent":
            sent.add(event.number)
        elif event.what == "got":
            if event.number not in sent:
                violations.append(broken(log, "not sent", event))
            elif last is not None and event.number <= last.number:
                if not is_near(event.time, crashes):
                    violations.append(broken(log, "came twice or late", last, event))
            last = event
    return violations


def check_losses(log, is_closed):
    """Each message that was sent is answered; after a close only those before the last answer."""
    sent = [event for event in log.events if event.what == "sent"]
    got = {event.number for event in log.events if event.what == "got"}
    if is_closed:
        horizon = max(got, default=-1)
        sent = [event for event in sent if event.number <= horizon]
    lost = [event for event in sent if event.number not in got]
    if not lost:
        return []
    around = [
        event for event in log.events
        if event.what == "got" and event.number in (lost[0].number - 1, lost[-1].number + 1)
    ]
    text = f"{len(lost)} messages never came back, the first and what came before and after"
    return [broken(log, text, lost[0], *around)]


def check_close(log, close, edge_lives):
    """A socket ends with its edge, or with 1012 past the limits of a parked session."""
    ended = [life for life in edge_lives if life.ended is not None]
    opened = log.events[0].time
    with_edge = [life for life in ended if opened <= life.ended and is_end(close, life)]
    if with_edge:
        planned = with_edge[-1].how == "SIGTERM"
        if planned and close.number not in (1001, 1012):
            return [broken(log, "its edge left, but said no 1001 or 1012", close)]
        return []
    answered = {event.number for event in log.events if event.what == "got"}
    waiting = [
        event for event in log.events if event.what == "sent" and event.number not in answered
    ]
    is_old = bool(waiting) and close.time - waiting[0].time >= PARKED_SECONDS
    if close.number == 1012 and RETRY.match(close.reason):
        if is_old or len(waiting) >= PARKED_MESSAGES:
            return []
    return [broken(log, "closed while its edge lives", close)]


def is_end(close, life):
    """True when the socket was closed because its edge ended.

    `ended` is when the signal was sent; the end of one that ended by itself is seen late.
    """
    early = 0.0 if life.how.startswith("SIG") else OWN_END_SECONDS
    return life.ended - early <= close.time


def is_near(time, crashes):
    return any(began <= time <= ended + AFTERMATH_SECONDS for began, ended in crashes)


def broken(log, text, *events):
    return Violation("session", f"{log.label} at {log.edge}: {text}", events)
