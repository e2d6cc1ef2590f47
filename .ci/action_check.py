"""Run the steps of action.yml one by one, as GitHub's runner would, with its variables and environment files.

    python .ci/action_check.py      uv must be beside this python; installs from PyPI

The steps that are actions themselves are not run: here uv is already on PATH, and nothing is uploaded.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

CHECKOUT = Path(__file__).resolve().parent.parent
ACTION = yaml.safe_load((CHECKOUT / "action.yml").read_text(encoding="utf-8"))
BROKEN = '{"request": {"url": "https://example.com/hook" "method": "POST"}}\n'


class Run:
    """A job on a runner: a checked-out repository, and a folder for what the runner keeps."""

    def __init__(self, temp: Path, repository: Path) -> None:
        self.temp, self.repository = temp, repository
        self.outputs: dict[str, str] = {}
        self.summary = temp / "summary"

    def evaluate(self, text: str, inputs: dict[str, str]) -> str:
        """`text` with its expressions replaced: inputs, and the few contexts that action.yml uses."""

        def value(match: re.Match[str]) -> str:
            name = match[1]
            if name.startswith("inputs."):
                return inputs[name.removeprefix("inputs.")]
            return {"github.action_path": str(CHECKOUT), "runner.temp": str(self.temp)}[name]

        return re.sub(r"\$\{\{ (.*?) \}\}", value, text)

    def step(self, step: dict[str, Any], inputs: dict[str, str]) -> tuple[int, str]:
        """Run one `run:` step; its exit code and what it printed."""
        script = self.temp / "step.sh"
        script.write_text(str(step["run"]), encoding="utf-8")
        files = {name: self.temp / name for name in ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH")}
        for file in files.values():
            file.write_text("", encoding="utf-8")
        own = {key: self.evaluate(str(text), inputs) for key, text in step.get("env", {}).items()}
        environment = {
            **{key: text for key, text in os.environ.items() if not key.startswith(("MCAPP", "MANYCHAT", "PYTHON"))},
            **{key: str(file) for key, file in files.items()},
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "GITHUB_ACTIONS": "true",
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_WORKSPACE": str(self.repository),
            "CI": "true",
            **own,
        }
        # The runner's own command line for `shell: bash`.
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
        done = subprocess.run(  # noqa: S603  # the steps of this repository
            command, cwd=self.repository, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
        for line in files["GITHUB_OUTPUT"].read_text(encoding="utf-8").splitlines():
            key, _, text = line.partition("=")
            self.outputs[key] = text
        return done.returncode, done.stdout.decode("utf-8", "replace")


def check(wanted: bool, sentence: str, output: str) -> None:  # noqa: FBT001  # as in an assertion
    """Say what is wrong, and end."""
    if not wanted:
        sys.exit(f"action check: {sentence}\n{output}")


def main() -> None:
    """Install once, then validate with several inputs."""
    defaults = {name: str(about["default"]) for name, about in ACTION["inputs"].items()}
    install, validate = [step for step in ACTION["runs"]["steps"] if "run" in step]
    with tempfile.TemporaryDirectory() as temp, tempfile.TemporaryDirectory() as repository:
        run = Run(Path(temp), Path(repository))
        # A repository that would like to have a say in what is installed and imported.
        for name, text in {
            "uv.toml": 'index-url = "http://127.0.0.1:9/simple"\n',
            ".python-version": "2.7\n",
            "typer.py": "raise SystemExit(99)\n",
            "mcapp/__init__.py": "raise SystemExit(98)\n",
            "apps/a b/app.json": BROKEN,
        }.items():
            file = run.repository / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        code, output = run.step(install, defaults)
        check(code == 0, f"the installation ended with {code}", output)

        code, output = run.step(validate, defaults)
        check(code == 1, f"a broken file ended with {code} instead of 1", output)
        check("::error file=apps/a b/app.json,line=1," in output, "the annotation is missing", output)
        check("apps/a b/app.json" in run.summary.read_text(encoding="utf-8"), "the job summary is missing", output)
        check(Path(run.outputs["sarif"]).read_text(encoding="utf-8").startswith("{"), "no SARIF report", output)

        several = {"paths": "apps/a b/app.json\n\napps\n", "format": "text\njunit=report.xml", "fail-on": "never"}
        code, output = run.step(validate, defaults | several)
        check(code == 0, f"fail-on: never ended with {code} instead of 0", output)
        check("in 1 file" in output, "the file that is named twice is not checked once", output)
        check((run.repository / "report.xml").is_file(), "the second report is missing", output)

        code, output = run.step(validate, defaults | {"paths": "$(exit 5); --version"})
        check(code == 2, f"a path that does not exist ended with {code} instead of 2", output)
    sys.stdout.write("the action is good\n")


if __name__ == "__main__":
    main()
