"""The proof that the checks work: the kill matrix and the ablation of evidence."""
