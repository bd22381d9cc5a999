{{/* What the schema of the values can't say. Each message names the value and the rule. */}}
{{- define "tidings.checks" -}}
{{- $settings := include "tidings.given" (dict "root" . "role" "all") | fromYaml -}}
{{- if and (gt (int .Values.members.initial) (int .Values.members.replicas)) (ne .Values.members.join "all") -}}
{{- fail (printf "members.replicas: %v is less than members.initial, %v, which begin the cluster together; of a cluster that has begun, and whose voters were changed by `tidings cluster voters`, set members.join: all too" .Values.members.replicas .Values.members.initial) -}}
{{- end -}}
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
{{- if and (eq .Values.service.pods "edges") (not .Values.edges.enabled) -}}
{{- fail "service.pods: can be edges only if edges.enabled is true" -}}
{{- end -}}
{{- if and .Values.edges.autoscaling.enabled (gt (int .Values.edges.autoscaling.minReplicas) (int .Values.edges.autoscaling.maxReplicas)) -}}
{{- fail "edges.autoscaling.minReplicas: must not be more than edges.autoscaling.maxReplicas" -}}
{{- end -}}
{{- if and .Values.networkPolicy.enabled .Values.networkPolicy.clients .Values.monitoring.serviceMonitor.enabled (not .Values.networkPolicy.metrics) -}}
{{- fail "networkPolicy.metrics: must list from where Prometheus connects, such as [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}], since networkPolicy.clients lets nobody else in and monitoring.serviceMonitor is enabled" -}}
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

{{/* Whether the log fits: {root, role, name, storage}. */}}
{{- define "tidings.checkStorage" -}}
{{- $keep := include "tidings.text" (get (include "tidings.given" . | fromYaml) "log.keep.bytes" | default 0) -}}
{{- if lt (include "tidings.bytes" .storage.size | int64) (include "tidings.bytes" $keep | int64) -}}
{{- fail (printf "%s.storage.size: %s is less than log.keep.bytes, %s; the log needs room for twice that, log.raft.keep, and some" .name .storage.size $keep) -}}
{{- end -}}
{{- end -}}

{{/* Settings, with dotted names, that must not be in settings. */}}
{{- define "tidings.checkSettings" -}}
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
{{- range $key, $value := . -}}
{{- with get $elsewhere $key -}}
{{- fail (printf "settings.%s: is set by %s" $key .) -}}
{{- end -}}
{{- if has $key (list "log.redis.url" "bus.token") -}}
{{- fail (printf "settings.%s: is a secret, and settings are in a ConfigMap: give it by env, from a Secret, as TIDINGS_%s" $key ($key | upper | replace "." "_")) -}}
{{- end -}}
{{- end -}}
{{- end -}}
