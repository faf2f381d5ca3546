"""What stands open to all who are qualified (WH-04): every provider of the city, for residents and staff alike."""
