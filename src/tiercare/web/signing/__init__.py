"""Who of the registered poor signed with a family doctor, by village; whom is still to be visited."""
