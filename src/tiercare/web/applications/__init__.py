"""变更申请: drafts and applications of a region, what each would do, and who decides about it."""
