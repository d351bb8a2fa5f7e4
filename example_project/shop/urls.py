"""URLs of the public site."""

from __future__ import annotations

from django.urls import path

from shop import catalogue, views

app_name = "shop"

urlpatterns = [
    path("", views.home, {"shop": catalogue.NORTH}, name="north"),
    path("south/", views.home, {"shop": catalogue.SOUTH}, name="south"),
    path("playground/", views.playground, name="playground"),
    path("language/", views.set_language, name="language"),
]
