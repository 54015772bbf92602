"""Run the simulator: `python -m runtz_sim --port 8400`."""

if __name__ == "__main__":
    # Inside, so that the drawing processes, which import this module again, do not load the server.
    from runtz_sim.command import main

    raise SystemExit(main())
