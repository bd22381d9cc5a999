{{- define "tidings.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* The beginning of the names of all objects; short enough for "-members-0" and the like. */}}
{{- define "tidings.fullname" -}}
{{- $name := include "tidings.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What selects the pods of this release: members and edges. */}}
{{- define "tidings.selector" -}}
app.kubernetes.io/name: {{ include "tidings.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "tidings.labels" -}}
{{ include "tidings.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "tidings.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "tidings.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "tidings.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The Secret with the hub's own secret for tokens; empty if there is none. */}}
{{- define "tidings.authSecret" -}}
{{- if .Values.auth.existingSecret -}}
{{- .Values.auth.existingSecret -}}
{{- else if .Values.auth.secret -}}
{{- include "tidings.fullname" . }}-auth
{{- end -}}
{{- end -}}

{{/* The Secret with the certificate of the nodes; empty without TLS between them. */}}
{{- define "tidings.nodesSecret" -}}
{{- if eq .Values.cluster.tls.source "secret" -}}
{{- .Values.cluster.tls.secretName -}}
{{- else if eq .Values.cluster.tls.source "certManager" -}}
{{- include "tidings.fullname" . }}-nodes-tls
{{- end -}}
{{- end -}}

{{/* The names of the first members, by which nodes know each other, as a list in JSON: {root, count}. */}}
{{- define "tidings.members" -}}
{{- $name := include "tidings.fullname" .root -}}
{{- $members := list -}}
{{- range $index := until (int .count) -}}
{{- $members = append $members (printf "%s-%d.%s-nodes" $name $index $name) -}}
{{- end -}}
{{- toJson $members -}}
{{- end -}}

{{/* The names for which a node's certificate must be: of every member that there can be, and of edges. */}}
{{- define "tidings.certificateNames" -}}
{{- $names := include "tidings.members" (dict "root" . "count" 9) | fromJsonArray -}}
{{- if .Values.edges.enabled -}}
{{- $names = append $names (printf "*.%s-edges" (include "tidings.fullname" .)) -}}
{{- end -}}
{{- toJson $names -}}
{{- end -}}

{{/* The names by which clients inside the cluster reach the hub, as a list in JSON. */}}
{{- define "tidings.hosts" -}}
{{- $hosts := list -}}
{{- range $service := list "" "-nodes" "-edges" -}}
{{- $name := printf "%s%s" (include "tidings.fullname" $) $service -}}
{{- $inside := printf "%s.%s" $name $.Release.Namespace -}}
{{- $hosts = concat $hosts (list $name $inside (printf "%s.svc" $inside) (printf "%s.svc.%s" $inside ($.Values.clusterDomain | default "cluster.local"))) -}}
{{- if $service -}}
{{- $hosts = concat $hosts (list (printf "*.%s" $name) (printf "*.%s" $inside) (printf "*.%s.svc" $inside) (printf "*.%s.svc.%s" $inside ($.Values.clusterDomain | default "cluster.local"))) -}}
{{- end -}}
{{- end -}}
{{- toJson $hosts -}}
{{- end -}}

{{/* Settings with dotted names, as the hub knows them, one a line: {map, prefix}. */}}
{{- define "tidings.flat" -}}
{{- range $key, $value := .map -}}
{{- $name := printf "%s%s" $.prefix $key -}}
{{- if kindIs "map" $value -}}
{{- include "tidings.flat" (dict "map" $value "prefix" (printf "%s." $name)) -}}
{{- else if not (kindIs "invalid" $value) -}}
{{- printf "%s: %s\n" (toJson $name) (toJson $value) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The settings that the values give, with dotted names: {root, role (all or edge)}. */}}
{{- define "tidings.given" -}}
{{- $given := include "tidings.flat" (dict "map" .root.Values.settings "prefix" "") | fromYaml -}}
{{- if eq .role "edge" -}}
{{- $given = mustMergeOverwrite $given (include "tidings.flat" (dict "map" .root.Values.edges.settings "prefix" "") | fromYaml) -}}
{{- end -}}
{{- toYaml $given -}}
{{- end -}}

{{/* The content of a hub's config.yaml: {root, role}. What the chart sets counts before .Values.settings; what the image sets too, the chart sets in the environment. */}}
{{- define "tidings.config" -}}
{{- $root := .root -}}
{{- $values := $root.Values -}}
{{- $given := include "tidings.given" . | fromYaml -}}
{{- include "tidings.checkSettings" (dict "root" $root "given" $given) -}}
{{- $own := dict
    "role" .role
    "http.hosts" (concat (include "tidings.hosts" $root | fromJsonArray) $values.ingress.hosts (include "tidings.list" (get $given "http.hosts") | fromJsonArray) | uniq)
    "cluster.kind" "raft"
    "cluster.members" (include "tidings.members" (dict "root" $root "count" $values.members.initial) | fromJsonArray)
    "cluster.port" 7700
    "producer.keyboard" false
-}}
{{- if and (eq .role "all") (eq $values.members.join "all") -}}
{{- $_ := set $own "cluster.join" true -}}
{{- end -}}
{{- if include "tidings.nodesSecret" $root -}}
{{- $_ := set $own "cluster.tls.cert" "/etc/tidings/nodes/tls.crt" -}}
{{- $_ := set $own "cluster.tls.key" "/etc/tidings/nodes/tls.key" -}}
{{- $_ := set $own "cluster.tls.ca" "/etc/tidings/nodes/ca.crt" -}}
{{- else -}}
{{- $_ := set $own "cluster.open" true -}}
{{- end -}}
{{- if $values.http.tls.secretName -}}
{{- $_ := set $own "http.tls.cert" (list "/etc/tidings/http/tls.crt") -}}
{{- $_ := set $own "http.tls.key" (list "/etc/tidings/http/tls.key") -}}
{{- end -}}
{{- range $key, $value := mustMergeOverwrite $given $own -}}
{{- printf "%s: %s\n" $key (toJson $value) -}}
{{- end -}}
{{- end -}}

{{/* A setting that is a list, or a text with commas, as a list in JSON. */}}
{{- define "tidings.list" -}}
{{- if kindIs "string" . -}}
{{- $list := list -}}
{{- range splitList "," (. | trimPrefix "[" | trimSuffix "]") -}}
{{- with trim . -}}{{- $list = append $list . -}}{{- end -}}
{{- end -}}
{{- toJson $list -}}
{{- else -}}
{{- toJson (. | default list) -}}
{{- end -}}
{{- end -}}

{{/* A duration of the hub, such as 500ms, 2s or 1m, in whole seconds, rounded up. */}}
{{- define "tidings.seconds" -}}
{{- $text := toString . -}}
{{- if hasSuffix "ms" $text -}}
{{- div (add (trimSuffix "ms" $text | int) 999) 1000 -}}
{{- else if hasSuffix "s" $text -}}
{{- trimSuffix "s" $text | int -}}
{{- else if hasSuffix "m" $text -}}
{{- mul (trimSuffix "m" $text | int) 60 -}}
{{- else if hasSuffix "d" $text -}}
{{- mul (trimSuffix "d" $text | int) 86400 -}}
{{- else -}}
{{- trimSuffix "h" $text | int | mul 3600 -}}
{{- end -}}
{{- end -}}

{{/* A setting that is a text or a bare number, which Helm would write as 2.097152e+06. */}}
{{- define "tidings.text" -}}
{{- toJson . | trimAll "\"" -}}
{{- end -}}

{{/* The bytes of a size, as Kubernetes or the hub writes it. */}}
{{- define "tidings.bytes" -}}
{{- $number := regexFind "^[0-9.]+" . | float64 -}}
{{- $factors := dict "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 "M" 1000000 "G" 1000000000 "T" 1000000000000 -}}
{{- mulf $number (get $factors (regexFind "[A-Za-z]+$" . | trimSuffix "B") | default 1) | int64 -}}
{{- end -}}

{{/* The sum of what happens between the order to end and the end: preStop, stream.drain, closing the log (4 s), and 5 s to spare: {root, role}. */}}
{{- define "tidings.gracePeriod" -}}
{{- $given := include "tidings.given" . | fromYaml -}}
{{- $drain := include "tidings.seconds" (get $given "stream.drain" | default "2s") | int -}}
{{- add .root.Values.shutdown.preStopSeconds $drain 9 -}}
{{- end -}}

{{/* Whether everybody may do everything, so that Prometheus needs no token. */}}
{{- define "tidings.open" -}}
{{- $given := include "tidings.given" (dict "root" . "role" "all") | fromYaml -}}
{{- if eq (get $given "auth.mode" | default "auto") "open" -}}true{{- end -}}
{{- end -}}
