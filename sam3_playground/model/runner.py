"""The network's work, and nothing but that: no cache, no lock, no state between calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torchvision.transforms import v2

from sam3_playground.core.candidates import (
    SCORE_FLOOR,
    Candidate,
    ConceptCandidates,
    VisualCandidates,
)
from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import ConceptPrompt, VisualPrompt
from sam3_playground.core.segmenter import Progress
from sam3_playground.core.words import shortened
from sam3_playground.errors import InvalidPromptError
from sam3_playground.model import backbone, calls
from sam3_playground.model.arithmetic import encode_shares
from sam3_playground.model.config import NetworkConfig
from sam3_playground.model.embedding import Embedding
from sam3_playground.model.fusion import FusionEncoder
from sam3_playground.model.grounding import ground
from sam3_playground.model.mask_head import MaskHead
from sam3_playground.model.prompt_tensors import click_tensors, exemplar_tensors, mask_tensor
from sam3_playground.model.texts import EncodedText, batch, read_words, rows

# Bytes that concepts may take in the network together; more of them are chunked. A CPU is
# slower with many large ones: none of their tensors stays in its caches.
CONCEPT_BYTES = 2 * 2**30
CPU_CONCEPT_BYTES = 2**27

_LOGIT_LIMIT = 32.0


class Runner:
    """One network on one device.

    What it is asked depends on the arguments alone, and leaves nothing behind, so calls may come
    in any order and from several threads; only memory and speed want them one after the other.
    Embeddings and encoded texts may come from another process, and lie on any device: they are
    brought to the runner's, where what it makes stays. A fork of the process may use it as well,
    with one thread of torch (`torch.set_num_threads(1)`): the others do not survive a fork.

    Args:
        network: As `build_network` makes it, its weights loaded; they must not change any more.
        config: The sizes it was built with.
        device: Where to run it: in bfloat16 on CUDA, in float32 elsewhere.
        cpu_bfloat16: Encode images in bfloat16 on a CPU as well; prompts, which gain
            nothing from it, stay in float32.

    Attributes:
        config: The network's sizes.
        device: Where it runs.
        cpu_bfloat16: Whether it encodes images in bfloat16 on a CPU.
    """

    def __init__(
        self,
        network: Any,
        config: NetworkConfig,
        device: torch.device,
        *,
        cpu_bfloat16: bool = False,
    ) -> None:
        self.config = config
        self.device = device
        self.cpu_bfloat16 = cpu_bfloat16 and device.type == "cpu"
        self._network = network.to(device).eval()
        calls.fill_tables(network, config.grid)
        self._shares = encode_shares(config)
        self._places = calls.positions(network, config.grid)
        self._mask_head = MaskHead(network.segmentation_head)
        self._fusion = FusionEncoder(network.transformer.encoder)
        budget = CPU_CONCEPT_BYTES if device.type == "cpu" else CONCEPT_BYTES
        self._concepts_at_once = max(1, budget // config.concept_bytes)
        side = config.image_size
        self._transform = v2.Compose(
            [
                v2.Resize(size=(side, side)),
                v2.ToDtype(torch.float32, scale=True),
                v2.Normalize(mean=[0.5, 0.5, 0.5], std=[0.5, 0.5, 0.5]),
            ]
        )

    @property
    def byte_count(self) -> int:
        """Bytes of the network's parameters."""
        return sum(one.numel() * one.element_size() for one in self._network.parameters())

    def encode(self, image: RgbImage, progress: Progress | None = None) -> Embedding:
        """What prompts need of an image; on CUDA, too, it is done when this returns.

        Args:
            image: The image.
            progress: Told which part of the work is done, from 0.0 on, in this thread.
        """
        pixels = torch.from_numpy(np.require(image.pixels, requirements="W")).permute(2, 0, 1)
        shares = iter(self._shares)
        tell = progress or (lambda _: None)
        tell(0.0)
        with self._running():
            with self._encoding():
                squashed = self._transform(pixels.to(self.device))[None]
                trunk = backbone.trunk_features(self._network, squashed, lambda: tell(next(shares)))
                concepts = backbone.concept_neck(self._network, trunk)
            if self.cpu_bfloat16:
                trunk, concepts = trunk.float(), tuple(level.float() for level in concepts)
            embedding = Embedding(
                image.size,
                concepts[-1],
                self._fusion.image_features(concepts[-1], self._places),
                tuple(self._mask_head.image_features(concepts)),
                (trunk,) if calls.has_click_head(self._network) else (),
            )
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        return embedding

    def with_clicks(self, embedding: Embedding) -> Embedding:
        """The same ready for visual prompts, where the network answers any.

        That is a twentieth of the work, done for those who click alone.
        """
        if embedding.takes_clicks or not embedding.clicks:
            return embedding
        with self._running():
            embedding = embedding.to(self.device)
            with self._encoding():
                levels = backbone.click_neck(self._network, *embedding.clicks)
            if self.cpu_bfloat16:
                levels = tuple(level.float() for level in levels)
            return replace(embedding, clicks=calls.click_levels(self._network, levels))

    def encode_texts(self, texts: Sequence[str]) -> tuple[EncodedText, ...]:
        """At least one text, as `read_words` gives it, in one batch; one row for each.

        What it reads of texts that `validate_text` refuses is their beginning.
        """
        with self._running():
            return rows(calls.encode_texts(self._network, texts))

    def validate_text(self, prompt: ConceptPrompt) -> None:
        """Refuse a text that the network would read only the beginning of; it does not run.

        Raises:
            InvalidPromptError: More tokens than its context holds.
        """
        most = calls.text_limit(self._network)
        count = calls.text_tokens(self._network, read_words(prompt))
        if count > most:
            raise InvalidPromptError(
                f"expected at most {most} tokens, words and parts of them, in a text, "
                f"got {count} in {shortened(prompt.label)!r}"
            )

    def validate_mask(self, mask_input: NDArray[np.float32] | None) -> None:
        """Refuse logits that are none of this network's.

        Raises:
            InvalidPromptError: Of another size.
        """
        size = self.config.mask_size
        if mask_input is not None and mask_input.shape != (size, size):
            raise InvalidPromptError(
                f"expected mask_input of shape {(size, size)}, got {mask_input.shape}"
            )

    def propose_concepts(
        self,
        embedding: Embedding,
        prompts: Sequence[ConceptPrompt],
        texts: Sequence[EncodedText],
        *,
        score_floor: float = SCORE_FLOOR,
    ) -> tuple[ConceptCandidates, ...]:
        """Propose instances of concepts, in batches that memory has room for.

        Args:
            embedding: The image.
            prompts: The concepts, no exemplar outside the image; none gives none.
            texts: What `encode_texts` made of the words of each.
            score_floor: Candidates below it are dropped; in [0, 1].

        Returns:
            For each prompt its candidates, best first; none is an empty tuple.
        """
        found: list[ConceptCandidates] = []
        with self._running():
            embedding = embedding.to(self.device)
            for first in range(0, len(prompts), self._concepts_at_once):
                chunk = slice(first, first + self._concepts_at_once)
                found.extend(self._ground(embedding, prompts[chunk], texts[chunk], score_floor))
        return tuple(found)

    def propose_visual(
        self,
        embedding: Embedding,
        prompt: VisualPrompt,
        mask_input: NDArray[np.float32] | None = None,
        *,
        multimask: bool | None = None,
    ) -> VisualCandidates:
        """Propose masks of one object: see `core.segmenter.Segmenter.segment_visual`.

        Empty masks come last, unless `multimask` says how many there are to be.

        Raises:
            InvalidPromptError: A mask of another size.
        """
        self.validate_mask(mask_input)
        size = embedding.image_size
        embedding = self.with_clicks(embedding)
        with self._running():
            points, labels = click_tensors(prompt, size, self.config.image_size, self.device)
            clicked = calls.click(
                self._network,
                embedding.to(self.device).clicks,
                points,
                labels,
                mask_tensor(mask_input, self.device),
            )
            logits = clicked.masks[0].float().clamp(-_LOGIT_LIMIT, _LOGIT_LIMIT).cpu().numpy()
            scores = clicked.ious[0].float().cpu().tolist()
            alone = prompt.is_ambiguous and mask_input is None
            wished = True if multimask is None and alone else multimask
            shown = self._shown(clicked.masks[0], scores, multimask=wished)
            if multimask is None:
                # To people a mask without a pixel is nothing to begin with, however sure it is.
                shown.sort(key=lambda index: not (logits[index] > 0).any())
        return VisualCandidates(
            prompt, tuple(Candidate(scores[i], logits[i], size, id=i) for i in shown)
        )

    @contextmanager
    def _running(self) -> Iterator[None]:
        """Without gradients and at the device's precision: both hold for this thread alone."""
        precision = (
            torch.autocast("cuda", dtype=torch.bfloat16)
            if self.device.type == "cuda"
            else nullcontext()
        )
        with torch.inference_mode(), precision:
            yield

    def _encoding(self) -> AbstractContextManager[None]:
        """At the precision of images, where that is another one."""
        return torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.cpu_bfloat16)

    def _ground(
        self,
        embedding: Embedding,
        prompts: Sequence[ConceptPrompt],
        texts: Sequence[EncodedText],
        score_floor: float,
    ) -> Iterator[ConceptCandidates]:
        size = embedding.image_size
        answers = ground(
            self._network,
            self._fusion,
            self._mask_head,
            embedding,
            self._places,
            batch(texts, self.device),
            exemplar_tensors(prompts, size, self.device),
            score_floor=score_floor,
        )
        for prompt, answer in zip(prompts, answers, strict=True):
            yield ConceptCandidates(prompt, answer.presence, answer.candidates(size), score_floor)

    def _shown(self, masks: Tensor, scores: list[float], *, multimask: bool | None) -> list[int]:
        """Which of the click head's masks to show, the first one first.

        The network was trained to give a single mask where the prompt is clear, and three where
        it is not; a single mask that hangs on its threshold gives way to the best of the three,
        as in the package's own `MaskDecoder`.

        Args:
            masks: (4, m, m) logits: the single mask, then three candidates.
            scores: Their predicted IoUs.
            multimask: True for the three, False for the single one, None for all.

        Returns:
            Indices into `masks`; the three candidates by falling score.
        """
        three = sorted(range(1, len(scores)), key=lambda index: -scores[index])
        if multimask:
            return three
        single = [0] if all(calls.is_stable(self._network, masks[:1])) else []
        return [*single, *three] if multimask is None else (single or three)[:1]
