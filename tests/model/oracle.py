"""oracle.py: what each invoice of a simulation must say, computed a second time, with fractions.

    oracle.py LOG [--mistake rounding|proration|tiers|tax]

LOG holds the simulation's JSON lines in order: plans, orders, changes, usage, days that passed, and every invoice as it came.
The oracle keeps its own subscriptions and computes the lines of each invoice by itself. It was written from the specification
alone and knows nothing of the runtime's arithmetic. --mistake makes it wrong on purpose: then differences must be found.
"""
import calendar
import collections
import datetime
import json
import sys
from fractions import Fraction

MONTHS = {"monthly": 1, "bimestrial": 2, "quarterly": 3, "triannual": 4, "biannual": 6, "annual": 12,
          "sesquiennial": 18, "biennial": 24, "triennial": 36}
DAYS = {"daily": 1, "weekly": 7, "biweekly": 14, "thirty_days": 30, "thirty_one_days": 31, "sixty_days": 60,
        "ninety_days": 90}
DECIMALS = {"USD": 2, "JPY": 0, "BHD": 3}
MISTAKES = ("rounding", "proration", "tiers", "tax")
Date = datetime.date


def day(text):
    return Date.fromisoformat(text) if text else None


def rounded(amount, decimals, mode):
    """To the smallest unit of a currency."""
    scaled = abs(amount) * 10 ** decimals
    whole, rest = divmod(scaled, 1)
    half, odd = Fraction(1, 2), whole % 2 == 1
    up = {"half_up": rest >= half, "half_down": rest > half, "half_even": rest > half or (rest == half and odd),
          "up": rest > 0, "down": False, "ceiling": rest > 0 and amount > 0, "floor": rest > 0 and amount < 0}[mode]
    value = Fraction(int(whole) + (1 if up else 0), 10 ** decimals)
    return -value if amount < 0 else value


def month_day(year, month0, wanted):
    """The wanted day of a month counted from year 0, or its last one."""
    year, month0 = year + month0 // 12, month0 % 12
    return Date(year, month0 + 1, min(wanted, calendar.monthrange(year, month0 + 1)[1]))


class Grid:
    """Where the cycles of a subscription begin."""

    def __init__(self, period, start, cycle_day, anniversary):
        self.days, self.months = DAYS.get(period), MONTHS.get(period)
        self.start = start
        if self.months:
            self.day = start.day if anniversary else cycle_day
            first = month_day(start.year, start.month - 1, self.day)
            self.month0 = start.year * 12 + start.month - 1 - (1 if first > start else 0)

    def begin(self, n):
        if self.days:
            return self.start + datetime.timedelta(days=n * self.days)
        return month_day(0, self.month0 + n * self.months, self.day)

    def cycle(self, date):
        if self.days:
            n = (date - self.start).days // self.days
        else:
            n = (date.year * 12 + date.month - 1 - self.month0) // self.months
            while self.begin(n) > date:
                n -= 1
            while self.begin(n + 1) <= date:
                n += 1
        return self.begin(n), self.begin(n + 1)


class Subscription:
    def __init__(self, order_id, plan, quantities, start, end, discounts, grid, since):
        self.order_id, self.plan, self.quantities = order_id, plan, quantities
        self.start, self.end, self.discounts, self.grid, self.since = start, end, discounts, grid, since
        self.through, self.status, self.first = start, "active", True
        self.usage = collections.defaultdict(list)  # price code -> [id, day, quantity]
        self.charged = []  # (invoice id, recurring lines, discount share kept, percentage lines) for credits

    def stop(self, end, today):
        """Served until then; what a suspension covers is not charged."""
        self.end = min(self.end, end) if self.end else end
        if self.status == "suspended":
            self.end = max(self.start, min(self.end, today))
            self.through = max(self.through, self.end)
            self.status = "ended"

    def parts(self, until):
        """(cycle start, cycle end, service start, service end) from what is charged to the end of until's cycle."""
        last = self.grid.cycle(until)[1]
        if self.end:
            last = min(last, self.end)
        while self.through < last:
            begin, finish = self.grid.cycle(self.through)
            service = (self.through, min(finish, last))
            yield begin, finish, *service
            self.through = service[1]


class Oracle:
    def __init__(self, mistake=None):
        self.mistake = mistake
        self.differences, self.invoices = [], 0

    # ---- prices ----

    def proration(self, plan):
        return plan["policies"].get("proration", "proration/inclusive_days")

    def share(self, plan, cycle, service, credit=False):
        rule = self.proration(plan)
        if rule == "proration/none":
            return Fraction(0 if credit else 1)
        days = (service[1] - service[0]).days
        if rule == "proration/exclusive_start_days" and service[0] > cycle[0]:
            days = max(days - 1, 0)
        if self.mistake == "proration" and service[0] > cycle[0]:
            days += 1
        return Fraction(days, (cycle[1] - cycle[0]).days)

    def price(self, charge, quantity):
        if not charge.get("tiers"):
            return quantity * Fraction(charge["amount"])
        mode = charge.get("tier_mode", "volume")
        if self.mistake == "tiers":
            mode = "volume" if mode == "graduated" else "graduated"
        below, total = Fraction(0), Fraction(0)
        for i, tier in enumerate(charge["tiers"]):
            top = Fraction(tier["units_to"]) if tier.get("units_to") else None
            last = i + 1 == len(charge["tiers"]) or top is None or quantity <= top
            price, flat = Fraction(tier["price"]), Fraction(tier.get("flat", 0))
            if mode == "volume" and last:
                return quantity * price + flat
            if mode == "graduated":
                total += ((quantity if last else top) - below) * price + flat
                if last:
                    return total
            below = top

    def round(self, amount):
        mode = self.settings["rounding"]
        if self.mistake == "rounding":
            mode = "half_down" if mode in ("half_up", "half_even") else "half_up"
        return rounded(amount, DECIMALS[self.currency], mode)

    # ---- an invoice ----

    def lines_of(self, subscription, parts, usages):
        """{(code or kind, quantity, from, to): amounts} of one subscription on one invoice."""
        plan, lines, by_code = subscription.plan, [], collections.defaultdict(Fraction)
        reducible = collections.defaultdict(Fraction)
        first = subscription.first and bool(parts)
        recurring = []
        for charge in plan["charges"]:
            code = charge["price_code"]
            if code not in subscription.quantities:
                continue
            quantity = subscription.quantities[code]
            if charge["kind"] == "recurring":
                whole = self.price(charge, quantity)
                for part in parts:
                    exact = whole
                    if charge.get("prorated") and part[0:2] != part[2:4]:
                        exact = whole * self.share(plan, part[0:2], part[2:4])
                    amount = self.round(exact)
                    lines.append((code, part[2], part[3], amount))
                    recurring.append((charge, whole, part, amount))
                    reducible[code] += amount
            elif charge["kind"] == "one_time" and first:
                amount = self.round(self.price(charge, quantity))
                lines.append((code, None, None, amount))
                reducible[code] += amount
        for charge in plan["charges"]:
            if charge["price_code"] in usages:
                amount = self.round(self.price(charge, usages[charge["price_code"]]))
                lines.append((charge["price_code"], "usage", None, amount))
                by_code[charge["price_code"]] += amount
        base, off = sum(reducible.values(), Fraction(0)), Fraction(0)
        if first and base > 0:
            for discount in subscription.discounts:
                amount = min(-self.round(base * Fraction(discount["percent"]) / -100), base - off)  # of a negative line
                off += amount
                lines.append(("discount", None, None, -amount))
        kept = (base - off) / base if base else Fraction(1)
        for code, amount in reducible.items():
            by_code[code] += amount * kept
        percents = []
        for charge in plan["charges"]:
            if charge["kind"] != "percent" or charge["price_code"] not in subscription.quantities:
                continue
            targets = [target["price_code"] for target in charge.get("targets", [])] or list(by_code)
            targets = [code for code in targets if code in by_code]
            percent = Fraction(charge["percent"]) + (Fraction(1, 10) if self.mistake == "tax" else 0)
            taken_of = sum((by_code[code] for code in targets), Fraction(0))
            if targets:
                amount = self.round(taken_of * percent / 100)
                lines.append((charge["price_code"], "percent", None, amount))
                percents.append((targets, amount, taken_of))
        return lines, recurring, kept, percents

    def expect(self, invoice):
        """Sorted (order, plan, code, from, to, amount) of an invoice; moves what is charged."""
        date, expected = day(invoice["invoice_date"]), []
        run = invoice["by_billing_run"]
        for subscription in self.subscriptions(invoice["account_id"], None if run else invoice["order_id"]):
            parts, usages = [], {}
            if not run:
                parts = list(subscription.parts(subscription.through))
            elif subscription.status == "active" and subscription.through <= date:
                parts = list(subscription.parts(date))
            if run:
                before = subscription.grid.cycle(date)[0]
                if subscription.status != "active" or (subscription.end and subscription.end <= date):
                    before = date
                for code, rows in list(subscription.usage.items()):
                    ready = [row for row in rows if row["billed"] is None and row["day"] < before]
                    if ready:
                        usages[code] = sum((row["quantity"] for row in ready), Fraction(0))
                        for row in ready:
                            row["billed"] = invoice["id"]
            if not parts and not usages:
                continue
            lines, recurring, kept, percents = self.lines_of(subscription, parts, usages)
            if parts:
                subscription.first = False
            subscription.charged.append({"invoice": invoice["id"], "recurring": recurring, "kept": kept,
                                         "percents": percents})
            expected += [(subscription.order_id, subscription.plan["code"], *line) for line in lines]
        return expected

    @staticmethod
    def found(invoice):
        rows = []
        for line in invoice["lines"]:
            kind = line["kind"]
            code = "discount" if kind == "discount" else line["price_code"]
            begin, end = day(line.get("period_start")), day(line.get("period_end"))
            if kind in ("usage", "percent", "tax"):
                begin, end = "usage" if kind == "usage" else "percent", None
            rows.append((line["order_id"], line["plan"], code, begin, end, Fraction(line["amount"])))
        return rows

    def on_invoice(self, entry):
        invoice = entry["invoice"]
        self.invoices += 1

        def shown(rows):
            return collections.Counter(" ".join("-" if cell is None else str(cell) for cell in row) for row in rows)

        expected, found = shown(self.expect(invoice)), shown(self.found(invoice))
        if expected != found:
            self.differ(f"invoice {invoice['id']} of {invoice['invoice_date']}: expected "
                        f"{sorted((expected - found).elements())}, found {sorted((found - expected).elements())}")

    # ---- what is said to it ----

    def differ(self, sentence):
        self.differences.append(sentence)

    def subscriptions(self, account_id, order_id=None):
        for number, order in self.orders.items():
            if order["account_id"] == account_id and (order_id is None or number == order_id):
                yield from order["subscriptions"]

    def on_tenant(self, entry):
        self.plans, self.accounts, self.orders = {}, {}, {}
        self.settings, self.currency = entry["settings"], entry["currency"]

    def on_plan(self, entry):
        plan = dict(entry["plan"])
        plan["policies"] = {choice["policy"]: choice["rule"] for choice in plan.get("policies", [])}
        self.plans[plan["code"]] = plan

    def on_account(self, entry):
        self.accounts[entry["id"]] = entry["bill_cycle_day"]

    def on_order(self, entry):
        order, today = entry["order"], day(entry["today"])
        start, end = day(order["start_date"]), day(order.get("end_date"))
        baskets = []
        own = {line["price_code"]: Fraction(line["quantity"]) for line in order["lines"] if "price_code" in line}
        if own:
            plan = self.plans[order["plan"]]
            for charge in plan["charges"]:
                if charge.get("mandatory"):
                    own.setdefault(charge["price_code"], Fraction(charge.get("standard_quantity", 1)))
            baskets.append((plan, own))
        for line in order["lines"]:
            if "plan" in line:
                plan = self.plans[line["plan"]]
                baskets.append((plan, {charge["price_code"]: Fraction(line["quantity"])
                                       for charge in plan["charges"] if charge["kind"] != "usage"}))
        cycle_day = self.accounts[entry["account_id"]] or self.settings["day"]
        made = [Subscription(entry["id"], plan, quantities, start, end, order.get("discounts", []),
                             Grid(plan["billing_period"], start, cycle_day, self.settings["anniversary"]), today)
                for plan, quantities in baskets]
        self.orders[entry["id"]] = {"account_id": entry["account_id"], "subscriptions": made}

    def on_change(self, entry):
        change = day(entry["change_date"])
        credit = Fraction(0)
        for subscription in self.orders[entry["old_order_id"]]["subscriptions"]:
            credit += self.unused(subscription, change)
            subscription.stop(max(change, subscription.start), day(entry["today"]))
        expected, found = self.round(credit), Fraction(entry["credit"])
        if expected != found:
            self.differ(f"credit of changing order {entry['old_order_id']} on {change}: expected {expected}, found {found}")
        self.on_order(entry)

    def unused(self, subscription, change):
        total = Fraction(0)
        for billed in subscription.charged:
            if billed.get("cancelled"):
                continue
            by_code = collections.defaultdict(Fraction)
            for charge, whole, part, amount in billed["recurring"]:
                if part[3] <= change:
                    continue
                service = (max(part[2], change), part[3])
                if service[0] == part[2]:  # nothing of it was served: what was charged comes back
                    exact = amount
                elif charge.get("prorated"):
                    exact = min(amount, whole * self.share(subscription.plan, part[0:2], service, credit=True))
                else:
                    exact = Fraction(0)
                by_code[charge["price_code"]] += exact * billed["kept"]
            total += sum(by_code.values(), Fraction(0))
            for targets, amount, taken_of in billed["percents"]:
                if taken_of:
                    total += amount * sum((by_code[code] for code in targets), Fraction(0)) / taken_of
        return total

    def on_status(self, entry):
        for subscription in self.orders[entry["order_id"]]["subscriptions"]:
            if entry["status"] == "complete":
                subscription.stop(max(day(entry["today"]), subscription.start), day(entry["today"]))
                continue
            if entry["status"] == "active" and subscription.status == "suspended":
                subscription.through = max(subscription.through, day(entry["today"]))
                subscription.since = day(entry["today"])
            subscription.status = entry["status"]

    def on_end(self, entry):
        for subscription in self.orders[entry["order_id"]]["subscriptions"]:
            subscription.end = day(entry["end_date"])

    def on_usage(self, entry):
        for subscription in self.orders[entry["order_id"]]["subscriptions"]:
            if any(charge["price_code"] == entry["price_code"] for charge in subscription.plan["charges"]):
                subscription.usage[entry["price_code"]].append(
                    {"day": day(entry["day"]), "quantity": Fraction(entry["quantity"]), "billed": None})
                return

    def on_cancel_invoice(self, entry):
        for order in self.orders.values():
            for subscription in order["subscriptions"]:
                for rows in subscription.usage.values():
                    for row in rows:
                        if row["billed"] == entry["invoice_id"]:
                            row["billed"] = None
                for billed in subscription.charged:
                    if billed["invoice"] == entry["invoice_id"]:
                        billed["cancelled"] = True

    def on_day(self, entry):
        """After the clock has moved: nothing that was due is missing."""
        today = day(entry["today"])
        found = collections.defaultdict(list)
        for row in entry["subscriptions"]:
            found[row["order_id"]].append((row["plan"], day(row["charged_through"])))
        for number, order in self.orders.items():
            for subscription in order["subscriptions"]:
                if subscription.status == "suspended" and subscription.end and subscription.end <= today:
                    subscription.stop(subscription.end, today)
            rows = sorted(((subscription.plan["code"], subscription.through, subscription.end)
                           for subscription in order["subscriptions"]), key=lambda row: row[:2])
            agree = len(rows) == len(found[number]) and all(
                plan == other and (through == mark or (end and end <= min(through, mark)))  # beyond the end it says nothing
                for (plan, through, end), (other, mark) in zip(rows, sorted(found[number])))
            if not agree:
                self.differ(f"order {number} on {today}: charged through {rows} expected, {found[number]} found")
            for subscription in order["subscriptions"]:
                due = subscription.grid.cycle(today)[0]
                due = min(due, subscription.end) if subscription.end else due
                if subscription.status == "active" and due > max(subscription.since, subscription.start) \
                        and subscription.through < due:
                    self.differ(f"order {number} on {today}: {subscription.plan['code']} is charged through "
                                f"{subscription.through} only")

    def read(self, lines):
        for text in lines:
            entry = json.loads(text)
            getattr(self, "on_" + entry["type"])(entry)
        return self.differences


def main():
    mistake = sys.argv[3] if len(sys.argv) == 4 and sys.argv[2] == "--mistake" else None
    oracle = Oracle(mistake)
    with open(sys.argv[1], encoding="utf-8") as log:
        oracle.read(log)
    for sentence in oracle.differences[:20]:
        print(sentence)
    print(f"{oracle.invoices} invoices, {len(oracle.differences)} differences")
    return 1 if oracle.differences else 0


if __name__ == "__main__":
    sys.exit(main())
