"""The one-stop admission centre: its worklist, a case with all its steps on one page, what it runs, and its figures."""
