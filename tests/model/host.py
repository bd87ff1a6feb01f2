"""host.py: a client of model_host: one line out, one reply in."""
import json
import subprocess


class Refused(Exception):
    """A request that was answered with a problem."""

    def __init__(self, status, problem):
        super().__init__(f"{status}: {problem}")
        self.status = status


class Host:
    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def close(self):
        self.process.stdin.close()
        status = self.process.wait(timeout=60)
        if status != 0:
            raise AssertionError(f"model_host ended with status {status}")

    def ask(self, first, target=None, body=None):
        """A command (its name and body), or a request (method, target, body)."""
        words = [first] + ([target] if target else []) + ([json.dumps(body)] if body is not None else [])
        self.process.stdin.write((" ".join(words) + "\n").encode())
        self.process.stdin.flush()
        head = self.process.stdout.readline().split()
        if len(head) != 2:
            raise AssertionError("model_host has ended in the middle of a request")
        text = self.process.stdout.read(int(head[1]))
        self.process.stdout.read(1)
        status = int(head[0])
        if status >= 500:
            raise AssertionError(f"{' '.join(words)}: {status}: {text.decode()}")
        if status >= 400:
            raise Refused(status, text.decode())
        return json.loads(text) if text else None

    def pages(self, target):
        """Every row of a list, in the order of their ids."""
        rows, cursor = [], None
        while True:
            mark = "&" if "?" in target else "?"
            page = self.ask("GET", target + mark + "limit=100" + (f"&cursor={cursor}" if cursor else ""))
            rows += page["items"]
            cursor = page.get("next")
            if not cursor:
                return sorted(rows, key=lambda row: row["id"])
