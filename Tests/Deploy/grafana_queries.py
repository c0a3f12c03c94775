"""What Grafana asks of Prometheus to show a dashboard, by the values of its variables."""

import re

VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
LABEL_VALUES = re.compile(r"label_values\((.+),\s*(\w+)\)")
LEGEND_LABEL = re.compile(r"\{\{\s*(\w+)\s*\}\}")
SPECIAL = re.compile(r"[$^*{}\[\]'+?.()|]")


#: Panels that may have nothing to show, and why.
MAY_BE_EMPTY = {}


class Viewer:
    """Somebody who looks at a dashboard: a span of time, and what the variables are set to."""

    def __init__(self, dashboard, prometheus, span, scrape_seconds):
        self.prometheus = prometheus
        self.start, self.end = span
        self.step = max(1, scrape_seconds)
        rate_interval = max(self.step + scrape_seconds, 4 * scrape_seconds)
        seconds = int(self.end - self.start)
        self.values = {
            "__rate_interval": f"{rate_interval}s",
            "__interval": f"{self.step}s",
            "__range": f"{seconds}s",
            "__range_s": str(seconds),
        }
        #: What each variable could be set to.
        self.options = {}
        self.variables = dashboard["templating"]["list"]
        for variable in self.variables:
            self._resolve(variable)

    def _resolve(self, variable):
        """Finds its options, and sets it as Grafana does when the dashboard is opened."""
        name = variable["name"]
        if variable["type"] == "datasource":
            if variable["query"] != "prometheus":
                raise LookupError(f"no data source is a {variable['query']}")
            self.options[name] = [self.prometheus.address]
        else:
            self.check_source(variable, name)
            query = self.filled(variable["query"]["query"])
            metric, label = LABEL_VALUES.fullmatch(query).groups()
            found = self.prometheus.label_values(metric, label, self.start, self.end)
            self.options[name] = sorted(filter(re.compile(variable["regex"]).search, found))
        if not self.options[name]:
            raise LookupError(f"the variable {name} has no value to choose")
        self.choose(name, None if variable.get("includeAll") else self.options[name][:1])

    def choose(self, name, chosen):
        """Sets a variable to some of its options; None is All."""
        variable = next(one for one in self.variables if one["name"] == name)
        if chosen is None and "allValue" in variable:
            self.values[name] = variable["allValue"]
        elif variable["type"] == "query" and (variable["multi"] or variable["includeAll"]):
            self.values[name] = regular_expression(chosen or self.options[name])
        else:
            (self.values[name],) = chosen

    def filled(self, text):
        """The text with the values of its variables; one that nobody knows is a `KeyError`."""
        return VARIABLE.sub(lambda match: self.values[match[1] or match[2]], text)

    def check_source(self, part, title):
        """Whether it asks the data source that was chosen."""
        source = part["datasource"]
        if source["type"] != "prometheus" or self.filled(source["uid"]) != self.prometheus.address:
            raise LookupError(f"{title} asks {source}")

    def series(self, part, target):
        """What Prometheus answers to a query of a panel: labels and values."""
        self.check_source(target, part["title"])
        self.check_source(part, part["title"])
        expression = self.filled(target["expr"])
        if target.get("instant"):
            return self.prometheus.instant(expression, self.end)
        return self.prometheus.range(expression, self.start, self.end, self.step)


def regular_expression(values):
    """Several values as Grafana writes them for `=~`: each special character behind two strokes."""
    stroke = "\\"
    escaped = [
        SPECIAL.sub(lambda match: 2 * stroke + match[0], value.replace(stroke, 4 * stroke))
        for value in values
    ]
    return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"


def targets(dashboard):
    """Each panel with each of its queries, and what marks moments on all of them."""
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield panel, target
    for annotation in dashboard["annotations"]["list"]:
        yield {**annotation, "title": annotation["name"]}, annotation


def without_data(dashboard, viewer):
    """Queries without an answer, or not of all nodes, or with a legend of what no series has."""
    trouble = []
    for part, target in targets(dashboard):
        title, series = part["title"], viewer.series(part, target)
        labels = set(LEGEND_LABEL.findall(target.get("legendFormat", "")))
        instances = {one["metric"].get("instance") for one in series}
        if not series and title not in MAY_BE_EMPTY:
            trouble.append(f"{title} shows nothing: {target['expr']}")
        elif any(labels - set(one["metric"]) for one in series):
            trouble.append(f"{title}: a series has not all of {labels}, which its legend names")
        elif "instance" in labels and instances != set(viewer.options["instance"]):
            trouble.append(f"{title} shows only {instances}")
    return trouble


def outside_of_choice(dashboard, viewer):
    """Queries that show more, or less, than the one or the two nodes that were chosen."""
    trouble = []
    for count in (1, 2):
        chosen = viewer.options["instance"][:count]
        viewer.choose("instance", chosen)
        for part, target in targets(dashboard):
            if "$instance" not in target["expr"] or part["title"] in MAY_BE_EMPTY:
                continue
            series = viewer.series(part, target)
            found = {one["metric"].get("instance") for one in series} - {None}
            if not series or not found <= set(chosen):
                trouble.append(f"{part['title']} of {chosen} shows {found or 'nothing'}")
    return trouble
