"""The addresses of accounts."""

from __future__ import annotations

from django.urls import path

from troth.web.accounts import (
    closing,
    joining,
    login,
    overview,
    preferences,
    profile,
    provider,
    security,
    sessions_page,
)

urlpatterns = [
    path("account", overview.account, name="account"),
    path("account/login", login.login, name="login"),
    path("account/login/second", login.second, name="second"),
    path("account/login/passkey", login.by_passkey, name="passkey"),
    path("account/login/letter", joining.by_letter, name="by_letter"),
    path("account/login/provider", provider.begin, name="provider"),
    path("account/login/provider/<str:provider_id>/back", provider.back, name="openid_connect_callback"),
    path("account/logout", login.logout, name="logout"),
    path("account/again", login.again, name="again"),
    path("account/signup", joining.signup, name="signup"),
    path("account/password/forgotten", joining.forgotten, name="forgotten"),
    path("account/letter/<str:handle>", joining.letter_code, name="letter_code"),
    path("account/letter/<str:handle>/<str:secret>", joining.opened, name="letter"),
    path("account/profile", profile.profile, name="profile"),
    path("account/profile/address", profile.address, name="address"),
    path("account/profile/close", closing.close, name="close"),
    path("account/sessions", sessions_page.sessions, name="sessions"),
    path("account/security", security.security, name="security"),
    path("account/password/change", security.password, name="password"),
    path("account/security/passkey", security.new_passkey, name="new_passkey"),
    path("account/security/passkey/<int:pk>/remove", security.remove_passkey, name="remove_passkey"),
    path("account/security/totp", security.totp, name="totp"),
    path("account/security/totp/off", security.totp_off, name="totp_off"),
    path("account/security/codes", security.codes, name="codes"),
    path("preferences", preferences.preferences, name="preferences"),
]
