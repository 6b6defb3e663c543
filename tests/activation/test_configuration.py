"""The operator's file of adapters: what it may say, and that a slip of the pen is told with its line."""

from pathlib import Path

import pytest

from service.activation.configuration import Surroundings, load
from service.activation.filedrop import FileDrop
from service.activation.orders import Account, Destination
from service.activation.sandbox import Sandbox
from service.activation.webhook import Webhook

SECRET = "0123456789abcdef"
DESK = Destination("platform", platform="the-trade-desk")
AGENT = Destination("agent", agent_url="HTTPS://Sales.example/mcp/")


@pytest.fixture
def read(tmp_path):
    (tmp_path / "drop").mkdir()
    (tmp_path / "words").mkdir()
    (tmp_path / "secret").write_text("secret-of-the-desk\n")
    (tmp_path / "short").write_text("hush-hush")

    def read(text, secret=SECRET):
        path = tmp_path / "activation.toml"
        path.write_text(text.replace("FOLDER", str(tmp_path)))
        return load(path, Surroundings(lambda: 0.0, secret, "https://signals.example"))

    return read


def test_a_webhook_is_read_with_all_that_may_be_said_of_it(read):
    targets = read(
        """
        [platforms.the-trade-desk]
        adapter = "webhook"
        url = "https://hooks.example/orders?tenant=7"
        secret_file = "FOLDER/secret"
        status_url = "https://hooks.example/orders/{delivery_id}"
        poll_seconds = 60
        minutes = 45
        give_up_hours = 48
        timeout_seconds = 2.5
        """
    )
    way = targets.configured(DESK)

    assert isinstance(way, Webhook)
    assert (way.url, way.status_url) == (
        "https://hooks.example/orders?tenant=7",
        "https://hooks.example/orders/{delivery_id}",
    )
    assert (way.secret, way.ask_every, way.minutes) == (b"secret-of-the-desk", 60.0, 45)
    assert (way.patience, way.timeout, way.callback) == (48 * 3600.0, 2.5, "https://signals.example")
    assert targets.configured(DESK._replace(platform="dv360")) is None


def test_what_is_not_said_has_a_default_and_the_common_secret(read):
    way = read('[platforms.the-trade-desk]\nadapter = "webhook"\nurl = "https://hooks.example"').configured(DESK)

    assert (way.secret, way.status_url, way.ask_every, way.minutes) == (SECRET.encode(), None, None, None)
    assert (way.patience, way.timeout) == (24 * 3600.0, 10.0)


def test_a_file_drop_and_a_sandbox_are_read(read, tmp_path):
    targets = read(
        """
        [platforms.dv360]
        adapter = "file-drop"
        directory = "FOLDER/drop"
        confirmations = "FOLDER/words"
        [platforms."*"]
        adapter = "sandbox"
        """,
        secret=None,
    )
    drop = targets.configured(DESK._replace(platform="dv360"))

    assert isinstance(drop, FileDrop)
    assert (drop.directory, drop.confirmations, drop.ask_every) == (tmp_path / "drop", tmp_path / "words", 5.0)
    assert drop.secret is None
    assert targets.configured(DESK) == Sandbox()


def test_an_agent_is_known_by_its_address_however_it_is_written(read):
    targets = read('[agents."https://sales.example/mcp"]\nadapter = "sandbox"')

    assert targets.configured(AGENT) == Sandbox()
    assert targets.configured(AGENT._replace(agent_url="https://sales.example/other")) is None


def test_platforms_are_known_in_lower_case(read):
    assert read('[platforms.The-Trade-Desk]\nadapter = "sandbox"').configured(DESK) == Sandbox()


def test_the_way_of_sample_data_and_sandbox_accounts_is_the_sandbox(read):
    targets = read('[platforms.the-trade-desk]\nadapter = "webhook"\nurl = "https://hooks.example"')
    sandbox = Account("", "acme.example", "agency.example", sandbox=True)

    assert targets.adapter(DESK._replace(platform="dv360"), None, sample=True) == Sandbox()
    assert targets.adapter(DESK._replace(platform="dv360"), None, sample=False) is None
    assert isinstance(targets.adapter(DESK, None, sample=True), Webhook)
    assert targets.adapter(DESK, sandbox, sample=False) == Sandbox()


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/x", "http://localhost/x", "http://[::1]:80/x"])
def test_http_is_for_this_machine(read, url):
    assert read(f'[platforms.a]\nadapter = "webhook"\nurl = "{url}"').configured(DESK._replace(platform="a")).url == url


def test_http_to_elsewhere_is_for_operators_who_say_so(read):
    text = '[platforms.a]\nadapter = "webhook"\nurl = "http://hooks.internal"\n'

    with pytest.raises(ValueError, match=r"line 3: .* must be https, or set allow_http = true"):
        read(text)
    assert read(text + "allow_http = true").configured(DESK._replace(platform="a")).url == "http://hooks.internal"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[platforms.a\nx = 1", "line 1"),
        ("\n\n[platform.a]\nadapter = 'sandbox'", "line 3: it holds [platforms.NAME]"),
        ("platforms = 7", "line 1: [platforms.NAME] is a table"),
        ("[platforms]\na = 7", "it must be a table"),
        ("\n[platforms.'no name']\nadapter = 'sandbox'", "line 2: [platforms.no name] 'no name' is no name"),
        ("[agents.sales]\nadapter = 'sandbox'", "line 1: [agents.sales] 'sales' is no name of one of the agents"),
        ("[platforms.a]\nx = 1", "line 1: [platforms.a] adapter must be one of sandbox, webhook, file-drop"),
        ("[platforms.a]\n\nadapter = 'fax'", "line 3: [platforms.a] adapter must be one of"),
        ("[platforms.a]\nadapter = ['sandbox']", "line 2: [platforms.a] adapter must be one of"),
        ("[platforms.a]\nadapter = 'sandbox'\nurl = 'https://a.example'", "line 3: [platforms.a] url is not known"),
        ("[platforms.a]\nadapter = 'webhook'", "line 1: [platforms.a] url must be an http or https address"),
        ("[platforms.a]\nadapter = 'webhook'\nurl = 'ftp://a.example'", "line 3"),
        (
            "[platforms.a]\nadapter = 'webhook'\nurl = 'https://u:p@a.example'",
            "line 3: [platforms.a] url must have no user",
        ),
        (
            "[platforms.a]\nadapter = 'webhook'\nurl = 'https://a.example'\nminutes = -1",
            "line 4: [platforms.a] minutes",
        ),
        ("[platforms.a]\nadapter = 'webhook'\nurl = 'https://a.example'\nminutes = true", "line 4"),
        ("[platforms.a]\nadapter = 'webhook'\nurl = 'https://a.example'\ngive_up_hours = nan", "line 4"),
        (
            "[platforms.a]\nadapter = 'webhook'\nurl = 'https://a.example'\nstatus_url = 'https://a.example'",
            "line 4: [platforms.a] status_url must hold {delivery_id}",
        ),
        ("[platforms.a]\nadapter = 'webhook'\nurl = 'https://a.example'\nallow_http = 1", "line 4"),
        (
            "[platforms.a]\nadapter = 'webhook'\nurl = 'https://a.example'\nsecret_file = 'FOLDER/short'",
            "line 4: [platforms.a] secret_file",
        ),
        (
            "[platforms.a]\nadapter = 'webhook'\nurl = 'https://a.example'\nsecret_file = 'FOLDER/none'",
            "line 4: [platforms.a] secret_file",
        ),
        (
            "[platforms.a]\nadapter = 'file-drop'\ndirectory = 'FOLDER/none'",
            "line 3: [platforms.a] directory must be a directory that exists",
        ),
        ("[platforms.a]\nadapter = 'file-drop'\ndirectory = 7", "line 3"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(read, text, told):
    with pytest.raises(ValueError) as error:
        read(text)

    assert told in str(error.value)
    assert "hush-hush" not in str(error.value)


@pytest.mark.parametrize("kind", ["'webhook'\nurl = 'https://a.example'", "'file-drop'\ndirectory = 'FOLDER/drop'"])
def test_a_way_on_which_nothing_could_be_confirmed_is_refused(read, kind):
    with pytest.raises(ValueError, match=r"line 1: .*secret"):
        read(f"[platforms.a]\nadapter = {kind}", secret=None)


def test_a_file_that_is_not_there_is_said():
    with pytest.raises(ValueError, match="No such file"):
        load(Path("/nowhere/activation.toml"), Surroundings(lambda: 0.0, None, ""))
