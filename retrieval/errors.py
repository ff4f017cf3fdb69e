"""Every error that a person can do something about.

FootnoteError
├── SettingError        a setting is unknown or unusable: change it
├── ArticleError        a file, folder or object cannot be read as an article: mend or remove it
├── FetchError          an address cannot be fetched: correct it, allow it, or wait
├── QuestionError       a question cannot be taken: ask another way
├── EmbedderError       the embedding model is missing or not the one expected: install it again
├── ReaderError         the trained reader is missing or damaged: install it again
├── LibraryMissing      there is no index here: build one
├── LibraryMismatch     the index was built with other settings or versions: rebuild it
├── LibraryDamaged      the files of the index are damaged: move it away, index again
├── LibraryBusy         another process writes to the index: wait for it
├── ExportError         an exported file cannot be read, or may not be written: name another
├── DiskError           the disk is full or may not be written: make room, or name another place
├── ReceiptError        a receipt cannot be read: give another file
├── HistoryError        conversations cannot be read or kept: mend or move their database, name another
├── ChatModelError      a chat model did not reply, or not usably: mend its settings, wait or do without it
├── BudgetError         a question does not fit what a chat model is told: ask a shorter one
├── CaseError           a case or a data set cannot be read or used: mend it
└── RunError            a run cannot be gone on with or compared: name another

A message says what happened, with the values, and what to do next. Anything else that is raised is a bug.
"""


class FootnoteError(Exception):
    """Something went wrong that the person can mend; the message says how."""


class SettingError(FootnoteError):
    """A setting is unknown or has an unusable value."""


class ArticleError(FootnoteError):
    """A file, folder or object cannot be read as an article."""


class FetchError(FootnoteError):
    """An address on the web cannot be fetched.

    `url` is what was asked for, with its secrets, which the message masks; `is_lasting` says that it is no
    use to ask again; `retry_after_seconds` is how long the server wants to be left alone, where it says so.
    """

    def __init__(
        self, message: str, *, url: str, is_lasting: bool = False, retry_after_seconds: float | None = None
    ) -> None:
        super().__init__(message)
        self.url = url
        self.is_lasting = is_lasting
        self.retry_after_seconds = retry_after_seconds


class QuestionError(FootnoteError):
    """A question is empty or too long."""


class EmbedderError(FootnoteError):
    """The embedding model cannot be loaded, or is not the one expected."""


class ReaderError(FootnoteError):
    """The trained reader is missing, is not the one expected, or cannot be run."""


class LibraryMissing(FootnoteError):
    """There is no index in the folder."""


class LibraryMismatch(FootnoteError):
    """The index was built with other settings or another version."""


class LibraryDamaged(FootnoteError):
    """The files of the index are damaged."""


class LibraryBusy(FootnoteError):
    """Another process is writing to the index."""


class ExportError(FootnoteError):
    """A file is no export that can be imported here, or an export may not be written over it."""


class DiskError(FootnoteError):
    """The disk is full, or does not let a file be written or opened."""


class ReceiptError(FootnoteError):
    """A receipt cannot be read."""


class HistoryError(FootnoteError):
    """Conversations cannot be read or kept, or there is none of a name."""


class ChatModelError(FootnoteError):
    """A chat model cannot be reached, refuses, takes too long, or replies what cannot be used."""


class BudgetError(FootnoteError):
    """A question and a passage do not fit the tokens that a chat model is given."""


class CaseError(FootnoteError):
    """A case for the evaluation, or a set of them, cannot be read or used."""


class RunError(FootnoteError):
    """A run of an evaluation cannot be gone on with, read or compared."""
