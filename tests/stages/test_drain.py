import pytest

from service.errors import Draining
from service.messages import Response
from service.stages.drain import drain
from tests.doubles import a_request


def test_a_request_that_came_too_late_is_refused_before_anything_is_counted():
    walked = []
    stage = drain(lambda request: request.arrived > 2000)

    def proceed(request):
        walked.append(request.arrived)
        return Response(200)

    assert stage(a_request(arrived=1999.0), proceed).status == 200
    with pytest.raises(Draining) as refusal:
        stage(a_request(arrived=2001.0), proceed)

    assert walked == [1999.0]
    assert refusal.value.retry_after == 1
