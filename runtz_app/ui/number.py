"""Numbers as people read them, formatted in the browser."""

import reflex as rx


def _expression(expression: str, of: rx.Var) -> rx.Var[str]:
    return rx.Var(_js_expr=expression, _var_type=str, _var_data=of._get_all_var_data())


def grouped(number: rx.Var[int]) -> rx.Var[str]:
    """4640 as "4,640"."""
    return _expression(f"({number}).toLocaleString('en')", number)


def dollars(micros: rx.Var[int]) -> rx.Var[str]:
    """Micro-dollars as "$0.120": three places, so that a credit's worth is visible. Only nothing is "$0"."""
    shown = f"({micros}) >= 500 ? '$' + (({micros}) / 1e6).toFixed(3) : ({micros}) ? 'under $0.001' : '$0'"
    return _expression(f"({shown})", micros)


def tenths(seconds: rx.Var[float]) -> rx.Var[str]:
    """11.42 seconds as "11.4"."""
    return _expression(f"({seconds}).toFixed(1)", seconds)


def whole(seconds: rx.Var[float]) -> rx.Var[str]:
    """18.7 seconds as "19"."""
    return _expression(f"String(Math.round({seconds}))", seconds)
