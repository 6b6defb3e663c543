"""The alert table and the file that overrides it."""

import pytest

from service.monitoring.rules import RULES, load_rules, rules_for

TABLE = """
HighErrorRate         60  .05 .10 .08  30  20
SlowResponses        300   10  30  20  60  10
SlowCachedResponses  300   .5   1  .8  60  20
HighMemory             0  .80 .90 .85  60   0
HighCpu               60  .70 .90 .80 300   0
QueueBacklog           5   50  80  60  15   0
AiFailing            900  .95 .80 .90  60  10
AiSlow               900   10  30  25  60  10
TooManyFallbacks     900  .10 .25 .20  60  20
ManyRateLimited      300  .10 .25 .20  60 100
WarmupStale            0    2   3   2   0   0
"""


def a_file(folder, text):
    path = folder / "alerts.toml"
    path.write_text(text)
    return path


def by_name(rules):
    return {rule.name: rule for rule in rules}


def test_the_table_is_the_documented_one():
    rows = [line.split() for line in TABLE.strip().splitlines()]

    assert [rule.name for rule in RULES] == [row[0] for row in rows]
    for rule, row in zip(RULES, rows, strict=True):
        cells = (rule.window_seconds, rule.warns, rule.fires, rule.clears, rule.for_seconds, rule.needs)
        assert cells == tuple(float(cell) for cell in row[1:]), rule.name
        assert rule.comparison == ("<" if rule.name == "AiFailing" else ">")
        assert rule.minimum_firing_seconds == 60


def test_the_queue_thresholds_follow_the_capacity_of_the_queue():
    queue = by_name(rules_for(20))["QueueBacklog"]

    assert (queue.warns, queue.fires, queue.clears) == (10, 16, 12)
    assert rules_for(100) == RULES


def test_a_file_overrides_single_cells_and_nothing_else(tmp_path):
    rules = load_rules(a_file(tmp_path, "[HighCpu]\nfires = 0.95\nfor_seconds = 60\n[AiSlow]\nneeds = 3\n"))

    changed = by_name(rules)
    assert (changed["HighCpu"].fires, changed["HighCpu"].for_seconds) == (0.95, 60)
    assert changed["AiSlow"].needs == 3
    untouched = [rule for rule in rules if rule.name not in ("HighCpu", "AiSlow")]
    assert untouched == [rule for rule in RULES if rule.name not in ("HighCpu", "AiSlow")]
    assert [rule.name for rule in rules] == [rule.name for rule in RULES]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[HighCPU]\nfires = 0.9", "HighCPU: no such alert"),
        ("HighCpu = 3", "HighCpu: must be a table"),
        ("[HighCpu]\nfire = 0.9", "HighCpu.fire: no such key"),
        ("[HighCpu]\nfires = '90%'", "HighCpu.fires: must be a number, not '90%'"),
        ("[HighCpu]\nfires = true", "HighCpu.fires: must be a number, not True"),
        ("[HighCpu]\nfires = nan", "HighCpu.fires: must be a number"),
        ("[HighCpu]\nfires = 90", "HighCpu.fires: must lie between 0 and 1 (ratio), not 90"),
        ("[AiSlow]\nclears = 0", "AiSlow.clears: must lie between 0 and inf (seconds), not 0"),
        ("[AiSlow]\nneeds = 1.5", "AiSlow.needs: must be a whole number"),
        ("[AiSlow]\nneeds = -1", "AiSlow.needs: must be a whole number"),
        ("[AiSlow]\nfor_seconds = -1", "AiSlow.for_seconds: must be 0 to 3600 seconds"),
        ("[HighCpu]\nclears = 0.91", "HighCpu.clears: 0.91 must not be above fires (0.9)"),
        ("[HighCpu]\nfires = 0.6", "HighCpu.warns: 0.7 must not be above fires (0.6)"),
        ("[AiFailing]\nclears = 0.7", "AiFailing.clears: 0.7 must not be below fires (0.8)"),
        ("[HighCpu", "is not TOML"),
    ],
)
def test_what_is_not_right_is_refused_in_one_line_that_names_file_alert_and_key(tmp_path, text, says):
    path = a_file(tmp_path, text)

    with pytest.raises(ValueError) as refusal:
        load_rules(path)

    assert str(refusal.value).startswith(f"{path}: ")
    assert says in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path):
    with pytest.raises(ValueError, match=r"nowhere\.toml: cannot be read: No such file"):
        load_rules(tmp_path / "nowhere.toml")
