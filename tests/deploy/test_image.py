"""The image's command line, with its environment and its files, as another user and in folders of a test's own."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

from tests.deploy.kit import ROOT, dockerfile, health_command, image_command, image_environment
from tests.running import PATIENCE, Caller, free_port, wait_for


class Container:
    """What runs in a container of the image: its files and nothing else of this project, its variables, its command."""

    def __init__(self, folder):
        self.folder = folder
        self._copy()
        self._program = str(Path(sys.executable))
        self.data = folder / "data"
        self.data.mkdir()
        self.port = free_port()
        ours = {"PORT": str(self.port), "METRICS_PORT": str(free_port())}
        self.environment = {
            key: value.replace("/data", str(self.data)).replace("/app", str(folder / "app"))
            for key, value in (image_environment() | ours).items()
            if key != "PATH"
        }
        with (folder / "log.jsonl").open("wb") as output:
            self.process = subprocess.Popen(
                self._own(image_command()), env=self.environment, cwd=self.data, stdout=output, stderr=output
            )

    def _copy(self):
        for row in dockerfile()[0]:
            if row.word == "COPY" and "/app" in row.rest:
                *sources, target = row.rest.split()
                for name in sources:
                    place = self.folder / target.lstrip("/")
                    if (ROOT / name).is_dir():
                        shutil.copytree(ROOT / name, place, ignore=shutil.ignore_patterns("__pycache__"))
                    else:
                        place.mkdir(parents=True, exist_ok=True)
                        shutil.copy(ROOT / name, place)

    def _own(self, command):
        assert command[0] == "python"
        return [self._program, *command[1:]]

    def healthy(self, **more):
        environ = self.environment | more
        run = subprocess.run(self._own(health_command()), env=environ, capture_output=True, timeout=30)
        return run.returncode == 0

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE)


def test_the_command_of_the_image_answers_is_healthy_and_drains_when_it_is_told_to_end(tmp_path):
    with Container(tmp_path) as container:
        assert wait_for(container.healthy)
        # A proxy of the environment does not lead it astray.
        assert container.healthy(http_proxy=f"http://127.0.0.1:{free_port()}")
        caller = Caller()
        caller.address = ("127.0.0.1", container.port)
        assert caller.search("cars").status == 200
        assert {path.name.split(".")[0] for path in container.data.iterdir()} == {"signals", "state"}
        # No bytecode is written, nor anything else beside the code.
        assert list((container.folder / "app").rglob("__pycache__")) == []

        container.process.send_signal(signal.SIGTERM)
        assert container.process.wait(PATIENCE) == 0
        assert not container.healthy()


def test_a_service_without_a_home_and_a_path_starts():
    """As user 10001 of the image it has no home."""
    environment = {"HOME": "/nonexistent", "PATH": "", "PORT": str(free_port()), "METRICS_PORT": "0"}
    command = [sys.executable, "-m", "service", "--check"]
    run = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60)

    assert (run.returncode, run.stdout) == (0, "The settings are good.\n")
