"""What people do with trials."""

from ..rules.asked import Asked
from .trying import ask_trial, faults_of, repeat_trial, run_trial, stop_trial

__all__ = ["Asked", "ask_trial", "faults_of", "repeat_trial", "run_trial", "stop_trial"]
