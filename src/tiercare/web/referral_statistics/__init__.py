"""Statistics of referrals: the numbers, the lists behind them, and the file."""
