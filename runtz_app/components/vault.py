"""The JSX parts of the vault (see assets/js/vault*.jsx and collect.jsx)."""

import reflex as rx

from runtz_app.ui.local import Local, source


class Vault(Local):
    """Search, rail, wall and what is done to a selection. A new `tick` says that something changed elsewhere."""

    library = source("vault.jsx")
    tag = "Vault"
    lib_dependencies: list[str] = ["thumbhash@0.1.1"]

    tick: rx.Var[int]


class VaultNumbers(Local):
    """Kept share and cost per kept picture, by provider and month."""

    library = source("vault_numbers.jsx")
    tag = "VaultNumbers"


class CollectDialog(Local):
    """The dialog that puts pictures into collections and tags them; mounted once, opened by events."""

    library = source("collect.jsx")
    tag = "CollectDialog"


class CollectButton(Local):
    """Opens that dialog for one picture."""

    library = source("collect.jsx")
    tag = "CollectButton"

    image: rx.Var[str]
    label: rx.Var[str]
    hotkey: rx.Var[str]
