"""api_schema.py: what /openapi.json uses of JSON Schema 2020-12, and whether the document hangs together.

`problems_of` is a validator of our own for the keywords that the document uses; an unknown keyword is an error, so that
none is passed over. Where python3-jsonschema is installed, tests/api/run lets it judge the schemas as well.
"""
import re

ANNOTATIONS = {"description", "examples", "format", "default", "writeOnly", "xml", "title", "readOnly"}
KEYWORDS = {"$ref", "type", "enum", "pattern", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems",
            "items", "required", "properties", "additionalProperties", "anyOf"} | ANNOTATIONS
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
METHODS = ("get", "put", "post", "delete", "patch")


def resolve(document, reference):
    """The node that "#/a/b" points to; KeyError when there is none."""
    node = document
    for part in reference.lstrip("#/").split("/"):
        node = node[part.replace("~1", "/").replace("~0", "~")]
    return node


def followed(document, schema):
    while "$ref" in schema:
        schema = resolve(document, schema["$ref"])
    return schema


def is_type(value, name):
    if name == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if name == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def problems_of(document, schema, value, closed=False, at=""):
    """Why the value is not of the schema: a list of texts. closed: an object has no members but the described."""
    if schema is True:
        return []
    unknown = set(schema) - KEYWORDS
    if unknown:
        return ["%s: the schema has the keyword %s" % (at, unknown.pop())]
    found = []
    if "$ref" in schema:
        found += problems_of(document, resolve(document, schema["$ref"]), value, closed, at)
    if "anyOf" in schema:
        tries = [problems_of(document, one, value, closed, at) for one in schema["anyOf"]]
        if all(tries):
            found += min(tries, key=len)
    types = schema.get("type")
    if types and not any(is_type(value, one) for one in ([types] if isinstance(types, str) else types)):
        return found + ["%s: %.60r is not of type %s" % (at, value, types)]
    if "enum" in schema and value not in schema["enum"]:
        found.append("%s: %.60r is none of the choices" % (at, value))
    if isinstance(value, str):
        found += text_problems(schema, value, at)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        if value < schema.get("minimum", value) or value > schema.get("maximum", value):
            found.append("%s: %s is out of range" % (at, value))
    elif isinstance(value, list):
        found += list_problems(document, schema, value, closed, at)
    elif isinstance(value, dict):
        found += object_problems(document, schema, value, closed, at)
    return found


def text_problems(schema, value, at):
    found = []
    if "pattern" in schema and not re.search(schema["pattern"], value):
        found.append("%s: %.60r does not match %s" % (at, value, schema["pattern"]))
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        found.append("%s: a text of %d characters" % (at, len(value)))
    return found


def list_problems(document, schema, value, closed, at):
    found = []
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        found.append("%s: a list of %d items" % (at, len(value)))
    for i, item in enumerate(value):
        found += problems_of(document, schema.get("items", True), item, closed, "%s/%d" % (at, i))
    return found


def object_problems(document, schema, value, closed, at):
    found = ["%s: %s is missing" % (at, name) for name in schema.get("required", []) if name not in value]
    properties = schema.get("properties", {})
    shut = schema.get("additionalProperties") is False or (closed and "properties" in schema)
    for name, member in value.items():
        if name in properties:
            found += problems_of(document, properties[name], member, closed, at + "/" + name)
        elif shut:
            found.append("%s: %s is not described" % (at, name))
    return found


# ---- the document ----

def operations(document):
    """(method, path, operation) of each."""
    return [(method, path, item[method]) for path, item in document["paths"].items() for method in METHODS if method in item]


def references(node):
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for child in node.values():
            yield from references(child)
    elif isinstance(node, list):
        for child in node:
            yield from references(child)


def unresolved(document):
    missing = []
    for reference in set(references(document)):
        try:
            resolve(document, reference)
        except (KeyError, TypeError):
            missing.append(reference)
    return missing


def schemas_of(node):
    """Every schema: the components', and those of parameters, headers and media."""
    if isinstance(node, dict):
        if isinstance(node.get("schema"), dict):
            yield node["schema"]
        for child in node.values():
            yield from schemas_of(child)
    elif isinstance(node, list):
        for child in node:
            yield from schemas_of(child)


def keyword_problems(schema, at="schema"):
    """Keywords we do not know, anywhere inside."""
    found = ["%s: %s" % (at, word) for word in set(schema) - KEYWORDS]
    for name, member in schema.get("properties", {}).items():
        found += keyword_problems(member, at + "/" + name)
    for member in schema.get("anyOf", []) + ([schema["items"]] if "items" in schema else []):
        found += keyword_problems(member, at)
    return found


def document_problems(document):
    """Whether it hangs together, by OpenAPI 3.1's own rules."""
    found = ["does not resolve: " + one for one in unresolved(document)]
    if not re.fullmatch(r"3\.1\.\d+", document.get("openapi", "")) or not {"title", "version"} <= set(document.get("info", {})):
        found.append("openapi or info is missing")
    names = [operation.get("operationId") for _, _, operation in operations(document)]
    found += ["operationId %s is there twice" % name for name in set(names) if names.count(name) > 1 or not name]
    used = {ref.rsplit("/", 1)[1] for ref in references(document) if ref.startswith("#/components/schemas/")}
    found += ["schema %s is used nowhere" % name for name in document["components"]["schemas"] if name not in used]
    for schema in list(schemas_of(document)) + list(document["components"]["schemas"].values()):
        found += keyword_problems(schema)
    for method, path, operation in operations(document):
        found += operation_problems(document, "%s %s" % (method, path), path, operation)
    return found


def operation_problems(document, at, path, operation):
    found = []
    parameters = [followed(document, one) for one in operation.get("parameters", [])]
    in_path = {one["name"] for one in parameters if one["in"] == "path"}
    if in_path != set(re.findall(r"\{(\w+)\}", path)):
        found.append("%s: its path and its parameters differ" % at)
    if not all("schema" in one for one in parameters):
        found.append("%s: a parameter has no schema" % at)
    for status, answer in operation["responses"].items():
        answer = followed(document, answer)
        if not re.fullmatch(r"[1-5]\d\d", status) or not answer.get("description"):
            found.append("%s: answer %s" % (at, status))
        if status not in ("204", "304") and not all("schema" in media for media in answer.get("content", {"": {}}).values()):
            found.append("%s: answer %s has no schema" % (at, status))
    if not any(status.startswith("2") for status in operation["responses"]):
        found.append("%s: no answer of success" % at)
    schemes = document["components"]["securitySchemes"]
    found += ["%s: security %s" % (at, name) for one in operation["security"] for name in one if name not in schemes]
    return found
