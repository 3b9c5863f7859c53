{{- define "docsift.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "docsift.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "docsift.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "docsift.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What selects the pods of a release; with a component it is {root, component}. */}}
{{- define "docsift.selector" -}}
app.kubernetes.io/name: {{ include "docsift.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end -}}

{{- define "docsift.labels" -}}
{{ include "docsift.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "docsift.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "docsift.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{ .Values.serviceAccount.name | default (include "docsift.fullname" .) }}
{{- else -}}
{{ .Values.serviceAccount.name | default "default" }}
{{- end -}}
{{- end -}}

{{/* What cannot work is refused here, and not found out by pods that do not start. */}}
{{- define "docsift.check" -}}
{{- if not .Values.secret.name -}}
{{- fail "secret.name: name an existing Secret with DATABASE_URL and DOCSIFT_SECRET_KEY in it; the chart's README shows how to make one" -}}
{{- end -}}
{{- if not (or .Values.documents.existingClaim (index .Values.config "DOCSIFT_S3_BUCKET")) -}}
{{- fail "documents: all pods must reach the bytes of documents: set config.DOCSIFT_S3_BUCKET, or documents.existingClaim to a volume that many nodes may write to" -}}
{{- end -}}
{{- if and (not .Values.worker.enabled) (eq (int .Values.server.workers) 0) -}}
{{- fail "worker.enabled is false and server.workers is 0: nobody would do what is accepted" -}}
{{- end -}}
{{- end -}}

{{- define "docsift.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "docsift.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{/* Settings of every container: {root, workers}, workers being "" where it does not matter. */}}
{{- define "docsift.env" -}}
env:
  - name: DATABASE_URL
    valueFrom: {secretKeyRef: {name: {{ .root.Values.secret.name }}, key: DATABASE_URL}}
  - name: DOCSIFT_SECRET_KEY
    valueFrom: {secretKeyRef: {name: {{ .root.Values.secret.name }}, key: DOCSIFT_SECRET_KEY}}
  - {name: DOCSIFT_ADDR, value: ":8080"}
  - {name: DOCSIFT_METRICS_ADDR, value: ":{{ .root.Values.metrics.port }}"}
  {{- if ne .workers "" }}
  - {name: DOCSIFT_WORKERS, value: {{ .workers | quote }}}
  {{- end }}
  {{- with .root.Values.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
envFrom:
  - configMapRef: {name: {{ include "docsift.fullname" .root }}}
  - secretRef: {name: {{ .root.Values.secret.name }}}
{{- end -}}

{{- define "docsift.mounts" -}}
volumeMounts:
  - {name: scratch, mountPath: /data, subPath: data}
  - {name: scratch, mountPath: /tmp, subPath: tmp}
  {{- if .Values.documents.existingClaim }}
  - {name: documents, mountPath: /data/documents}
  {{- end }}
{{- end -}}

{{- define "docsift.volumes" -}}
volumes:
  - name: scratch
    emptyDir: {sizeLimit: {{ .Values.scratch.sizeLimit }}}
  {{- with .Values.documents.existingClaim }}
  - name: documents
    persistentVolumeClaim: {claimName: {{ . }}}
  {{- end }}
{{- end -}}

{{/* Where pods go: {root, of, component}. */}}
{{- define "docsift.placement" -}}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .of.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .of.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .of.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if .root.Values.topologySpreadConstraints }}
topologySpreadConstraints:
  {{- $pods := include "docsift.selector" . | fromYaml }}
  {{- range .root.Values.topologySpreadConstraints }}
  - {{ merge (dict "labelSelector" (dict "matchLabels" $pods)) . | toYaml | nindent 4 | trim }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* Pods start anew when what they were told changes. */}}
{{- define "docsift.annotations" -}}
docsift/config: {{ toJson .root.Values.config | sha256sum | trunc 16 | quote }}
{{- with .root.Values.secret.revision }}
docsift/secret: {{ . | quote }}
{{- end }}
{{- with .of.podAnnotations }}
{{ toYaml . }}
{{- end }}
{{- end -}}
