from __future__ import annotations

from django.urls import include, path

from benchmarks.host import views

urlpatterns = [
    path("floor/plain/", views.plain),
    path("floor/cached/", views.cached),
    path("floor/append/", views.append),
    path("floor/drf/", views.DrfPlain.as_view()),
    path("floor/throttled/", views.DrfThrottled.as_view()),
    path("floor/orm/", views.DrfOrm.as_view()),
    path("api/widget/", include("django_messenger.widget.urls")),
    path("api/messenger/", include("django_messenger.operators.urls")),
]
