"""床位图: the beds of a hospital as wards see them all day, who lies in them, and how day beds are used."""
