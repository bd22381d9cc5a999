"""Whether the objects agree with each other, with the hub, and with its configuration."""

import base64
import json
import re
import shutil
import tempfile
import unittest
from pathlib import Path

import yaml

from chart import CHART, NAMESPACE, RELEASE, ROOT, VALUES, container, flat, helm, known_settings, pod, releases, seconds, selects, settings_file, template, variable

ALERTS = CHART / "files/alerts.yml"
MINIMAL = CHART / "ci/minimal-values.yaml"


def notes(*options):
    """What is printed after an installation; helm renders it for a real cluster only, or where another template includes it."""
    with tempfile.TemporaryDirectory() as directory:
        chart = shutil.copytree(CHART, Path(directory) / "tidings")
        (chart / "templates/notes.yaml").write_text('{kind: Notes, text: {{ include (print .Template.BasePath "/NOTES.txt") . | toJson }}}')
        answer = helm("template", RELEASE, chart, "--namespace", NAMESPACE, "--show-only", "templates/notes.yaml", *options)
    if answer.returncode != 0:
        raise AssertionError(answer.stderr)
    return yaml.safe_load(answer.stdout)["text"]


def of_each_release(test):
    def run(self):
        for release in releases():
            with self.subTest(release.name):
                test(self, release)

    return run


def of_each_workload(test):
    def run(self):
        for release in releases():
            for workload in release.workloads:
                with self.subTest(release.name, kind=workload["kind"]):
                    test(self, release, workload)

    return run


def of_each_hub(test):
    """Of each workload whose pods run the hub."""
    return of_each_workload(lambda self, release, workload: "sleep infinity" in " ".join(container(workload)["command"]) or test(self, release, workload))


class ObjectsTest(unittest.TestCase):
    # settings

    @of_each_workload
    def test_every_setting_and_variable_that_is_named_is_one_of_the_hub(self, release, workload):
        known = known_settings()
        self.assertIn("cluster.members", known)
        self.assertLessEqual(release.settings(workload).keys(), known.keys())
        named = {each["name"] for each in container(workload)["env"]} | set(re.findall(r"TIDINGS_\w+", " ".join(container(workload)["command"])))
        self.assertLessEqual({each for each in named if each.startswith("TIDINGS_")}, {variable(each) for each in known})

    def test_no_setting_is_in_the_file_and_in_the_environment(self):
        for release in releases():
            variables = {each["name"] for workload in release.workloads for each in container(workload)["env"]}
            for config in release.all("ConfigMap"):
                self.assertFalse(variables & {variable(each) for each in yaml.safe_load(config["data"]["config.yaml"])})

    def test_every_setting_that_the_chart_refuses_is_one_of_the_hub(self):
        source = (CHART / "templates/_checks.tpl").read_text().split('define "tidings.checkElsewhere"')[1]
        refused = re.findall(r'^ {4}"([a-z.]+)" "', source, re.MULTILINE) + re.findall(r'"([a-z.]+)"', re.search(r"has \. \(list (.*?)\)", source).group(1))
        self.assertGreater(len(refused), 20)
        self.assertLessEqual(set(refused), known_settings().keys())

    def test_the_defaults_in_the_templates_are_those_of_the_hub(self):
        known = known_settings()
        found = 0
        for file in (CHART / "templates").iterdir():
            for setting, default in re.findall(r'get \$(?:given|settings) "([^"]+)" \| default "([^"]+)"', file.read_text()):
                self.assertEqual(known[setting], default, setting)
                found += 1
        self.assertGreaterEqual(found, 4)

    @of_each_workload
    def test_a_setting_of_the_values_reaches_the_hub_unchanged(self, release, workload):
        given = flat(release.values.get("settings", {}))
        if workload["kind"] == "Deployment":
            given |= flat(release.values["edges"].get("settings", {}))
        given.pop("http.hosts", None)
        for setting, value in given.items():
            self.assertEqual(value, release.settings(workload)[setting], setting)

    @of_each_workload
    def test_the_hub_answers_to_the_names_of_its_services_and_of_the_ingress(self, release, workload):
        hosts = release.settings(workload)["http.hosts"]
        for service in release.all("Service"):
            name = service["metadata"]["name"]
            domain = release.values.get("clusterDomain", "cluster.local")
            for host in (name, f"{name}.{NAMESPACE}", f"{name}.{NAMESPACE}.svc.{domain}"):
                self.assertIn(host, hosts)
        for ingress in release.all("Ingress"):
            self.assertLessEqual({rule["host"] for rule in ingress["spec"]["rules"]}, set(hosts))

    # how the members find each other

    @of_each_workload
    def test_the_members_are_the_names_that_the_headless_service_gives_the_first_pods(self, release, workload):
        members = release.members
        name, service = members["metadata"]["name"], members["spec"]["serviceName"]
        (claim,) = members["spec"]["volumeClaimTemplates"]
        initial = int(claim["metadata"]["annotations"]["tidings.io/initial"])
        self.assertEqual([f"{name}-{index}.{service}" for index in range(initial)], release.settings(workload)["cluster.members"])

    @of_each_workload
    def test_the_headless_services_have_all_pods_before_they_are_ready(self, release, workload):
        service = release.one("Service", workload["spec"].get("serviceName", workload["metadata"]["name"] + "s"))["spec"]
        self.assertEqual("None", service["clusterIP"])
        self.assertTrue(service["publishNotReadyAddresses"])
        for each in release.workloads:
            self.assertEqual(each is workload, selects(service["selector"], each))

    def test_the_certificate_is_for_every_member_and_for_edges_and_for_both_uses(self):
        checked = 0
        for release in releases():
            for certificate in release.all("Certificate"):
                spec = certificate["spec"]
                if spec.get("isCA"):
                    continue
                checked += 1
                name, service = release.members["metadata"]["name"], release.members["spec"]["serviceName"]
                self.assertLessEqual({f"{name}-{index}.{service}" for index in range(9)}, set(spec["dnsNames"]))
                for edges in release.all("Deployment"):
                    self.assertIn(f"*.{edges['metadata']['name']}s", spec["dnsNames"])
                self.assertLessEqual({"server auth", "client auth"}, set(spec["usages"]))
                secrets = [each["secret"]["secretName"] for each in pod(release.members)["volumes"] if "secret" in each]
                self.assertIn(spec["secretName"], secrets)
        self.assertEqual(1, checked)

    @of_each_release
    def test_the_number_that_began_the_cluster_is_in_a_part_of_the_object_that_kubernetes_lets_nobody_change(self, release):
        (claim,) = release.members["spec"]["volumeClaimTemplates"]
        self.assertIn("tidings.io/initial", claim["metadata"]["annotations"])

    def test_more_replicas_change_nothing_of_the_pods_that_run(self):
        of = lambda replicas: yaml.safe_load(
            template("--values", MINIMAL, "--set", f"members.replicas={replicas}", "--show-only", "templates/members.yaml").stdout
        )
        three, five = of(3), of(5)
        self.assertEqual((3, 5), (three["spec"].pop("replicas"), five["spec"].pop("replicas")))
        self.assertEqual(three, five)
        one, more = of("1,members.initial=1"), of("3,members.initial=1")
        self.assertEqual((1, 3), (one["spec"].pop("replicas"), more["spec"].pop("replicas")))
        self.assertEqual(one, more)

    # ports

    @of_each_hub
    def test_the_ports_of_container_services_probes_and_policy_are_those_of_the_settings(self, release, workload):
        settings = release.settings(workload)
        ports = {each["name"]: each["containerPort"] for each in container(workload)["ports"]}
        self.assertEqual({"http": settings["http.port"], "nodes": settings["cluster.port"]}, ports)
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            self.assertIn(container(workload)[probe]["httpGet"]["port"], ports)
        for service in release.all("Service"):
            for port in service["spec"]["ports"]:
                self.assertEqual(port["name"], port["targetPort"])
                self.assertIn(port["targetPort"], ports)
            if service["spec"].get("clusterIP") == "None":
                self.assertEqual(ports, {each["name"]: each["port"] for each in service["spec"]["ports"]})
        for policy in release.all("NetworkPolicy"):
            rules = {rule["ports"][0]["port"]: rule for rule in policy["spec"]["ingress"]}
            self.assertIn(ports["http"], rules)
            (peer,) = rules[ports["nodes"]]["from"]
            self.assertTrue(selects(peer["podSelector"]["matchLabels"], workload))
            self.assertTrue(selects(policy["spec"]["podSelector"]["matchLabels"], workload))

    def test_the_members_listen_for_each_other_where_they_are_listed(self):
        self.assertEqual(7700, releases()[0].settings(releases()[0].members)["cluster.port"])
        self.assertRegex((ROOT / "src/main/java/io/tidings/settings/Member.java").read_text(), r"DEFAULT_PORT = 7_?700")

    @of_each_release
    def test_ingress_and_monitor_name_ports_and_services_that_are_there(self, release):
        for ingress in release.all("Ingress"):
            for rule in ingress["spec"]["rules"]:
                backend = rule["http"]["paths"][0]["backend"]["service"]
                service = release.one("Service", backend["name"])
                self.assertIn(backend["port"]["name"], [port["name"] for port in service["spec"]["ports"]])
        for monitor in release.all("ServiceMonitor"):
            selector = monitor["spec"]["selector"]
            (expression,) = selector["matchExpressions"]
            scraped = [
                service
                for service in release.all("Service")
                if selector["matchLabels"].items() <= service["metadata"]["labels"].items()
                and service["metadata"]["labels"][expression["key"]] in expression["values"]
            ]
            for workload in release.workloads:
                self.assertEqual(1, sum(selects(service["spec"]["selector"], workload) for service in scraped), "each pod is scraped once")

    def test_an_ingress_of_the_nginx_family_does_what_our_nginx_configuration_does(self):
        plain = template("--values", MINIMAL, "--set", "ingress.enabled=true,ingress.hosts={a.example},settings.http.proxies={private}")
        self.assertEqual(0, plain.returncode, plain.stderr)
        (ingress,) = [one for one in yaml.safe_load_all(plain.stdout) if one and one["kind"] == "Ingress"]
        annotations = {key.rpartition("/")[2]: value for key, value in ingress["metadata"]["annotations"].items()}
        nginx = (ROOT / "conf/nginx.conf").read_text()
        value = lambda directive: re.search(rf"^\s*{directive} (.*);", nginx, re.MULTILINE).group(1)
        self.assertEqual(value("proxy_read_timeout"), annotations["proxy-read-timeout"] + "s")
        self.assertEqual(value("proxy_connect_timeout"), annotations["proxy-connect-timeout"] + "s")
        self.assertEqual(value("proxy_next_upstream"), annotations["proxy-next-upstream"])
        self.assertEqual(value("proxy_next_upstream_tries"), annotations["proxy-next-upstream-tries"])
        self.assertEqual(value("client_max_body_size"), annotations["proxy-body-size"])
        number = ["--set-json", "settings.limits.body=2097152", "--show-only", "templates/ingress.yaml"]
        plain = template("--values", MINIMAL, "--set", "ingress.enabled=true,ingress.hosts={a.example},settings.http.proxies={private}", *number)
        self.assertEqual("2097152", yaml.safe_load(plain.stdout)["metadata"]["annotations"]["nginx.ingress.kubernetes.io/proxy-body-size"])
        (own,) = [one for release in releases() for one in release.all("Ingress")]
        self.assertEqual("2m", own["metadata"]["annotations"]["nginx.ingress.kubernetes.io/proxy-body-size"])
        self.assertEqual("120", own["metadata"]["annotations"]["nginx.ingress.kubernetes.io/proxy-read-timeout"], "the values' own count")

    # the life of a pod

    @of_each_hub
    def test_the_grace_period_is_longer_than_everything_that_a_hub_does_to_end(self, release, workload):
        main = (ROOT / "src/main/java/io/tidings/Main.java").read_text()
        closing = int(re.search(r"STOP_TIMEOUT = Duration.ofSeconds\((\d+)\)", main).group(1))
        drain = seconds(release.settings(workload).get("stream.drain", known_settings()["stream.drain"]))
        before = container(workload)["lifecycle"]["preStop"]["sleep"]["seconds"]
        grace = pod(workload)["terminationGracePeriodSeconds"]
        self.assertGreaterEqual(grace, before + drain + closing + 5)
        self.assertLessEqual(grace, before + drain + closing + 10)

    @of_each_hub
    def test_a_pod_is_restarted_only_for_what_a_restart_mends(self, _release, workload):
        probes = container(workload)
        path = lambda probe: probes[probe]["httpGet"]["path"]
        self.assertEqual(("/health/live", "/health/live", "/health/ready"), (path("startupProbe"), path("livenessProbe"), path("readinessProbe")))
        scheme = {probes[probe]["httpGet"]["scheme"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")}
        tls = any(mount["name"] == "http" for mount in probes["volumeMounts"])
        self.assertEqual({"HTTPS" if tls else "HTTP"}, scheme)

    @of_each_release
    def test_members_start_together_and_are_disturbed_one_at_a_time(self, release):
        self.assertEqual("Parallel", release.members["spec"]["podManagementPolicy"])
        for budget in release.all("PodDisruptionBudget"):
            selector = budget["spec"]["selector"]["matchLabels"]
            (selected,) = [each for each in release.workloads if selects(selector, each)]
            if selected is release.members:
                self.assertEqual(1, budget["spec"]["maxUnavailable"])

    @of_each_release
    def test_two_voters_share_no_machine_where_there_are_enough(self, release):
        first = pod(release.members)["topologySpreadConstraints"][0]
        if "topologySpreadConstraints" not in release.values.get("members", {}):
            self.assertEqual(("kubernetes.io/hostname", "DoNotSchedule", 1), (first["topologyKey"], first["whenUnsatisfiable"], first["maxSkew"]))
            # else the machines that exist would be all that count, and of two that are left one would get two voters
            self.assertEqual(3, first["minDomains"])
            self.assertTrue(selects(first["labelSelector"]["matchLabels"], release.members))

    @of_each_workload
    def test_workloads_select_their_own_pods_only(self, release, workload):
        selector = workload["spec"]["selector"]["matchLabels"]
        self.assertEqual([workload], [each for each in release.workloads if selects(selector, each)])

    def test_the_autoscaler_scales_the_edges_and_nothing_else_does(self):
        scaled = 0
        for release in releases():
            for scaler in release.all("HorizontalPodAutoscaler"):
                target = scaler["spec"]["scaleTargetRef"]
                edges = release.one(target["kind"], target["name"])
                self.assertNotIn("replicas", edges["spec"])
                self.assertIn("cpu", container(edges)["resources"]["requests"], "of which the target is a percentage")
                scaled += 1
        self.assertEqual(1, scaled)

    @of_each_release
    def test_the_service_for_clients_has_the_pods_that_the_values_say(self, release):
        (service,) = [each for each in release.all("Service") if "clusterIP" not in each["spec"]]
        wanted = release.values.get("service", {}).get("pods", "all")
        for workload in release.workloads:
            kind = "edges" if workload["kind"] == "Deployment" else "members"
            self.assertEqual(wanted in ("all", kind), selects(service["spec"]["selector"], workload))

    @of_each_release
    def test_the_service_for_clients_keeps_their_addresses(self, release):
        (service,) = [each for each in release.all("Service") if "clusterIP" not in each["spec"]]
        local = None if service["spec"]["type"] == "ClusterIP" else "Local"
        self.assertEqual(local, service["spec"].get("externalTrafficPolicy"))

    @of_each_release
    def test_prometheus_is_let_in_where_clients_are_listed(self, release):
        for policy in release.all("NetworkPolicy"):
            given = release.values.get("networkPolicy", {})
            peers = [peer for rule in policy["spec"]["ingress"] if {"port": 8080} in rule["ports"] for peer in rule.get("from", [])]
            self.assertEqual(given.get("clients", []) + given.get("metrics", []), peers)

    @of_each_workload
    def test_a_pod_that_fetches_a_large_log_fails_no_rollout(self, _release, workload):
        if workload["kind"] == "Deployment":
            probe = container(workload)["startupProbe"]
            self.assertLess(probe["periodSeconds"] * probe["failureThreshold"], workload["spec"]["progressDeadlineSeconds"])

    @of_each_workload
    def test_the_scheduler_knows_of_a_log_on_the_machines_disk(self, _release, workload):
        for volume in pod(workload)["volumes"]:
            if volume["name"] == "data" and "emptyDir" in volume:
                self.assertEqual(volume["emptyDir"]["sizeLimit"], container(workload)["resources"]["requests"]["ephemeral-storage"])

    def test_no_client_comes_to_a_pod_that_does_not_run_the_hub(self):
        stopped = [container(workload) for release in releases() for workload in release.workloads if "sleep infinity" in " ".join(container(workload).get("command", []))]
        self.assertEqual([{"exec": {"command": ["false"]}}], [each["readinessProbe"] for each in stopped])

    def test_a_hub_without_heartbeats_is_not_taken_for_a_silent_one(self):
        for given, seconds in (("0", "3600"), ("1d", "345600"), ("20s", "80")):
            values = f"ingress.enabled=true,ingress.hosts={{a.example}},settings.http.proxies={{10.0.0.0/8}},settings.stream.heartbeat={given}"
            rendered = template("--values", MINIMAL, "--set", values).stdout
            (ingress,) = [each for each in yaml.safe_load_all(rendered) if each and each["kind"] == "Ingress"]
            self.assertEqual(seconds, ingress["metadata"]["annotations"]["nginx.ingress.kubernetes.io/proxy-read-timeout"])

    # what a pod may do and where it writes

    @of_each_workload
    def test_a_pod_has_no_rights(self, release, workload):
        spec, security = pod(workload), container(workload)["securityContext"]
        self.assertEqual((True, 10001, 10001), (spec["securityContext"]["runAsNonRoot"], spec["securityContext"]["runAsUser"], spec["securityContext"]["fsGroup"]))
        self.assertEqual({"type": "RuntimeDefault"}, spec["securityContext"]["seccompProfile"])
        self.assertEqual(
            {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}, security
        )
        self.assertFalse(spec["automountServiceAccountToken"])
        self.assertFalse(spec["enableServiceLinks"])
        for account in release.all("ServiceAccount"):
            self.assertFalse(account["automountServiceAccountToken"])
            self.assertEqual(account["metadata"]["name"], spec["serviceAccountName"])

    @of_each_workload
    def test_every_file_that_the_hub_reads_or_writes_is_on_a_volume(self, release, workload):
        mounts = {each["mountPath"]: each for each in container(workload)["volumeMounts"]}
        volumes = {each["name"] for each in pod(workload)["volumes"]} | {
            each["metadata"]["name"] for each in workload["spec"].get("volumeClaimTemplates", [])
        }
        self.assertEqual({each["name"] for each in mounts.values()}, volumes)
        self.assertIn("/tmp", mounts, "the JVM, and the native library of TLS")
        writable = [path for path, mount in mounts.items() if not mount.get("readOnly")]
        self.assertTrue(release.settings(workload)["log.dir"].startswith("/data/"), "below the volume's root, which may have lost+found")
        self.assertEqual({"/data", "/tmp"}, set(writable))
        files = json.dumps([value for key, value in release.settings(workload).items() if key.startswith(("auth.secret", "cluster.tls", "http.tls"))])
        for file in re.findall(r"/etc[^\"]+", files):
            self.assertIn(file.rpartition("/")[0], mounts)

    def test_nothing_secret_is_outside_a_secret(self):
        release = next(each for each in releases() if each.name == "everything")
        secret = release.values["auth"]["secret"]
        for each in release.objects:
            text = json.dumps(each)
            if each["kind"] == "Secret":
                self.assertEqual(secret, base64.b64decode(each["data"]["secret"]).decode())
            else:
                self.assertNotIn(secret, text)
                self.assertNotIn(base64.b64encode(secret.encode()).decode(), text)

    @of_each_workload
    def test_files_of_secrets_are_readable_by_the_hub_alone(self, _release, workload):
        for volume in pod(workload)["volumes"]:
            if "secret" in volume:
                self.assertEqual(0o400, volume["secret"]["defaultMode"])

    @of_each_workload
    def test_the_heap_follows_the_memory_limit(self, _release, workload):
        self.assertIn("memory", container(workload)["resources"]["limits"])
        (options,) = [each["value"] for each in container(workload)["env"] if each["name"] == "JAVA_OPTS"]
        self.assertRegex(options, r"-XX:MaxRAMPercentage=\d+")

    # beside the hub

    def test_the_rules_are_the_alerts_of_the_chart_for_this_release_with_their_own_templates(self):
        (release, rule) = next((release, one) for release in releases() for one in release.all("PrometheusRule"))
        name = rule["metadata"]["name"]
        scope = f'job="tidings",namespace="{NAMESPACE}",release="{name}"'
        self.assertEqual(yaml.safe_load(ALERTS.read_text().replace('job="tidings"', scope)), rule["spec"])
        self.assertIn("{{ $labels.instance }}", json.dumps(rule))
        (monitor,) = release.all("ServiceMonitor")
        self.assertEqual(name, monitor["metadata"]["name"])

    def test_without_the_monitor_the_rules_are_for_whatever_is_scraped(self):
        plain = template("--values", MINIMAL, "--set", "monitoring.rules.enabled=true")
        self.assertEqual(0, plain.returncode, plain.stderr)
        (rule,) = [one for one in yaml.safe_load_all(plain.stdout) if one and one["kind"] == "PrometheusRule"]
        self.assertEqual(yaml.safe_load(ALERTS.read_text()), rule["spec"])

    def test_what_is_scraped_has_the_labels_by_which_the_alerts_tell_releases_apart(self):
        jobs = set(re.findall(r'job="([^"]+)"', ALERTS.read_text()))
        monitors = [one for release in releases() for one in release.all("ServiceMonitor")]
        for monitor in monitors:
            (endpoint,) = monitor["spec"]["endpoints"]
            self.assertIn({"targetLabel": "job", "replacement": "tidings"}, endpoint["relabelings"])
            pod_name = {"sourceLabels": ["__meta_kubernetes_pod_name"], "targetLabel": "instance"}
            self.assertIn(pod_name, endpoint["relabelings"], "a pod that comes back with another address has a history")
            self.assertIn({"targetLabel": "release", "replacement": monitor["metadata"]["name"]}, endpoint["relabelings"])
        self.assertEqual({"tidings"}, jobs)
        self.assertEqual(2, len(monitors))

    def test_rules_can_be_left_out_and_lead_to_the_runbook(self):
        values = "monitoring.rules.enabled=true,monitoring.rules.disabled={TidingsDown,TidingsAbsent},monitoring.rules.runbooks=https://docs.example/"
        changed = template("--values", MINIMAL, "--set", values)
        (spec,) = [one["spec"] for one in yaml.safe_load_all(changed.stdout) if one and one["kind"] == "PrometheusRule"]
        names = {rule["alert"] for rule in spec["groups"][0]["rules"]}
        all_names = set(re.findall(r"alert: (\w+)", ALERTS.read_text()))
        self.assertEqual(all_names - {"TidingsDown", "TidingsAbsent"}, names)
        for rule in spec["groups"][0]["rules"]:
            self.assertEqual(f"https://docs.example/docs/operations.md#{rule['alert'].lower()}", rule["annotations"]["runbook_url"])

    def test_the_settings_are_those_of_conf(self):
        self.assertEqual(settings_file(), (CHART / "files/settings.yaml").read_text(), "make chart-files makes them")

    def test_an_annotation_of_the_chart_is_there_once(self):
        given = template("--values", MINIMAL, "--set-string", "members.podAnnotations.tidings\\.io/config=x,members.podAnnotations.a=b")
        (members,) = [one for one in yaml.safe_load_all(given.stdout) if one and one["kind"] == "StatefulSet"]
        annotations = members["spec"]["template"]["metadata"]["annotations"]
        self.assertEqual(64, len(annotations["tidings.io/config"]))
        self.assertEqual("b", annotations["a"])
        self.assertEqual(1, given.stdout.count("tidings.io/config"))
        self.assertEqual("tmp", annotations["cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes"])

    def test_the_room_on_the_machines_disk_follows_the_size_of_the_log(self):
        values = "edges.enabled=true,edges.storage.size=20Gi"
        for kind, room in (("emptyDir", "20Gi"), ("ephemeral", None)):
            given = template("--values", MINIMAL, "--set", f"{values},edges.storage.kind={kind}")
            (edges,) = [one for one in yaml.safe_load_all(given.stdout) if one and one["kind"] == "Deployment"]
            self.assertEqual(room, container(edges)["resources"]["requests"].get("ephemeral-storage"))

    def test_the_alerts_are_those_of_conf(self):
        self.assertEqual((ROOT / "conf/alerts.yml").read_text(), ALERTS.read_text(), "make chart-files copies them")

    @of_each_workload
    def test_no_variable_of_the_image_counts_before_the_settings(self, _release, workload):
        image = set(re.findall(r"\bTIDINGS_\w+(?==)", (ROOT / "Dockerfile").read_text()))
        self.assertIn("TIDINGS_LOG_DIR", image)
        self.assertLessEqual(image, {each["name"] for each in container(workload)["env"]})

    def test_the_notes_say_how_to_make_new_pods_voters(self):
        name = f"{RELEASE}-tidings"
        command = "cluster voters " + " ".join(f"{name}-{index}.{name}-nodes" for index in range(5))
        self.assertIn(command, notes("--values", MINIMAL, "--set", "members.replicas=5"))
        self.assertNotIn("cluster voters", notes("--values", MINIMAL))

    def test_the_notes_say_for_which_names_a_given_certificate_must_be(self):
        self.assertIn("events-8.events-nodes, *.events-edges", notes("--values", CHART / "ci/everything-values.yaml"))

    def test_every_value_is_in_the_schema_and_explained_or_plain(self):
        schema = json.loads((CHART / "values.schema.json").read_text())
        values = yaml.safe_load((CHART / "values.yaml").read_text())
        self.assertEqual(values.keys() | {"global"}, schema["properties"].keys())
        self.assertFalse(schema["additionalProperties"])
        self.assertGreaterEqual(len(VALUES), 5)
