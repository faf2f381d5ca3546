"""Words to residents: an inbox in the platform, and short messages through the installation's gateway."""
