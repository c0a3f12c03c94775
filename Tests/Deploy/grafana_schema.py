"""Loads a dashboard into Grafana's own types, and tells what they do not know of it.

The types are those of Grafana's Foundation SDK, made by Grafana Labs from the schemas of
dashboards, panels and data sources. They skip what they do not know, so what was read is written
again and compared.
"""

import enum
import functools
import json
import typing

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.cog.runtime import UnknownDataquery, panelcfg_config
from grafana_foundation_sdk.models import units
from grafana_foundation_sdk.models.dashboard import Dashboard

#: What is not of the dashboard's schema: the data source of Prometheus reads it of an annotation.
OF_THE_DATA_SOURCE = ("annotations.list[].step", "annotations.list[].titleFormat")

register_default_plugins()


def trouble(dashboard):
    """All that Grafana would not take as it is meant; empty when there is nothing."""
    try:
        model = Dashboard.from_json(dashboard)
    except (KeyError, TypeError, ValueError) as error:
        return [f"Grafana's schema does not take it: {error!r}"]
    written = json.loads(JSONEncoder().encode(model))
    return [
        *(f"Grafana's schema has no {place}" for place in lost(dashboard, written)),
        *wrong_types(model, Dashboard, "dashboard"),
        *unknown_kinds(dashboard, model),
    ]


def lost(before, after, place=""):
    """The places whose value is gone or another one; what has come as a default is no matter."""
    if isinstance(before, dict) and isinstance(after, dict):
        found = []
        for key, value in before.items():
            inner = f"{place}.{key}" if place else key
            found += lost(value, after[key], inner) if key in after else [inner]
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        found = [one for pair in zip(before, after) for one in lost(*pair, f"{place}[]")]
    else:
        found = [] if before == after else [place]
    return [one for one in found if one not in OF_THE_DATA_SOURCE]


def wrong_types(value, kind, place):
    """Where a value is not of the type that the schema gives it."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Union:
        kind = next((one for one in inner if is_one(value, one)), kind)
        return wrong_types(value, kind, place) if kind in inner else [not_one(value, kind, place)]
    if not is_one(value, kind):
        return [not_one(value, kind, place)]
    if origin is list:
        parts = [(one, inner[0], f"{place}[]") for one in value]
    elif origin is dict:
        parts = [(one, inner[1], f"{place}.{key}") for key, one in value.items()]
    elif hasattr(value, "to_json"):
        hints = hints_of(type(value))
        parts = [(getattr(value, key), one, f"{place}.{key}") for key, one in hints.items()]
    else:
        parts = []
    return [line for part in parts for line in wrong_types(*part)]


hints_of = functools.cache(typing.get_type_hints)


def is_one(value, kind):
    """Whether it is of the type, by its outermost layer; a number of JSON may lack its fraction."""
    if kind in (object, typing.Any) or (kind is float and type(value) is int):
        return True
    if typing.get_origin(kind) is typing.Literal:
        return value in typing.get_args(kind)
    if isinstance(kind, enum.EnumMeta):
        return value in [one.value for one in kind]
    is_flag = isinstance(value, bool) and kind is int
    return isinstance(value, typing.get_origin(kind) or kind) and not is_flag


def not_one(value, kind, place):
    return f"{place} is {value!r:.40}, and not {kind}"


def unknown_kinds(dashboard, model):
    """Panels, queries and units that Grafana has no code for."""
    known = {value for name, value in vars(units).items() if name[0].isupper()}
    found = []
    for panel, typed in zip(dashboard["panels"], model.panels):
        if panel["type"] == "row":
            continue
        title = panel["title"]
        unit = panel["fieldConfig"]["defaults"].get("unit")
        if unit not in known:
            found.append(f"{title}: Grafana knows no unit {unit}")
        if panelcfg_config(panel["type"]) is None:
            found.append(f"{title}: Grafana knows no panel {panel['type']}")
        if any(isinstance(target, UnknownDataquery) for target in typed.targets):
            found.append(f"{title}: a query is of no data source that Grafana knows")
    return found
