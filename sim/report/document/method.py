"""Method: how the numbers were made, and the STRESS-DES checklist answered from what the run really did.

The checklist is Monks, Currie, Onggo, Robinson, Kunc and Taylor, Journal of Simulation 13 (2019), page 55, in
its order. Called by ``contents``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from sim.chance.draws import BLOCK
from sim.report.document import commands
from sim.report.document.parts import Section, Table, heads, rows_of
from sim.report.language import Language
from sim.results.forecast import observations
from sim.results.statistics import FEWEST_BLOCKS
from sim.study.dossier import Case, Dossier
from sim.study.simulate import CHECKED

CHECKLIST = (
    "objectives.purpose",
    "objectives.outputs",
    "objectives.aims",
    "model.overview",
    "model.base",
    "model.scenarios",
    "model.algorithms",
    "model.entities",
    "model.activities",
    "model.resources",
    "model.queues",
    "model.entry",
    "data.sources",
    "data.preparation",
    "data.inputs",
    "data.assumptions",
    "experiments.initial",
    "experiments.length",
    "experiments.estimation",
    "implementation.software",
    "implementation.sampling",
    "implementation.execution",
    "implementation.system",
    "access.code",
)
"""The items of the checklist; the catalogues have a question and an answer for each."""

POINTS = ("futures", "luck", "intervals", "never", "rounding", "ledger", "limits")


def method(found: Dossier, language: Language) -> Section:
    """Return the method in a few sentences, and the checklist."""
    values = _values(found, language)
    statistics = tuple(language.text(f"page.method.{point}", **values) for point in POINTS)
    rows = [
        (language.text(f"page.stress.{item}"), [language.text(f"page.stress_answer.{item}", **values)])
        for item in CHECKLIST
    ]
    head = heads(*(language.text(f"page.method.{name}") for name in ("item", "answer")))
    title = language.text("page.method.checklist")
    table = Table(title, head, rows_of(rows), kind="plain", folded=title, printed=True)
    return Section("method", language.text("page.method.heading"), statistics, tables=(table,))


def _values(found: Dossier, language: Language) -> Mapping[str, object]:
    """Return what the sentences say of these runs."""
    run, number = found.runs[0], language.number
    blocks = number(-(-run.replications // BLOCK))
    spread = "blocks" if run.replications >= FEWEST_BLOCKS * BLOCK else "single"
    return {
        "names": ", ".join(each.facts.name for each in found.runs),
        "titles": "; ".join(each.facts.title for each in found.runs),
        "count": number(run.replications),
        "seed": run.seed,
        "engine": language.text(f"page.stamp.engine_{run.engine}"),
        "block": BLOCK,
        "blocks": blocks,
        "spread": language.text(f"page.method.{spread}", blocks=blocks),
        "checked": _checked(found, language),
        "start": "; ".join(sorted({str(each.facts.start) for each in found.runs})),
        "horizon": "; ".join(sorted({str(each.facts.horizon) for each in found.runs})),
        "outputs": ", ".join(language.name("milestone", name) for name in _milestones(found)),
        "analyses": ", ".join(_analyses(found, language)),
        "observed": "; ".join(str(each) for run in found.runs for each in observations(run.facts)) or "-",
        "graph": "; ".join(_graph(case, language) for case in found.cases),
        "stages": "; ".join(_stages(case, language) for case in found.cases),
        "pools": "; ".join(_pools(case, language) for case in found.cases),
        "builds": number(sum(len(case.machines) for case in found.cases)),
        "inputs": "; ".join(_inputs(case, language) for case in found.cases),
        "evidence": "; ".join(_evidence(case, language) for case in found.cases),
        "correlations": sum(len(c.subject.plan.correlations) for c in found.cases if c.subject is not None),
        "program": ", ".join(dict.fromkeys(_program(case) for case in found.cases)) or "-",
        "libraries": ", ".join(dict.fromkeys(_libraries(case) for case in found.cases)) or "-",
        "machine": ", ".join(dict.fromkeys(_machine(case) for case in found.cases)) or "-",
        "verify": "; ".join(commands.verify(run.folder) for run in found.runs if run.folder is not None)
        or "-",
    }


def _checked(found: Dossier, language: Language) -> str:
    run = found.runs[0]
    if run.engine == "simpy":
        return language.text("page.method.unchecked")
    return language.text("page.method.checked", count=min(CHECKED, run.replications))


def _milestones(found: Dossier) -> list[str]:
    return list(dict.fromkeys(name for run in found.machines for name in run.columns[1:]))


def _analyses(found: Dossier, language: Language) -> Iterator[str]:
    made = {
        "dates": True,
        "pairs": len(found.cases) > 1,
        "ledger": any(case.ledger for case in found.cases),
        "drivers": any(case.drivers for case in found.cases),
        "sweep": found.sweep is not None,
        "outside": bool(found.beside),
        "queue": any(case.neighbors for case in found.cases),
    }
    return (language.text(f"page.{name}.heading").lower() for name, done in made.items() if done)


def _of(case: Case, text: str) -> str:
    return f"{case.run.facts.name}: {text}"


def _unknown(case: Case, language: Language) -> str:
    return _of(case, language.text("share.unknown"))


def _graph(case: Case, language: Language) -> str:
    if case.subject is None:
        return _unknown(case, language)
    nodes = case.subject.plan.nodes
    kinds = Counter(type(node).__name__ for node in nodes.values())
    told = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))
    return _of(case, f"{len(nodes)} ({told})")


def _stages(case: Case, language: Language) -> str:
    if case.subject is None:
        return _unknown(case, language)
    causes = dict.fromkeys(
        cause for node in case.subject.plan.nodes.values() if (cause := getattr(node, "cause", ""))
    )
    return _of(case, ", ".join(language.name("cause", cause) for cause in causes))


def _pools(case: Case, language: Language) -> str:
    if case.subject is None:
        return _unknown(case, language)
    return _of(
        case, ", ".join(f"{name} {servers}" for name, servers in case.subject.plan.pools.items()) or "-"
    )


def _inputs(case: Case, language: Language) -> str:
    if case.subject is None:
        return _unknown(case, language)
    inputs = case.subject.plan.inputs.values()
    chancy = sum(each.distribution.constant is None for each in inputs)
    return _of(case, language.text("page.method.inputs", count=len(inputs), chancy=chancy))


def _evidence(case: Case, language: Language) -> str:
    if case.evidence is None:
        return _unknown(case, language)
    total = len(case.evidence.inputs)
    return _of(case, language.text("page.method.evidence", count=total, assumed=case.evidence.assumed))


def _last(case: Case) -> Mapping[str, object]:
    sessions = (case.manifest or {}).get("sessions") or [{}]
    last: Mapping[str, object] = sessions[-1]
    return last


def _program(case: Case) -> str:
    versions = _last(case).get("versions")
    return f"chiproute {versions['chiproute']}" if isinstance(versions, Mapping) else "-"


def _libraries(case: Case) -> str:
    versions = _last(case).get("versions")
    if not isinstance(versions, Mapping):
        return "-"
    return ", ".join(f"{name} {number}" for name, number in versions.items() if name != "chiproute")


def _machine(case: Case) -> str:
    machine = _last(case).get("platform")
    return f"{machine['machine']}, {machine['processors']} CPU" if isinstance(machine, Mapping) else "-"
