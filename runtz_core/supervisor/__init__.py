"""Starting, watching and stopping the processes of one installation, embedded databases included."""


class StartRefused(Exception):
    """The command cannot go on; the text is the one sentence a person reads. Nothing was lost."""
