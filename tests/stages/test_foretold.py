from service.asking import WORD
from service.messages import Response
from service.stages.foretold import foretold
from tests.doubles import a_request


def test_what_was_asked_ahead_is_handed_on_before_the_walk_goes_on():
    order = []
    stage = foretold(lambda word: order.append(word))

    for environ in ({WORD: "a word"}, {WORD: None}, {}):
        stage(a_request(environ=environ), lambda request: order.append("the walk") or Response(200))

    assert order == ["a word", "the walk", None, "the walk", "the walk"]
