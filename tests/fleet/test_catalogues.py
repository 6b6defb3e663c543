"""Whether instances agree about their catalogue, and when an announced one is looked for."""

from service.fleet.catalogues import LOOKS_AT_MOST, Announcements, disagreement


def test_instances_agree_that_serve_the_same_or_nothing_yet():
    assert disagreement({}) is None
    assert disagreement({"one": "v1"}) is None
    assert disagreement({"one": "v1", "two": "v1", "three": ""}) is None


def test_a_disagreement_tells_who_is_how_many():
    told = disagreement({"one": "a" * 32, "two": "b" * 32, "three": "a" * 32})

    assert told == "3 instances serve 2 catalogues: aaaaaaaa by 2, bbbbbbbb by 1"


def test_an_announced_catalogue_is_looked_for_at_once_then_every_few_seconds_until_it_is_served():
    announcements = Announcements()

    looks = [announcements.due("v2", "v1", second) for second in range(12)]
    assert looks == [True, False, False, False, False] * 2 + [True, False]
    assert not announcements.due("v2", "v2", 100.0)


def test_a_file_that_does_not_come_is_left_to_the_schedule_and_the_next_one_is_looked_for():
    announcements = Announcements()

    assert sum(announcements.due("v2", "v1", second) for second in range(1000)) == LOOKS_AT_MOST
    assert announcements.due("v3", "v1", 1001.0)


def test_without_an_announcement_nothing_is_looked_for():
    assert not Announcements().due("", "v1", 0.0)
