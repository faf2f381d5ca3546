"""Plans of institutions and what they are compared with; hospitals with too many beds; what flows to remote and poor areas."""
