# Tidings as an image (docs/image.md):
#
#   docker build -t tidings .
#   docker run -p 8080:8080 -v tidings:/data tidings
#
# It has a Java runtime with the modules that the hub uses, the jar, and conf/tidings, which starts it with the archive of a training run.

# JDK 25 and Maven
ARG BUILD=maven:3.9-eclipse-temurin-25
# any Linux with glibc and bash
ARG BASE=debian:trixie-slim

FROM ${BUILD} AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/root/.m2 mvn -B -ntp -q package -Dmaven.test.skip=true
# java.desktop and java.scripting, which jdeps lists too, are for parts of libraries that the hub does not use
ARG MODULES=java.base,java.naming,java.net.http,java.sql,jdk.crypto.ec,jdk.jfr,jdk.management,jdk.net,jdk.unsupported
# conf/tidings names its archive by the version in the file release, of which jlink leaves out the build
RUN jlink --release-info "add:$(grep ^JAVA_RUNTIME_VERSION= "${JAVA_HOME}/release")" --add-modules ${MODULES} \
  --strip-java-debug-attributes --no-header-files --no-man-pages --compress zip-6 --output /opt/java
# The native libraries of this platform, where Java looks for them: otherwise each start would unpack them into /tmp, which must be writable
# and executable for that.
RUN mkdir /opt/native && cd /tmp && jar xf /src/target/tidings.jar META-INF/native \
  && mv META-INF/native/*_"$(uname -m | sed s/aarch64/aarch_64/)".so /opt/native

FROM ${BASE}
# a user without a home; 10001 is the same in every version, for volumes and for Kubernetes' runAsNonRoot
RUN echo 'tidings:x:10001:' >>/etc/group && echo 'tidings:x:10001:10001::/data:/usr/sbin/nologin' >>/etc/passwd \
  && mkdir -p /etc/tidings /data && chown 10001:10001 /data && chmod 750 /data && ln -s ../lib/tidings/tidings /usr/bin/tidings
COPY --from=build /opt/java /opt/java
COPY --from=build /opt/native /usr/java/packages/lib
COPY --from=build --chmod=644 /src/target/tidings.jar /usr/lib/tidings/
COPY --chmod=755 conf/tidings deploy/image/health /usr/lib/tidings/
ENV JAVA_HOME=/opt/java
# The archive is made where it is used, by the very runtime and jar. TRAIN=no: without it, for a build on an emulated processor; the hub
# then starts more slowly.
ARG TRAIN=yes
RUN [ "${TRAIN}" = no ] || { tidings train && chmod 644 /usr/lib/tidings/*.aot* && rm -rf /tmp/*; }

# http.host: the container's port is reached only where it is published, and by other containers. auth.secret: a hub that others can reach
# does not start without keys. conf/config.yaml and webroot/ are looked for in the working directory.
ENV TIDINGS_HTTP_HOST=0.0.0.0 \
    TIDINGS_HTTP_PORT=8080 \
    TIDINGS_LOG_DIR=/data/log \
    TIDINGS_AUTH_SECRET=create \
    JAVA_OPTS="-XX:MaxRAMPercentage=50 -XX:+ExitOnOutOfMemoryError"
ARG VERSION=unknown
LABEL org.opencontainers.image.title="Tidings" \
      org.opencontainers.image.description="An event hub: publish over HTTP, subscribe over Server-Sent Events" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}"
USER 10001:10001
WORKDIR /etc/tidings
VOLUME /data
EXPOSE 8080 7700
# alive, not ready: a node without a majority of its cluster is not helped by a restart
HEALTHCHECK --interval=10s --timeout=5s --start-period=2m --retries=3 CMD ["/usr/lib/tidings/health"]
ENTRYPOINT ["tidings"]
