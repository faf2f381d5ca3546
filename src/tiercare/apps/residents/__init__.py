"""Who is who: the master index of residents, their numbers and households, and the electronic health card."""
