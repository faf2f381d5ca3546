"""疑似重复: pairs that may be one person, both side by side, what merging would mean, and the merges with their undoing."""
