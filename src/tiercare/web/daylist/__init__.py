"""当日候诊: the sessions of a hospital's day, the queue of each with its reasons, and the screen of the waiting room."""
