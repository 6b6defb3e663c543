import pytest

from tests.activation.parts import Parts


@pytest.fixture
def make(tmp_path):
    """Return a maker of parts over one state file, which is closed at the end."""
    made = []

    def maker(**given):
        made.append(Parts(tmp_path / "state.db", **given))
        return made[-1]

    yield maker
    for each in made:
        each.state.close()
