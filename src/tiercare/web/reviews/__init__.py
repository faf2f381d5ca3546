"""The auditor's desk: emergency accesses to review one by one, objections to answer."""
