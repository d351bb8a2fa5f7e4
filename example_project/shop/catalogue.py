# ruff: noqa: RUF001 - texts for people: real dashes and multiplication signs
"""What the two shops sell and say: texts and figures only."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Product:
    """One thing on sale; ``price`` in roubles, ``image`` a file name below ``shop/img/``."""

    name: Text
    detail: Text
    price: int
    image: str
    stock: Text


@dataclass(frozen=True, slots=True)
class Step:
    """One way of delivery: what it is, what it costs, what it includes."""

    title: Text
    price: Text
    text: Text


@dataclass(frozen=True, slots=True)
class Shop:
    """One branch of the company as its page shows it."""

    slug: str
    widget_token: str
    city: Text
    lead: Text
    headline: Text
    hero: str
    hero_alt: Text
    address: Text
    hours: Text
    phone: str
    email: str
    products: tuple[Product, ...]
    delivery: tuple[Step, ...]

    @property
    def phone_link(self) -> str:
        """The phone number as a link wants it."""
        return "tel:" + "".join(sign for sign in self.phone if sign.isdigit() or sign == "+")


_IN_STOCK = _("In stock")
_TO_ORDER_3 = _("Made to order, 3 weeks")

TABLE = Product(
    _("Ladoga dining table"),
    _("Solid ash, 180 × 90 cm, seats eight"),
    68_900,
    "table.svg",
    _TO_ORDER_3,
)
CHAIR = Product(
    _("Narva chair"), _("Ash frame, wool seat in five colours"), 14_500, "chair.svg", _IN_STOCK
)
BOOKSHELF = Product(
    _("Onega bookshelf"),
    _("Oiled ash, 200 cm tall, no visible screws"),
    42_300,
    "bookshelf.svg",
    _IN_STOCK,
)
PLANE = Product(
    _("No. 5 jack plane"),
    _("Ductile iron, 50 mm blade, honed and ready"),
    11_200,
    "plane.svg",
    _IN_STOCK,
)
CHISELS = Product(
    _("Set of four chisels"),
    _("6, 12, 18 and 25 mm, in a leather roll"),
    8_700,
    "chisels.svg",
    _IN_STOCK,
)
WORKBENCH = Product(
    _("Master workbench"),
    _("Beech top 60 mm, two vices, 96 kg"),
    79_000,
    "workbench.svg",
    _("Made to order, 2 weeks"),
)
BENCH = Product(
    _("Kuban garden bench"), _("Larch, 160 cm, oiled for outdoors"), 27_400, "bench.svg", _IN_STOCK
)
BISTRO = Product(
    _("Veranda folding set"),
    _("Table and two chairs, fold flat for winter"),
    31_800,
    "bistro.svg",
    _IN_STOCK,
)

NORTH = Shop(
    slug="north",
    widget_token="demo-north-inbox",
    city=_("Saint Petersburg"),
    headline=_("Furniture that outlives fashion. Tools that make it."),
    lead=_(
        "We build tables, chairs and shelves from northern ash and sell the planes and chisels"
        " we build them with. Delivered, carried up and assembled by the people who made them."
    ),
    hero="hero-north.svg",
    hero_alt=_("A workshop: a bench with a jack plane, tools on the wall, a window to the forest"),
    address=_("12 Stolyarnaya Embankment, Saint Petersburg"),
    hours=_("Mon–Sat 10:00–20:00, Sun 11:00–18:00"),
    phone="+7 812 000-12-12",
    email="north@ash-chisel.example",
    products=(TABLE, CHAIR, BOOKSHELF, PLANE, CHISELS, WORKBENCH),
    delivery=(
        Step(
            _("Within the ring road"),
            _("990 ₽, free from 50,000 ₽"),
            _("Next day, in a two-hour window you choose. We call an hour before."),
        ),
        Step(
            _("Carrying up and assembly"),
            _("from 1,500 ₽"),
            _("Any floor, with or without a lift. The packaging leaves with us."),
        ),
        Step(
            _("Karelia and the north-west"),
            _("from 2,900 ₽"),
            _("Twice a week to Petrozavodsk, Pskov and Veliky Novgorod."),
        ),
    ),
)

SOUTH = Shop(
    slug="south",
    widget_token="demo-south-inbox",
    city=_("Krasnodar"),
    headline=_("Made for long evenings on the veranda."),
    lead=_(
        "Garden furniture from larch and ash that bears sun, rain and grapes on the table,"
        " and good tools for those who would rather build it themselves."
    ),
    hero="hero-south.svg",
    hero_alt=_("A table under a pergola with grapes, hills and cypresses behind it"),
    address=_("7 Vinogradnaya Street, Krasnodar"),
    hours=_("Daily 9:00–19:00"),
    phone="+7 861 000-07-07",
    email="south@ash-chisel.example",
    products=(BENCH, BISTRO, TABLE, CHAIR, PLANE, CHISELS),
    delivery=(
        Step(
            _("Krasnodar and suburbs"),
            _("690 ₽, free from 40,000 ₽"),
            _("Same day for orders before noon, seven days a week."),
        ),
        Step(
            _("Assembly in the garden"),
            _("from 1,200 ₽"),
            _("We level the ground under the legs and oil every cut."),
        ),
        Step(
            _("Coast and Adygea"),
            _("from 1,900 ₽"),
            _("Sochi, Anapa, Novorossiysk and Maykop, within three days."),
        ),
    ),
)
