"""Whether helm and Kubernetes take what the chart gives."""

import re
import unittest

import kubernetes_validate
import yaml
from jsonschema import Draft202012Validator

from chart import CHART, ROOT, TOOLS, VALUES, helm, releases

# the oldest that Chart.yaml allows, and the newest of the schemas
VERSIONS = ["1.30", "1.37"]


def definitions():
    """The schemas of objects that operators define, by kind and version, closed: an unknown field is an error there too."""
    schemas = {}
    for file in (TOOLS / "crds").glob("*.yaml"):
        definition = yaml.safe_load(file.read_text())["spec"]
        for version in definition["versions"]:
            key = f"{definition['group']}/{version['name']}", definition["names"]["kind"]
            schemas[key] = closed(version["schema"]["openAPIV3Schema"])
            schemas[key]["properties"]["metadata"] = {}  # Kubernetes' own
    return schemas


def closed(schema):
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    result = {key: closed(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        result.setdefault("additionalProperties", schema.get("x-kubernetes-preserve-unknown-fields", False))
    if schema.get("x-kubernetes-int-or-string"):
        result.pop("type", None)
    return result


class SchemaTest(unittest.TestCase):
    def test_helm_lints_the_chart_with_each_file_of_values(self):
        for values in VALUES:
            with self.subTest(values.name):
                answer = helm("lint", "--strict", CHART, "--values", values)
                self.assertEqual(0, answer.returncode, answer.stdout + answer.stderr)

    def test_every_object_is_valid_in_the_oldest_and_the_newest_kubernetes(self):
        own = definitions()
        kinds = set()
        for release in releases():
            for each in release.objects:
                with self.subTest(release.name, kind=each["kind"], name=each["metadata"]["name"]):
                    kinds.add(each["kind"])
                    schema = own.get((each["apiVersion"], each["kind"]))
                    if schema:
                        Draft202012Validator(schema).validate(each)
                    else:
                        for version in VERSIONS:
                            kubernetes_validate.validate(each, version, strict=True)
        kinds_of_the_issue = {
            "StatefulSet", "Deployment", "HorizontalPodAutoscaler", "Service", "ConfigMap", "Secret", "PodDisruptionBudget", "NetworkPolicy",
            "Ingress", "ServiceAccount", "Certificate", "Issuer", "ServiceMonitor", "PrometheusRule",
        }
        self.assertEqual(kinds_of_the_issue, kinds, "so that no template is left out")

    def test_an_unknown_field_of_an_operators_object_is_found(self):
        monitor = definitions()["monitoring.coreos.com/v1", "ServiceMonitor"]
        wrong = {"apiVersion": "monitoring.coreos.com/v1", "kind": "ServiceMonitor", "spec": {"selector": {}, "endpoints": [{"prot": "http"}]}}
        errors = [error.message for error in Draft202012Validator(monitor).iter_errors(wrong)]
        self.assertTrue(any("prot" in message for message in errors), errors)

    def test_no_two_objects_have_one_name(self):
        for release in releases():
            names = [(each["kind"], each["metadata"]["name"]) for each in release.objects]
            self.assertEqual(len(names), len(set(names)), release.name)

    def test_the_chart_has_the_version_of_the_hub(self):
        chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
        version = re.search(r"<artifactId>tidings</artifactId>\s*<version>([^<]+)</version>", (ROOT / "pom.xml").read_text()).group(1)
        self.assertEqual({version}, {chart["version"], chart["appVersion"]})
        self.assertEqual(">=" + VERSIONS[0] + ".0-0", chart["kubeVersion"])
