"""The executor for clusters of the Elasticsearch family.

It stands beside the targets, and is the one room that knows two of them: the cluster filters by the
requests of `elasticsearch`, and the hits of a sequence are joined by the SQL of `sql`.
"""
