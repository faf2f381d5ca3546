"""Work programmes and their projects: counted by county, listed, opened, and beside the standards of the register."""
