"""A whole service over a published catalogue: what it serves, what it says, and what it never tells."""

import re

from tests.published.publisher import Publisher
from tests.running import OPERATOR, TOKEN, Running, csv_of, wait_for


def running(folder, publisher, **settings):
    return Running(folder, CATALOGUE_URL=publisher.url, OPERATOR_TOKEN=TOKEN, CATALOGUE_REFRESH_SECONDS=1, **settings)


def check(service):
    return service.get("/api/monitoring/health").document["checks"]["catalogue_source"]


def count(service):
    answer = service.search("gadget&max_results=1")
    return answer.document["pagination"]["total_count"] if answer.status == 200 else answer.status


def test_what_is_published_is_served_and_so_is_what_is_published_next(tmp_path):
    with Publisher(csv_of(3)) as publisher, running(tmp_path, publisher) as service:
        wait_for(lambda: count(service) == 3)
        publisher.body = csv_of(5)
        wait_for(lambda: count(service) == 5)

        assert service.get("/api/monitoring/stats", **OPERATOR).document["catalogue"]["sample"] is False
        assert check(service)["status"] == "healthy"


def test_until_it_was_read_nothing_invented_is_answered(tmp_path):
    with Publisher(csv_of(3)) as publisher:
        publisher.mode = "broken"
        with running(tmp_path, publisher) as service:
            wait_for(lambda: check(service)["status"] == "degraded")
            assert check(service)["detail"] == "the published catalogue: it could not be read: status 500"
            assert service.get("/api/monitoring/health").status == 503
            assert (count(service), service.search("cars").header("Retry-After")) == (503, "2")

            publisher.mode = "ok"
            wait_for(lambda: count(service) == 3)
            assert service.get("/api/monitoring/health").status == 200


def test_a_bad_file_is_told_to_health_log_and_metrics_and_the_last_good_one_is_served(tmp_path):
    with Publisher(csv_of(3)) as publisher, running(tmp_path, publisher) as service:
        wait_for(lambda: count(service) == 3)
        publisher.body = csv_of(5) + b"no id at all!\n"
        wait_for(lambda: check(service)["status"] == "degraded")

        assert count(service) == 3
        assert len(service.events("catalogue_source", level="error")) == 1
        told = service.get("/api/monitoring/metrics", **OPERATOR).body.decode()
        assert float(re.search(r'catalogue_fetches_total{outcome="refused"} (\S+)', told)[1]) >= 1


def test_a_restart_asks_by_the_mark_of_before_and_serves_at_once(tmp_path):
    with Publisher(csv_of(3)) as publisher:
        with running(tmp_path, publisher) as service:
            wait_for(lambda: count(service) == 3)
        publisher.asked.clear()
        with running(tmp_path, publisher) as service:
            assert count(service) == 3
            wait_for(lambda: publisher.asked)
            assert publisher.asked[0]["If-None-Match"] == publisher.marks[0][1]


def test_a_catalogue_cannot_be_posted_where_one_is_published(tmp_path):
    with Publisher(csv_of(3)) as publisher, running(tmp_path, publisher) as service:
        wait_for(lambda: count(service) == 3)

        refusal = service.upload(csv_of(7))

        assert (refusal.status, refusal.document["type"]) == (409, "/problems/elsewhere")
        assert "publish the file there" in refusal.document["detail"]
        assert count(service) == 3


def test_the_address_is_never_told(tmp_path):
    with Publisher(csv_of(3)) as publisher, running(tmp_path, publisher) as service:
        publisher.mode = "not_found"
        wait_for(lambda: check(service)["status"] == "degraded")
        told = [service.get(path, **OPERATOR).body for path in ("/api/debug", "/api/monitoring/health", "/")]

        assert service.get("/api/debug", **OPERATOR).document["settings"]["CATALOGUE_URL"] == "***"
        assert b"s3cret" not in b"".join(told)
        assert "s3cret" not in service.log.getvalue()


def test_a_file_is_published_by_putting_it_in_its_place(tmp_path):
    file = tmp_path / "published.csv"
    file.write_bytes(csv_of(3))
    with Running(tmp_path, CATALOGUE_URL=file.as_uri(), CATALOGUE_REFRESH_SECONDS=1) as service:
        wait_for(lambda: count(service) == 3)
        (tmp_path / "next.csv").write_bytes(csv_of(4))
        (tmp_path / "next.csv").replace(file)

        wait_for(lambda: count(service) == 4)
