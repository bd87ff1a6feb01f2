"""api_control.py: negative controls: the judge and the document's checks must see what is wrong."""
import copy, json

from api_judge import Answer, Judge
from api_schema import document_problems, operations, problems_of

HEADERS = [("Content-Type", "application/json"), ("X-Content-Type-Options", "nosniff"), ("Cache-Control", "no-store"),
           ("X-Request-Id", "r")]
CLOCK = {"now": "2011-09-06T15:00:00Z", "mode": "test"}


def foreign_judgement(document):
    """What python3-jsonschema says of the schemas, where it is installed."""
    try:
        from jsonschema import Draft202012Validator
        from jsonschema.exceptions import SchemaError
    except ImportError:
        print("# python3-jsonschema is not installed: our own validator alone")
        return []
    found = []
    for name, schema in document["components"]["schemas"].items():
        try:
            Draft202012Validator.check_schema(schema)
        except SchemaError as error:
            found.append("%s: %s" % (name, error.message))
    return found + disagreements(document, Draft202012Validator)


def disagreements(document, validator):
    """Both judge the same of some values."""
    values = [CLOCK, {**CLOCK, "mode": "x"}, {**CLOCK, "now": 1}, {"now": "x"}, {}, [], None, 1, "2011-09-06", {"id": 0}]
    found = []
    for name in ("clock_shown", "account_create.input", "order_place.input", "problem", "money"):
        # "$defs" where the references point
        schema = {"$ref": "#/components/schemas/" + name, "components": document["components"]}
        for value in values:
            ours, theirs = not problems_of(document, document["components"]["schemas"][name], value), \
                validator(schema).is_valid(value)
            if ours != theirs:
                found.append("%s and %r: we say %s" % (name, value, ours))
    return found


def clock(document):
    return next(one for method, path, one in operations(document) if (method, path) == ("get", "/v1/clock"))


def answers():
    """(name, Answer) of wrong ones."""
    good = json.dumps(CLOCK).encode()

    def of(body=good, status=200, without=None, **headers):
        every = [(name, value) for name, value in HEADERS if name != without]
        return Answer(status, [(name, value) for name, value in every if name not in headers] + list(headers.items()), body)
    return [
        ("a member that is not described", of(json.dumps({**CLOCK, "secret": 1}).encode())),
        ("a member of the wrong type", of(json.dumps({**CLOCK, "now": 5}).encode())),
        ("a word that is no choice", of(json.dumps({**CLOCK, "mode": "tset"}).encode())),
        ("a member that is missing", of(b'{"mode":"test"}')),
        ("a name twice", of(b'{"now":"2011-09-06T15:00:00Z","mode":"test","mode":"test"}')),
        ("no JSON", of(b"<html>")),
        ("a text of another tenant", of(json.dumps({**CLOCK, "mode": "Quetzalcoatlus"}).encode())),
        ("a 500 of the documented form", Answer(500, [("Content-Type", "application/problem+json")] + HEADERS[1:], json.dumps(
            {"type": "urn:moonbill:problem:internal", "title": "t", "status": 500, "detail": "d", "errors": [
                {"pointer": "", "code": "internal", "message": "m", "remedy": "r"}]}).encode())),
        ("a status that is not documented", of(b"", 418)),
        ("another type", of(**{"Content-Type": "text/html"})),
        ("no header against sniffing", of(without="X-Content-Type-Options")),
        ("a server's name", of(Server="moonbill/0.1")),
    ], of()


def broken_documents(document):
    """(name, document) of wrong ones."""
    def change(how):
        changed = copy.deepcopy(document)
        how(changed)
        return changed
    return [
        ("a reference to nothing", change(lambda d: d["components"]["schemas"].pop("account"))),
        ("an operationId twice", change(lambda d: d["paths"]["/v1/clock"]["get"].update(operationId="put_v1_clock"))),
        ("a path without its parameter", change(lambda d: d["paths"]["/v1/orders/{id}"]["get"].update(parameters=[]))),
        ("a keyword that is none", change(lambda d: d["components"]["schemas"]["id"].update(minimun=1))),
        ("an operation without success", change(lambda d: d["paths"]["/v1/clock"]["get"]["responses"].pop("200"))),
    ]


def controls(document):
    """(name, complaints): a control fails when nothing was seen, or when what is right was refused."""
    judge = Judge(document, [b"Quetzalcoatlus"])
    wrong, right = answers()
    yield "a right answer passes", judge.complaints(clock(document), right)
    for name, answer in wrong:
        yield name + " is seen", [] if judge.complaints(clock(document), answer) else ["the judge saw nothing"]
    for name, changed in broken_documents(document):
        yield name + " is seen", [] if document_problems(changed) else ["the checks saw nothing"]
