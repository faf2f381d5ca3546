"""Planning on the map: grids by colour, moved by hand, weighed at once, proposed, saved, compared."""
