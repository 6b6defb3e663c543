"""Probes: texts that belong to no one language, sent to see what breaks."""

from __future__ import annotations

from service.stages.suspicion_rules.rule import Rule

_MARK = r"!-/:-@\[-`{-~"
# Between words that stand in quotes or brackets each: "new"|"used", (new)|(used).
_BETWEEN_PAIRS = r"(?<=[a-z0-9]\)\|\(|[a-z0-9]\]\|\[|[a-z0-9][\"'][|;][\"'])[a-z0-9][a-z0-9 &/.-]{0,30}[\"')\]]"

RULES = (
    Rule(
        "code-injection",
        "marks-in-a-row",
        r"(?!(?P<mark>.)(?P=mark){2})(?![\"()\[\]{}]{3})['\"();<>|`{}\[\]\\^]{3}(?<![(<]3\))"
        rf"(?!{_BETWEEN_PAIRS})"
        r"|\{[^{}]{0,60}(?:[;|&`]|\$(?![0-9]{2}|(?<=\{\$)[0-9])|(?<![0-9])\()|(?:^|[^a-z])\\[a-z]{1,2}(?![a-z])"
        r"|(?:^|[^a-z])\\[a-z][^ ]{0,20}\\|\\!",
        "Marks of several languages in a row, or escapes.",
        stops="(['x'])",
        passes="black\\white (hats), (new)|(used) toys... :) {kids} {$5-$10}",
    ),
    Rule(
        "code-injection",
        "nothing-but-marks",
        rf"^(?![:;=>]{{1,2}}'?-?[()|\[\]/\\*<>@$]{{1,3}}$|[<>=-]{{2,4}}$)"
        rf"(?=.{{0,60}}(?:[`;|&<>(){{}}\[\]\\*#%^@$=~]|['\"]{{2}}))(?=[{_MARK} ]{{2,60}}$)"
        rf"(?P<first>.).{{0,59}}?(?!(?P=first))[{_MARK}]",
        "Two marks or more, and no letter or digit: nobody looks for that. One alone is a slip of the finger.",
        stops="*)(&",
        passes=":-)",
    ),
    Rule(
        "sqli",
        "edge-number",
        r"^-?(?:2147483647|2147483648|2147483649|4294967295|4294967296|9223372036854775807"
        r"|9223372036854775808|18446744073709551615|1e30[89]|[0-9.]{1,20}e-?3[0-9]{2})$",
        "A number just at or beyond what a database or a language can hold, and nothing else.",
        stops="-2147483649",
        passes="2147483647 fans, 1e3",
    ),
)
