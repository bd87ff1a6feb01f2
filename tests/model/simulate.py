"""simulate.py: years of a billing shop, drawn from a seed, over HTTP against a Moonbill without threads.

    simulate.py HOST SEED LOG EXPORT [STEPS]

Random sign-ups, orders, changes, payments, usage and clock steps; after each step the invariants of the touched account, at each
clock step those of all; at the end, when the gateway answers again, all must be settled within 72 hours. LOG gets what the oracle reads; EXPORT gets every row at the end, without what is random by nature (UUIDs)
or of the wall clock: the same seed must give the same bytes.
"""
import collections
import datetime
import json
import random
import sys
import zoneinfo
from fractions import Fraction

import oracle
from host import Host, Refused

CARDS = {"approved": "4111111111111111", "declined": "4000000000000002", "token_declined": "4000000000000341",
         "failed": "4000000000000127", "unknown": "4000000000000119"}
DAY = datetime.timedelta(days=1)
UTC = datetime.timezone.utc
CALM = datetime.timedelta(hours=72)
MAX_ACCOUNTS = 6


class Broken(AssertionError):
    """An invariant that does not hold."""


def need(condition, *what):
    if not condition:
        raise Broken(" ".join(str(word) for word in what))


class Simulation:
    def __init__(self, host, seed, log):
        self.host, self.random, self.log_file = host, random.Random(seed), log
        self.accounts, self.orders, self.seen_invoices = [], {}, {}
        self.credits_seen = collections.defaultdict(set)
        self.counts = collections.Counter()
        self.open_shop()

    def log(self, kind, **entry):
        self.log_file.write(json.dumps({"type": kind, **entry}, sort_keys=True) + "\n")

    # ---- the shop ----

    def chance(self, percent):
        return self.random.randrange(100) < percent

    def open_shop(self):
        draw = self.random
        self.zone = draw.choice(["UTC", "Europe/Berlin", "America/New_York", "Pacific/Auckland"])
        self.currency = draw.choice(["USD", "USD", "JPY", "BHD"])
        self.decimals = oracle.DECIMALS[self.currency]
        rounding = draw.choice(["half_up", "half_up", "half_even", "half_down", "up", "down", "ceiling", "floor"])
        shipped = rounding in ("half_up", "half_even")
        billing = {"day": draw.choice([1, 1, 15, 28, 29, 30, 31]), "anniversary": self.chance(30)}
        self.now = datetime.datetime(draw.randint(2009, 2027), draw.randint(1, 12), draw.randint(1, 28),
                                     draw.randrange(24), 30, tzinfo=UTC)
        settings = {"billing": billing, "policies": {"rounding": f"rounding/{rounding}"}} if shipped else {"billing": billing}
        self.host.ask("tenant.create", body={
            "name": "model", "test": True, "at": self.instant(self.now), "time_zone": self.zone,
            "currency": self.currency, "settings": settings})
        if not shipped:
            self.deploy_rounding(rounding)
        self.log("tenant", settings={**billing, "rounding": rounding}, currency=self.currency)
        self.plans = [self.make_plan(f"P{i}") for i in range(6)]
        self.sign_up()

    def deploy_rounding(self, mode):
        """A mode that no shipped policy has, as the shop's own rule."""
        rule = f'rule "own rounding" {{ policy = "rounding", run = function () return {{ mode = "{mode}", place = "line" }} end }}'
        manifest = {"name": "shop", "settings": {"policies": {"rounding": "own rounding"}}}
        files = {"bundle.json": json.dumps(manifest), "rules/rounding.lua": rule}
        self.host.ask("bundle.deploy", body={"archive": {"files": files}})

    @staticmethod
    def instant(moment):
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def today(self):
        return self.now.astimezone(zoneinfo.ZoneInfo(self.zone)).date()

    def decimal(self, low, high, places):
        """A decimal between two whole numbers; often one that ends in a 5 beyond the currency, so that ties occur."""
        places = min(places, self.random.choice([0, 2, 3, 3, 4]))
        value = self.random.randint(low * 10 ** places, high * 10 ** places)
        if places and self.chance(40):
            value = value // 10 * 10 + 5
        text = str(value).zfill(places + 1)
        return text[:-places] + "." + text[-places:] if places else text

    def quantity(self):
        return self.random.choice(["1", "1", "2", "0.5", self.decimal(1, 60, 3), self.decimal(1, 9, 2)])

    def tiers(self):
        ends = sorted(self.random.sample(range(2, 60), self.random.randint(1, 3)))
        tiers, begin = [], 1
        for end in ends + [None]:
            tier = {"units_from": str(begin), "price": self.decimal(1, 40, 4)}
            if end:
                tier["units_to"], begin = str(end), end + 1
            if self.chance(30):
                tier["flat"] = self.decimal(1, 9, 3)
            tiers.append(tier)
        return {"tiers": tiers, "tier_mode": self.random.choice(["volume", "graduated"])}

    def make_plan(self, code):
        draw = self.random
        period = draw.choice(["monthly"] * 8 + list(oracle.MONTHS) + [name for name in oracle.DAYS if name != "daily"]
                             + (["daily"] if self.chance(20) else []))
        charges = [{"price_code": "MAIN", "kind": "recurring", "prorated": self.chance(80),
                    **(self.tiers() if self.chance(30) else {"amount": self.decimal(1, 300, 4)})}]
        if self.chance(40):
            charges.append({"price_code": "EXTRA", "kind": "recurring", "prorated": self.chance(80),
                            "amount": self.decimal(1, 90, 4), "mandatory": self.chance(50),
                            "standard_quantity": self.quantity()})
        if self.chance(50):
            charges.append({"price_code": "SETUP", "kind": "one_time", "amount": self.decimal(1, 90, 3),
                            "mandatory": self.chance(30)})
        if self.chance(50):
            charges.append({"price_code": "USED", "kind": "usage",
                            **(self.tiers() if self.chance(30) else {"amount": self.decimal(0, 3, 4)})})
        codes = [charge["price_code"] for charge in charges]
        for i in range(draw.choice([0, 1, 1, 2])):
            targets = [] if self.chance(40) else draw.sample(codes, draw.randint(1, len(codes)))
            charges.append({"price_code": f"TAX{i}", "kind": "percent", "percent": draw.choice(["10", "8.875", "7.7", "19", "2.5"]),
                            "targets": [{"price_code": name} for name in targets], "mandatory": self.chance(70),
                            "tax": self.chance(70)})
        plan = {"code": code, "billing_period": period, "charges": charges}
        if self.chance(60):
            rule = draw.choice(["inclusive_days", "half_open_days", "exclusive_start_days", "none"])
            plan["policies"] = [{"policy": "proration", "rule": f"proration/{rule}"}]
        self.host.ask("POST", "/v1/plans", plan)
        self.log("plan", plan=plan)
        return plan

    # ---- steps: each returns the account it touched ----

    def sign_up(self):
        if len(self.accounts) >= MAX_ACCOUNTS:
            return self.place_order()
        cycle_day = self.random.choice([0, 0, 1, 15, 28, 29, 30, 31])
        account = self.host.ask("POST", "/v1/accounts", {"name": "Ann", "bill_cycle_day": cycle_day})
        self.log("account", id=account["id"], bill_cycle_day=cycle_day)
        self.accounts.append(account["id"])
        return account["id"]

    def start_date(self):
        draw, today = self.random, self.today()
        how = draw.randrange(4)
        if how == 0:
            return today
        date = today + DAY * draw.randint(-100, 100)
        if how == 1:
            return oracle.month_day(date.year, date.month - 1, draw.choice([29, 30, 31]))
        return today + DAY * draw.randint(-40, 40) if how == 2 else date

    def basket(self):
        draw, plan = self.random, self.random.choice(self.plans)
        names = [charge["price_code"] for charge in plan["charges"] if charge["kind"] != "usage"]
        chosen = sorted({"MAIN"} | set(draw.sample(names, draw.randint(0, len(names)))))
        lines = [{"price_code": name, "quantity": "1" if name.startswith("TAX") else self.quantity()} for name in chosen]
        if self.chance(15):
            lines.append({"plan": draw.choice(self.plans)["code"], "quantity": self.quantity()})
        start = self.start_date()
        order = {"plan": plan["code"], "start_date": start.isoformat(), "lines": lines, "create_invoice": self.chance(70)}
        if self.chance(15):
            order["end_date"] = (start + DAY * draw.randint(1, 400)).isoformat()
        if self.chance(30):
            order["discounts"] = [{"percent": draw.choice(["5", "10", "12.5", "33.333", "50", "80"])}
                                  for _ in range(draw.choice([1, 1, 2]))]
        return order

    def place_order(self):
        account = self.random.choice(self.accounts)
        order = self.basket()
        asked = {name: value for name, value in order.items() if name not in ("create_invoice", "end_date")}
        quote = self.host.ask("POST", "/v1/orders/quote", {"account_id": account, **asked})
        row = self.host.ask("POST", "/v1/orders", {"account_id": account, **order})
        if order["create_invoice"] and "end_date" not in order:
            totals = [found["total"] for found in self.host.pages(f"/v1/accounts/{account}/invoices")
                      if found.get("order_id") == row["id"]]
            need(totals == [quote["total"]], "order", row["id"], "was quoted", quote["total"], "and invoiced", totals)
        self.log("order", id=row["id"], account_id=account, today=self.today().isoformat(), order=order)
        self.orders[row["id"]] = account
        return account

    def pick_order(self, *statuses):
        rows = [(number, account) for number, account in self.orders.items()]
        self.random.shuffle(rows)
        for number, account in rows[:5]:
            row = self.host.ask("GET", f"/v1/orders/{number}")
            if row["status"] in statuses:
                return number, account, row
        raise Refused(0, "there is no such order")

    def change_order(self):
        number, account, _ = self.pick_order("active", "suspended")
        order = self.basket()
        change = self.today() + DAY * self.random.choice([0, 0, 1, 5, 20])
        order["start_date"] = change.isoformat()
        order.pop("end_date", None)
        row = self.host.ask("POST", f"/v1/orders/{number}/change", {"change_date": change.isoformat(), "order": order})
        credits = self.host.pages(f"/v1/accounts/{account}/credits")
        fresh = [credit for credit in credits if credit["id"] not in self.credits_seen[account]
                 and credit["reason"] == "plan_change"]
        need(len(fresh) <= 1, "a change made", len(fresh), "credits")
        self.log("change", old_order_id=number, id=row["id"], account_id=account, today=self.today().isoformat(),
                 change_date=change.isoformat(), order=order, credit=fresh[0]["amount"] if fresh else "0")
        self.orders[row["id"]] = account
        return account

    def set_status(self, status, *before):
        number, account, _ = self.pick_order(*before)
        self.host.ask("PATCH", f"/v1/orders/{number}", {"status": status})
        self.log("status", order_id=number, status=status, today=self.today().isoformat())
        return account

    def suspend(self):
        return self.set_status("suspended", "active")

    def resume(self):
        return self.set_status("active", "suspended")

    def cancel(self):
        return self.set_status("canceled", "active")

    def complete(self):
        return self.set_status("complete", "active", "suspended")

    def end_order(self):
        number, account, _ = self.pick_order("active")
        end = self.today() + DAY * self.random.randint(1, 120)
        self.host.ask("PATCH", f"/v1/orders/{number}", {"end_date": end.isoformat()})
        self.log("end", order_id=number, end_date=end.isoformat())
        return account

    def use(self):
        number, account, order = self.pick_order("active")
        quantity = self.decimal(1, 40, 3)
        self.host.ask("POST", "/v1/usage", {"order_id": number, "price_code": "USED", "quantity": quantity})
        self.log("usage", order_id=number, price_code="USED", quantity=quantity, day=self.today().isoformat())
        return account

    def pay(self):
        draw, account = self.random, self.random.choice(self.accounts)
        open_invoices = [row for row in self.host.pages(f"/v1/accounts/{account}/invoices") if row["status"] == "open"]
        if not open_invoices:
            raise Refused(0, "nothing to pay")
        target = draw.choice(open_invoices)
        minor = int(Fraction(target["balance"]) * 10 ** self.decimals)
        minor = max(1, draw.choice([minor, minor, minor // 2, minor + draw.randint(1, 5000)]))
        text = str(minor).zfill(self.decimals + 1)
        amount = text[:-self.decimals] + "." + text[-self.decimals:] if self.decimals else text
        card = draw.choice(["approved"] * 6 + ["declined", "token_declined", "failed", "unknown"])
        request = {"account_id": account, "amount": amount, "currency": self.currency,
                   "card": {"number": CARDS[card], "expiry": "2099-12-31"}}
        if self.chance(60):
            request["targets"] = [{"invoice_id": target["id"]}]
        if self.chance(20):
            request["auto_pay"] = draw.randint(1, 3)
        self.host.ask("POST", "/v1/payments", request)
        return account

    def cancel_invoice(self):
        account = self.random.choice(self.accounts)
        rows = [row for row in self.host.pages(f"/v1/accounts/{account}/invoices") if row["status"] == "open"]
        if not rows:
            raise Refused(0, "nothing to cancel")
        row = self.random.choice(rows)
        self.host.ask("POST", f"/v1/invoices/{row['id']}/cancel", {})
        self.log("cancel_invoice", invoice_id=row["id"])
        return account

    def bill(self):
        account = self.random.choice(self.accounts)
        self.host.ask("POST", f"/v1/accounts/{account}/bill", {})
        return account

    def advance(self):
        draw = self.random
        hours = draw.choice([draw.randint(1, 48), draw.randint(24, 24 * 20), draw.randint(24, 24 * 45), 24 * 120])
        self.move_clock(datetime.timedelta(hours=hours, minutes=draw.randrange(60)))

    def move_clock(self, by):
        self.now += by
        self.host.ask("PUT", "/v1/clock", {"now": self.instant(self.now)})
        for account in self.accounts:
            self.look_at(account)
        rows = [{name: row.get(name) for name in ("order_id", "plan", "charged_through")}
                for account in self.accounts for row in self.host.pages(f"/v1/accounts/{account}/subscriptions")]
        self.log("day", today=self.today().isoformat(), subscriptions=rows)
        numbers = sorted(int(row["number"]) for row in self.seen_invoices.values())
        need(numbers == list(range(1, len(numbers) + 1)), "invoice numbers have gaps:", numbers)

    # ---- the calm after it ----

    def calm(self):
        """Faults are over: the gateway tells what became of each charge, and nothing may be left unsettled."""
        for row in self.sent_charges():
            self.host.ask("gateway.resolve", body={"key": row["body"]["idempotency_key"],
                                                   "respond": self.random.choice(["approved", "declined", "failed"])})
            self.counts["charge resolved"] += 1
        self.move_clock(CALM)
        dead = {row["object_id"] for row in self.host.pages("/v1/deliveries?status=dead")}  # asked for five days: a person's
        payments = [self.host.ask("GET", f"/v1/payments/{row['id']}") for row in self.host.pages("/v1/payments")]
        self.check_calm(self.sent_charges(), dead, payments, self.host.pages("/v1/jobs"), self.now)

    def sent_charges(self):
        return [row for row in self.host.pages("/v1/deliveries?status=sent") if row["channel"] == "gateway"]

    @staticmethod
    def check_calm(sent, dead, payments, jobs, now):
        need(not sent, "deliveries are not settled:", [row["id"] for row in sent])
        for row in payments:
            final = row["status"] in ("succeeded", "failed") or any(part["id"] in dead for part in row["attempts"])
            need(final, "payment", row["id"], "is", row["status"])
        for row in jobs:
            due = datetime.datetime.fromisoformat(row["due_at"].replace("Z", "+00:00"))
            need(row["status"] == "due" and due > now, "job", row["id"], row["kind"], "is", row["status"], "since", due)

    # ---- what must hold ----

    def look_at(self, account):
        invoices = self.host.pages(f"/v1/accounts/{account}/invoices")
        payments = [self.host.ask("GET", f"/v1/payments/{row['id']}")
                    for row in self.host.pages(f"/v1/accounts/{account}/payments")]
        credits = self.host.pages(f"/v1/accounts/{account}/credits")
        self.credits_seen[account] = {credit["id"] for credit in credits}
        for row in invoices:
            if row["id"] not in self.seen_invoices:
                whole = self.host.ask("GET", f"/v1/invoices/{row['id']}")
                self.check_invoice(whole)
                self.log("invoice", invoice={**whole, "lines": [
                    {name: value for name, value in line.items() if name != "decision"} for line in whole["lines"]]})
                self.counts["invoice"] += 1
            before = self.seen_invoices.get(row["id"])
            need(not before or before["total"] == row["total"], "invoice", row["id"], "changed its total")
            self.seen_invoices[row["id"]] = row
        self.check_money(account, invoices, payments, credits)
        self.check_coverage(account)

    @staticmethod
    def check_invoice(invoice):
        lines = sum((Fraction(line["amount"]) for line in invoice["lines"]), Fraction(0))
        need(Fraction(invoice["total"]) == lines, "invoice", invoice["id"], "is not the sum of its lines")

    @staticmethod
    def check_money(account, invoices, payments, credits):
        paid, used, owed = Fraction(0), Fraction(0), Fraction(0)
        to_invoice = collections.Counter()
        for row in invoices:
            total, balance = Fraction(row["total"]), Fraction(row["balance"])
            need(0 <= balance <= total, "invoice", row["id"], "has balance", balance, "of", total)
            need((row["status"] == "open") == (balance > 0) or row["status"] == "cancelled", "invoice", row["id"],
                 "is", row["status"], "with balance", balance)
            need(row["status"] != "cancelled" or balance == 0, "invoice", row["id"], "is cancelled and owed")
            if row["status"] != "cancelled":
                owed += total - balance
        cancelled = {row["id"] for row in invoices if row["status"] == "cancelled"}
        for row in payments:
            parts = [Fraction(part["amount"]) for part in row.get("allocations", [])]
            rest = Fraction(row["unallocated"])
            need(rest >= 0 and all(part > 0 for part in parts), "payment", row["id"], "has a negative part")
            if row["status"] == "succeeded":
                need(sum(parts) + rest == Fraction(row["amount"]), "payment", row["id"], "is not the sum of its parts")
            else:
                need(not parts, "payment", row["id"], "is", row["status"], "and allocated")
            paid += sum(parts)
            for part in row.get("allocations", []):
                to_invoice[part["invoice_id"]] += Fraction(part["amount"])
            kept = sum((Fraction(credit["amount"]) for credit in credits if credit.get("payment_id") == row["id"]), Fraction(0))
            need(kept == (rest if row["status"] == "succeeded" else 0), "payment", row["id"], "has", rest, "left but credit", kept)
        for row in invoices:
            need(to_invoice[row["id"]] <= Fraction(row["total"]), "invoice", row["id"], "is paid more than its total")
        for row in credits:
            need(0 <= Fraction(row["remaining"]) <= Fraction(row["amount"]), "credit", row["id"], "of", row["amount"],
                 "has", row["remaining"], "left")
            used += Fraction(row["amount"]) - Fraction(row["remaining"])
            # what a cancelled invoice had used of credits was given back as a credit of its own
            used -= Fraction(row["amount"]) if row.get("invoice_id") in cancelled else 0
        need(owed == paid + used, "account", account, "settled", owed, "by payments of", paid, "and credits of", used)

    def check_coverage(self, account):
        """No day of a charge is on two lines."""
        covered = collections.defaultdict(list)
        for invoice_id in [number for number, row in self.seen_invoices.items() if row["account_id"] == account]:
            whole = self.whole(invoice_id)
            for line in whole["lines"]:
                if line["kind"] == "recurring":
                    covered[line["subscription_id"], line["price_code"]].append((line["period_start"], line["period_end"]))
        for (subscription, code), spans in covered.items():
            spans.sort()
            for left, right in zip(spans, spans[1:]):
                need(left[1] <= right[0], "subscription", subscription, code, "is charged twice:", left, right)

    def whole(self, number):
        """An invoice with its lines, which never change."""
        kept = self.lines_kept = getattr(self, "lines_kept", {})
        if number not in kept:
            kept[number] = self.host.ask("GET", f"/v1/invoices/{number}")
        return kept[number]

    # ---- the walk ----

    def step(self):
        steps = [(self.sign_up, 4), (self.place_order, 12), (self.change_order, 4), (self.suspend, 3), (self.resume, 3),
                 (self.cancel, 1), (self.complete, 1), (self.end_order, 3), (self.use, 8), (self.pay, 16), (self.cancel_invoice, 2),
                 (self.bill, 3), (self.advance, 16)]
        step = self.random.choices([step for step, _ in steps], [weight for _, weight in steps])[0]
        try:
            account = step()
        except Refused as refused:
            self.counts[f"{step.__name__} refused"] += 1
            if refused.status not in (0, 400, 409, 422):
                raise
            return
        self.counts[step.__name__] += 1
        if account:
            self.look_at(account)

    def export(self, out):
        random_by_nature = ("uuid", "event_id", "correlation_id", "causation_id", "user_token", "wall_at", "digest")

        def plain(value):
            if isinstance(value, dict):
                return {name: plain(part) for name, part in value.items() if name not in random_by_nature}
            return [plain(part) for part in value] if isinstance(value, list) else value

        for path in ("accounts", "plans", "orders", "subscriptions", "payments", "credits", "usage", "jobs"):
            for row in self.host.pages(f"/v1/{path}"):
                out.write(json.dumps({path: plain(row)}, sort_keys=True) + "\n")
        for number in sorted(self.seen_invoices):
            out.write(json.dumps({"invoice": plain(self.host.ask("GET", f"/v1/invoices/{number}"))}, sort_keys=True) + "\n")


def main():
    program, seed, log_name, export_name = sys.argv[1:5]
    steps = int(sys.argv[5]) if len(sys.argv) > 5 else 150
    host = Host(program)
    with open(log_name, "w", encoding="utf-8") as log, open(export_name, "w", encoding="utf-8") as out:
        simulation = Simulation(host, int(seed), log)
        for number in range(steps + 1):
            try:
                simulation.step() if number < steps else simulation.calm()
            except AssertionError as broken:
                print(f"seed {seed}, step {number}, {simulation.instant(simulation.now)}: {broken}")
                return 1
        simulation.export(out)
    host.close()
    print(f"seed {seed}: {dict(sorted(simulation.counts.items()))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
