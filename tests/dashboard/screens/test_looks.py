"""What the eye meets: every screen in every state and size, as pictures that were looked at and approved.

One run of the app a state walks through all its screens and draws each in all sizes. ``make looks`` approves what it
draws; a picture that differs is kept beside the approved one as ``….received.svg``.
"""

from pathlib import Path

import pytest

from tests.dashboard.fakes import SCENES
from tests.dashboard.screens.scenes import fleet_of, rich_dashboard, shared_fleet

APPROVED = Path(__file__).parent / "looks"
SIZES = ((160, 48), (100, 30), (80, 24), (60, 20))
WAYS = {
    "overview": ("1",),
    "zoom": ("enter",),
    "alerts": ("2",),
    "traffic": ("3",),
    "ai_cache": ("4",),
    "jobs": ("5",),
    "errors": ("6",),
    "explore": ("7", "c", "a", "r", "s", "enter"),
    "help": ("escape", "question_mark"),
}
"""The keys that lead to each screen from the one before."""
SHARED = ("together", "troubled")
"""Instances behind one address: all well; one burns and one is gone."""


def difference(name: str, drawn: str, approve: bool) -> str | None:
    """Return the name of a picture that is not as approved; with ``approve`` it is from now on."""
    path = APPROVED / f"{name}.svg"
    received = path.with_suffix(".received.svg")
    if approve:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(drawn, encoding="utf-8")
    if path.exists() and path.read_text(encoding="utf-8") == drawn:
        received.unlink(missing_ok=True)
        return None
    received.parent.mkdir(parents=True, exist_ok=True)
    received.write_text(drawn, encoding="utf-8")
    return name


async def drawn_in_all_sizes(pilot, screen, scene, approve):
    """Return the names of the pictures that are not as approved."""
    different = []
    for width, height in SIZES:
        await pilot.resize_terminal(width, height)
        await pilot.pause()
        name = f"{screen}/{scene}-{width}x{height}"
        different.append(difference(name, pilot.app.export_screenshot(), approve))
    return [name for name in different if name]


@pytest.mark.parametrize("scene", SCENES)
async def test_every_screen_looks_as_approved(request, scene):
    approve = request.config.getoption("--approve")
    different = []
    async with rich_dashboard(scene).run_test(size=SIZES[0]) as pilot:
        for screen, keys in WAYS.items():
            await pilot.press(*keys)
            await pilot.pause()
            different += await drawn_in_all_sizes(pilot, screen, scene, approve)

    assert different == []


@pytest.mark.parametrize("count", [1, 8, 50])
async def test_the_fleet_looks_as_approved(request, count):
    approve = request.config.getoption("--approve")
    async with fleet_of(count).run_test(size=SIZES[0]) as pilot:
        await pilot.press("0")
        different = await drawn_in_all_sizes(pilot, "fleet", count, approve)

    assert different == []


@pytest.mark.parametrize("scene", SHARED)
async def test_the_instances_of_a_fleet_look_as_approved(request, scene):
    approve = request.config.getoption("--approve")
    async with shared_fleet(troubled=scene == "troubled").run_test(size=SIZES[0]) as pilot:
        await pilot.press("0")
        different = await drawn_in_all_sizes(pilot, "fleet", scene, approve)

    assert different == []


def test_no_picture_is_kept_that_nothing_draws():
    drawn = {f"{screen}/{scene}-{width}x{height}" for screen in WAYS for scene in SCENES for width, height in SIZES}
    drawn |= {f"fleet/{count}-{width}x{height}" for count in (1, 8, 50, *SHARED) for width, height in SIZES}
    kept = {path.relative_to(APPROVED).with_suffix("").as_posix() for path in APPROVED.glob("*/*.svg")}

    assert {name for name in kept if not name.endswith(".received")} - drawn == set()
