"""All rules of the input check, in the order in which they are tried: one table, a file for each kind of attack."""

from __future__ import annotations

from service.stages.suspicion_rules import code, protocols, shell, sql, sqli, traversal, xss
from service.stages.suspicion_rules.rule import Rule

RULES: tuple[Rule, ...] = (
    *xss.RULES,
    *traversal.RULES,
    *sqli.RULES,
    *sql.RULES,
    *shell.RULES,
    *code.RULES,
    *protocols.RULES,
)

__all__ = ["RULES", "Rule"]
