"""api_judge.py: whether an answer is one that the document allows, and holds nothing of another tenant."""
import json
import xml.etree.ElementTree as ElementTree

from api_schema import followed, problems_of

SECURITY_HEADERS = {"x-content-type-options": "nosniff", "cache-control": "no-store"}


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, {name.lower(): value for name, value in headers}, body


class Judge:
    """forbidden: texts of another tenant, as bytes."""

    def __init__(self, document, forbidden):
        self.document, self.forbidden = document, forbidden

    def complaints(self, operation, answer):
        """What is wrong with an answer to this operation; an empty list: nothing."""
        found = ["%r of another tenant" % text for text in self.forbidden if text in answer.body]
        if answer.status >= 500:
            found.append("status %d" % answer.status)
        for name, value in SECURITY_HEADERS.items():
            if answer.headers.get(name) != value:
                found.append("the header %s is %r" % (name, answer.headers.get(name)))
        if not answer.headers.get("x-request-id"):
            found.append("no X-Request-Id")
        if "server" in answer.headers:
            found.append("a header tells the server's name")
        if answer.status in (414, 431) and b"too big for the memory constraints" in answer.body:
            return [one for one in found if not one.startswith(("the header", "no X-"))]  # the library's own page
        described = operation["responses"].get(str(answer.status))
        if described is None:
            return found + ["status %d is not documented" % answer.status]
        return found + self.content_complaints(followed(self.document, described), answer)

    def content_complaints(self, described, answer):
        contents = described.get("content")
        kind = (answer.headers.get("content-type") or "").split(";")[0]
        if contents is None:
            return ["status %d has a body" % answer.status] if answer.body else []
        if kind not in contents:
            return ["the type %r is not documented" % kind]
        schema = contents[kind]["schema"]
        if kind.endswith("json"):
            return self.json_complaints(schema, answer)
        if kind.endswith("xml"):
            return self.xml_complaints(schema, answer)
        return []

    def json_complaints(self, schema, answer):
        try:
            value = json.loads(answer.body, object_pairs_hook=unique)
        except ValueError as error:
            return ["not JSON: %s" % error]
        found = problems_of(self.document, schema, value, closed=True)
        if answer.status >= 400 and isinstance(value, dict) and value.get("status", answer.status) != answer.status:
            found.append("the problem says %s, the status line %d" % (value["status"], answer.status))
        return found

    def xml_complaints(self, schema, answer):
        try:
            root = ElementTree.fromstring(answer.body)
        except ElementTree.ParseError as error:
            return ["not XML: %s" % error]
        wanted = schema["xml"]["name"]
        return [] if root.tag == wanted else ["the root is %s, not %s" % (root.tag, wanted)]


def unique(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise ValueError("a name is there twice")
    return dict(pairs)
