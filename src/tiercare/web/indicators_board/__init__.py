"""The board of indicators, and the screen on the wall."""
