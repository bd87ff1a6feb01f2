"""api_generate.py: requests from the document: valid ones, and valid ones with one thing made wrong.

What answers show is learned by the name of its member (an account_id, a price_code), so that later requests use what
earlier ones made.
"""
import json, string
from urllib.parse import quote, urlencode
from xml.sax.saxutils import escape, quoteattr

from api_schema import followed

LEARNED_MAX = 200
RECIPES_MAX = 20
UNICODE = ["\u00e9", "\u4e2d\u6587", "\U0001f9fe", "\u202e", "a\u0301", "\u0000", "\ud800", "\x1b[31m", "</x>&amp;", "'; --", "{{7*7}}"]
NUMBERS = [0, -1, 1, 2 ** 31, 2 ** 53 - 1, 2 ** 53, 2 ** 63 - 1, 2 ** 63, -2 ** 63, 10 ** 30]
TEXT_NUMBERS = ["0", "-1", "0.000001", "1e3", "999999999999999999", "0.1234567890123456789", "NaN", "+5", " 5", ""]
DATES = ["0001-01-01", "2012-02-29", "9999-12-31", "2011-02-30", "2011-13-01", "2011-9-1"]
# Members whose value a schema cannot know; each is a list to choose of.
CARDS = ["4111111111111111", "4000000000000002", "4000000000000341", "4000000000000127", "5555555555554444"]
# Parameters that say what is meant where no {id} does, and what is to be done with it.
NAMING = ("orderNumber", "invoiceNumber", "contractCode", "action", "cb")
# BluBilling's elements with an id: <customer id="366"/>.
ATTRIBUTE_NOUNS = {"customer": "customer", "oldOrder": "order", "invoices": "invoice", "tokenPaymentMethod": "payment_method"}
RULES = ['rule "r%d" { post = "account.create", run = function (account, ctx) ctx:note("%d") end }\n'
         'rule "nightly" { task = true, run = function (ctx) ctx:note("%d") end }' % (i, i, i) for i in range(3)]


def car(code, amount):
    prices = [{"currency": "USD", "amount": amount}]
    block = {"unit": "km", "size": "100", "prices": prices}
    return {"code": code, "product": "car", "phases": [
        {"kind": "evergreen", "duration_unit": "unlimited", "billing_period": "monthly", "recurring": prices,
         "usages": [{"name": "kilometres", "kind": "consumable", "billing_period": "monthly", "tier_rule": "all_tiers",
                     "tiers": [{"blocks": [block]}]}]}]}


CATALOG = {"versions": [{"effective_at": "2011-01-01T00:00:00Z", "name": "cars", "products": [{"name": "car", "category": "base"}],
                         "plans": [car("small-monthly", "10.00"), car("large-monthly", "24.00")]}]}


def bundle(rng):
    return {"bundle.json": json.dumps({"name": "fuzz", "rules": ["rules/a.lua"]}),
            "rules/a.lua": rng.choice(RULES), "catalog/cars.json": json.dumps(CATALOG)}


class Request:
    """kind: what was done to it. expected: None, or the statuses that alone are right."""

    def __init__(self, method, path, operation):
        self.method, self.path, self.operation = method, path, operation
        self.query, self.headers, self.body, self.kind, self.expected = {}, {}, None, "valid", None
        self.target_suffix = ""
        self.value, self.media, self.schema = None, None, None  # of the body, before it is written

    def target(self):
        query = "?" + urlencode(self.query) if self.query else ""
        return self.path + query + self.target_suffix


class Generator:
    def __init__(self, document, rng, foreign_ids):
        self.document, self.rng, self.foreign_ids = document, rng, foreign_ids
        self.learned = {}  # name of a member -> values that were seen
        self.own_ids = {}  # noun -> ids
        self.recipes = {}  # operationId -> bodies that were taken

    # ---- learning ----

    def learn(self, value, noun=None):
        if isinstance(value, list):
            for item in value[:20]:
                self.learn(item, noun)
        elif isinstance(value, dict):
            if noun and isinstance(value.get("id"), int):
                self.remember(self.own_ids.setdefault(noun, []), value["id"])
            for name, member in value.items():
                if isinstance(member, (dict, list)):
                    self.learn(member)
                elif isinstance(member, (str, int)) and not isinstance(member, bool) and len(str(member)) < 120:
                    self.remember(self.learned.setdefault(name, []), member)
                    if name.endswith("_id") and isinstance(member, int):
                        self.remember(self.own_ids.setdefault(name[:-3], []), member)

    def remember(self, values, value):
        if value in values or not str(value).isprintable():  # an address cannot hold control bytes, whoever asks
            return
        if len(values) >= LEARNED_MAX:
            values[self.rng.randrange(LEARNED_MAX)] = value
        else:
            values.append(value)

    # ---- values ----

    def known_id(self, noun):
        ids = self.own_ids.get(noun)
        return self.rng.choice(ids) if ids and self.rng.random() < 0.95 else self.rng.choice([1, 2, 3, 999999])

    def text(self, schema, name):
        rng, pattern = self.rng, schema.get("pattern", "")
        if name in ("number", "cardNumber") and schema.get("writeOnly", True) and schema.get("maxLength", 99) < 30:
            return rng.choice(CARDS)
        if name in ("url", "cb"):
            return rng.choice(["https://localhost:65535/a", "https://localhost:65535/b?c=d"])  # known without asking a network; nobody listens
        if name == "events" and schema.get("maxLength") == 4000:
            return rng.choice(["*", "account.* payment.fail", "INVOICE_CREATION"])
        if schema.get("format") == "uuid":
            return "%08x-0000-4000-8000-%012x" % (rng.getrandbits(32), rng.getrandbits(48))
        if schema.get("format") == "date":
            return "20%02d-%02d-%02d" % ((34 if "expir" in name else 11), rng.randint(1, 12), rng.randint(1, 28))
        if schema.get("format") == "date-time":
            return "2011-09-%02dT%02d:00:00Z" % (rng.randint(1, 6), rng.randrange(24))
        if pattern.endswith("{12}$"):
            return "20110906%02d00" % rng.randrange(24)
        if "[0-9]+" in pattern:
            return rng.choice(["1", "2", "10", "60.50", "150.00", "0.25"])
        if self.learned.get(name) and rng.random() < 0.6:
            return str(rng.choice(self.learned[name]))
        length = rng.randint(max(1, schema.get("minLength", 1)), max(1, min(12, schema.get("maxLength", 12))))
        return "".join(rng.choice(string.ascii_letters + string.digits) for _ in range(length))

    def value(self, schema, name="", depth=0):
        """A value of the schema, as far as a schema tells."""
        rng = self.rng
        schema = followed(self.document, schema)
        if "anyOf" in schema:
            schema = followed(self.document, schema["anyOf"][0])
        if "enum" in schema:
            if self.learned.get(name) and rng.random() < 0.5:
                return rng.choice([one for one in self.learned[name] if one in schema["enum"]] or schema["enum"])
            return rng.choice([one for one in schema["enum"] if one is not None])
        kinds = schema.get("type")
        kind = kinds if isinstance(kinds, str) else kinds[0] if kinds else None
        if kind is None:
            return bundle(rng) if name == "files" else {"k": rng.randint(0, 9)}
        if kind == "object":
            return self.object(schema, name, depth)
        if kind == "array":
            least = max(1, schema.get("minItems", 0))
            return [self.value(schema["items"], name, depth + 1) for _ in range(rng.randint(least, least + 1))]
        if kind == "string":
            return self.text(schema, name)
        if kind == "boolean":
            return rng.random() < 0.5
        if name in ATTRIBUTE_NOUNS or name.endswith("_id"):
            return self.known_id(ATTRIBUTE_NOUNS.get(name) or name[:-3])
        low, high = schema.get("minimum", 0), schema.get("maximum", 1000)
        return rng.randint(max(low, 0), max(low, min(high, 30)))

    def object(self, schema, name, depth):
        required = schema.get("required", [])
        made = {}
        for member, inside in schema.get("properties", {}).items():
            if member in required or self.rng.random() < (0.3 if depth < 2 else 0.15):
                made[member] = self.value(inside, name if member == "id" else member, depth + 1)
        return made

    def keep_recipe(self, request):
        """A body that was taken as it was is the beginning of later ones."""
        if request.kind == "valid" and request.value:
            kept = self.recipes.setdefault(request.operation["operationId"], [])
            if len(kept) < RECIPES_MAX:
                kept.append(request.value)
            else:
                kept[self.rng.randrange(RECIPES_MAX)] = request.value

    def cook(self, recipe):
        """A copy with other ids, other keys of the caller's, and now and then another value."""
        if isinstance(recipe, list):
            return [self.cook(item) for item in recipe]
        if not isinstance(recipe, dict):
            return recipe
        made = {}
        for name, value in recipe.items():
            if name in ("external_key", "extOrderRef", "extCustomerRef", "extRefId", "code", "username", "uuid") and \
                    isinstance(value, str):
                if name == "uuid":
                    continue
                value = value if self.rng.random() < 0.1 else "k%d" % self.rng.getrandbits(40)
            elif name.endswith("_id") and isinstance(value, int) and self.rng.random() < 0.5:
                value = self.known_id(name[:-3])
            elif name in ATTRIBUTE_NOUNS and isinstance(value, dict) and set(value) == {"id"}:
                value = {"id": self.known_id(ATTRIBUTE_NOUNS[name])}
            elif name in ("quantity", "amount") and self.rng.random() < 0.3:
                value = self.rng.choice(["1", "2", "3.5", "60.50", "0.01"])
            made[name] = self.cook(value)
        return made

    # ---- requests ----

    def noun_of(self, path):
        """Of the {id} in a path: /v1/orders/{id}/change -> order, /rest/order/{id} -> order."""
        parts = path.split("/")
        word = parts[parts.index("{id}") - 1]
        word = {"usage": "usage", "deliveries": "delivery", "events": "journal"}.get(word, word)
        return word[:-1] if word.endswith("s") and word != "usage" else word

    def parameter(self, parameter):
        schema = followed(self.document, parameter["schema"])
        name = parameter["name"]
        if name == "customerId":
            return self.known_id("customer")
        value = self.value(parameter["schema"], {"orderNumber": "number", "invoiceNumber": "number", "extCustomerRef": "external_key"}.get(name, name))
        if name == "status" and not schema.get("enum"):
            value = self.rng.choice(["Active", "Outstanding", "Paid", "Canceled", "Unbilled"])
        return str(value).lower() if isinstance(value, bool) else value

    def placed(self, name, path):
        """What stands in a path for {name}: a slash in a key that was seen would make it another path."""
        if name == "id":
            return str(self.known_id(self.noun_of(path)))
        learned = [str(one) for one in self.learned.get({"key": "key", "word": "uuid"}.get(name), [])]
        learned = [one for one in learned if quote(one, safe="", errors="replace") == one]
        return self.rng.choice(learned) if learned else "1"

    def valid(self, method, path, operation):
        rng = self.rng
        request = Request(method.upper(), path, operation)
        for parameter in (followed(self.document, one) for one in operation["parameters"]):
            if parameter["in"] == "path":
                request.path = request.path.replace("{%s}" % parameter["name"], self.placed(parameter["name"], path))
            elif parameter["in"] == "query" and rng.random() < (0.9 if parameter["name"] in NAMING else 0.25):
                request.query[parameter["name"]] = self.parameter(parameter)
            elif parameter["in"] == "header" and parameter.get("required"):
                request.headers[parameter["name"]] = "fuzz"
        if "/rest" in path and rng.random() < 0.7:
            request.query["format"] = "json"
        if "cursor" in request.query:
            request.query["cursor"] = rng.choice(self.learned.get("next") or ["1-00"])
        if any(one.get("$ref", "").endswith("/Dry-Run") for one in operation["parameters"]) and rng.random() < 0.15:
            request.headers["Dry-Run"] = "true"
        if "requestBody" in operation:
            contents = operation["requestBody"]["content"]
            request.media = rng.choice(sorted(contents))
            request.schema = contents[request.media]["schema"]
            recipes = self.recipes.get(operation["operationId"])
            cooked = recipes and rng.random() < 0.7
            request.value = self.cook(rng.choice(recipes)) if cooked else self.body(request)
        return request

    def body(self, request):
        schema = followed(self.document, request.schema)
        if request.operation["operationId"].endswith("_v1_settings"):
            return self.rng.choice([{}, {"billing": {"day": self.rng.randint(1, 31)}}, {"billing": {"due_days": 5}},
                                    {"invoice_number": {"prefix": "F-"}}, {"billing": None}, {"x": 1}])
        if request.operation["operationId"] == "put_v1_clock":
            return {"now": "2011-%02d-%02dT00:00:00Z" % (self.rng.randint(9, 12), self.rng.randint(1, 28))}
        value = self.value(schema)
        if isinstance(value.get("card"), dict) and self.rng.random() < 0.9:
            value.pop("payment_method_id", None)
        return value

    # ---- one thing wrong ----

    def mutate(self, request, keeps_id=False):
        """Changes the request in one way, and says in request.expected what alone is right, where it is known."""
        ways = [self.no_key, self.bad_key, self.wrong_scope, self.unknown_parameter, self.doubled_parameter, self.bad_parameter,
                self.conditional] + ([] if keeps_id else [self.foreign_id, self.other_kind])
        if request.value is not None:
            ways += [self.missing, self.extra, self.duplicate, self.null, self.wrong_type, self.boundary, self.huge,
                     self.unicode, self.broken, self.deep, self.other_media] * 2
        self.rng.choice(ways)(request)
        return request

    def no_key(self, request):
        request.kind, request.key = "no key", None
        request.expected = {401} if request.operation["security"] else None

    def bad_key(self, request):
        request.kind = "bad key"
        request.key = self.rng.choice(["x", "mb_test_0000_" + "0" * 40, "\u00ff".encode().decode("latin1"), "A" * 5000])
        request.expected = {401, 431} if request.operation["security"] else None

    def wrong_scope(self, request):
        """Keys are named by their scopes; admin has all of them."""
        request.kind = "wrong scope"
        needed = {scope for one in request.operation["security"] for scopes in one.values() for scope in scopes}
        others = sorted({"read", "write", "payments", "deploy"} - needed)
        request.scope = self.rng.choice(others)
        request.expected = {403} if needed else None

    def unknown_parameter(self, request):
        request.kind = "unknown parameter"
        request.query[self.rng.choice(["tenant_id", "admin", "lmit", "$where"])] = "1"
        request.expected = {400}

    def doubled_parameter(self, request):
        request.kind = "doubled parameter"
        if request.query:
            name = self.rng.choice(sorted(request.query))
            request.target_suffix = "&%s=%s" % (quote(name), quote(str(request.query[name])))
            request.expected = {400}

    def bad_parameter(self, request):
        request.kind = "bad parameter"
        parameters = [followed(self.document, one) for one in request.operation["parameters"]]
        for parameter in parameters:
            if parameter["in"] == "query" and self.rng.random() < 0.5:
                request.query[parameter["name"]] = self.rng.choice(
                    ["", "-1", "99999999999999999999", "\u00e9", "%00", "a" * 3000, "x y", "1e9", "true", "[]"])

    def put_id(self, request, number):
        spelt = [one for one in request.path.split("/") if one.isdigit()]
        if spelt:
            request.path = request.path.replace("/" + spelt[0], "/%d" % number, 1)
            return True
        return self.put_member(request.value, number)

    def put_member(self, value, number):
        """Into the first member that is an id; False when there is none."""
        if isinstance(value, list):
            return any(self.put_member(one, number) for one in value)
        if not isinstance(value, dict):
            return False
        for name in value:
            if name.endswith("_id") or name == "id":
                value[name] = number
                return True
        return any(self.put_member(member, number) for member in value.values())

    def foreign_id(self, request):
        """What it names may be one's own as well, since each tenant counts from 1: the judge looks for the other's texts."""
        if self.put_id(request, self.rng.choice(self.foreign_ids)):
            request.kind = "another tenant's id"

    def other_kind(self, request):
        ids = [number for noun in self.own_ids for number in self.own_ids[noun]]
        if ids and self.put_id(request, self.rng.choice(ids)):
            request.kind = "an id of another kind"

    def conditional(self, request):
        request.kind = "conditional"
        request.headers[self.rng.choice(["If-Match", "If-None-Match"])] = self.rng.choice(
            ["*", '"x"', 'W/"x"', '"a", "b"', "bad", '"'] + ['"%s"' % tag for tag in self.learned.get("#tags", [])[-3:]])

    def places(self, value):
        """(container, key) of every member and item, outermost first."""
        if isinstance(value, dict):
            for name in list(value):
                yield value, name
                yield from self.places(value[name])
        elif isinstance(value, list):
            for i in range(len(value)):
                yield value, i
                yield from self.places(value[i])

    def place(self, request, kind):
        request.kind = kind
        places = list(self.places(request.value))
        return self.rng.choice(places) if places else (None, None)

    def missing(self, request):
        request.kind = "missing"
        required = followed(self.document, request.schema).get("required", [])
        present = [name for name in required if isinstance(request.value, dict) and name in request.value]
        if present:
            del request.value[self.rng.choice(present)]
            request.expected = {400, 404, 409, 412, 422}

    def extra(self, request):
        request.kind = "extra"
        schema = followed(self.document, request.schema)
        if isinstance(request.value, dict):
            request.value[self.rng.choice(["tenant_id", "balance", "uuid", "created_at", "is_admin", "__proto__"])] = 1
            whole_list = request.media.endswith("xml") and "xml" in schema and "list" in schema.get("properties", {})
            if schema.get("additionalProperties") is False and not whole_list:
                request.expected = {400, 404, 409, 412, 422}

    def duplicate(self, request):
        request.kind = "duplicate"
        if request.media.endswith("json") and isinstance(request.value, dict) and request.value:
            name = sorted(request.value)[0]
            text = self.written(request).decode()
            request.body = ("{%s:%s,%s" % (json.dumps(name), json.dumps(request.value[name]), text[1:])).encode()
            request.expected = {400}

    def null(self, request):
        container, key = self.place(request, "null")
        if container is not None:
            container[key] = None

    def wrong_type(self, request):
        container, key = self.place(request, "wrong type")
        if container is not None:
            container[key] = self.rng.choice([True, 1, 1.5, "x", [], {}, [[]], {"a": {"b": []}}, -1])

    def boundary(self, request):
        container, key = self.place(request, "boundary")
        if container is None:
            return
        now = container[key]
        if isinstance(now, str) and len(now) == 10 and now[4:5] == "-":
            container[key] = self.rng.choice(DATES)
        elif isinstance(now, str) and now.replace(".", "").isdigit():
            container[key] = self.rng.choice(TEXT_NUMBERS)
        elif isinstance(now, str):
            container[key] = self.rng.choice(["", " ", "a" * 255, "a" * 256, "\t", now.upper(), now + " "])
        elif isinstance(now, list):
            container[key] = self.rng.choice([[], now * 150])
        else:
            container[key] = self.rng.choice(NUMBERS)

    def huge(self, request):
        container, key = self.place(request, "huge")
        if container is not None:
            container[key] = self.rng.choice(["x" * 70000, [1] * 20000, {"k%d" % i: 0 for i in range(1500)}, "9" * 400,
                                              "x" * 1100000])

    def unicode(self, request):
        container, key = self.place(request, "unicode")
        if container is not None:
            container[key] = self.rng.choice(UNICODE)

    def broken(self, request):
        request.kind = "broken"
        text = self.written(request)
        cut = self.rng.randrange(len(text)) if text else 0
        request.body = self.rng.choice([text[:cut], text + b"x", b"\xff\xfe" + text, text.replace(b":", b"=", 1), b"[", b"null",
                                        b"<a/>", b"\x00"])

    def deep(self, request):
        request.kind = "deep"
        depth = self.rng.choice([17, 33, 10000])
        request.body = b'{"custom":' + b"[" * depth + b"]" * depth + b"}"
        request.media = "application/json"

    def other_media(self, request):
        request.kind = "other media"
        request.body = self.written(request)
        request.media = self.rng.choice(["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1",
                                         "", "multipart/form-data; boundary=x"])

    # ---- bytes ----

    def written(self, request):
        if request.body is not None:
            return request.body
        if request.value is None:
            return None
        if request.media.endswith("json"):
            return json.dumps(request.value).encode()
        root = followed(self.document, request.schema)["xml"]["name"]
        schema = followed(self.document, request.schema)
        value = request.value
        if list(schema.get("properties", {})) == [root]:  # the document is the list itself
            schema, value = schema["properties"][root], value.get(root, [])
        return self.element(root, schema, value).encode("utf-8", "surrogatepass")

    def element(self, name, schema, value):
        schema = followed(self.document, schema) if isinstance(schema, dict) else {}
        if isinstance(value, list):
            item = schema.get("items", {})
            word = item.get("xml", {}).get("name", "item")
            return "<%s>%s</%s>" % (name, "".join(self.element(word, item, one) for one in value), name)
        if not isinstance(value, dict):
            return "<%s>%s</%s>" % (name, escape(spelt(value)), name)
        properties = schema.get("properties", {})
        attributes, inside = "", ""
        for member, one in value.items():
            if properties.get(member, {}).get("xml", {}).get("attribute"):
                attributes += " %s=%s" % (member, quoteattr(spelt(one)))
            else:
                inside += self.element(member, properties.get(member, {}), one)
        return "<%s%s>%s</%s>" % (name, attributes, inside, name)


def spelt(value):
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
