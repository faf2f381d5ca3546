"""Files in and out: upload, mend, take over; templates and exports."""
