"""Entry point: what cannot go on ends as one sentence and a non-zero exit code, never as a traceback."""

import sys
import tempfile
import traceback

from runtz_core.cli import main
from runtz_core.cli.speech import fail
from runtz_core.supervisor import StartRefused


def run() -> int:
    """Run the command line; returns the exit code."""
    try:
        main(prog_name="runtz", standalone_mode=True)
    except StartRefused as refusal:
        return fail(str(refusal))
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        with tempfile.NamedTemporaryFile("w", prefix="runtz-", suffix=".txt", delete=False) as report:
            traceback.print_exc(file=report)
        return fail(
            f"Something we did not foresee happened ({type(error).__name__}). Your data is as it was committed. "
            f"Please report it with what is in {report.name}, and start again."
        )
    return 0


if __name__ == "__main__":
    sys.exit(run())
