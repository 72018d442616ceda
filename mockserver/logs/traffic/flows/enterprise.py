"""Enterprises: a company's identity provider signs its users in, or the deployment signs them in to a SAML service."""

from __future__ import annotations

from typing import Any

from mockserver.logs.traffic.errors import refused
from mockserver.logs.traffic.flows.signin import complete, with_password
from mockserver.logs.traffic.flows.tokens import redeem
from mockserver.logs.traffic.interaction import Interaction
from mockserver.logs.traffic.visit import PersonVisit


def single_sign_on(visit: PersonVisit) -> None:
    """The company's identity provider signs the user in, without a second factor."""
    interaction, user = Interaction(visit, "SignIn"), visit.user
    company = user.email.rpartition("@")[2]
    state = visit.fresh.token(21)
    known = {"connectorId": f"sso-{company.replace('.', '-')}"}
    route = {"state": state, "redirectUri": f"https://sign-in.example.com/callback/{known['connectorId']}"}
    verification = interaction.pause(3_000, 12_000).begin("EnterpriseSso", known | route, **known)
    payload = {**known, "verificationId": verification, "connectorData": route | {"code": visit.fresh.token(30)}}
    identity = {"id": user.email, "email": user.email, "name": user.name}
    record = {"issuer": f"https://login.{company}", "enterpriseSsoUserInfo": identity}
    complete(interaction.pause(4_000, 60_000).verify("EnterpriseSso", None, payload, **record), redeem)


def saml(visit: PersonVisit) -> None:
    """A SAML service sends the browser to the deployment; after the password, the answer goes back to the service.

    The answer itself, some kilobytes of signed XML, is left out.
    """
    _request_sign_in(visit)
    interaction = with_password(visit.pause(40, 400))
    complete(interaction, redeem)
    query = {"code": visit.fresh.token(43), "state": interaction.params["state"]}
    endpoint = f"{visit.application.resource}/saml/acs"
    visit.pause(5, 60).log("SamlApplication.Callback", query=query, entityEndpoint=endpoint)


def unknown_service(visit: PersonVisit) -> None:
    """A request that names another service than the one that was set up."""
    _request_sign_in(visit, refused("application.saml.auth_request_issuer_not_match"), "https://unknown.example.com")


def _request_sign_in(visit: PersonVisit, error: dict[str, Any] | None = None, issuer: str | None = None) -> None:
    """Send the request. Its compressed XML is a random text; the fields that the deployment reads in it are real."""
    issuer = issuer or visit.application.resource
    request = {"id": f"_{visit.fresh.lower(21)}", "assertionConsumerServiceUrl": f"{issuer}/saml/acs"}
    visit.log(
        "SamlApplication.AuthnRequest",
        error,
        query={"SAMLRequest": visit.fresh.token(200), "RelayState": visit.fresh.token(16)},
        extractResultData={"issuer": issuer, "request": request},
    )
