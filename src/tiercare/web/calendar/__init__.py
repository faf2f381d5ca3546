"""义务日历: everything of a region that has a day, and the plans that its governments finished."""
