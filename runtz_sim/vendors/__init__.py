"""The simulated vendors. A new one is a module here and a line in this list."""

from runtz_sim.vendor import Vendor
from runtz_sim.vendors import compatible, flux, gemini, ideogram, openai

VENDORS: tuple[Vendor, ...] = (
    openai.VENDOR,
    gemini.VENDOR,
    ideogram.VENDOR,
    flux.VENDOR,
    compatible.VENDOR,
)
