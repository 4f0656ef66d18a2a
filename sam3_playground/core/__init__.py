"""Pure decisions over arrays: prompts, masks, thresholds, suppression and encodings."""
