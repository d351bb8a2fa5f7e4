"""The page around the panel: ours, or the host's own with blocks of its own names."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from django.core.signals import setting_changed
from django.template import Engine, Template
from django.template.base import Variable
from django.template.loader_tags import BlockNode, ExtendsNode

from django_messenger.conf import conf

if TYPE_CHECKING:
    from django.template import NodeList

#: A base template of the host's that knows us has this block; ``HEAD_BLOCK`` is then not needed.
HEAD: Final = "dm_head"
#: A base template with this block shows the navigation by itself.
HEADER: Final = "dm_header"

_HEAD_PART: Final = (
    "{{% block {name} %}}{{{{ block.super }}}}{{% block dm_head %}}"
    '{{% include "django_messenger/panel/_assets.html" %}}{{% endblock %}}{{% endblock %}}'
)
_CONTENT_PART: Final = (
    "{{% block {name} %}}{tabs}{{% block dm_content %}}{{% endblock %}}{{% endblock %}}"
)
_TABS: Final = '{% include "django_messenger/panel/_tabs.html" %}'


@cache
def page_template() -> Template:
    """Return what pages extend: ``BASE_TEMPLATE`` with its blocks leading to ours.

    Made once for the settings in force.

    Raises:
        TemplateDoesNotExist, TemplateSyntaxError: as ``manage.py check`` says better.
    """
    base = conf.BASE_TEMPLATE
    blocks = blocks_of(base) or frozenset()
    head = "" if HEAD in blocks else _HEAD_PART.format(name=conf.HEAD_BLOCK)
    tabs = "" if HEADER in blocks else _TABS
    content = _CONTENT_PART.format(name=conf.CONTENT_BLOCK, tabs=tabs)
    extends = f"{{% extends {_literal(base)} %}}"
    return Template(f"{extends}{head}{content}", engine=Engine.get_default())


def blocks_of(name: str) -> frozenset[str] | None:
    """Return the names of a template's blocks and of those that it extends; None where only its
    rendering can tell.

    Raises:
        TemplateDoesNotExist, TemplateSyntaxError: it, or one that it extends, is not there.
    """
    found: set[str] = set()
    seen: set[str] = set()
    following: str | None = name
    while following is not None:
        if following in seen:  # extends its namesake in another folder
            return None
        seen.add(following)
        nodes: NodeList = Engine.get_default().get_template(following).nodelist
        found |= {node.name for node in nodes.get_nodes_by_type(BlockNode)}  # type: ignore[attr-defined]
        parents: list[Any] = nodes.get_nodes_by_type(ExtendsNode)
        following = None
        if parents:
            following = _constant(parents[0].parent_name.var)
            if following is None:
                return None
    return frozenset(found)


def _constant(parent: Any) -> str | None:
    """Return the name that ``{% extends %}`` has in quotes; None for a variable."""
    return None if isinstance(parent, Variable) else str(parent)


def _literal(text: str) -> str:
    """Write a text in quotes for the template language."""
    quote = "'" if '"' in text else '"'
    return f"{quote}{text}{quote}"


def _reload(*, setting: str, **kwargs: Any) -> None:
    if setting in ("MESSENGER", "TEMPLATES"):
        page_template.cache_clear()


setting_changed.connect(_reload, dispatch_uid="django_messenger.panel.frame")
