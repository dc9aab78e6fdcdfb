{{- define "probe.name" -}}
{{ .Release.Name | trunc 50 | trimSuffix "-" }}-node
{{- end }}

{{/* Helm makes floats of all numbers, and `min_roots = 100.0` is no whole number. */}}
{{- define "probe.config" -}}
{{ regexReplaceAll "(?m)^(\\s*[\\w-]+ = -?[0-9]+)\\.0$" (.Values.config | default dict | toToml) "${1}" }}
{{- end }}

{{- define "probe.selector" -}}
app.kubernetes.io/name: {{ .Values.nameOverride | default "probe-node" }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "probe.labels" -}}
{{ include "probe.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "probe.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}
{{- end }}
