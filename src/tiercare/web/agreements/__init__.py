"""协议与章程: agreements from the draft to their end, charters, councils, and who has to do what."""
