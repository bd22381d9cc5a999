"""What the start commands of the pods give the hub."""

import subprocess
import tempfile
import unittest
from pathlib import Path

from chart import CHART, Release, container

MINIMAL = Release(CHART / "ci/minimal-values.yaml")
EDGES = Release(CHART / "ci/edges-values.yaml")
LAUNCHER = "tidings"


def started(workload, environment):
    """The variables with which the hub is started."""
    with tempfile.TemporaryDirectory() as directory:
        launcher = Path(directory) / LAUNCHER
        launcher.write_text('#!/bin/sh\necho "started with $# arguments"\nenv\n')
        launcher.chmod(0o755)
        environment = {"PATH": f"{directory}:/usr/bin:/bin", **environment}
        output = subprocess.run(container(workload)["command"], env=environment, capture_output=True, text=True, check=True, timeout=10).stdout
    first, *variables = output.splitlines()
    if first != "started with 0 arguments":
        raise AssertionError(first)
    return dict(line.split("=", 1) for line in variables)


def member(index):
    node = f"live-tidings-{index}"
    return started(MINIMAL.members, {"TIDINGS_CLUSTER_NODE": node, "TIDINGS_CLUSTER_HOST": f"{node}.live-tidings-nodes"})


def edge(release, address):
    return started(release.all("Deployment")[0], {"TIDINGS_CLUSTER_HOST": address})["TIDINGS_CLUSTER_HOST"]


class CommandTest(unittest.TestCase):
    def test_the_first_members_begin_the_cluster(self):
        for index in range(3):
            variables = member(index)
            self.assertNotIn("TIDINGS_CLUSTER_JOIN", variables)
            self.assertNotIn("TIDINGS_CLUSTER_MEMBERS", variables)

    def test_a_further_member_waits_to_be_added_and_lists_itself_after_the_first(self):
        for index in (3, 10):
            variables = member(index)
            first = [f"live-tidings-{each}.live-tidings-nodes" for each in range(3)]
            self.assertEqual("true", variables["TIDINGS_CLUSTER_JOIN"])
            self.assertEqual(",".join([*first, f"live-tidings-{index}.live-tidings-nodes"]), variables["TIDINGS_CLUSTER_MEMBERS"])

    def test_an_edge_with_tls_has_the_name_that_the_dns_gives_its_address(self):
        self.assertEqual("10-244-3-17.live-tidings-edges", edge(EDGES, "10.244.3.17"))
        self.assertEqual("fd00-10-244--11.live-tidings-edges", edge(EDGES, "fd00:10:244::11"))

    def test_an_edge_without_tls_has_its_address(self):
        recovered = Release(CHART / "ci/recovered-values.yaml")
        command = container(recovered.all("Deployment")[0])
        self.assertEqual([LAUNCHER], command["command"])
        (host,) = [each for each in command["env"] if each["name"] == "TIDINGS_CLUSTER_HOST"]
        self.assertEqual("status.podIP", host["valueFrom"]["fieldRef"]["fieldPath"])
