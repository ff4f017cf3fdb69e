"""Ask a system the questions of a case, and write down what it gave and what that is worth."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from time import perf_counter

from bot.citations import cite
from bot.datatypes import Answer, AnswerStatus, Conversation, Turn
from bot.evaluation.cases import Case, CaseTurn, Parts
from bot.evaluation.measures.measure import Scores
from bot.evaluation.measures.scoring import Judge, score_attributions, worst
from bot.evaluation.options import Only, Replay
from bot.evaluation.systems import Rewrite, System
from bot.receipts import receipt_of, receipt_of_failure
from retrieval.datatypes import Article, ScoredPassage
from retrieval.speech import find_speech

Record = dict[str, object]


class Work(StrEnum):
    """What has to be done for what a turn expects."""

    ANSWER = "answer"
    FIND = "find"
    REWRITE = "rewrite"
    NOTHING = "nothing"


def work_for(turn: CaseTurn, only: Only | None) -> Work:
    """Choose the least that shows what a turn expects."""
    if only is None and turn.is_answerable is not None:
        return Work.ANSWER
    if only is Only.RETRIEVAL and turn.names_places:
        return Work.FIND
    return Work.REWRITE if turn.rewrite else Work.NOTHING


def needs_articles(case: Case, only: Only | None) -> bool:
    """Tell whether a case asks about articles, or only to rewrite questions or to attribute words."""
    return any(work_for(turn, only) in {Work.ANSWER, Work.FIND} for turn in case.turns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examiner:
    """Holds a system against cases; without a system only rewriting and attribution can be examined."""

    system: System | None
    rewrite: Rewrite
    judge: Judge
    replay: Replay
    only: Only | None
    index: Mapping[str, str]
    explain: Callable[[Exception], str]

    def examine(self, case: Case) -> list[Record]:
        """Ask all turns of a case, oldest first; a turn that crashes is worth nothing and is shown."""
        if case.text is not None:
            return [self._attribute(case, case.text)]
        records: list[Record] = []
        conversation: Conversation = ()
        for place, turn in enumerate(case.turns):
            record, answer = self._ask(case, turn, conversation, is_last=place == len(case.turns) - 1)
            records.append({**record, "case": case.id, "turn": place})
            if answer is not None:
                conversation = (*conversation, Turn(turn.question, answer))
        return records

    def _ask(
        self, case: Case, turn: CaseTurn, conversation: Conversation, *, is_last: bool
    ) -> tuple[Record, Answer | None]:
        """Ask one turn: what is recorded of it, and the answer that the next turns follow on."""
        question, before = self._asked(turn, conversation)
        language = turn.language or case.language
        work = work_for(turn, self.only)
        follows = self.replay is Replay.OWN and not is_last and self.system is not None
        following: Answer | None = None
        try:
            if work is Work.ANSWER or follows:
                assert self.system is not None
                answer = self.system.answer(question, before)
                scores = self._scores_of_answer(turn, answer, language, work)
                record, following = receipt_of(answer, self.index), answer
            elif work is Work.FIND:
                assert self.system is not None
                found = self.system.find(question, before)
                query = found.query
                scores = {
                    **self.judge.retrieval(turn, found.evidence),
                    **self.judge.rewriting(turn, query.text, language),
                }
                record = self._unanswered(
                    question, query.text, query.language, found.evidence, seconds=found.seconds
                )
            else:
                start = perf_counter()
                # What is recorded next follows on the question as it is understood.
                is_rewritten = work is Work.REWRITE or (self.replay is Replay.RECORDED and not is_last)
                understood = self.rewrite(question, before, language) if is_rewritten else question
                scores = self.judge.rewriting(turn, understood, language)
                seconds = {"understand": perf_counter() - start} if work is Work.REWRITE else {}
                record = self._unanswered(question, understood, language or "", seconds=seconds)
        except Exception as error:
            record = receipt_of_failure(question, self.explain(error))
            scores = worst(self._scores_of_nothing(turn, language, work))
        if self.replay is Replay.RECORDED:
            following = _recorded(turn, str(record.get("understood_as") or question), language)
        return {**record, "scores": scores}, following

    def _asked(self, turn: CaseTurn, conversation: Conversation) -> tuple[str, Conversation]:
        if self.replay is Replay.REWRITTEN:
            return turn.rewrite or turn.question, ()
        return turn.question, () if self.replay is Replay.NONE else conversation

    def _scores_of_answer(self, turn: CaseTurn, answer: Answer, language: str | None, work: Work) -> Scores:
        scores = self.judge.retrieval(turn, answer.evidence) if work is not Work.REWRITE else {}
        scores = {**scores, **self.judge.rewriting(turn, answer.understood_as, language)}
        return {**scores, **self.judge.answer(turn, answer, language)} if work is Work.ANSWER else scores

    def _scores_of_nothing(self, turn: CaseTurn, language: str | None, work: Work) -> Scores:
        """Score a turn as if nothing had come back, to know which measures apply to it."""
        nothing = Answer(
            question=turn.question, understood_as="", status=AnswerStatus.NOT_COVERED, text="", language=""
        )
        return self._scores_of_answer(turn, nothing, language, work)

    def _unanswered(
        self,
        question: str,
        understood: str,
        language: str,
        evidence: Sequence[ScoredPassage] = (),
        *,
        seconds: Mapping[str, float],
    ) -> Record:
        """Write down a question that was only understood, or only searched for."""
        shown = Answer(
            question=question,
            understood_as=understood,
            status=AnswerStatus.NOT_COVERED,
            text="",
            language=language,
            evidence=tuple(evidence),
            seconds=seconds,
        )
        return {**receipt_of(shown, self.index), "status": None}

    def _attribute(self, case: Case, text: str) -> Record:
        found: list[Parts] = []
        record: Record = {}
        try:
            found = [
                Parts(source=one.source, cue=one.cue, content=one.content)
                for one in find_speech(text, case.language)
            ]
            scores = score_attributions(case.attributions, found, text)
        except Exception as error:
            record = receipt_of_failure("", self.explain(error))
            scores = worst(score_attributions(case.attributions, (), text))
        shown = [{"source": part.source, "cue": part.cue, "content": part.content} for part in found]
        return {"schema": 1, "question": "", "citations": [], "found": shown, **record,
                "scores": scores, "case": case.id, "turn": 0}  # fmt: skip


def _recorded(turn: CaseTurn, understood: str, language: str | None) -> Answer:
    """Make the answer that was recorded one of ours: it quotes itself."""
    text = turn.answer or ""
    article = Article(id="recorded", title="", text=text, language=language)
    return Answer(
        question=turn.question,
        understood_as=understood,
        status=AnswerStatus.ANSWERED if text else AnswerStatus.NOT_COVERED,
        text=text,
        language=language or "en",
        citations=(cite(article, 0, len(text), 1),) if text else (),
    )
