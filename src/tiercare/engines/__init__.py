"""Pure computation: plain values in, plain values out; no Django, no database."""
