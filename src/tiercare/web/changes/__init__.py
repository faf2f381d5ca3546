"""试一试变更: say what to change, see at once what it would do, keep it, put it into effect, or have it approved."""
