"""stub"""


def coerce_literals(query, context):
    return query
