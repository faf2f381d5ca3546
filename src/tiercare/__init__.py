"""Tiercare (分级诊疗协同平台): the open platform on which a region runs tiered care."""

__version__ = "0.1.0"
