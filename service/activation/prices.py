"""Whether an order takes a price that its signal has for this caller."""

from __future__ import annotations

from service.activation.orders import Order
from service.describing import describe
from service.errors import InvalidPricingOption
from service.messages import Signal


def check_price(order: Order, signal: Signal) -> None:
    """Refuse a price that the signal does not have, and none where it has one."""
    offered = [option["pricing_option_id"] for option in describe(signal).get("pricing_options", ())]
    if order.pricing_option_id is None and offered:
        raise InvalidPricingOption("This signal has a price: name its 'pricing_option_id'.", field="pricing_option_id")
    if order.pricing_option_id is not None and order.pricing_option_id not in offered:
        raise InvalidPricingOption("This signal has no such pricing option.", field="pricing_option_id")
