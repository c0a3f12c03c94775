"""What a soak has found, for people."""


def show(run):
    times(run)
    processors(run)
    memory(run)
    attacks(run)
    counters(run)


def times(run):
    print(f"\n{'honest clients':38}  {'count':>8}  {'p50 ms':>8}  {'p99 ms':>8}  {'max ms':>8}")
    for phase in run.phases:
        print(row(f"{phase.name}: answers", phase.answers))
    for phase in run.phases:
        print(row(f"{phase.name}: the clients' own timers", phase.late))
    for phase in run.phases:
        title = f"{phase.name}: in quiet seconds, {100 * phase.quiet_part:.0f} %"
        print(row(title, phase.quiet_answers))
    for phase in run.phases:
        print(row(f"{phase.name}: control, quiet seconds", phase.quiet_control))


def row(title, seconds):
    figures = "".join(f"  {milliseconds(seconds, part):8.2f}" for part in (0.5, 0.99, 1))
    return f"{title:38}  {len(seconds):8,}{figures}"


def milliseconds(seconds, part):
    """The value that this part of the sorted ones does not exceed."""
    if not seconds:
        return 0.0
    return 1e3 * seconds[min(len(seconds) - 1, int(part * len(seconds)))]


def processors(run):
    print(f"\n{'of one processor, %':38}  {'node-1':>8}  {'others':>8}  {'clients':>8}  attackers")
    for phase in run.phases:
        figures = "".join(f"  {phase.share(who):8.0f}" for who in ("node", "others", "clients"))
        last = f"  {phase.share('attackers'):9.0f}" if "attackers" in phase.seconds else ""
        print(f"{phase.name:38}{figures}{last}")


def memory(run):
    print(f"\n{'memory of node-1':38}  {'KiB':>8}")
    for name, value in [
        ("before", run.before["memory"]), ("of these its program", run.before["file"]),
        ("most", run.most_memory), ("after", run.after["memory"]),
        ("of these its program", run.after["file"]),
    ]:
        print(f"{name:38}  {value:8,}")


def attacks(run):
    print(f"\n{'attack':38}  {'count':>8}  how it ended")
    for name, outcomes in run.outcomes.items():
        ends = sorted(outcomes.items(), key=lambda each: -each[1])
        shown = ", ".join(f"{count} {end}" for end, count in ends[:4])
        print(f"{name:38}  {sum(outcomes.values()):8,}  {shown}")


def counters(run):
    print(f"\n{'counter of node-1':38}  {'grown by':>8}")
    for name, count in run.new_counts():
        print(f"{name:38}  {count:8,}")
    print(f"{'lines of the log, all nodes':38}  {run.log_lines:8,}")
