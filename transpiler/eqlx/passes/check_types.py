"""stub"""


def check_types(query, context):
    return query
