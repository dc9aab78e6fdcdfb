{{- define "probe.name" -}}
{{ .Release.Name | trunc 50 | trimSuffix "-" }}-node
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
