{{/* What the schema of the values can't say. Each message names the value and the rule. */}}
{{- define "tidings.checks" -}}
{{- $settings := include "tidings.given" (dict "root" . "role" "all") | fromYaml -}}
{{- include "tidings.checkReplicas" . -}}
{{- include "tidings.checkEnv" . -}}
{{- include "tidings.checkResources" (dict "name" "members" "of" .Values.members) -}}
{{- include "tidings.checkResources" (dict "name" "edges" "of" .Values.edges) -}}
{{- if not .Values.cluster.tls.source -}}
{{- fail "cluster.tls.source: must be certManager, secret, or none (the NetworkPolicy alone protects the port between the nodes; whoever reaches it can read and write the log)" -}}
{{- end -}}
{{- if and (eq .Values.cluster.tls.source "secret") (not .Values.cluster.tls.secretName) -}}
{{- fail "cluster.tls.secretName: must name a Secret with tls.crt, tls.key and ca.crt, since cluster.tls.source is secret" -}}
{{- end -}}
{{- if and (eq .Values.cluster.tls.source "none") (not .Values.networkPolicy.enabled) -}}
{{- fail "networkPolicy.enabled: must be true, since cluster.tls.source is none: nothing else would protect the port between the nodes" -}}
{{- end -}}
{{- if and .Values.auth.existingSecret .Values.auth.secret -}}
{{- fail "auth.secret: must be empty, since auth.existingSecret names a Secret" -}}
{{- end -}}
{{- if not (or (include "tidings.authSecret" .) (get $settings "auth.issuers") (get $settings "auth.anonymous.subscribe") (get $settings "auth.anonymous.publish") (include "tidings.open" .)) -}}
{{- fail "auth.existingSecret: must name a Secret (kubectl create secret generic tidings-auth --from-literal=secret=\"$(openssl rand -base64 32)\"), or settings.auth must have issuers, anonymous, or mode: open; nobody could do anything otherwise" -}}
{{- end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.hosts) -}}
{{- fail "ingress.hosts: must list the names by which clients reach the hub, since ingress.enabled is true" -}}
{{- end -}}
{{- if and .Values.ingress.enabled (not (get $settings "http.proxies")) -}}
{{- fail "settings.http.proxies: must list the addresses of the ingress controller's pods, such as [10.244.0.0/16], since ingress.enabled is true; all clients would count as one otherwise" -}}
{{- end -}}
{{- if and (ne .Values.service.type "LoadBalancer") (or .Values.service.loadBalancerClass .Values.service.loadBalancerSourceRanges) -}}
{{- fail "service.loadBalancerClass, service.loadBalancerSourceRanges: are of service.type LoadBalancer only" -}}
{{- end -}}
{{- if and (eq .Values.service.type "ClusterIP") .Values.service.nodePort -}}
{{- fail "service.nodePort: is of service.type NodePort or LoadBalancer only" -}}
{{- end -}}
{{- if and (eq .Values.service.pods "edges") (not .Values.edges.enabled) -}}
{{- fail "service.pods: can be edges only if edges.enabled is true" -}}
{{- end -}}
{{- if and .Values.edges.autoscaling.enabled (gt (int .Values.edges.autoscaling.minReplicas) (int .Values.edges.autoscaling.maxReplicas)) -}}
{{- fail "edges.autoscaling.minReplicas: must not be more than edges.autoscaling.maxReplicas" -}}
{{- end -}}
{{- if and .Values.networkPolicy.enabled .Values.networkPolicy.clients .Values.monitoring.serviceMonitor.enabled (not .Values.networkPolicy.metrics) -}}
{{- fail "networkPolicy.metrics: must list from where Prometheus connects, such as [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}], since networkPolicy.clients lets nobody else in and monitoring.serviceMonitor is enabled" -}}
{{- end -}}
{{- with .Values.cluster.tls.certManager -}}
{{- if le (include "tidings.seconds" .duration | int) (include "tidings.seconds" .renewBefore | int) -}}
{{- fail (printf "cluster.tls.certManager.renewBefore: %s must be less than cluster.tls.certManager.duration, %s" .renewBefore .duration) -}}
{{- end -}}
{{- end -}}
{{- if and .Values.edges.enabled .Values.edges.autoscaling.enabled (not (or (dig "requests" "cpu" "" .Values.edges.resources) (dig "limits" "cpu" "" .Values.edges.resources))) -}}
{{- fail "edges.resources.requests.cpu: must be given, since edges.autoscaling is enabled and its target is a percentage of it" -}}
{{- end -}}
{{- if and (eq (get $settings "cluster.bus" | default "none") "hazelcast") .Values.networkPolicy.enabled (not .Values.networkPolicy.extraIngress) -}}
{{- fail "networkPolicy.extraIngress: must let the members reach each other's port of Hazelcast, such as [{ports: [{port: 5701}], from: [{podSelector: {}}]}], since settings.cluster.bus is hazelcast" -}}
{{- end -}}
{{- include "tidings.checkStorage" (dict "root" . "role" "all" "name" "members" "storage" .Values.members.storage) -}}
{{- if .Values.edges.enabled -}}
{{- include "tidings.checkStorage" (dict "root" . "role" "edge" "name" "edges" "storage" .Values.edges.storage) -}}
{{- end -}}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" (include "tidings.fullname" .)) -}}
{{- fail (printf "fullnameOverride: must be given, of a-z, 0-9 and -, beginning with a letter, since %q can't be the name of a Service" (include "tidings.fullname" .)) -}}
{{- end -}}
{{- with .Values.monitoring.serviceMonitor -}}
{{- if and .enabled (not .tokenSecret.name) (not (include "tidings.open" $)) -}}
{{- fail "monitoring.serviceMonitor.tokenSecret.name: must name a Secret with a token for Prometheus (tidings token --subscribe hub.metrics --for 365d), since settings.auth.mode is not open" -}}
{{- end -}}
{{- if and .enabled $.Values.http.tls.secretName (not .tlsConfig) -}}
{{- fail "monitoring.serviceMonitor.tlsConfig: must have a serverName, since http.tls.secretName is given and pods are scraped by their addresses" -}}
{{- end -}}
{{- end -}}
{{- if and (get $settings "http.tls.client.ca") (ne (get $settings "http.tls.client.certificate" | default "required") "request") -}}
{{- fail "settings.http.tls.client.certificate: must be request, since the probes of Kubernetes have no certificate" -}}
{{- end -}}
{{- end -}}

{{/* Voters that are ended before the others know that they are none may be the majority. */}}
{{- define "tidings.checkReplicas" -}}
{{- $replicas := int .Values.members.replicas -}}
{{- $before := int .Values.members.initial -}}
{{- if not .Values.maintenance -}}
{{- $running := lookup "apps/v1" "StatefulSet" .Release.Namespace (include "tidings.fullname" .) -}}
{{- $before = max $before (dig "spec" "replicas" 0 $running | int) | int -}}
{{- end -}}
{{- if and (lt $replicas $before) (ne (int .Values.members.reduced) $replicas) -}}
{{- fail (printf "members.replicas: %d is less than the %d that began the cluster or that run now; when `tidings cluster voters` has left %d of them, set members.reduced: %d too" $replicas $before $replicas $replicas) -}}
{{- end -}}
{{- if and .Values.members.reduced (ne (int .Values.members.reduced) $replicas) -}}
{{- fail (printf "members.reduced: %d must be members.replicas, %d, or be set to 0" (int .Values.members.reduced) $replicas) -}}
{{- end -}}
{{- if and (lt $replicas (int .Values.members.initial)) (ne .Values.members.join "all") -}}
{{- fail (printf "members.join: must be all, since members.replicas, %d, is less than members.initial, %d, which would begin a cluster together" $replicas (int .Values.members.initial)) -}}
{{- end -}}
{{- end -}}

{{/* Variables that are settings must be known, be none of the chart's own, and be checked as settings unless they are secrets. */}}
{{- define "tidings.checkEnv" -}}
{{- $known := dict -}}
{{- range $name, $kind := .Files.Get "files/settings.yaml" | fromYaml -}}
{{- $_ := set $known (printf "TIDINGS_%s" ($name | upper | replace "." "_")) $name -}}
{{- end -}}
{{- $seen := dict "JAVA_OPTS" "members.javaOptions and edges.javaOptions" -}}
{{- range $index, $each := .Values.env -}}
{{- $name := get $each "name" | default "" -}}
{{- with get $seen $name -}}
{{- fail (printf "env[%d]: %s is set by %s" $index $name .) -}}
{{- end -}}
{{- $_ := set $seen $name "another one of the list" -}}
{{- if hasPrefix "TIDINGS_" $name -}}
{{- if not (hasKey $known $name) -}}
{{- fail (printf "env[%d]: %s is not a setting of the hub" $index $name) -}}
{{- end -}}
{{- $setting := get $known $name -}}
{{- include "tidings.checkElsewhere" $setting -}}
{{- if not (or (hasKey $each "valueFrom") (contains "$(" (get $each "value" | toString))) -}}
{{- if include "tidings.isSecret" $setting -}}
{{- fail (printf "env[%d]: %s is a secret, and must come from one (valueFrom)" $index $name) -}}
{{- end -}}
{{- fail (printf "env[%d]: %s must come from a Secret or ConfigMap (valueFrom), or be given as settings.%s, which is checked" $index $name $setting) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $own := list "config" "tmp" "data" -}}
{{- if include "tidings.authSecret" . -}}{{- $own = append $own "auth" -}}{{- end -}}
{{- if include "tidings.nodesSecret" . -}}{{- $own = append $own "nodes" -}}{{- end -}}
{{- if .Values.http.tls.secretName -}}{{- $own = append $own "http" -}}{{- end -}}
{{- range $index, $each := .Values.volumes -}}
{{- if has (get $each "name") $own -}}
{{- fail (printf "volumes[%d]: the chart has a volume %s of its own" $index (get $each "name")) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Requests above their limits, which Kubernetes would refuse pod by pod: {name, of}. */}}
{{- define "tidings.checkResources" -}}
{{- $requests := dig "requests" "memory" "0" .of.resources | toString -}}
{{- $limits := dig "limits" "memory" "0" .of.resources | toString -}}
{{- if gt (include "tidings.bytes" $requests | int64) (include "tidings.bytes" $limits | int64) -}}
{{- fail (printf "%s.resources.requests.memory: %s is more than the limit, %s" .name $requests $limits) -}}
{{- end -}}
{{- $disk := dig "limits" "ephemeral-storage" "" .of.resources | toString -}}
{{- if and $disk (eq (dig "storage" "kind" "" .of) "emptyDir") (lt (include "tidings.bytes" $disk | int64) (include "tidings.bytes" .of.storage.size | int64)) -}}
{{- fail (printf "%s.resources.limits.ephemeral-storage: %s is less than %s.storage.size, %s, which is on the machine's disk" .name $disk .name .of.storage.size) -}}
{{- end -}}
{{- end -}}

{{/* Whether the log fits: {root, role, name, storage}. */}}
{{- define "tidings.checkStorage" -}}
{{- $given := include "tidings.given" . | fromYaml -}}
{{- if eq (get $given "log.keep.bytes" | toString) "0" -}}
{{- fail "settings.log.keep.bytes: can't be 0, no bound, on a volume, which has one" -}}
{{- end -}}
{{- $keep := include "tidings.text" (get $given "log.keep.bytes" | default "1GiB") -}}
{{- $raft := include "tidings.text" (get $given "log.raft.keep" | default "1GiB") -}}
{{- $needed := add (mul 2 (include "tidings.bytes" $keep | int64)) (include "tidings.bytes" $raft | int64) -}}
{{- /* of a cluster that runs these settings mean nothing, and the size can't be changed here */}}
{{- $running := lookup "apps/v1" "StatefulSet" .root.Release.Namespace (include "tidings.fullname" .root) -}}
{{- if and (not $running) (lt (include "tidings.bytes" .storage.size | int64) $needed) -}}
{{- fail (printf "%s.storage.size: %s is less than twice log.keep.bytes, %s, and log.raft.keep, %s" .name .storage.size $keep $raft) -}}
{{- end -}}
{{- end -}}

{{/* A setting's name that must not be in settings, nor in env. */}}
{{- define "tidings.checkElsewhere" -}}
{{- $elsewhere := dict
    "role" "edges.enabled"
    "http.host" "the chart"
    "http.port" "the chart; service.port is that for clients"
    "http.redirect" "the ingress"
    "http.tls.cert" "http.tls.secretName"
    "http.tls.key" "http.tls.secretName"
    "cluster.kind" "the chart"
    "cluster.members" "members.initial"
    "cluster.host" "the chart"
    "cluster.port" "the chart"
    "cluster.node" "the chart"
    "cluster.join" "members.join"
    "cluster.open" "cluster.tls.source"
    "cluster.tls.cert" "cluster.tls.source"
    "cluster.tls.key" "cluster.tls.source"
    "cluster.tls.ca" "cluster.tls.source"
    "log.kind" "the chart"
    "log.dir" "the chart"
    "auth.secret" "auth.existingSecret"
    "producer.keyboard" "the chart"
-}}
{{- with get $elsewhere . -}}
{{- fail (printf "settings.%s: is set by %s" $ .) -}}
{{- end -}}
{{- end -}}

{{/* Whether a setting is a secret that is no file. */}}
{{- define "tidings.isSecret" -}}
{{- if has . (list "log.redis.url" "bus.token") -}}true{{- end -}}
{{- end -}}

{{/* Settings, with dotted names, before a pod is started with them: {root, given}. */}}
{{- define "tidings.checkSettings" -}}
{{- $kinds := .root.Files.Get "files/settings.yaml" | fromYaml -}}
{{- $rules := dict
    "flag" (list "^(true|false|on|off|yes|no)$" "true or false")
    "number" (list "^[0-9]+$" "a number")
    "duration" (list "^([0-9]+(ms|s|m|h|d)|0|false|off|no)$" "a duration, such as 500ms, 15s, 10m, 24h or 7d")
    "bytes" (list "^[0-9]+([KMG]iB)?$" "a number of bytes, such as 500, 64KiB or 1GiB")
    "limit" (list "^[0-9]+([KMG]iB|ms|s|m|h|d)?$" "a number, a duration or a number of bytes")
-}}
{{- range $key, $value := .given -}}
{{- include "tidings.checkElsewhere" $key -}}
{{- if include "tidings.isSecret" $key -}}
{{- fail (printf "settings.%s: is a secret, and settings are in a ConfigMap: give it by env, from a Secret, as TIDINGS_%s" $key ($key | upper | replace "." "_")) -}}
{{- end -}}
{{- if not (hasKey $kinds $key) -}}
{{- fail (printf "settings.%s: is not a setting of the hub (conf/config.yaml has all)" $key) -}}
{{- end -}}
{{- $kind := get $kinds $key -}}
{{- with get $rules $kind -}}
{{- if or (kindIs "slice" $value) (not (regexMatch (first .) (include "tidings.text" $value))) -}}
{{- fail (printf "settings.%s: %s must be %s" $key (toJson $value) (last .)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
