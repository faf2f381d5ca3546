"""Addresses of the reviews."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "reviews"
urlpatterns = [
    path("", views.reviews, name="list"),
    path("/objections", views.objections, name="objections"),
    path("/objections/<uuid:objection_id>", views.objection, name="objection"),
    path("/<uuid:glass_id>", views.review, name="review"),
]
