"""One short command line per command, which tests of all commands run."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

FEW = ("-n", "250", "--workers", "1")
VARY = ("--vary", "licensing.bis.preparation=1..60mo")

EXAMPLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "list": (),
        "show": ("kz-switch", "--explain", "suppliers.nvidia"),
        "check": ("kz-switch", "central-asia-queue"),
        "evidence": ("kz-nvidia-wait",),
        "diff": ("kz-nvidia-wait", "kz-switch"),
        "new": ("mine", "--from", "kz-switch"),
        "run": ("central-asia-queue", *FEW),
        "compare": ("kz-nvidia-wait", "kz-ascend", *FEW),
        "plot": ("done", "--figure", "completion"),
        "capacity": ("kz-staged", *FEW),
        "ledger": ("kz-nvidia-wait", "kz-switch", *FEW),
        "drivers": ("kz-nvidia-wait", *FEW),
        "sweep": ("kz-switch", "--vary", "strategy.patience=3, 18mo", *FEW),
        "flip": ("kz-nvidia-wait", "kz-ascend", *VARY, *FEW),
        "map": (
            *("kz-nvidia-wait", "kz-ascend", *VARY, "--points", "2", *FEW),
            *("--vary", "suppliers.ascend.contract.chance=0.2..0.9"),
        ),
        "regret": ("kz-nvidia-wait", "kz-ascend", *FEW),
        "forecast": ("kz-asof-2024-12", *FEW),
        "trace": ("kz-nvidia-wait", "--replication", "31", *FEW),
        "outside": ("kz-nvidia-wait", *FEW),
        "discover": ("kz-switch", "--by", "2027-01-01", "-n", "500", "--workers", "1"),
    }
)
"""Command to its arguments; ``done`` is a run folder."""

WITHOUT_JSON = ("schema", "completion")
"""Commands that print something for machines anyway."""
