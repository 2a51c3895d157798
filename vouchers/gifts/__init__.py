"""The gift catalogue of a shop: stock, reservations, deliveries, returns."""
