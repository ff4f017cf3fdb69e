"""On a terminal a person sees what a chat model writes, and sees it go where it does not stand."""

import os
import sys
from pathlib import Path

import pexpect
import pytest

from tests.fake_chat_server import FakeChatServer, says

pytest.importorskip("langchain_openai", reason="needs pip install 'footnote-bot[openai]'")

ROOT = Path(__file__).parents[1]
PROGRAM = """
import sys
from bot.__main__ import run
from tests.fakes import FakeEmbedder
sys.exit(run(sys.argv[1:], lambda settings: FakeEmbedder()))
"""
QUESTION = "What did Rutte say in Latvia?"
STANDS = "Rutte said in Latvia that the missiles are a direct threat to Europe and Japan."
INVENTED = "He resigned on Friday after 3 scandals at home, and the ministers were very pleased with it."


@pytest.mark.parametrize("command", ["ask", "chat"])
def test_terminal_when_a_claim_does_not_stand_takes_it_back(index: Path, command: str) -> None:
    with FakeChatServer(says(f"{STANDS} {INVENTED}", delay_seconds=0.3)) as server:
        environment = {
            **os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1",
            "FOOTNOTE_CHAT_MODEL": "openai:fake", "FOOTNOTE_CHAT_URL": server.url,
        }  # fmt: skip
        arguments = ["-c", PROGRAM, command, *([QUESTION] if command == "ask" else [])]
        child = pexpect.spawn(
            sys.executable, arguments, env=environment, encoding="utf-8", timeout=60,
            dimensions=(40, 80), use_poll=True,
        )  # fmt: skip
        if command == "chat":
            child.expect("Ctrl-D ends")
            child.expect("›")
            child.send(f"{QUESTION}\r")
        child.expect("writing, not checked yet")
        child.expect("He resigned")
        child.expect("left out: 1.")
        last = str(child.before).rpartition("not checked yet")[2]
        # Behind the last erased page stands the answer alone.
        answer = last.rpartition("\x1b[2K")[2]
        assert "missiles are a direct threat" in answer
        assert "resigned" not in answer
        child.close(force=True)
