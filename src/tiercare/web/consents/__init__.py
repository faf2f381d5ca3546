"""The desk's side: recording what a resident signed, and breaking the glass in an emergency."""
