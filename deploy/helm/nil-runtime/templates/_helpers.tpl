{{- define "nil.name" -}}{{ default .Release.Name .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}{{- end }}
{{- define "nil.selector" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
{{- define "nil.labels" -}}
{{ include "nil.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}
{{- define "nil.image" -}}{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}{{- end }}
{{- define "nil.coordinator" -}}{{ include "nil.name" . }}-coordinator:7610{{- end }}
{{- define "nil.natsUrl" -}}
{{- if .Values.nats.enabled -}}{{ ternary "tls" "nats" .Values.security.enabled }}://{{ include "nil.name" . }}-nats:4222
{{- else -}}{{ required "nats.url: expected tls://HOST:PORT where nats.enabled is false" .Values.nats.url }}{{- end -}}
{{- end }}
{{- define "nil.natsPort" -}}{{ include "nil.natsUrl" . | splitList ":" | last }}{{- end }}
{{/* What every pod of ours has: no token of the API, not root, nothing written but volumes. */}}
{{- define "nil.pod" -}}
automountServiceAccountToken: false
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  seccompProfile: { type: RuntimeDefault }
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- define "nil.container" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end }}
{{- define "nil.natsCredentialArgs" -}}
{{- if and (not .Values.nats.enabled) .Values.nats.credentials.secret }}
- {{ .Values.nats.credentials.option }}
- /nats/{{ .Values.nats.credentials.key }}
{{- end }}
{{- end }}
{{- define "nil.natsCredentialMount" -}}
{{- if and (not .Values.nats.enabled) .Values.nats.credentials.secret }}
- { name: nats, mountPath: /nats, readOnly: true }
{{- end }}
{{- end }}
{{- define "nil.natsCredentialVolume" -}}
{{- if and (not .Values.nats.enabled) .Values.nats.credentials.secret }}
- name: nats
  secret: { secretName: {{ .Values.nats.credentials.secret }}, defaultMode: 0440 }
{{- end }}
{{- end }}
