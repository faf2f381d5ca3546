"""Rule cards as an official reads them."""
