"""From facts to indicators to scorecards, without a database server and without Django.

``facts.yaml`` declares the tables, ``policies/*/indicators`` the indicators and what the clauses ask of them, ``store`` holds the rows,
``assessment.assess`` holds a book against them.
"""
