"""What institutions of primary care serve (XH-89): the map of who is left out, the list with forms, and laying it down."""
