"""The first page: the verdict in numbers, the map, the next deadlines."""
