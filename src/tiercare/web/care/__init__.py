"""Services of primary care at home: asked for by residents, answered by the station."""
