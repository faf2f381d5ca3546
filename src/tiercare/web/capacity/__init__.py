"""号源、床位与检查: what a hospital's office keeps, publishes and watches, and the quotas of an area."""
