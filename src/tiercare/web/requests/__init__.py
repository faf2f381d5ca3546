"""转诊办公室: what came in and went out, one request with what can be done to it, the triage board, the inbox, the sheet."""
