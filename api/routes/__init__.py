"""Routes by resource. A route parses, calls one service method, renders.

To add a resource: write `api/routes/<resource>.py` with a `router`, its schemas in `api/schemas/<resource>.py`, and
name the router in `API_ROUTERS`. Every route takes its rule from `api/security.py`, declares what it raises with
`responses=problems(…)`, and has a docstring, which is its text in the OpenAPI document.
"""

from collections.abc import Sequence

from fastapi import APIRouter

from api.routes import (
    activity,
    addresses,
    analytics,
    api_keys,
    assets,
    audit,
    auth,
    campaign_life,
    campaigns,
    cases,
    chains,
    claims,
    consents,
    dapps,
    events,
    gifts,
    health,
    identity,
    invitations,
    keys,
    notifications,
    orders,
    organisation_policies,
    organisations,
    passkeys,
    people,
    points,
    portfolio,
    policies,
    presentments,
    privacy,
    refunds,
    second_factor,
    settlements,
    solana_pay,
    swaps,
    transfers,
    vouchers,
    wallet_sign_in,
    wallets,
    webhooks,
)

API_ROUTERS: Sequence[APIRouter] = (
    auth.router,
    second_factor.router,
    passkeys.router,
    wallet_sign_in.router,
    api_keys.router,
    people.router,
    consents.router,
    identity.router,
    privacy.router,
    organisations.router,
    invitations.router,
    chains.router,
    # Before `wallets`, whose /wallets/{wallet_id} would otherwise answer for /wallets/schemes.
    keys.router,
    addresses.router,
    wallets.router,
    assets.router,
    portfolio.router,
    activity.router,
    transfers.router,
    policies.router,
    organisation_policies.router,
    dapps.router,
    # Before `campaigns`, whose /campaigns/{campaign_id} would otherwise answer for /campaigns/templates.
    analytics.router,
    campaign_life.router,
    campaigns.router,
    claims.router,
    vouchers.router,
    gifts.router,
    points.router,
    orders.router,
    refunds.router,
    presentments.router,
    settlements.router,
    solana_pay.router,
    swaps.router,
    audit.router,
    notifications.router,
    webhooks.router,
    cases.router,
    events.router,
)
"""Served under /api/v1, in the order of the OpenAPI document."""

ROOT_ROUTERS: Sequence[APIRouter] = (health.router,)
"""Served without prefix, for machines that watch the process."""
