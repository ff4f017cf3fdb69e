"""The reader while it learns: low-rank adapters around the bundled model, and a head for starts and ends."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from warnings import catch_warnings

import numpy as np
from numpy.typing import NDArray

from retrieval.bulk_embedding import has_amx
from retrieval.embedding import bundled_model_path
from retrieval.errors import RunError, SettingError
from retrieval.training.reading_batches import Batch, Plan

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

# What an adapter adds is multiplied by it, whatever its rank.
SCALE = 2.0
_WIDTH = 384
_ADAPTED = ["query", "key", "value", "dense"]
# The logit of a token at which no answer can begin or end.
_NEVER = -1e4
_CPUINFO = Path("/proc/cpuinfo")


class ReadingModel:
    """The bundled model with adapters and a head, and what it needs to learn; there is no dropout.

    Raises:
        SettingError: peft is not installed.
        EmbedderError: The bundled model is missing or altered.
    """

    def __init__(self, plan: Plan, threads: int = 0) -> None:
        """Begin with adapters that change nothing; 0 threads are as many as torch chooses."""
        import torch

        if threads:
            torch.set_num_threads(threads)
        torch.manual_seed(plan.seed)
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        self._half = self._device == "cuda" or (_CPUINFO.exists() and has_amx(_CPUINFO.read_text()))
        head = torch.nn.Linear(_WIDTH, 2)
        torch.nn.init.normal_(head.weight, std=0.02)
        torch.nn.init.zeros_(head.bias)
        self._parts = torch.nn.ModuleDict({"body": _adapted_body(plan.rank), "head": head}).to(self._device)
        self._parts.train()
        self._learned = [each for each in self._parts.parameters() if each.requires_grad]
        self._optimizer = torch.optim.AdamW(
            self._learned, lr=plan.learning_rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True
        )

    @property
    def runs_on(self) -> str:
        """Tell where it learns, and in which numbers."""
        return f"{self._device}, {'bfloat16' if self._half else 'float32'}"

    def learn(self, batch: Batch, rate: float) -> float:
        """Learn from one batch at a learning rate, and give its loss.

        Raises:
            RunError: The loss is no number, so nothing was learned from the batch.
        """
        import torch
        from torch.nn.functional import cross_entropy

        tokens, mask, types, spans = (
            torch.from_numpy(each).to(self._device)
            for each in (batch.tokens, batch.mask, batch.types, batch.spans)
        )
        with torch.autocast(self._device, torch.bfloat16, enabled=self._half):
            hidden = self._parts["body"](input_ids=tokens, attention_mask=mask, token_type_ids=types)
            logits = self._parts["head"](hidden.last_hidden_state).float()
        # Where nothing answers, it is to point at the first token.
        possible = types == 1
        possible[:, 0] = True
        logits = logits.masked_fill(~possible[:, :, None], _NEVER)
        loss = cross_entropy(logits.transpose(1, 2).flatten(0, 1), spans.flatten())
        if not torch.isfinite(loss):
            raise RunError("The loss is no number any more. Train with a smaller --learning-rate.")
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._learned, 1.0)
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._optimizer.step()
        self._optimizer.zero_grad()
        return float(loss.detach())

    def weights(self) -> dict[str, NDArray[np.float32]]:
        """Copy what was learned, by peft's names."""
        return {name: each.detach().cpu().numpy().copy() for name, each in _learned_of(self._parts).items()}

    def save(self, path: Path, facts: Mapping[str, object]) -> None:
        """Write a checkpoint, whole or not at all: what was learned, the optimizer, and facts for JSON."""
        import torch

        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"{path.name}.unfinished")
        with unfinished.open("wb") as file:
            torch.save(
                {
                    "facts": json.dumps(facts),
                    "weights": _learned_of(self._parts),
                    "optimizer": self._optimizer.state_dict(),
                },
                file,
            )
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)

    def begin_with(self, weights: Mapping[str, NDArray[np.float32]]) -> None:
        """Take the weights of a reader that was trained before.

        Raises:
            SettingError: It is of another rank.
        """
        import torch

        own = _learned_of(self._parts)
        if {name: each.shape for name, each in own.items()} != {
            name: each.shape for name, each in weights.items()
        }:
            raise SettingError("The reader to begin with is of another rank. Give the same one as --rank.")
        self._parts.load_state_dict(
            {name: torch.from_numpy(each) for name, each in weights.items()}, strict=False
        )

    def restore(self, checkpoint: "Checkpoint") -> None:
        """Take the weights and the optimizer of a checkpoint of the same plan."""
        self._parts.load_state_dict(checkpoint.weights, strict=False)
        self._optimizer.load_state_dict(checkpoint.optimizer)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a run goes on from."""

    facts: Mapping[str, Any]
    weights: Mapping[str, "Tensor"]
    optimizer: dict[str, Any]


def read_checkpoint(path: Path) -> Checkpoint:
    """Read what `ReadingModel.save` wrote.

    Raises:
        RunError: It is damaged.
    """
    import torch

    try:
        saved = torch.load(path, map_location="cpu", weights_only=True)
        return Checkpoint(json.loads(saved["facts"]), saved["weights"], saved["optimizer"])
    except Exception as error:  # What torch raises for a damaged file has no class in common.
        reason = str(error).partition("\n")[0].rstrip(".") or type(error).__name__
        raise RunError(
            f"The checkpoint {path} cannot be read ({reason}). Remove it and begin anew."
        ) from error


def _learned_of(parts: "Module") -> dict[str, "Tensor"]:
    return {
        name: value
        for name, value in parts.state_dict().items()
        if ".lora_" in name or name.startswith("head.")
    }


def _adapted_body(rank: int) -> "Module":
    try:
        from peft import LoraConfig, get_peft_model
    except ImportError as error:
        raise SettingError(
            "Training needs one more package. Install it with: pip install 'footnote-bot[training]'"
        ) from error
    from transformers import BertModel
    from transformers.utils.logging import disable_progress_bar, set_verbosity_error

    # It tells how it loads.
    disable_progress_bar()  # type: ignore[no-untyped-call]
    set_verbosity_error()  # type: ignore[no-untyped-call]
    body = BertModel.from_pretrained(
        bundled_model_path(),
        add_pooling_layer=False,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    config = LoraConfig(r=rank, lora_alpha=round(SCALE * rank), target_modules=_ADAPTED)
    with catch_warnings(
        action="ignore", category=FutureWarning
    ):  # peft asks for what will be called otherwise
        return get_peft_model(body, config)
