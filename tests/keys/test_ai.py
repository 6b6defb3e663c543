"""Where an AI ranks: it is asked about what is private to somebody in that one's questions alone."""

import json

from service.messages import Signal
from tests.ai.live import fake_of, living
from tests.running import a_catalogue

PRIVATE = Signal("acme-gadget", "Zephyrium gadget fans", "only acme knows of them", visible_to=("acme",))


def test_a_private_signal_is_in_no_prompt_but_its_principals(tmp_path):
    with living(tmp_path, fake_of("openai"), [*a_catalogue(5), PRIVATE]) as live:
        keys = {name: live.service.service.state.keys.create(name)[1] for name in ("acme", "globex")}
        live.say("ok")

        mine = live.ask("gadget", X_Adcp_Auth=keys["acme"])
        asked = len(live.fake.calls)
        others = [live.ask("gadget"), live.ask("gadget", X_Adcp_Auth=keys["globex"])]
        again = live.ask("gadget", X_Adcp_Auth=keys["acme"])

        told = [json.dumps(call["body"], ensure_ascii=False) for call in live.fake.calls]
        assert "Zephyrium" in told[asked - 1]
        assert not any("Zephyrium" in text for text in told[asked:])
        assert {"acme-gadget"} == set(mine.ids) - set(others[0].ids)
        assert others[0].ids == others[1].ids
        assert [answer.header("X-Cache") for answer in (*others, again)] == ["miss", "hit", "hit"]
        assert mine.document["ranking_method"] == others[0].document["ranking_method"] == "ai"
        assert again.ids == mine.ids
