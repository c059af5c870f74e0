"""*May I?* over HTTP: answers a second for one person and for a thousand at once, p95, memory.

.venv/bin/python bench/may.py [--quick] [--people 100000] [--seconds 5] [--connections 4]

The state holds objections of so many people and restrictions of a hundredth of them. Beside it stands a Django that
reads the same JSON and answers a constant, served by the same granian with the same threads in the same run. The
client is this Python: it takes its part of the cores.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from common import again, ms, table
from site import BIN, memory, publisher, read_one, running, troth  # type: ignore[attr-defined]
