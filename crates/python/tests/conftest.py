"""What holds for all tests."""

import signal

# A shell that starts a command in the background has it ignore interrupts, which many tests send to themselves.
signal.signal(signal.SIGINT, signal.default_int_handler)
