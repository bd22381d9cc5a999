#!/bin/sh
# Makes a release of the last commit in target/release, and changes nothing outside of it (docs/release.md).
#
#   release.sh prepare VERSION    only the sources of the release, target/release/src, and what differs from the commit, target/release/release.patch
#   release.sh bundle VERSION     all of it: builds them twice, compares, signs, and packs the bundle for Maven Central
#
# KEY is the key to sign with, in any form that gpg --local-user takes; by default gpg's own default. MVN is the Maven to use.
set -eu

fail() {
  echo "release: $1" >&2
  exit 1
}

[ $# = 2 ] || fail "usage: release.sh prepare|bundle VERSION"
action=$1
version=$2
mvn=${MVN:-mvn -B -ntp}
root=$(git rev-parse --show-toplevel)
work=$root/target/release
staging=$work/staging
artifacts=$staging/io/tidings/tidings/$version

check() {
  echo "$version" | grep -Eq '^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-[0-9A-Za-z.]+)?$' \
    || fail "VERSION=$version: must be a version such as 1.2.3 or 1.2.3-rc.1"
  case $version in *SNAPSHOT) fail "VERSION=$version: must not be a snapshot" ;; esac
  cd "$root"
  [ -z "$(git status --porcelain --untracked-files=no)" ] || fail "the tree has changes: a release is made of a commit"
  ! git rev-parse -q --verify "refs/tags/v$version" >/dev/null || fail "VERSION=$version: the tag v$version is there already"
  ! grep -Fq "## $version - " CHANGELOG.md || fail "VERSION=$version: CHANGELOG.md has it already"
  awk '/^## / { inside = $0 == "## Unreleased" } inside && /^- / { found = 1 } END { exit !found }' CHANGELOG.md \
    || fail "CHANGELOG.md: nothing is listed under '## Unreleased'"
}

# The sources of the commit, with version, time and changelog of the release. All times are that of the commit, so that it can be repeated.
prepare() {
  rm -rf "$work"
  mkdir -p "$work/src"
  git archive HEAD | tar -x -C "$work/src"
  time=$(TZ=UTC git log -1 --date=format-local:%Y-%m-%dT%H:%M:%SZ --format=%cd)
  awk -v version="$version" -v time="$time" '
    !named && /^  <version>/ { $0 = "  <version>" version "</version>"; named = 1 }
    sub(/<project.build.outputTimestamp>[^<]*/, "<project.build.outputTimestamp>" time) { timed = 1 }
    { print }
    END { exit !(named && timed) }' pom.xml >"$work/src/pom.xml" || fail "pom.xml: has no version or no project.build.outputTimestamp"
  awk -v title="## $version - ${time%T*}" '{ print } $0 == "## Unreleased" { print "\n" title }' CHANGELOG.md >"$work/src/CHANGELOG.md"
  chart=deploy/helm/tidings/Chart.yaml
  awk -v version="$version" '
    sub(/^version: .*/, "version: " version) || sub(/^appVersion: .*/, "appVersion: " version) { count++ }
    { print }
    END { exit count != 2 }' "$chart" >"$work/src/$chart" || fail "$chart: has no version or no appVersion"
  # who depends on it, in examples and documents
  users=$(git grep -l '<artifactId>tidings</artifactId>' -- README.md docs src/examples || true)
  for file in $users; do
    sed "/<artifactId>tidings<\/artifactId>/{n;s/<version>[^<]*</<version>$version</;}" "$file" >"$work/src/$file"
  done
  for file in pom.xml CHANGELOG.md "$chart" $users; do
    diff -u --label "a/$file" --label "b/$file" "$file" "$work/src/$file" || true
  done >"$work/release.patch"
}

# build SOURCES REPOSITORY: deploys everything into a directory; Maven adds the checksums that the layout requires
build() {
  $mvn -q -f "$1/pom.xml" -P release deploy -Dmaven.test.skip=true -Dspotless.check.skip=true -Dmaven.install.skip=true \
    -DaltDeploymentRepository="staging::file://$2"
}

released() {
  find "$artifacts" -type f ! -name '*.md5' ! -name '*.sha1' ! -name '*.sha256' ! -name '*.sha512' ! -name '*.asc' | sort
}

compare() {
  for file in $(released); do
    cmp "$file" "$work/again/staging/io/tidings/tidings/$version/${file##*/}" || fail "${file##*/}: a second build gives other bytes"
  done
}

# What Maven Central refuses a bundle without.
check_artifacts() {
  for suffix in .pom .jar -all.jar -sources.jar -javadoc.jar -cyclonedx.json; do
    [ -s "$artifacts/tidings-$version$suffix" ] || fail "tidings-$version$suffix is missing"
  done
  for element in name description url licenses developers scm; do
    grep -q "^  <$element>" "$artifacts/tidings-$version.pom" || fail "the POM has no $element"
  done
}

sign() {
  for file in $(released); do
    gpg --batch --yes --armor --detach-sign ${KEY:+--local-user "$KEY"} "$file" || fail "${file##*/} was not signed: has gpg a key, and KEY= names it?"
    gpg --batch --quiet --verify "$file.asc" "$file" 2>/dev/null || fail "${file##*/}.asc is not its signature"
    for kind in 256 512; do
      "sha${kind}sum" "$file" | cut -d ' ' -f 1 | tr -d '\n' >"$file.sha$kind"
    done
  done
  (cd "$artifacts" && sha256sum "tidings-$version"*.jar "tidings-$version.pom" "tidings-$version"*.json) >"$work/SHA256SUMS"
}

# An application that depends on the artifact, as it is staged, gets what it needs, and nothing that is optional.
consume() {
  mkdir -p "$work/consumer"
  cat >"$work/consumer/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>com.example</groupId>
  <artifactId>consumer</artifactId>
  <version>1</version>
  <repositories>
    <repository>
      <id>staging</id>
      <url>file://$staging</url>
    </repository>
  </repositories>
  <dependencies>
    <dependency>
      <groupId>io.tidings</groupId>
      <artifactId>tidings</artifactId>
      <version>$version</version>
    </dependency>
  </dependencies>
</project>
POM
  $mvn -q -f "$work/consumer/pom.xml" -Dmaven.repo.local="$work/consumer/repository" \
    org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath -Dmdep.outputFile="$work/consumer/classpath"
  ! tr ':' '\n' <"$work/consumer/classpath" | grep -E '/(hazelcast|ratis-|vertx-redis|netty-transport-native-(epoll|io_uring)|junit|slf4j-jdk14)' \
    || fail "an application gets dependencies that are optional"
  [ "$(java -cp "$(cat "$work/consumer/classpath")" io.tidings.Main --version 2>/dev/null)" = "tidings $version" ] \
    || fail "an application that depends on it can't use it"
}

bundle() {
  mkdir -p "$work/again"
  cp -R "$work/src" "$work/again/src"
  echo "building $version ..."
  build "$work/src" "$staging"
  check_artifacts
  echo "building it again ..."
  build "$work/again/src" "$work/again/staging"
  compare
  echo "resolving it as an application does ..."
  consume
  sign
  (cd "$staging" && jar --create --no-manifest --file "$work/tidings-$version-bundle.zip" "io/tidings/tidings/$version")
  rm -rf "$work/again" "$work/consumer"
}

check
prepare
case $action in
  prepare) ;;
  bundle) bundle ;;
  *) fail "usage: release.sh prepare|bundle VERSION" ;;
esac
