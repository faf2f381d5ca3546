"""Who may do what: accounts, the roles granted to them and where, sign-in, and the one table of rights."""
