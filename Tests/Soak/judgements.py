"""What must be true of a soak."""

from run import MEMORY_PERCENT
from tables import milliseconds

#: A slice of the kernel's scheduler. Where processes share processors, one that is runnable may
#: wait for so long whatever a node does, and twice a calm p99 of 0.5 ms would be noise.
FLOOR_SECONDS = 0.004
TIMES = 2
#: With fewer quiet seconds nothing can be said of the node.
QUIET_PART_MIN = 0.5
#: What refused attacks are counted as.
REFUSALS = [
    "head-too-large", "too-many-fields", "body-too-large", "bare-line-feed", "reserved bits",
    "unmasked client frame", "invalid text", "message too long", "too many control frames",
    "slow_consumer", "unknown_type", "malformed", "unknown_key", "wrong_secret", "version",
    "bad-tag", "other-cluster", "replayed", "too-long",
]
#: The same for those that a node notices only after so many seconds.
SLOW_REFUSALS = {
    "handshake_timeout": 3, "handshake_limit": 3, "request_timeout": 10, "ping_timeout": 45,
}


def no_errors(run):
    """No honest client was disconnected, answered wrongly, or not answered."""
    if run.seen["errors"] or run.seen["unanswered"]:
        raise AssertionError(f"{run.seen['unanswered']} unanswered; {run.seen['errors'][:3]}")
    return f"{len(run.seen['answers']):,} messages"


def latency(run):
    """The p99 of the honest clients under attack is at most twice the one without it.

    Without it is the greater of before, and what the same clients get meanwhile from a process
    that nobody attacks: attackers and clients share the processors with it too.
    """
    for phase in (run.phase("before"), run.phase("attack")):
        if phase.quiet_part < QUIET_PART_MIN:
            raise AssertionError(
                f"NOT MEASURED: in {phase.name} only {100 * phase.quiet_part:.0f} % of the seconds"
                " were quiet; this machine does other work"
            )
    before, attacked = (
        milliseconds(run.phase(name).quiet_answers, 0.99) for name in ("before", "attack")
    )
    control = milliseconds(run.phase("attack").quiet_control, 0.99)
    most = max(TIMES * before, TIMES * control, 1e3 * FLOOR_SECONDS)
    found = f"{attacked:.2f} ms, before {before:.2f}, control {control:.2f}, at most {most:.2f}"
    if attacked > most:
        raise AssertionError(found)
    return found


def memory(run):
    """The memory afterwards is at most 10 % above the one before."""
    before, after = run.before["memory"], run.after["memory"]
    percent = 100 * (after - before) / before
    if percent > MEMORY_PERCENT:
        raise AssertionError(f"{after:,} KiB after {before:,} KiB: {percent:+.0f} %")
    return f"{percent:+.0f} %"


def refusals(run):
    """The counters name the refusals."""
    if run.options.only:
        return "not judged of some attacks alone"
    expected = set(REFUSALS)
    expected |= {name for name, after in SLOW_REFUSALS.items() if run.options.seconds > after + 5}
    missing = expected - {name for name, _ in run.new_counts()}
    if missing:
        raise AssertionError(f"not counted: {', '.join(sorted(missing))}")
    return f"{len(run.new_counts())} reasons"


def attacked(run):
    """Each attack was made."""
    for name, outcomes in run.outcomes.items():
        if not sum(outcomes.values()):
            raise AssertionError(f"{name} was not made")


def ready(run):
    """The node was ready all the time."""
    if set(run.ready) != {200}:
        raise AssertionError(f"GET /ready got {dict(run.ready)}")


def cluster_unmoved(run):
    """No node was removed from the cluster, and all agree."""
    if run.after["epoch"] != run.before["epoch"]:
        raise AssertionError(f"view {run.after['epoch']} after {run.before['epoch']}")
    run.cluster.wait_for_agreement()


CHECKS = [no_errors, latency, memory, refusals, attacked, ready, cluster_unmoved]
