"""The facts that indicators are computed from: what is there, files in, what was wrong with them, what each table holds."""
