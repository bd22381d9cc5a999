{{/* The spec of a pod, of a member or an edge: {root, role (all or edge), of (its values), command}. */}}
{{- define "tidings.pod" -}}
{{- $root := .root -}}
{{- $values := $root.Values -}}
{{- $name := include "tidings.fullname" $root -}}
{{- $component := eq .role "edge" | ternary "edge" "member" -}}
{{- $scheme := $values.http.tls.secretName | empty | ternary "HTTP" "HTTPS" -}}
{{- $stopped := and $values.maintenance (eq .role "all") -}}
serviceAccountName: {{ include "tidings.serviceAccount" $root }}
automountServiceAccountToken: false
# variables of services whose name begins with tidings would look like settings
enableServiceLinks: false
terminationGracePeriodSeconds: {{ include "tidings.gracePeriod" . }}
{{- with $values.image.pullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .of.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
securityContext: {{- toYaml $values.podSecurityContext | nindent 2 }}
containers:
  - name: tidings
    image: {{ include "tidings.image" $root }}
    imagePullPolicy: {{ $values.image.pullPolicy }}
    securityContext: {{- toYaml $values.securityContext | nindent 6 }}
    {{- if $stopped }}
    # ends at once when it is told to, which the first process of a container does not by itself
    command: [/bin/sh, -c, "trap 'exit 0' TERM; sleep infinity & wait"]
    {{- else }}
    {{- with .command }}
    command:
      - /bin/sh
      - -ec
      - | {{- . | nindent 8 }}
        exec {{ $values.image.launcher }}
    {{- else }}
    command: [{{ $values.image.launcher }}]
    {{- end }}
    {{- end }}
    # where conf/config.yaml is looked for, by the hub and by commands that are run in the container
    workingDir: /etc/tidings
    env:
      # the image has values of its own for these, which would count before the file
      - {name: TIDINGS_HTTP_HOST, value: 0.0.0.0}
      - {name: TIDINGS_HTTP_PORT, value: "8080"}
      - {name: TIDINGS_LOG_DIR, value: /data/log}
      - {name: TIDINGS_AUTH_SECRET, value: {{ include "tidings.authSecret" $root | empty | ternary "none" "/etc/tidings/auth/secret" }}}
      - {name: TIDINGS_CLUSTER_NODE, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
      {{- if eq .role "all" }}
      - {name: TIDINGS_CLUSTER_HOST, value: $(TIDINGS_CLUSTER_NODE).{{ $name }}-nodes}
      {{- else }}
      - {name: TIDINGS_CLUSTER_HOST, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
      {{- end }}
      - {name: JAVA_OPTS, value: {{ .of.javaOptions | quote }}}
      {{- with $values.env }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
    ports:
      - {name: http, containerPort: 8080}
      - {name: nodes, containerPort: 7700}
    resources: {{- include "tidings.resources" . | nindent 6 }}
    {{- if $stopped }}
    # no client may come here
    readinessProbe:
      exec: {command: ["false"]}
    {{- else }}
    # it answers when the node has joined its cluster
    startupProbe:
      httpGet: {path: /health/live, port: http, scheme: {{ $scheme }}}
      periodSeconds: 2
      timeoutSeconds: 2
      failureThreshold: {{ div $values.probes.startSeconds 2 }}
    readinessProbe:
      httpGet: {path: /health/ready, port: http, scheme: {{ $scheme }}}
      periodSeconds: 2
      timeoutSeconds: 2
      failureThreshold: 2
    # 503 when an event loop has ended; a node that only lacks a majority or a disk is alive, and recovers
    livenessProbe:
      httpGet: {path: /health/live, port: http, scheme: {{ $scheme }}}
      periodSeconds: 10
      timeoutSeconds: 5
      failureThreshold: 6
    lifecycle:
      preStop:
        sleep: {seconds: {{ $values.shutdown.preStopSeconds }}}
    {{- end }}
    volumeMounts:
      - {name: data, mountPath: /data}
      - {name: config, mountPath: /etc/tidings/conf, readOnly: true}
      - {name: tmp, mountPath: /tmp}
      {{- if include "tidings.authSecret" $root }}
      - {name: auth, mountPath: /etc/tidings/auth, readOnly: true}
      {{- end }}
      {{- if include "tidings.nodesSecret" $root }}
      - {name: nodes, mountPath: /etc/tidings/nodes, readOnly: true}
      {{- end }}
      {{- if $values.http.tls.secretName }}
      - {name: http, mountPath: /etc/tidings/http, readOnly: true}
      {{- end }}
      {{- with $values.volumeMounts }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
volumes:
  - name: config
    configMap: {name: {{ $name }}-{{ $component }}}
  # of the JVM, and for the native library of TLS between the nodes
  - name: tmp
    emptyDir: {sizeLimit: 256Mi}
  {{- with include "tidings.authSecret" $root }}
  - name: auth
    secret: {secretName: {{ . }}, defaultMode: 0400, items: [{key: secret, path: secret}]}
  {{- end }}
  {{- with include "tidings.nodesSecret" $root }}
  - name: nodes
    secret: {secretName: {{ . }}, defaultMode: 0400}
  {{- end }}
  {{- with $values.http.tls.secretName }}
  - name: http
    secret: {secretName: {{ . }}, defaultMode: 0400}
  {{- end }}
  {{- if eq .role "edge" }}
  - name: data
    {{- with .of.storage }}
    {{- if eq .kind "emptyDir" }}
    emptyDir: {sizeLimit: {{ .size }}}
    {{- else }}
    ephemeral:
      volumeClaimTemplate:
        spec:
          accessModes: [ReadWriteOnce]
          {{- with .storageClassName }}
          storageClassName: {{ . }}
          {{- end }}
          resources: {requests: {storage: {{ .size }}}}
    {{- end }}
    {{- end }}
  {{- end }}
  {{- with $values.volumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .of.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .of.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .of.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
topologySpreadConstraints:
{{- if .of.topologySpreadConstraints }}
{{- toYaml .of.topologySpreadConstraints | nindent 2 }}
{{- else }}
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    {{- if or (eq .role "edge") (eq (.of.spread | default "") "preferred") }}
    whenUnsatisfiable: ScheduleAnyway
    {{- else }}
    # two voters on one machine would end together, also where a machine was lost and only two are left
    whenUnsatisfiable: DoNotSchedule
    minDomains: 3 # also of one voter, which is not restarted when others are added
    nodeTaintsPolicy: Honor
    {{- end }}
    labelSelector: &pods
      matchLabels:
        {{- include "tidings.selector" $root | nindent 8 }}
        app.kubernetes.io/component: {{ $component }}
  - maxSkew: 1
    topologyKey: topology.kubernetes.io/zone
    whenUnsatisfiable: ScheduleAnyway
    labelSelector: *pods
{{- end }}
{{- end -}}

{{/* The resources of a pod, with the room on the machine's disk for a log that is there: {role, of}. */}}
{{- define "tidings.resources" -}}
{{- $resources := deepCopy .of.resources -}}
{{- if and (eq .role "edge") (eq .of.storage.kind "emptyDir") -}}
{{- $resources = merge $resources (dict "requests" (dict "ephemeral-storage" .of.storage.size)) -}}
{{- end -}}
{{- toYaml $resources -}}
{{- end -}}

{{/* The metadata of a pod: {root, component, of}. A changed setting replaces the pods. */}}
{{- define "tidings.podMetadata" -}}
labels:
  {{- include "tidings.labels" .root | nindent 2 }}
  app.kubernetes.io/component: {{ .component }}
annotations:
  tidings.io/config: {{ include "tidings.config" (dict "root" .root "role" (eq .component "edge" | ternary "edge" "all")) | sha256sum }}
  {{- if not (hasKey .of.podAnnotations "cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes") }}
  # what is on a machine's own disk keeps no machine from being removed: an edge fetches its log anew
  cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes: {{ eq .component "edge" | ternary "tmp,data" "tmp" }}
  {{- end }}
  {{- with omit .of.podAnnotations "tidings.io/config" }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}
