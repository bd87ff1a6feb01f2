"""controls.py: the invariants of simulate.py, given accounts in which each is broken; each must be noticed."""
import copy
import datetime
import sys

from simulate import Broken, Simulation

GOOD = {
    "invoices": [{"id": 1, "status": "open", "total": "60.50", "balance": "10.50"},
                 {"id": 2, "status": "settled", "total": "5.00", "balance": "0.00"},
                 {"id": 3, "status": "cancelled", "total": "7.00", "balance": "0.00"}],
    "payments": [{"id": 1, "status": "succeeded", "amount": "58.00", "unallocated": "6.00",
                  "allocations": [{"invoice_id": 1, "amount": "50.00"}, {"invoice_id": 2, "amount": "2.00"}]},
                 {"id": 2, "status": "failed", "amount": "9.00", "unallocated": "0.00"}],
    "credits": [{"id": 1, "amount": "6.00", "remaining": "3.00", "payment_id": 1}],
}
BREACHES = {
    "a balance below zero": ("invoices", 0, "balance", "-0.01"),
    "a balance above the total": ("invoices", 0, "balance", "60.51"),
    "a settled invoice that is owed": ("invoices", 1, "balance", "0.01"),
    "an open invoice that is not owed": ("invoices", 1, "status", "open"),
    "a cancelled invoice that is owed": ("invoices", 2, "balance", "7.00"),
    "a payment that is not the sum of its parts": ("payments", 0, "amount", "58.01"),
    "a failed payment that was allocated": ("payments", 1, "allocations", [{"invoice_id": 1, "amount": "9.00"}]),
    "a rest of a payment without its credit": ("credits", 0, "payment_id", 2),
    "a credit used below zero": ("credits", 0, "remaining", "-0.01"),
    "a credit that was used for nothing": ("credits", 0, "remaining", "2.99"),
}
NOW = datetime.datetime(2026, 3, 1, tzinfo=datetime.timezone.utc)
CALM = {
    "sent": [], "dead": {7}, "now": NOW,
    "payments": [{"id": 1, "status": "succeeded", "attempts": [{"id": 6}]}, {"id": 2, "status": "unknown", "attempts": [{"id": 7}]}],
    "jobs": [{"id": 1, "kind": "account.bill", "status": "due", "due_at": "2026-04-01T00:00:00Z"}],
}
UNREST = {
    "a charge that nobody asks about": ("sent", [{"id": 3}]),
    "a payment that is not final": ("payments", [{"id": 1, "status": "pending", "attempts": [{"id": 6}]}]),
    "work that is dead": ("jobs", [{"id": 1, "kind": "account.bill", "status": "dead", "due_at": "2026-04-01T00:00:00Z"}]),
    "work that is overdue": ("jobs", [{"id": 1, "kind": "account.bill", "status": "due", "due_at": "2026-02-28T23:00:00Z"}]),
}


def is_calm(shop):
    try:
        Simulation.check_calm(**shop)
    except Broken:
        return False
    return True


def holds(account):
    try:
        Simulation.check_money(1, account["invoices"], account["payments"], account["credits"])
    except Broken:
        return False
    return True


def main():
    results = {"an account in order": holds(GOOD)}
    for name, (kind, at, field, value) in BREACHES.items():
        account = copy.deepcopy(GOOD)
        account[kind][at][field] = value
        results[name] = not holds(account)
    results["a shop that is calm"] = is_calm(CALM)
    for name, (part, rows) in UNREST.items():
        results[name] = not is_calm({**CALM, part: rows})
    try:
        Simulation.check_invoice({"id": 1, "total": "1.00", "lines": [{"amount": "0.99"}]})
        results["an invoice that is not the sum of its lines"] = False
    except Broken:
        results["an invoice that is not the sum of its lines"] = True
    for name, good in results.items():
        if not good:
            print("not noticed:", name)
    return 0 if all(results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
