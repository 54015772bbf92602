"""What every built-in model can do and costs, as data; no SDK is imported, so that pages load fast."""
