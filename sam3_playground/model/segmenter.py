"""From images and prompts to candidates: the only place where the network runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torchvision.transforms import v2

from sam3_playground.core.candidates import Candidate, ConceptCandidates, VisualCandidates
from sam3_playground.core.images import RgbImage
from sam3_playground.core.prompts import (
    ConceptPrompt,
    VisualPrompt,
)
from sam3_playground.core.segmenter import NO_TIME, ConceptAnswer, Timings, VisualAnswer
from sam3_playground.errors import InvalidPromptError
from sam3_playground.model.click_head import masks_to_show
from sam3_playground.model.config import NetworkConfig
from sam3_playground.model.embedding_cache import Embedding, EmbeddingCache, tensor_bytes
from sam3_playground.model.fusion import FusionEncoder
from sam3_playground.model.grounding import ground
from sam3_playground.model.mask_head import MaskHead
from sam3_playground.model.prompt_tensors import click_tensors, exemplar_prompt
from sam3_playground.model.text_cache import TextCache
from sam3_playground.model.weights import WeightsInfo

# Candidates under this score are dropped before their masks leave the device.
SCORE_FLOOR = 0.02
# Bytes that concepts may take in the network together; more of them are chunked. A CPU is
# slower with many large ones: none of their tensors stays in its caches.
CONCEPT_BYTES = 2 * 2**30
CPU_CONCEPT_BYTES = 2**27

_LOGIT_LIMIT = 32.0


class Segmenter:
    """One network behind a lock, with one embedding for each image.

    Calls from several threads take turns on the network; nothing of a call stays on it.

    Args:
        network: As `build_network` makes it, its weights loaded.
        config: The sizes it was built with.
        weights: Where its weights come from.
        device: Where to run it: in bfloat16 on CUDA, in float32 elsewhere.
        cache_bytes: The most that kept embeddings may take.
        cpu_bfloat16: Encode images in bfloat16 on a CPU as well; prompts, which gain
            nothing from it, stay in float32.

    Attributes:
        weights: Which weights run, and what to say about them.
        config: The network's sizes.
        device: Where it runs.
        cache: The embeddings kept.
    """

    def __init__(
        self,
        network: Any,
        config: NetworkConfig,
        weights: WeightsInfo,
        *,
        device: torch.device,
        cache_bytes: int,
        cpu_bfloat16: bool = False,
    ) -> None:
        self.weights = weights
        self.config = config
        self.device = device
        self.cache = EmbeddingCache(cache_bytes)
        self._cpu_bfloat16 = cpu_bfloat16 and device.type == "cpu"
        self._network = network.to(device).eval()
        self._tracker = network.inst_interactive_predictor.model
        self._mask_head = MaskHead(network.segmentation_head)
        self._fusion = FusionEncoder(network.transformer.encoder)
        self._texts = TextCache(self._network.backbone, device)
        self._lock = threading.Lock()
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

    def holding(self, image: RgbImage) -> AbstractContextManager[None]:
        """Encode an image once at most in a block of several calls, whatever the cache keeps."""
        return self.cache.hold(image.key)

    def validate_text(self, prompt: ConceptPrompt) -> None:
        """Refuse a text that the network would read only the beginning of; it does not run.

        Raises:
            InvalidPromptError: More tokens than its context holds.
        """
        self._texts.validate(prompt)

    def is_embedded(self, image: RgbImage) -> bool:
        """Whether the image's embedding is kept."""
        return self.cache.get(image.key) is not None

    def embed(self, image: RgbImage) -> Timings:
        """Encode an image, unless its embedding is kept already.

        Returns:
            The time it took; `prompt` is 0.0.
        """
        with self._running():
            _, timings = self._embedding(image)
        return timings

    def segment_concepts(
        self, image: RgbImage, prompts: Sequence[ConceptPrompt], *, score_floor: float = SCORE_FLOOR
    ) -> ConceptAnswer:
        """Propose instances of every concept, in one batch.

        Args:
            image: The image.
            prompts: At least one concept; exemplar boxes in image pixels, none outside it.
            score_floor: Candidates below it are dropped; in [0, 1].

        Returns:
            For each prompt its candidates, best first; none is an empty tuple.

        Raises:
            InvalidPromptError: A text that is too long for the network.
        """
        for prompt in prompts:
            self.validate_text(prompt)
        with self._running():
            embedding, timings = self._embedding(image)
            start = time.perf_counter()
            found: list[ConceptCandidates] = []
            for first in range(0, len(prompts), self._concepts_at_once):
                chunk = prompts[first : first + self._concepts_at_once]
                found.extend(self._ground(embedding, chunk, score_floor))
            seconds = time.perf_counter() - start
        return ConceptAnswer(tuple(found), Timings(timings.encode, seconds, timings.encoded))

    def segment_visual(
        self,
        image: RgbImage,
        prompt: VisualPrompt,
        *,
        mask_input: NDArray[np.float32] | None = None,
        multimask: bool | None = None,
    ) -> VisualAnswer:
        """Propose masks of one object.

        Args:
            image: The image.
            prompt: Clicks and box in image pixels, inside the image.
            mask_input: (m, m) float32 logits of a former mask of this network to refine:
                those of a candidate, visual or of a concept.
            multimask: True for three candidates, False for the single mask that the network
                trusts most. None for what a person should see: three candidates for one click
                alone, else the single mask before them.

        Returns:
            The candidates: a trusted single mask, then best predicted IoU first.

        Raises:
            InvalidPromptError: A mask of another size.
        """
        size = self.config.mask_size
        if mask_input is not None and mask_input.shape != (size, size):
            raise InvalidPromptError(
                f"expected mask_input of shape {(size, size)}, got {mask_input.shape}"
            )
        with self._running():
            embedding, timings = self._embedding(image)
            start = time.perf_counter()
            candidates = self._click(embedding, prompt, mask_input, multimask=multimask)
            seconds = time.perf_counter() - start
        return VisualAnswer(
            VisualCandidates(prompt, candidates),
            Timings(timings.encode, seconds, timings.encoded),
        )

    @contextmanager
    def _running(self) -> Iterator[None]:
        """Hold the network, without gradients and at the device's precision."""
        precision = (
            torch.autocast("cuda", dtype=torch.bfloat16)
            if self.device.type == "cuda"
            else nullcontext()
        )
        with self._lock, torch.inference_mode(), precision:
            yield

    def _embedding(self, image: RgbImage) -> tuple[Embedding, Timings]:
        kept = self.cache.get(image.key)
        if kept is not None:
            return kept, NO_TIME
        start = time.perf_counter()
        pixels = torch.from_numpy(image.pixels).permute(2, 0, 1).to(self.device)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self._cpu_bfloat16):
            seen = self._network.backbone.forward_image(self._transform(pixels)[None])
        levels, clicks = (out["backbone_fpn"] for out in (seen, seen["sam2_backbone_out"]))
        if self._cpu_bfloat16:
            levels, clicks = ([level.float() for level in out] for out in (levels, clicks))
        decoder = self._tracker.sam_mask_decoder
        # Without what nothing reads, more than half: all positions but the coarsest level's.
        positions = seen["vision_pos_enc"][-1]
        backbone_out = {
            "backbone_fpn": levels[-1:],
            "mask_features": self._mask_head.image_features(levels),
            "fusion_features": self._fusion.image_features(levels[-1], positions),
            "vision_pos_enc": [positions],
            "sam2_backbone_out": {
                "backbone_fpn": [decoder.conv_s0(clicks[0]), decoder.conv_s1(clicks[1]), clicks[2]]
            },
        }
        embedding = Embedding(backbone_out, image.size, tensor_bytes(backbone_out))
        self.cache.put(image.key, embedding)
        self._synchronise()
        return embedding, Timings(time.perf_counter() - start, 0.0, encoded=True)

    def _synchronise(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)

    def _ground(
        self, embedding: Embedding, prompts: Sequence[ConceptPrompt], score_floor: float
    ) -> list[ConceptCandidates]:
        answers = ground(
            self._network,
            self._fusion,
            self._mask_head,
            embedding.backbone_out,
            self._texts.encoded(prompts),
            exemplar_prompt(prompts, embedding.image_size, self.device),
            score_floor=score_floor,
        )
        return [
            ConceptCandidates(
                prompt, answer.presence, answer.candidates(embedding.image_size), score_floor
            )
            for prompt, answer in zip(prompts, answers, strict=True)
        ]

    def _click(
        self,
        embedding: Embedding,
        prompt: VisualPrompt,
        mask_input: NDArray[np.float32] | None,
        *,
        multimask: bool | None,
    ) -> tuple[Candidate, ...]:
        points, labels = click_tensors(
            prompt, embedding.image_size, self.config.image_size, self.device
        )
        mask = None
        if mask_input is not None:
            mask = torch.from_numpy(np.ascontiguousarray(mask_input, dtype=np.float32))
            mask = mask.to(self.device)[None, None]
        encoder = self._tracker.sam_prompt_encoder
        sparse, dense = encoder(
            points=(points, labels),
            boxes=None,
            masks=mask,
        )
        fine, middle, coarse = embedding.backbone_out["sam2_backbone_out"]["backbone_fpn"]
        decoder = self._tracker.sam_mask_decoder
        masks, ious, _, _ = decoder.predict_masks(
            image_embeddings=coarse + self._tracker.no_mem_embed.view(1, -1, 1, 1),
            image_pe=encoder.get_dense_pe(),
            sparse_prompt_embeddings=sparse,
            dense_prompt_embeddings=dense,
            repeat_image=False,
            high_res_features=[fine, middle],
        )
        logits = masks[0].float().clamp(-_LOGIT_LIMIT, _LOGIT_LIMIT).cpu().numpy()
        scores = ious[0].float().cpu().tolist()
        if multimask is None and prompt.is_ambiguous:
            multimask = True
        shown = masks_to_show(decoder, masks, scores, multimask=multimask)
        return tuple(Candidate(scores[i], logits[i], embedding.image_size, id=i) for i in shown)
