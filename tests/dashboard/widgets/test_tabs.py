from dashboard.widgets.tabs import tab_pieces

TABS = [(f"web-{number}", "firing" if number == 3 else "ok") for number in range(1, 51)]


def text(pieces):
    return "".join(content.plain for content, _ in pieces)


def test_all_stand_side_by_side_where_there_is_room():
    assert text(tab_pieces(TABS[:3], 0, False, 80)) == " 0 Fleet  ● web-1  ● web-2  ▲ web-3 "


def test_each_leads_to_its_target():
    assert [action for _, action in tab_pieces(TABS[:2], 0, False, 80)] == [
        "app.show('fleet')",
        "app.look_at(0)",
        "app.look_at(1)",
    ]


def test_around_the_present_one_as_many_as_fit_and_arrows_where_there_are_more():
    for current in range(len(TABS)):
        for width in (30, 60, 100):
            pieces = tab_pieces(TABS, current, False, width)
            said = text(pieces)
            assert f"web-{current + 1} " in said
            assert len(said) <= width
            assert ("‹" in said) == ("web-1 " not in said)
            assert ("›" in said) == ("web-50 " not in said)


def test_the_present_one_is_marked_and_in_the_fleet_none_is():
    here = next(content for content, action in tab_pieces(TABS[:2], 1, False, 80) if action == "app.look_at(1)")
    assert any("reverse" in str(span.style) for span in here.spans)
    for content, action in tab_pieces(TABS[:2], 1, True, 80):
        assert any("reverse" in str(span.style) for span in content.spans) == (action == "app.show('fleet')")


def test_a_name_of_a_server_is_never_markup_and_never_too_long():
    said = text(tab_pieces([("[red]x[/red]\x1b" * 9, "ok"), ("b", "ok")], 0, False, 80))

    assert "[red]" in said
    assert "\x1b" not in said
    assert len(said) < 60
