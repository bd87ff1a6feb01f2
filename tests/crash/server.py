"""server.py: a `moonbill serve` that can be killed, and how the tests of this folder tell what failed."""
import base64, http.client, json, os, re, select, signal, subprocess, time
from pathlib import Path

PROGRAM = os.environ.get("MOONBILL") or str(Path(__file__).resolve().parent.parent.parent / "build" / "release" / "moonbill")

START_WAIT_S = 60  # how quick a start is, is for tests/crash/run to say


class Failed(Exception):
    pass


def check(condition, format, *arguments):
    if not condition:
        raise Failed(format % arguments)


def passes(body):
    """The text of what failed, or None."""
    try:
        body()
    except (Failed, OSError, http.client.HTTPException) as failure:
        return str(failure) or repr(failure)


def is_in_use(status, text):
    """The charge of the same request is under way, or asked about after a kill: who repeats must wait."""
    return status == 409 and '"idempotency_in_use"' in text


def failed_seeds(test):
    """Those of tests/crash/failed.seeds, one a line: TEST SEED  # what it found."""
    lines = Path(__file__).with_name("failed.seeds").read_text()
    return [int(seed) for seed in re.findall(r"^%s +(\d+)" % test, lines, re.MULTILINE)]


def report(passed, fact, note=""):
    print("%s - %s%s" % ("ok" if passed else "not ok", fact, note and "\n# " + note), flush=True)
    return passed


RULES = """
rule "no bad names" { pre = "account.create", run = function (account, ctx)
  if account.name == "bad" then ctx:reject("bad_name", "no such names") end
end }
rule "greet" { post = "account.create", run = function (account, ctx)
  ctx:send("mail", { to = account.name .. "@example.com", subject = "Welcome", body = "account " .. account.id })
  ctx:command("account.update", { id = account.id, notes = "welcome" })
end }
rule "thank" { post = "invoice.settle", run = function (invoice, ctx)
  ctx:send("mail", { to = "books@example.com", subject = "Paid", body = "invoice " .. invoice.id })
end }
"""
PLANS = {"plans": [
    {"code": "A", "billing_period": "monthly", "charges": [
        {"price_code": "M", "kind": "recurring", "amount": "31.00", "prorated": True},
        {"price_code": "U", "kind": "usage", "amount": "0.10", "unit": "GB"},
        {"price_code": "TAX", "kind": "percent", "percent": "10", "targets": [{"price_code": "M"}],
         "mandatory": True, "tax": True}]},
    {"code": "B", "billing_period": "monthly", "charges": [
        {"price_code": "M", "kind": "recurring", "amount": "62.00", "prorated": True}]}]}


class Server:
    """One store, its server and the tenant's key."""

    def __init__(self, folder):
        self.database = str(folder / "crash.db")
        self.mails = folder / "crash.db-mail"
        self.process = None
        self.environment, self.errors = None, None  # of the next start: inherited, if None
        self.port = None
        bundle = folder / "bundle"
        (bundle / "rules").mkdir(parents=True)
        (bundle / "catalog").mkdir()
        (bundle / "bundle.json").write_text(json.dumps({"name": "crash", "rules": ["rules/shop.lua"]}))
        (bundle / "rules" / "shop.lua").write_text(RULES)
        (bundle / "catalog" / "plans.json").write_text(json.dumps(PLANS))
        made = self.command("tenant", "create", "acme", "--test", "--at", "2026-01-05T00:00:00Z", "--json")
        self.key = json.loads(made)["api_key"]
        self.command("deploy", str(bundle))
        self.authorization = "Basic " + base64.b64encode((self.key + ":").encode()).decode()

    def command(self, *words):
        done = subprocess.run([PROGRAM, *words, "--db", self.database], capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit("moonbill %s: %s%s" % (" ".join(words), done.stdout, done.stderr))
        return done.stdout

    def start(self):
        """Seconds until the first answer."""
        begin = time.monotonic()
        self.process = subprocess.Popen(
            [PROGRAM, "serve", "--json", "--listen", "127.0.0.1:0", "--log", "error", "--db", self.database],
            stdout=subprocess.PIPE, stderr=self.errors, env=self.environment)
        self.port = self.port_told()
        while time.monotonic() - begin < START_WAIT_S:
            try:
                self.ask(self.connection(), "GET", "/v1/clock")
                return time.monotonic() - begin
            except OSError:
                check(self.process.poll() is None, "the server ended by itself with %s", self.process.returncode)
                time.sleep(0.002)
        raise Failed("the server does not answer")

    def port_told(self):
        """By the server, when it listens: a free port chosen here could be another's by then."""
        check(select.select([self.process.stdout], [], [], START_WAIT_S)[0], "the server does not listen")
        line = self.process.stdout.readline()
        if not line:
            raise Failed("the server ended by itself with %d" % self.process.wait())
        return int(json.loads(line)["listen"].rsplit(":", 1)[1])

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def ask(self, connection, method, path, body=None, key=None):
        headers = {"Authorization": self.authorization}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if key:
            headers["Idempotency-Key"] = key
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        return answer.status, text, answer.getheader("Idempotency-Replayed")

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
