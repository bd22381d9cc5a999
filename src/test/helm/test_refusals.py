"""Values that the chart refuses, with an answer that names the value and the rule."""

import unittest

from chart import CHART, template

MINIMAL = ["--values", CHART / "ci/minimal-values.yaml"]

REFUSALS = [
    ("members.replicas=2", "'/members/replicas': value must be one of 1, 3, 5, 7, 9"),
    ("members.replicas=5,members.reduced=3", "members.reduced: 3 must be members.replicas, 5, or be set to 0"),
    ("members.replicas=11", "'/members/replicas': value must be one of"),
    ("members.initial=2", "'/members/initial': value must be one of"),
    ("members.replicas=1", "members.replicas: 1 is less than the 3 that began the cluster"),
    ("members.replicas=1,members.join=all", "when `tidings cluster voters` has left 1 of them, set members.reduced: 1 too"),
    ("members.replicas=1,members.reduced=1", "members.join: must be all, since members.replicas, 1, is less than members.initial, 3"),
    ("members.size=3", "'/members': additional properties 'size' not allowed"),
    ("members.join=yes", "'/members/join': value must be one of 'auto', 'all'"),
    ("members.resources.limits=null", "'/members/resources': missing property 'limits'"),
    ("cluster.tls.source=", "cluster.tls.source: must be certManager, secret, or none"),
    ("cluster.tls.source=open", "'/cluster/tls/source': value must be one of"),
    ("cluster.tls.source=secret", "cluster.tls.secretName: must name a Secret with tls.crt, tls.key and ca.crt"),
    ("networkPolicy.enabled=false", "networkPolicy.enabled: must be true, since cluster.tls.source is none"),
    ("auth.existingSecret=", "auth.existingSecret: must name a Secret"),
    ("auth.secret=too-short", "'/auth/secret': minLength: got 9, want 32"),
    ("auth.secret=0123456789-not-a-real-secret-0123456789", "auth.secret: must be empty, since auth.existingSecret"),
    ("settings.cluster.members=x", "settings.cluster.members: is set by members.initial"),
    ("settings.cluster.open=true", "settings.cluster.open: is set by cluster.tls.source"),
    ("settings.http.port=9000", "settings.http.port: is set by the chart; service.port"),
    ("settings.log.dir=/data", "settings.log.dir: is set by the chart"),
    ("settings.bus.token=secret", "settings.bus.token: is a secret, and settings are in a ConfigMap: give it by env"),
    ("settings.log.redis.url=redis://u:p@h", "settings.log.redis.url: is a secret"),
    ("edges.enabled=true,edges.settings.role=all", "settings.role: is set by edges.enabled"),
    ("settings.http.tls.client.ca=ca.pem", "settings.http.tls.client.certificate: must be request"),
    ("edges.replicas=65", "'/edges/replicas': maximum: got 65, want 64"),
    ("edges.autoscaling.enabled=true,edges.autoscaling.minReplicas=20", "edges.autoscaling.minReplicas: must not be more than"),
    ("service.loadBalancerClass=x", "service.loadBalancerClass, service.loadBalancerSourceRanges: are of service.type LoadBalancer only"),
    ("service.nodePort=30000", "service.nodePort: is of service.type NodePort or LoadBalancer only"),
    ("service.type=LoadBalancer,service.loadBalancerSourceRanges={everywhere}", "'/service/loadBalancerSourceRanges/0'"),
    ("service.pods=edges", "service.pods: can be edges only if edges.enabled is true"),
    ("ingress.enabled=true", "ingress.hosts: must list the names"),
    ("ingress.enabled=true,ingress.hosts={a.example}", "settings.http.proxies: must list the addresses of the ingress controller's pods"),
    ("monitoring.serviceMonitor.enabled=true", "monitoring.serviceMonitor.tokenSecret.name: must name a Secret with a token"),
    ("networkPolicy.clients={x},monitoring.serviceMonitor.enabled=true", "'/networkPolicy/clients/0'"),
    ("networkPolicy.clients[0].podSelector.matchLabels.a=b,monitoring.serviceMonitor.enabled=true", "networkPolicy.metrics: must list from where Prometheus connects"),
    ("members.spread=never", "'/members/spread': value must be one of 'required', 'preferred'"),
    ("fullnameOverride=1ev.x", "fullnameOverride: must be given, of a-z, 0-9 and -"),
    ("settings.log.keep.bytes=5GiB", "members.storage.size: 4Gi is less than twice log.keep.bytes, 5GiB, and log.raft.keep, 1GiB"),
    ("settings.log.keep.bytes=4294967297", "members.storage.size: 4Gi is less than twice log.keep.bytes, 4294967297"),
    ("settings.log.keep.bytes=0", "settings.log.keep.bytes: can't be 0, no bound"),
    ("settings.log.raft.keep=100GiB", "members.storage.size: 4Gi is less than twice log.keep.bytes, 1GiB, and log.raft.keep, 100GiB"),
    ("members.storage.size=2500Mi", "members.storage.size: 2500Mi is less than twice log.keep.bytes"),
    ("edges.enabled=true,edges.settings.log.keep.bytes=5000MiB", "edges.storage.size: 4Gi is less than twice log.keep.bytes, 5000MiB"),
    ("settings.steam.drain=5s", "settings.steam.drain: is not a setting of the hub"),
    ("settings.Role=edge", "settings.Role: is not a setting of the hub"),
    ("edges.enabled=true,edges.settings.foo.bar=1", "settings.foo.bar: is not a setting of the hub"),
    ("settings.limits.topics=abc", 'settings.limits.topics: "abc" must be a number'),
    ("settings.http=abc", "settings.http: is not a setting of the hub"),
    ("settings.stream.drain=1m30s", 'settings.stream.drain: "1m30s" must be a duration'),
    ("settings.stream.drain=90", "settings.stream.drain: 90 must be a duration"),
    ("settings.stream.buffer=16Ki", 'settings.stream.buffer: "16Ki" must be a number of bytes'),
    ("settings.scenes=maybe", 'settings.scenes: "maybe" must be true or false'),
    ("settings.log.keep.age=ever", 'settings.log.keep.age: "ever" must be a number, a duration or a number of bytes'),
    ("settings.cluster.bus=hazelcast", "networkPolicy.extraIngress: must let the members reach each other's port of Hazelcast"),
    ("settings.stream.buffer=1TiB", 'settings.stream.buffer: "1TiB" must be a number of bytes'),
    ("env[0].name=TIDINGS_BUS_TOKEN,env[0].value=x", "env[0]: TIDINGS_BUS_TOKEN is a secret, and must come from one"),
    ("edges.enabled=true,edges.resources.limits.ephemeral-storage=2Gi", "edges.resources.limits.ephemeral-storage: 2Gi is less than edges.storage.size, 4Gi"),
    ("env[0].name=TIDINGS_STRAEM_DRAIN,env[0].value=5s", "env[0]: TIDINGS_STRAEM_DRAIN is not a setting of the hub"),
    ("env[0].name=TIDINGS_STREAM_DRAIN,env[0].value=5s", "env[0]: TIDINGS_STREAM_DRAIN must come from a Secret or ConfigMap (valueFrom), or be given as settings.stream.drain"),
    ("env[0].name=TIDINGS_AUTH_SECRET,env[0].value=x", "settings.auth.secret: is set by auth.existingSecret"),
    ("env[0].name=JAVA_OPTS,env[0].value=x", "env[0]: JAVA_OPTS is set by members.javaOptions and edges.javaOptions"),
    ("env[0].name=A,env[0].value=x,env[1].name=A,env[1].value=y", "env[1]: A is set by another one of the list"),
    ("volumes[0].name=config", "volumes[0]: the chart has a volume config of its own"),
    ("members.resources.requests.memory=8Gi", "members.resources.requests.memory: 8Gi is more than the limit, 1Gi"),
    ("edges.enabled=true,edges.autoscaling.enabled=true,edges.resources.requests.cpu=null", "edges.resources.requests.cpu: must be given"),
    ("cluster.tls.certManager.duration=24h", "cluster.tls.certManager.renewBefore: 720h must be less than cluster.tls.certManager.duration, 24h"),
    ("cluster.tls.certManager.issuerRef.nme=x", "additional properties 'nme' not allowed"),
    ("monitoring.serviceMonitor.interval=5m", "'/monitoring/serviceMonitor/interval': '5m' does not match"),
    ("monitoring.rules.disabled={Watchdog}", "'/monitoring/rules/disabled/0'"),
    ("shutdown.preStopSeconds=0", "'/shutdown/preStopSeconds': minimum: got 0, want 1"),
]

ACCEPTED = [
    "settings.http=null",
    "settings.stream.drain=null",
    "settings.producer.clock=false",
    "settings.producer.clock=0",
    "settings.stats=off",
    "settings.cors.subscribe=https://a.example",
    "settings.http.proxies=private",
    "settings.http.hosts=a.example",
    "settings.log.keep.age=7d",
    "settings.limits.body=2097152",
    "settings.log.raft.keep=0",
    "settings.memory.heap=64MiB",
    "settings.auth.mode=open,auth.existingSecret=,volumes[0].name=auth,volumes[0].emptyDir.sizeLimit=1Mi",
    "env[0].name=TIDINGS_BUS_TOKEN,env[0].valueFrom.secretKeyRef.name=a,env[0].valueFrom.secretKeyRef.key=b",
    "env[0].name=TZ,env[0].value=UTC",
    "members.storage.size=5T",
    "members.storage.size=3.5Gi",
    "members.resources.requests.memory=1024Mi",
    "edges.enabled=true,edges.autoscaling.enabled=true,edges.resources.requests.cpu=null,edges.resources.limits.cpu=2",
    "monitoring.serviceMonitor.interval=1m",
    # as a release has them that was installed before there were these values
    "clusterDomain=null,members.reduced=null,service.nodePort=null,service.loadBalancerClass=null,service.loadBalancerSourceRanges=null",
    "monitoring.rules.enabled=true,monitoring.rules.runbooks=null,monitoring.rules.disabled=null",
]


class RefusalsTest(unittest.TestCase):
    def test_what_the_hub_accepts_is_accepted(self):
        for values in ACCEPTED:
            with self.subTest(values):
                accepted = template(*MINIMAL, "--set", values)
                self.assertEqual(0, accepted.returncode, accepted.stderr)
                self.assertNotIn("%!", accepted.stdout)

    def test_an_invalid_value_is_refused_with_its_name_and_the_rule(self):
        for values, answer in REFUSALS:
            with self.subTest(values):
                refused = template(*MINIMAL, "--set", values)
                self.assertNotEqual(0, refused.returncode)
                self.assertIn(answer, refused.stderr)

    def test_a_secret_is_not_repeated_in_the_answer(self):
        refused = template(*MINIMAL, "--set", "auth.secret=hunter2")
        self.assertNotEqual(0, refused.returncode)
        self.assertNotIn("hunter2", refused.stderr + refused.stdout)

    def test_without_values_the_answer_says_what_is_to_be_decided(self):
        self.assertIn("cluster.tls.source", template().stderr)
