"""The chart, rendered by helm, and the files that it must agree with."""

import os
import re
import subprocess
from functools import cache
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[3]
CHART = ROOT / "deploy/helm/tidings"
TOOLS = ROOT / "target/chart"
VALUES = sorted((CHART / "ci").glob("*-values.yaml"))
RELEASE = "live"
NAMESPACE = "events"


def helm(*arguments):
    """What helm answers, whatever its status."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(TOOLS)}
    return subprocess.run([TOOLS / "bin/helm", *map(str, arguments)], capture_output=True, text=True, timeout=60, env=environment)


def template(*options):
    """What `helm template` answers for the release that all tests have."""
    return helm("template", RELEASE, CHART, "--namespace", NAMESPACE, *options)


@cache
def rendered(values):
    """All objects that the file of values gives."""
    answer = template("--values", values)
    if answer.returncode != 0:
        raise AssertionError(f"{values.name}: {answer.stderr}")
    return [one for one in yaml.safe_load_all(answer.stdout) if one]


class Release:
    """The objects of one file of values."""

    def __init__(self, values):
        self.name = values.name.removesuffix("-values.yaml")
        self.values = yaml.safe_load(values.read_text())
        self.objects = rendered(values)

    def all(self, kind):
        return [one for one in self.objects if one["kind"] == kind]

    def one(self, kind, name):
        found = [each for each in self.all(kind) if each["metadata"]["name"] == name]
        if len(found) != 1:
            raise AssertionError(f"{self.name}: {len(found)} times {kind} {name}")
        return found[0]

    @property
    def members(self):
        return self.all("StatefulSet")[0]

    @property
    def workloads(self):
        """The members, and the edges if there are any."""
        return self.all("StatefulSet") + self.all("Deployment")

    def settings(self, workload):
        """The hub's settings of a workload's pods, by their dotted names: the environment counts before the file."""
        volumes = pod(workload)["volumes"]
        name = next(each["configMap"]["name"] for each in volumes if each["name"] == "config")
        file = yaml.safe_load(self.one("ConfigMap", name)["data"]["config.yaml"])
        variables = {each["name"]: each["value"] for each in container(workload)["env"] if "value" in each}
        return file | {setting: yaml.safe_load(variables[variable(setting)]) for setting in known_settings() if variable(setting) in variables}


def pod(workload):
    return workload["spec"]["template"]["spec"]


def container(workload):
    (only,) = pod(workload)["containers"]
    return only


def selects(selector, workload):
    labels = workload["spec"]["template"]["metadata"]["labels"]
    return bool(selector) and selector.items() <= labels.items()


def releases():
    return [Release(values) for values in VALUES]


@cache
def known_settings():
    """Every setting of conf/config.yaml with its default, by its dotted name."""
    lines = (ROOT / "conf/config.yaml").read_text().splitlines()
    settings = "\n".join(re.sub(r"^(\s*)#(?=\S)", r"\1", line) for line in lines)
    return flat(yaml.safe_load(settings))


def kinds():
    """What the values of each setting are, as files/settings.yaml of the chart has it: by its default."""

    def kind(default):
        if isinstance(default, bool):
            return "flag"
        if isinstance(default, list):
            return "list"
        if default == 0:
            return "limit"
        if isinstance(default, int):
            return "number"
        if re.fullmatch(r"\d+(ms|s|m|h|d)", default):
            return "duration"
        return "bytes" if re.fullmatch(r"\d+[KMG]iB", default) else "text"

    return {name: kind(default) for name, default in known_settings().items()}


def settings_file():
    """The content of files/settings.yaml."""
    head = "# Made by `make chart-files` from conf/config.yaml: the hub's settings, and what their values are.\n"
    return head + "".join(f"{name}: {kind}\n" for name, kind in kinds().items())


def flat(settings, prefix=""):
    found = {}
    for key, value in settings.items():
        if isinstance(value, dict):
            found |= flat(value, f"{prefix}{key}.")
        else:
            found[prefix + key] = value
    return found


def variable(setting):
    return "TIDINGS_" + setting.replace(".", "_").upper()


def seconds(duration):
    number, unit = re.fullmatch(r"(\d+)(ms|s|m|h)", duration).groups()
    return int(number) * {"ms": 0.001, "s": 1, "m": 60, "h": 3600}[unit]


if __name__ == "__main__":
    (CHART / "files/settings.yaml").write_text(settings_file())
