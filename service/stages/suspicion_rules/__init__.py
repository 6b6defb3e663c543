"""All rules of the input check, in the order in which they are tried: one table, a file for each kind of attack."""

from __future__ import annotations

from service.stages.suspicion_rules import code, probes, protocols, shell, sql, sqli, traversal, windows, xss
from service.stages.suspicion_rules.rule import Rule

RULES: tuple[Rule, ...] = (
    *xss.RULES,
    *traversal.RULES,
    *sqli.RULES,
    *sql.RULES,
    *shell.RULES,
    *windows.RULES,
    *code.RULES,
    *protocols.RULES,
    *probes.RULES,
)

__all__ = ["RULES", "Rule"]
