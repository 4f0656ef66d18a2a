"""What was found, in a line for people."""

from __future__ import annotations

from sam3_playground.core.prompts import VisualPrompt
from sam3_playground.core.results import PromptResult, Result


def describe(result: Result) -> str:
    """Counts by concept, what NMS took, and the best score where nothing was found."""
    return ", ".join(map(_described, result.prompt_results))


def _described(found: PromptResult) -> str:
    if isinstance(found.prompt, VisualPrompt):
        best = found.best_score or 0
        return f"1 object of predicted IoU {best:.2f}" if found.instances else "no object"
    gone = sum(item.count for item in found.suppressed)
    whom = " and ".join(item.label for item in found.suppressed)
    suppressed = f"{gone} suppressed by {whom}" if gone else ""
    if found.instances:
        return f"{len(found.instances)} x {found.label}" + (f" ({suppressed})" if gone else "")
    reached = found.best_score is not None and found.best_score >= (found.score_threshold or 0)
    if found.best_score is not None and not reached:
        return f"no {found.label} (best score {found.best_score:.2f})"
    return f"no {found.label}" + (f" ({suppressed})" if gone else "")
