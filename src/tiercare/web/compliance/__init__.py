"""合规看板: clause by clause, with every finding behind it; exceptions are granted here."""
