"""What the commands that help to decide share: options, JSON, and where figures land.

Called by ``decide``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import F, shared, with_options

if TYPE_CHECKING:
    from sim.study.sweep import Sweep
    from sim.study.variants import Options
    from sim.study.vary import Axis

DAYS_PER_MONTH = 30.4375

_OPTIONS = shared(most=1_000_000, what="figures")


def deciding(command: F) -> F:
    """Add the options that all these commands share."""
    return with_options(command, _OPTIONS)


def options_of(options: dict[str, Any], name: str) -> Options:
    """Return how to run, from the options of the command line; progress goes to standard error."""
    from sim.cli.console import progress
    from sim.study.variants import Options

    report = click.get_current_context().with_resource(progress(name, options["quiet"]))
    return Options(options["replications"], options["seed"], options["workers"], report)


def percentile(text: str) -> float:
    """Return the share that ``p80`` stands for."""
    number = text.lower().removeprefix("p")
    if not number.replace(".", "", 1).isdigit() or not 0.0 < float(number) < 100.0:
        raise click.BadParameter(f"{text!r} is no percentile such as p80", param_hint="--at")
    return float(number) / 100.0


def print_json(content: object) -> None:
    """Print results as JSON; never is null."""
    from sim.cli.decisions import plain

    click.echo(json.dumps(plain(content), indent=1, ensure_ascii=False, allow_nan=False))


def column(axis: Axis) -> Any:
    """Return the values of an axis as a column."""
    import numpy as np

    return np.array(axis.values)


def draw_sweep(options: dict[str, Any], name: str, found: Sweep) -> None:
    """Draw P80 against the values of the only axis."""
    import numpy as np

    from sim.report.sweep import sweep_curve

    p80 = [point.p80 for point in found.points]
    low, value, high = (
        np.array([getattr(each, end) for each in p80]) / DAYS_PER_MONTH for end in ("low", "value", "high")
    )
    axis = found.axes[0]
    safe = None if found.last_safe is None else axis.values[found.last_safe]
    best = axis.values[found.best]
    axes = sweep_curve(
        np.array(axis.values),
        value,
        band=(np.maximum(low, 0.0), high),
        best=best,
        last_safe=safe,
        lever=axis.label,
    )
    save_figure(options, f"sweep-{name}", axes)


def save_figure(options: dict[str, Any], stem: str, axes: Any) -> None:
    """Write a figure to the folder of figures, and say where (on standard error, so that JSON stays JSON)."""
    from sim.report.figures import save

    figure = axes.get_figure(root=True)
    assert figure is not None  # axes are drawn on a page
    paths = save(figure, options["out"] / "decisions", f"{stem[:120]}-seed{options['seed']}")
    click.echo(f"figure: {paths[0]}", err=True)
