"""Documents judged by the million: streamed, on several processes or a cluster, resumed after any stop.

``docs/scale.md`` tells how the pieces meet and what they cost.
"""
