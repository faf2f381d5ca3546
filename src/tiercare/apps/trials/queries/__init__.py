"""What is read of trials. Each module is imported by its name: the region's profile is read without a database too."""
