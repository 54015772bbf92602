"""The simulated vendors. A new one is a module here and a line in this list."""

from runtz_sim.vendor import Vendor
from runtz_sim.vendors import anthropic, compatible, flux, gemini, ideogram, openai

VENDORS: tuple[Vendor, ...] = (
    openai.VENDOR,
    gemini.VENDOR,
    ideogram.VENDOR,
    flux.VENDOR,
    compatible.VENDOR,
)

# These draw nothing; OpenAI and Gemini above have text models beside their picture models.
TEXT_VENDORS: tuple[Vendor, ...] = (anthropic.VENDOR,)
EVERYBODY = (*VENDORS, *TEXT_VENDORS)
